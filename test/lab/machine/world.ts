// What a server is, as far as a change can touch it: to be compared before and after.
import { withoutCounters, withoutEmptyTables } from '../../support/rule-sets.ts'
import { LabError } from '../run.ts'
import type { Machine } from './machine.ts'

export type World = {
  /** iptables-save of both families, without counters and without tables that do nothing. */
  readonly rules: string
  /** Everything below /etc, by path: kind, mode, owner; content and time of files, target of links. */
  readonly etc: ReadonlyMap<string, string>
  /** Units that run. */
  readonly running: string
  /** What /var/lib/hardtui holds, except its history. */
  readonly ours: readonly string[]
  /** `ID.OUTCOME` of the changes that have ended. */
  readonly history: readonly string[]
}

const LOOK = `
iptables-save; echo @@; ip6tables-save; echo @@
cd /etc && find . -xdev -type f -printf '%p %y %m %u:%g %T@\\n' -o -type l -printf '%p %y %l\\n'; echo @@
find . -xdev -type f -exec sha256sum {} +; echo @@
for unit in cron ssh; do systemctl is-active $unit; done; echo @@
cd /var/lib/hardtui 2>/dev/null || exit 0
ls -A; echo @@; ls -A history 2>/dev/null || :`

/** Looks at all of it. */
export async function worldOf(machine: Machine): Promise<World> {
  const parts = (await machine.must(LOOK)).split(/^@@\n?/m)
  const [v4 = '', v6 = '', files = '', sums = '', running = '', ours = '', history = ''] = parts
  return {
    rules: [v4, v6].map((save) => withoutEmptyTables(withoutCounters(save))).join('\n--\n'),
    etc: filesOf(files, sums),
    running,
    ours: linesOf(ours).filter((name) => name !== 'history'),
    history: linesOf(history),
  }
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '')

function filesOf(stats: string, sums: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  for (const line of linesOf(stats)) {
    const at = line.indexOf(' ')
    files.set(line.slice(0, at), line.slice(at + 1))
  }
  for (const line of linesOf(sums)) files.set(line.slice(66), `${files.get(line.slice(66))} ${line.slice(0, 64)}`)
  return files
}

/** Throws unless the two are the same, but for these paths below /etc, and nothing is pending. */
export function mustBeSame(wanted: World, found: World, except: RegExp | null = null): void {
  check(found.rules === wanted.rules, `the rules are\n${found.rules}\nand should be\n${wanted.rules}`)
  const paths = [...new Set([...wanted.etc.keys(), ...found.etc.keys()])]
  const odd = paths.filter((path) => wanted.etc.get(path) !== found.etc.get(path) && !except?.test(path))
  const told = odd.map((path) => `${path}: ${found.etc.get(path)}, and should be ${wanted.etc.get(path)}`)
  check(odd.length === 0, `below /etc is not as it should be:\n${told.join('\n')}`)
  check(
    found.running === wanted.running,
    `cron and ssh are ${linesOf(found.running)}, and should be ${linesOf(wanted.running)}`,
  )
  const left = found.ours.filter((name) => !['guard.sh', 'lock'].includes(name))
  check(left.length === 0, `left in /var/lib/hardtui: ${left.join(', ')}`)
}

/** Outcomes of the changes that ended between the two. */
export const outcomes = (before: World, after: World): string[] =>
  after.history.filter((name) => !before.history.includes(name)).map((name) => name.slice(name.indexOf('.') + 1))

/** Throws when it is not so. */
export function check(holds: boolean, words: string): asserts holds {
  if (!holds) throw new LabError(words)
}
