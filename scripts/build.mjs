// Bundles everything into dist/hardtui.js: one file, no node_modules needed at run time.
import { chmod, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { textFiles } from './text-files.mjs'

const require = createRequire(import.meta.url)

// ssh2's native parts are optional and bound to one Node version; react-devtools is for developing Ink.
const absent = {
  name: 'absent',
  setup(plugin) {
    plugin.onResolve({ filter: /sshcrypto\.node$|^cpu-features$|^react-devtools-core$/ }, ({ path }) => ({
      path,
      namespace: 'absent',
    }))
    plugin.onLoad({ filter: /.*/, namespace: 'absent' }, ({ path }) => ({
      contents: path === 'react-devtools-core' ? 'export default {}' : 'throw new Error("not bundled")',
      loader: 'js',
    }))
  },
}

// yoga's loader fetches its own data: URL when fetch exists, and that loads all of undici (40 ms before a frame).
const yogaWithoutFetch = {
  name: 'yoga-without-fetch',
  setup(plugin) {
    plugin.onLoad({ filter: /yoga-layout[/\\]dist[/\\]binaries[/\\].*\.js$/ }, async ({ path }) => ({
      contents: `var fetch = undefined;\n${await readFile(path, 'utf8')}`,
      loader: 'js',
    }))
  },
}

// Ink splits every string of the screen into cells again for each frame. Most of a frame is the last one: keeping what
// was split halves the time from a key to its frame. The strings are bounded by the screen; old ones are dropped whole.
const inkKeepsCells = {
  name: 'ink-keeps-cells',
  setup(plugin) {
    plugin.onLoad({ filter: /ink[/\\]build[/\\]output\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      const once = 'caches = new OutputCaches();'
      if (!source.includes(once)) throw new Error('Ink has changed: look at output.js and at this patch again')
      const shared = `
let kept = new OutputCaches()
const keptCaches = () => {
  if (kept.styledChars.size > 4000 || kept.widths.size > 20000) kept = new OutputCaches()
  return kept
}
`
      return { contents: `${source.replace(once, 'caches = keptCaches();')}${shared}`, loader: 'js' }
    })
  },
}

export async function bundle(outfile) {
  const { version } = require('../package.json')
  await build({
    entryPoints: ['src/main.tsx'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    jsx: 'automatic',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    loader: textFiles.esbuildLoader,
    define: {
      'process.env.NODE_ENV': '"production"',
      'process.env.DEV': '"false"',
      HARDTUI_VERSION: JSON.stringify(version),
    },
    banner: {
      js: [
        `import * as __module from 'node:module'`,
        `import { fileURLToPath as __toPath } from 'node:url'`,
        `import { dirname as __dir } from 'node:path'`,
        'const require = __module.createRequire(import.meta.url)',
        'const __filename = __toPath(import.meta.url)',
        'const __dirname = __dir(__filename)',
      ].join('\n'),
    },
    plugins: [absent, yogaWithoutFetch, inkKeepsCells, ...(textFiles.esbuildPlugins ?? [])],
  })
  await chmod(outfile, 0o755)
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await bundle('dist/hardtui.js')
