// The rooms whose tests are tried, and which tests may reach which file.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** `near` is where the tests of a room stand: what they don't notice is nobody's to notice. */
export const ROOMS = {
  planning: {
    sources: 'src/services/planning/**/*.ts',
    near: ['test/services/planning/**', 'test/services/areas/firewall/baseline/**', 'test/services/steps/**'],
  },
  transaction: {
    sources: 'src/services/transaction/*.ts',
    // The others are about the scripts that run on the server, and take minutes.
    near: ['test/services/transaction/!(chains|con*|crash*|env*|guard*|merge|persist|ports|sshd*|standby).test.ts'],
  },
  actions: { sources: 'src/state/actions/**/*.ts', near: ['test/state/**', 'test/scenarios/**'] },
  walk: {
    sources: 'src/services/areas/firewall/walk/**/*.ts',
    near: ['test/services/areas/firewall/{walk,nft}/**', 'test/services/areas/firewall/*.test.ts'],
  },
}

const TESTS = globSync('test/**/*.test.{ts,tsx}').filter((file) => !file.startsWith('test/lab/'))

const importsOf = (file) =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) =>
    join(dirname(file), match[1].replace(/\?.*$/, '')),
  )

/** Every file that a file reaches by its imports, itself included. */
function reachOf(file, known) {
  const reached = new Set([file])
  for (const one of reached) {
    if (!known.has(one)) known.set(one, /\.[cm]?tsx?$/.test(one) ? importsOf(one) : [])
    for (const next of known.get(one)) reached.add(next)
  }
  return reached
}

/** The unit tests that can reach one of these sources; `near` ones only, or all of them. */
export function testsOf(sources, near) {
  const known = new Map()
  const wanted = near ? new Set(near.flatMap((pattern) => globSync(pattern))) : null
  return TESTS.filter((test) => {
    if (wanted && !wanted.has(test)) return false
    const reached = reachOf(test, known)
    return sources.some((source) => reached.has(source))
  })
}
