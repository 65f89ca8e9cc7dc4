// `npm run machine`: the faults that no container can have, put to an emulated computer. Not part of the tests: it
// takes minutes, and a machine of its own for what it measures.
import { main } from './main.ts'

main(process.argv.slice(2)).then(
  (status) => process.exit(status),
  (error: Error) => {
    console.error(error)
    process.exit(1)
  },
)
