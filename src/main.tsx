#!/usr/bin/env node
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
const { main } = await import('./command-line/main.ts')
process.exitCode = await main(process.argv.slice(2))
