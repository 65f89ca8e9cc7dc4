// `npm run machine`: the faults that no container can have, put to an emulated computer. Not part of the tests: it
// takes minutes, and a machine of its own for what it measures. The product's scripts for the server are imported as
// text, which Node does not do by itself.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

registerHooks({
  load: (url, context, next) =>
    url.endsWith('.sh')
      ? {
          format: 'module',
          shortCircuit: true,
          source: `export default ${JSON.stringify(readFileSync(fileURLToPath(url), 'utf8'))}`,
        }
      : next(url, context),
})

const { main } = await import('./main.ts')
main(process.argv.slice(2)).then(
  (status) => process.exit(status),
  (error: Error) => {
    console.error(error)
    process.exit(1)
  },
)
