// Random transactions: rules of both families and of nat, files, sshd's own file, units; good ones and ones that lock
// the operator out.

import type { StagedChange } from '../../../../src/services/model/areas.ts'
import type { FirewallFacts, RuleEdit } from '../../../../src/services/model/firewall.ts'
import type { Server } from '../../server.ts'
import { fileChange, unitChange } from '../world.ts'
import { type Kind, toSshd, withoutPlaces } from './kinds.ts'
import type { Random } from './random.ts'

export const FILES = [
  '/etc/motd',
  '/etc/issue.net',
  '/etc/hardtui-faults/deep/new.conf',
  '/etc/ssh/sshd_config',
] as const
export const UNITS = ['cron'] as const
export const unitName = (server: Server, unit: string): string =>
  server.flavour === 'sysvinit' ? unit : `${unit}.service`

/** One part of a transaction. */
export type Part = {
  readonly name: string
  readonly locksOut: boolean
  readonly edits?: (facts: FirewallFacts) => readonly RuleEdit[]
  readonly also?: (server: Server) => Promise<StagedChange>
}

type Place = Extract<RuleEdit, { kind: 'policy' }>['at']

const rulesAt = (facts: FirewallFacts, { family, table, chain }: Place) => {
  const read = facts.families[family]
  return read.state === 'present'
    ? (read.ruleSet.tables.find((one) => one.name === table)?.chains.find((one) => one.name === chain)?.rules ?? [])
    : []
}
const first =
  (at: Place, text: string) =>
  (facts: FirewallFacts): readonly RuleEdit[] => [
    { kind: 'insert', at, before: rulesAt(facts, at)[0]?.id ?? null, ruleId: `new ${text}`, text },
  ]
const without =
  (at: Place, place: number) =>
  (facts: FirewallFacts): readonly RuleEdit[] =>
    rulesAt(facts, at)
      .slice(place, place + 1)
      .map((rule) => ({ kind: 'delete', at, ruleId: rule.id }))
const policy = (at: Place, value: 'DROP' | 'ACCEPT') => (): readonly RuleEdit[] => [
  { kind: 'policy', at, policy: value },
]

const v4 = (chain: string, table = 'filter'): Place => ({ family: 'v4', table, chain })
const v6 = (chain: string, table = 'filter'): Place => ({ family: 'v6', table, chain })
const inChainOfItsOwn =
  (name: string, text: string) =>
  (facts: FirewallFacts): readonly RuleEdit[] => [
    { kind: 'new-chain', at: v4(name) },
    { kind: 'insert', at: v4(name), before: null, ruleId: `new ${text}`, text },
    ...first(v4('INPUT'), `-j ${name}`)(facts),
  ]
const addLine =
  (text: string) =>
  (now: string): string =>
    `${text}\n${now}`

// A Port beside an address that has its own means nothing: the address has to change (sshd_config(5)).
const onAnotherPort = (now: string): string =>
  /^ListenAddress .*:\d+$/m.test(now)
    ? now.replaceAll(/^(ListenAddress .*:)\d+$/gm, (_, address) => `${address}2200`)
    : addLine('Port 2200')(now)
const onNoAddress = (now: string): string => addLine('ListenAddress 203.0.113.1')(withoutPlaces(now))

/** All there are on such a server. */
const partsOn = (kind: Kind): readonly Part[] => [
  { name: 'v4 drop of a port', locksOut: false, edits: first(v4('INPUT'), '-p tcp -m tcp --dport 81 -j DROP') },
  { name: 'v4 rule taken away', locksOut: false, edits: without(v4('INPUT'), 1) },
  { name: 'v4 forward policy', locksOut: false, edits: policy(v4('FORWARD'), 'DROP') },
  { name: 'v6 drop of a port', locksOut: false, edits: first(v6('INPUT'), '-p tcp -m tcp --dport 81 -j DROP') },
  { name: 'v6 dropped altogether', locksOut: false, edits: policy(v6('INPUT'), 'DROP') },
  { name: 'nat rule', locksOut: false, edits: first(v4('POSTROUTING', 'nat'), '-s 198.51.100.0/24 -j MASQUERADE') },
  {
    name: 'mangle rule in a new table',
    locksOut: false,
    edits: first(v4('PREROUTING', 'mangle'), '-p udp -j MARK --set-xmark 0x1/0xffffffff'),
  },
  {
    name: 'v4 chain of its own',
    locksOut: false,
    edits: inChainOfItsOwn('own', '-s 203.0.113.77/32 -j DROP'),
  },
  { name: 'file changed', locksOut: false, also: (server) => fileChange(server, '/etc/motd', addLine('changed')) },
  { name: 'file made', locksOut: false, also: (server) => fileChange(server, FILES[2], () => 'new\n') },
  { name: 'file removed', locksOut: false, also: (server) => fileChange(server, '/etc/issue.net', () => null) },
  { name: 'sshd keyword', locksOut: false, also: (server) => fileChange(server, FILES[3], addLine('MaxAuthTries 4')) },
  { name: 'unit off', locksOut: false, also: (server) => unitChange(server, unitName(server, 'cron'), 'off') },
  { name: 'v4 ssh dropped', locksOut: true, edits: first(v4('INPUT'), `${toSshd(kind)} -j DROP`) },
  {
    name: 'v4 input policy DROP and nothing accepted',
    locksOut: true,
    edits: (facts) => [
      ...rulesAt(facts, v4('INPUT')).map((rule): RuleEdit => ({ kind: 'delete', at: v4('INPUT'), ruleId: rule.id })),
      ...policy(v4('INPUT'), 'DROP')(),
    ],
  },
  {
    name: 'v4 ssh dropped in a new chain',
    locksOut: true,
    edits: inChainOfItsOwn('shut', `${toSshd(kind)} -j DROP`),
  },
  { name: 'v4 output dropped', locksOut: true, edits: first(v4('OUTPUT'), '-j DROP') },
  {
    name: 'ssh sent elsewhere by nat',
    locksOut: true,
    edits: first(v4('PREROUTING', 'nat'), `${toSshd(kind)} -j REDIRECT --to-ports 9`),
  },
  {
    name: 'sshd on another port',
    locksOut: false,
    also: (server) => fileChange(server, FILES[3], onAnotherPort),
  },
  {
    name: 'sshd on an address it has not',
    locksOut: true,
    also: (server) => fileChange(server, FILES[3], onNoAddress),
  },
  {
    name: 'sshd for nobody',
    locksOut: true,
    also: (server) => fileChange(server, FILES[3], addLine('AllowUsers nobody')),
  },
]

export type Change = { readonly parts: readonly Part[]; readonly locksOut: boolean; readonly name: string }

/** One to four parts, no two of them on the same file or chain head; a third of all changes lock the operator out. */
export function randomChange(random: Random, kind: Kind): Change {
  const all = partsOn(kind)
  const wanted = random.whole(1, 4)
  const harm = random.chance(0.4)
  const parts: Part[] = harm ? [random.pick(all.filter((part) => part.locksOut))] : []
  const kin = (part: Part): string =>
    /sshd/.exec(part.name)?.[0] ?? (/^v4 (?!forward)|output/.test(part.name) ? 'v4' : part.name)
  for (let tries = 0; parts.length < wanted && tries < 20; tries++) {
    const part = random.pick(all.filter((one) => !one.locksOut))
    if (!parts.some((one) => kin(one) === kin(part))) parts.push(part)
  }
  return { parts, locksOut: harm, name: parts.map((part) => part.name).join(' + ') }
}
