#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8'

// The version is checked before anything else is loaded: what follows would not even start on an older Node.
const [major = 0] = process.versions.node.split('.').map(Number)
if (major < 22) {
  process.stderr.write(
    `hardtui needs Node.js 22 or later, and this is ${process.versions.node}: install a newer one and try again.\n`,
  )
  process.exit(1)
}
// What Node has to say to programmers would be written across the screen.
process.removeAllListeners('warning')
// A log of a million lines leaves more garbage than anything else: V8 would let it grow to four times of what is kept, and
// to ten times of its young space while it marks the rest. A console that runs on a small machine takes less. Before
// anything is loaded, or it is too late for the first.
for (const flag of ['--semi-space-growth-factor=1', '--heap-growing-percent=50', '--no-separate-gc-phases'])
  setFlagsFromString(flag)
const { main } = await import('./command-line/main.ts')
process.exitCode = await main(process.argv.slice(2))
