// Runs in each test file of `npm run mutate`: notes which stretches of the sources each test ran, and ends a process
// whose loop no longer turns, as nothing else can.
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, inject } from 'vitest'

const running = new Set()
/** What ran outside of any test, as on import: all tests of the file rest on it. */
const outside = new Set()

if (inject('tracing'))
  globalThis.ran = (stretch) => {
    for (const ran of running.size > 0 ? running : [outside]) ran.add(stretch)
  }
beforeEach(({ task }) => {
  if (!inject('tracing')) return
  const ran = new Set()
  running.add(ran)
  task.ranNow = ran
})
afterEach(({ task }) => {
  if (!task.ranNow) return
  running.delete(task.ranNow)
  task.meta.ran = [...task.ranNow, ...outside]
  task.ranNow = undefined
})

const STUCK_MS = 10_000
const beats = new Int32Array(new SharedArrayBuffer(4))
const watch = `
const { beats, limit } = require('node:worker_threads').workerData
let last = -1
setInterval(() => {
  if (beats[0] === last) process.kill(process.pid, 'SIGKILL')
  last = beats[0]
}, limit)`
if (!inject('tracing')) {
  new Worker(watch, { eval: true, workerData: { beats, limit: STUCK_MS } }).unref()
  setInterval(() => Atomics.add(beats, 0, 1), 500).unref()
}
