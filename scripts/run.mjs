// Builds the bundle and starts it: `npm start` alone is the practice server, `npm start -- user@host` a real one.
import { spawnSync } from 'node:child_process'
import { bundle } from './build.mjs'

await bundle('dist/hardtui.js')
const given = process.argv.slice(2)
const run = spawnSync(process.execPath, ['dist/hardtui.js', ...(given.length > 0 ? given : ['demo'])], {
  stdio: 'inherit',
})
process.exitCode = run.status ?? 1
