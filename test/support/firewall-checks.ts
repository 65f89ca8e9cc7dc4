import { firewallChecks } from '../../src/services/areas/firewall/checks/table.ts'
import { applyEdits } from '../../src/services/areas/firewall/edits.ts'
import type { Around, Verdict } from '../../src/services/model/area.ts'
import type { FirewallFacts, RuleEdit } from '../../src/services/model/firewall.ts'
import type { HostFacts } from '../../src/services/model/host.ts'
import type { SeenPorts } from '../../src/services/model/seen-ports.ts'
import type { Listener } from '../../src/services/model/units.ts'
import { firewallFacts, hostFacts } from './plans.ts'

/** A filter table of these rules; `INPUT DROP` sets a policy, `:name` makes a chain. */
export const filter = (...lines: readonly string[]): string => {
  const policy = (chain: string) => lines.find((line) => line.startsWith(`${chain} `))?.split(' ')[1] ?? 'ACCEPT'
  const chains = lines.filter((line) => line.startsWith(':')).map((line) => `${line} - [0:0]`)
  const rules = lines.filter((line) => line.includes('-A '))
  return [
    '*filter',
    ...['INPUT', 'FORWARD', 'OUTPUT'].map((chain) => `:${chain} ${policy(chain)} [0:0]`),
    ...chains,
    ...rules,
    'COMMIT',
    '',
  ].join('\n')
}

export type Scene = {
  readonly v4?: string
  readonly v6?: string
  readonly facts?: Partial<FirewallFacts>
  readonly host?: Partial<HostFacts>
  readonly listeners?: readonly Listener[] | null
  readonly seenPorts?: SeenPorts
}

export const factsOfScene = ({ v4 = '', v6 = '', facts }: Scene): FirewallFacts => ({
  ...firewallFacts(v4, v6),
  ...facts,
})
const hostOf = ({ host }: Scene): HostFacts => ({ ...hostFacts, ...host })
const aroundOf = ({ listeners = [], seenPorts }: Scene): Around => ({
  listeners,
  ...(seenPorts ? { seenPorts } : {}),
})

const checkOf = (id: string) => {
  const check = firewallChecks.find((one) => one.id === id)
  if (!check) throw new Error(`no check is called ${id}`)
  return check
}

/** What one check says of a scene. */
export const judged = (id: string, scene: Scene): Verdict =>
  checkOf(id).judge(factsOfScene(scene), hostOf(scene), aroundOf(scene))

/** `outcome: observed` */
export const said = (id: string, scene: Scene): string => {
  const { outcome, observed } = judged(id, scene)
  return `${outcome}: ${observed}`
}

/** The edits of a fix; null where there is none. */
export const fixOf = (id: string, scene: Scene): readonly RuleEdit[] | null =>
  checkOf(id).fix?.(factsOfScene(scene), hostOf(scene), aroundOf(scene)) ?? null

/** The rules of INPUT once a fix is staged, with its policy first. */
export function fixed(id: string, scene: Scene, chain = 'INPUT'): readonly string[] | null {
  const edits = fixOf(id, scene)
  const family = edits?.[0]?.at.family ?? 'v4'
  const one = factsOfScene(scene).families[family]
  if (!edits || one.state !== 'present') return null
  const { after, conflicts } = applyEdits(one.ruleSet, edits)
  if (conflicts.length > 0) throw new Error(`the fix does not fit: ${conflicts[0]?.reason}`)
  const found = after.tables.find((table) => table.name === 'filter')?.chains.find((one) => one.name === chain)
  return [`policy ${found?.policy}`, ...(found?.rules.map((rule) => rule.text) ?? [])]
}
