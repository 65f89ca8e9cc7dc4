// Bundles everything into dist/hardtui.js: one file, no node_modules needed at run time. Beside it stand the licences of
// what is in it.
import { chmod, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { licencesOf, packagesOf } from './licences.mjs'
import { patched } from './patches.mjs'
import { textFiles } from './text-files.mjs'

const require = createRequire(import.meta.url)

export async function bundle(outfile) {
  const { version } = require('../package.json')
  const { metafile } = await build({
    entryPoints: ['src/main.tsx'],
    outfile,
    metafile: true,
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
    plugins: [patched(), ...textFiles.esbuildPlugins],
  })
  const files = [...Object.keys(metafile.inputs), ...textFiles.inputs]
  await writeFile(join(dirname(outfile), 'THIRD-PARTY-LICENSES.txt'), licencesOf(packagesOf(files)))
  await chmod(outfile, 0o755)
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await bundle('dist/hardtui.js')
