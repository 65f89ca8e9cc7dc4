// The rooms whose tests are tried, and which tests may reach which file.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** `near` is where the tests of a room stand: what they don't notice is nobody's to notice. */
export const ROOMS = {
  planning: {
    sources: [
      'src/services/{planning,steps}/**/*.ts',
      'src/services/model/{areas,editing,plan}.ts',
      'src/services/areas/*/{editing,undo-unit}.ts',
      'src/services/areas/firewall/{fold,lay,describe,undo-rules,undo-chain}.ts',
      'src/services/areas/firewall/plan/**/*.ts',
    ],
    near: [
      'test/services/{planning,steps}/**',
      'test/services/areas/{units,sshd}/**',
      'test/services/areas/firewall/{baseline,plan}/**',
      'test/services/areas/firewall/*.test.ts',
    ],
  },
  transaction: {
    sources: 'src/services/transaction/*.ts',
    // The others are about the scripts that run on the server, and take minutes.
    near: [
      'test/services/transaction/!(chains|connections|crash*|env*|guard|merge|persist|ports|sshd*|standby).test.ts',
    ],
  },
  actions: {
    sources: [
      'src/state/{actions,staging,under-cursor}/**/*.ts',
      'src/state/areas/firewall/{rules,dialogs,rule-editor,baseline,export,keys,why-not,under-cursor}.ts',
      'src/state/why-not.ts',
    ],
    near: ['test/state/**', 'test/scenarios/**'],
  },
  sshd: {
    sources: 'src/services/areas/sshd/**/*.ts',
    near: ['test/services/areas/sshd/**', 'test/services/areas/firewall/move-port.test.ts'],
  },
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
