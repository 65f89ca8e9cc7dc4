// Files that run elsewhere are imported as text, in the bundle (esbuild) and under vitest, so that both run the same
// bytes: `import text from './guard.sh'` gives that file's text, and `import text from './tool.ts?bundle'` a program
// of our own, bundled into one module that a bare `node` can run.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'

const BUNDLE = /\?bundle$/
/** The files of which the programs were made. */
const inputs = new Set()

async function bundled(path) {
  const { build } = await import('esbuild')
  const { metafile, outputFiles } = await build({
    entryPoints: [path.replace(BUNDLE, '')],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
  })
  for (const input of Object.keys(metafile.inputs)) inputs.add(input)
  return outputFiles[0].text
}

export const textFiles = {
  inputs,
  esbuildLoader: { '.sh': 'text' },
  esbuildPlugins: [
    {
      name: 'bundled-text',
      setup(plugin) {
        plugin.onResolve({ filter: BUNDLE }, ({ path, resolveDir }) => ({
          path: resolve(resolveDir, path),
          namespace: 'bundled-text',
        }))
        plugin.onLoad({ filter: BUNDLE, namespace: 'bundled-text' }, async ({ path }) => ({
          contents: await bundled(path),
          loader: 'text',
        }))
      },
    },
  ],
  vite: () => ({
    name: 'text-files',
    enforce: 'pre',
    async load(id) {
      if (BUNDLE.test(id)) return `export default ${JSON.stringify(await bundled(id))}`
      if (!id.endsWith('.sh')) return null
      return `export default ${JSON.stringify(await readFile(id, 'utf8'))}`
    },
  }),
}
