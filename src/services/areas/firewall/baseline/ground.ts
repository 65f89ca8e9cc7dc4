import { FAMILIES, type Family, type FtpConfig, type Rule, type RuleSet } from '../../../model/firewall.ts'
import { type Safe, say } from '../../../model/safe.ts'
import { ownerOf, part } from '../foreign-chains.ts'
import { bridges, canonical, forgedRanges, SPOOFED } from './addresses.ts'
import type { BaselineInput, Choices } from './item.ts'
import { type OpenPort, openPorts, sshPorts } from './listening.ts'
import { fromAnywhere, operatorKnocks } from './strangers.ts'

/** What the items are made from, found out once for a host. */
export type HostGround = {
  readonly input: BaselineInput
  /** Families whose rules can be read, and so changed. */
  readonly families: readonly Family[]
  /** The operator's address as a rule names it. */
  readonly operator: { readonly family: Family; readonly text: string } | null
  readonly ports: readonly OpenPort[]
  readonly sshPorts: readonly number[]
  readonly ftp: readonly FtpConfig[]
  readonly bridges: readonly string[]
  /** Private ranges to drop, and those that somebody lives in. */
  readonly ranges: Readonly<Record<Family, readonly string[]>> & {
    readonly kept: Readonly<Record<Family, readonly string[]>>
  }
  /** Whether rules let the operator in by SSH and strangers not. */
  readonly limited: boolean
  /** Whether no rule would let him in if SSH's stood behind the others. */
  readonly sshFirst: boolean
  /** Why FORWARD is better left alone; null where nothing is forwarded. */
  readonly forwards: Safe | null
  /** Whether this is a node of a cluster, whose pods and control plane talk over ports that change by themselves. */
  readonly cluster: boolean
  /** Rules of the filter table, by family. */
  readonly sizes: Readonly<Record<Family, number>>
}

/** With what the operator has switched. */
export type Ground = HostGround & { readonly isOn: (id: string, usual: boolean) => boolean }

export const withChoices = (ground: HostGround, choices: Choices): Ground => ({
  ...ground,
  isOn: (id, usual) => choices.get(id) ?? usual,
})

const filterOf = (set: RuleSet | null) => set?.tables.find((table) => table.name === 'filter') ?? null

/** Rules of one chain of the filter table by whose they are, each in their order. */
export function rulesByOwner(
  set: RuleSet,
  chain: string,
): { readonly own: readonly Rule[]; readonly foreign: readonly Rule[]; readonly all: readonly Rule[] } {
  const table = filterOf(set)
  const all = table?.chains.find((one) => one.name === chain)?.rules ?? []
  if (!table || all.length === 0) return { own: [], foreign: [], all: [] }
  const own = part(table, set.tables).own.chains.find((one) => one.name === chain)?.rules ?? []
  const ids = new Set(own.map((rule) => rule.id))
  return { own, foreign: all.filter((rule) => !ids.has(rule.id)), all }
}

/** Looks at a host once; the walks in it are what takes time on long rule sets. */
export function lookAt(input: BaselineInput): HostGround {
  const { firewall, host, sets } = input
  const ports = openPorts(input)
  const operator = canonical(host.session.clientAddress)
  const here = operator && sets[operator.family]
  const ranges = { v4: forgedRanges(input, 'v4'), v6: forgedRanges(input, 'v6') }
  const keptOf = (family: Family) => SPOOFED[family].filter((one) => !ranges[family].includes(one))
  const knock = here ? operatorKnocks(here, host).answer : 'yes'
  const strangers = here
    ? fromAnywhere(here, { protocol: 'tcp', port: host.session.serverPort, via: host.sessionInterface }).answer
    : 'yes'
  return {
    input,
    families: FAMILIES.filter((family) => sets[family] !== null),
    operator,
    ports,
    sshPorts: sshPorts(input, ports),
    ftp: firewall.ftp.filter((one) => ports.some(({ protocol, port }) => protocol === 'tcp' && port === one.port)),
    bridges: bridges(input),
    ranges: { ...ranges, kept: { v4: keptOf('v4'), v6: keptOf('v6') } },
    limited: knock === 'yes' && strangers === 'no',
    sshFirst: knock === 'no',
    forwards: whyForwards(input),
    cluster: FAMILIES.some((family) => hasChainsOf(/kubernetes|calico|cilium/, sets[family])),
    sizes: { v4: sizeOf(sets.v4), v6: sizeOf(sets.v6) },
  }
}

const sizeOf = (set: RuleSet | null): number =>
  filterOf(set)?.chains.reduce((sum, chain) => sum + chain.rules.length, 0) ?? 0

/** Whether a program of that name has chains in the filter table. */
function hasChainsOf(names: RegExp, set: RuleSet | null): boolean {
  const table = filterOf(set)
  return table?.chains.some((chain) => names.test(ownerOf(chain.name, table) ?? '')) ?? false
}

const hasForwardRules = (set: RuleSet | null): boolean => set !== null && rulesByOwner(set, 'FORWARD').own.length > 0
const translates = (set: RuleSet | null): boolean =>
  set?.tables
    .find((table) => table.name === 'nat')
    ?.chains.some((chain) => chain.rules.some(({ text }) => / -j (MASQUERADE|SNAT|NETMAP)\b/.test(` ${text}`))) ?? false

function whyForwards(input: BaselineInput): Safe | null {
  const { firewall, sets } = input
  if (firewall.network.forwards.v4 || firewall.network.forwards.v6)
    return say`This host forwards packets (ip_forward): a VPN, containers or machines behind it would be cut off, so FORWARD is left alone.`
  if (FAMILIES.some((family) => translates(sets[family]) || hasForwardRules(sets[family])))
    return say`Rules of your own forward or translate packets of others here, so FORWARD is left alone.`
  const foreign = FAMILIES.some((family) =>
    hasChainsOf(/docker|kubernetes|calico|cilium|container|libvirt/, sets[family]),
  )
  return foreign || bridges(input).length > 0
    ? say`Containers or virtual machines run here, and what they forward is theirs to decide: FORWARD is left alone.`
    : null
}
