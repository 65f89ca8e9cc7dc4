// Prints the project's figures, measured on a lab server: `npm run bench`, those of the secure log with
// `npm run bench -- log`. Never part of the tests.
import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { bundle } from './build.mjs'
import { textFiles } from './text-files.mjs'

await bundle('dist/hardtui.js')
const outfile = resolve('test/lab/.bench.mjs')
await build({
  entryPoints: [process.argv[2] === 'log' ? 'test/lab/bench-log.ts' : 'test/lab/bench.ts'],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  logLevel: 'warning',
  loader: textFiles.esbuildLoader,
  plugins: textFiles.esbuildPlugins ?? [],
})
try {
  await import(pathToFileURL(outfile).href)
} finally {
  rmSync(outfile, { force: true })
}
