import type { ChainRef, Family, FirewallFacts, RuleSet } from '../../../model/firewall.ts'
import type { HostFacts } from '../../../model/host.ts'
import type { Safe } from '../../../model/safe.ts'
import type { FileChange } from '../../../model/step.ts'
import type { Listener } from '../../../model/units.ts'

/** What the baseline is made for. `sets` are the rules that it is laid over; null where a family can't be read. */
export type BaselineInput = {
  readonly firewall: FirewallFacts
  readonly host: HostFacts
  /** Every socket that listens, or null where that was not read. */
  readonly listeners: readonly Listener[] | null
  readonly sets: Readonly<Record<Family, RuleSet | null>>
  /** Ports that sshd listens on once what is staged besides is applied. */
  readonly nextSshPorts?: readonly number[]
}

/** What the operator has switched, by item; everything else is as it usually is. */
export type Choices = ReadonlyMap<string, boolean>

/**
 * Where a rule goes in its chain: `front` and `head` before the rules that are there already (but behind jumps into other
 * programs' chains), `tail` and `last` after them.
 */
export type RulePlace = 'front' | 'head' | 'tail' | 'last'

/** One rule, its text as iptables-save(8) prints it after `-A CHAIN `. */
export type BaselineRule = { readonly at: ChainRef; readonly text: string; readonly place: RulePlace }

export type ItemKind = 'own' | 'base' | 'service' | 'out' | 'option' | 'policy'

/** One thing of the baseline that is switched on or off as a whole, before the operator has his say. */
export type Proposal = {
  /** Stable: choices are kept by it. */
  readonly id: string
  readonly kind: ItemKind
  readonly title: Safe
  readonly why: Safe
  /** What it costs on a busy server, in CPU or log volume; null where that is nothing worth a word. */
  readonly cost: Safe | null
  /** What may go wrong with it on. */
  readonly warning: Safe | null
  /** Why it can't be switched off; null where it can. */
  readonly always: Safe | null
  /** Whether it is on unless the operator says otherwise. */
  readonly usual: boolean
  readonly rules: readonly BaselineRule[]
  /** Chains that get policy DROP. */
  readonly policies: readonly ChainRef[]
  readonly file: FileChange | null
}

/** An item as it stands now; `inForce` where all of its rules and policies are there already. */
export type Item = Proposal & { readonly on: boolean; readonly inForce: boolean }

const NOTHING = { cost: null, warning: null, always: null, usual: true, rules: [], policies: [], file: null } as const

/** An item with what most have: on, free, without rules. */
export const propose = (
  parts: Partial<Proposal> & { readonly id: string; readonly kind: ItemKind; readonly title: Safe; readonly why: Safe },
): Proposal => ({ ...NOTHING, ...parts })

type Chain = 'INPUT' | 'OUTPUT'
const ref = (family: Family, chain: string, table = 'filter'): ChainRef => ({ family, table, chain })

/** Rules of one chain of the filter table, for each of the families. */
export const rules = (
  families: readonly Family[],
  chain: Chain,
  place: RulePlace,
  ...texts: readonly string[]
): readonly BaselineRule[] =>
  families.flatMap((family) => texts.map((text) => ({ at: ref(family, chain), text, place })))

/** A rule of the raw table, which is met before connections are looked up. */
export const rawRules = (
  families: readonly Family[],
  chain: 'PREROUTING' | 'OUTPUT',
  ...texts: readonly string[]
): readonly BaselineRule[] =>
  families.flatMap((family) => texts.map((text) => ({ at: ref(family, chain, 'raw'), text, place: 'tail' })))

/** The same built-in chain of the filter table in each family. */
export const chains = (families: readonly Family[], chain: 'INPUT' | 'OUTPUT' | 'FORWARD'): readonly ChainRef[] =>
  families.map((family) => ref(family, chain))

const NEW = '-m conntrack --ctstate NEW -j ACCEPT'

/** Accepts new connections to a port or a range (`10030:10049`); what follows is the established rule's. */
export const newTo = (protocol: 'tcp' | 'udp', ports: string | number): string =>
  `-p ${protocol} -m ${protocol} --dport ${ports} ${NEW}`

/** Accepts new connections to any of several ports; multiport(8) takes fifteen. */
export const newToAny = (protocol: 'tcp' | 'udp', ports: readonly number[]): string =>
  ports.length === 1
    ? newTo(protocol, ports[0] as number)
    : `-p ${protocol} -m multiport --dports ${ports.join(',')} ${NEW}`
