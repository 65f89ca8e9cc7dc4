// Server-side code lives in real .sh files. This makes `import text from './guard.sh'` give that file's text,
// in the bundle (esbuild's own text loader) and under vitest (this plugin), so that both run the same bytes.
import { readFile } from 'node:fs/promises'

export const textFiles = {
  esbuildLoader: { '.sh': 'text' },
  vite: () => ({
    name: 'text-files',
    enforce: 'pre',
    async load(id) {
      if (!id.endsWith('.sh')) return null
      return `export default ${JSON.stringify(await readFile(id, 'utf8'))}`
    },
  }),
}
