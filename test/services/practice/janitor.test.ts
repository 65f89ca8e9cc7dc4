import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hireJanitor } from '../../../src/services/practice/janitor.ts'

const serverRoot = (): string => {
  const root = mkdtempSync(join(tmpdir(), 'practice-janitor-'))
  mkdirSync(join(root, 'systemd/transient'), { recursive: true })
  return root
}
/** A process that would wait for ever, in a group of its own. */
const waiting = (env: Record<string, string>): ChildProcess =>
  spawn('/bin/sh', ['-c', 'sleep 600 & wait'], {
    detached: true,
    stdio: 'ignore',
    env: { PATH: '/usr/bin:/bin', ...env },
  })
const endOf = (child: ChildProcess): Promise<string | null> =>
  new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)))

test('what a killed practice server leaves is ended and removed', async () => {
  const root = serverRoot()
  const unit = waiting({})
  writeFileSync(join(root, 'systemd/transient/watch.service'), `${unit.pid}\n`)
  // The end of the pipe is all that the janitor sees of a process that is killed.
  const end = endOf(unit)
  await hireJanitor(root)()
  expect(await end).toBe('SIGKILL')
  expect(existsSync(root)).toBe(false)
})

test.runIf(existsSync('/proc/self/environ'))(
  'a process that has left its group is found by its environment',
  async () => {
    const root = serverRoot()
    const stray = waiting({ HARDTUI_ROOT: root })
    const other = waiting({ HARDTUI_ROOT: `${root}-other` })
    const ends = [endOf(stray), endOf(other)] as const
    await hireJanitor(root)()
    expect(await ends[0]).toBe('SIGKILL')
    expect(other.exitCode ?? other.signalCode).toBeNull()
    process.kill(-(other.pid as number), 'SIGKILL')
    await ends[1]
  },
)
