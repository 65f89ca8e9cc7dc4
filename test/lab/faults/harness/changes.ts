// Random transactions: rules of both families and of nat, files, sshd's own file, units, what parts-of-logins.ts has, settings of the kernel, and BIND;
// good ones and ones that lock the operator out.
import type { FirewallFacts, RuleEdit } from '../../../../src/services/model/firewall.ts'
import type { Server } from '../../server.ts'
import type { User } from '../../users.ts'
import { unitChange } from '../world.ts'
import { type Kind, toSshd, withoutPlaces } from './kinds.ts'
import { file, first, type Part, rules, rulesAt, v4, v6 } from './part.ts'
import { NAMED_FILES, PARTS_OF_NAMED, PARTS_OF_SETTINGS, SETTINGS_FILE } from './parts-of-areas.ts'
import { partsOfLogins, SSHD_FILE } from './parts-of-logins.ts'
import type { Random } from './random.ts'

const DENY = '/etc/hosts.deny'
export const FILES = [
  ...(['/etc/motd', '/etc/issue.net', '/etc/hardtui-faults/deep/new.conf', SSHD_FILE, DENY] as const),
  SETTINGS_FILE,
  ...NAMED_FILES,
] as const
export const UNITS = ['cron'] as const
export const unitName = (server: Server, unit: string): string =>
  server.flavour === 'sysvinit' ? unit : `${unit}.service`

type Place = Parameters<typeof first>[0]

const without =
  (at: Place, place: number) =>
  (facts: FirewallFacts): readonly RuleEdit[] =>
    rulesAt(facts, at)
      .slice(place, place + 1)
      .map((rule) => ({ kind: 'delete', at, ruleId: rule.id }))
const policy = (at: Place, value: 'DROP' | 'ACCEPT') => (): readonly RuleEdit[] => [
  { kind: 'policy', at, policy: value },
]
const inChainOfItsOwn =
  (name: string, text: string) =>
  (facts: FirewallFacts): readonly RuleEdit[] => [
    { kind: 'new-chain', at: v4(name) },
    { kind: 'insert', at: v4(name), before: null, ruleId: `new ${text}`, text },
    ...first(v4('INPUT'), `-j ${name}`)(facts),
  ]
const nothingAccepted = (facts: FirewallFacts): readonly RuleEdit[] => [
  ...rulesAt(facts, v4('INPUT')).map((rule): RuleEdit => ({ kind: 'delete', at: v4('INPUT'), ruleId: rule.id })),
  ...policy(v4('INPUT'), 'DROP')(),
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

/** The whole file, so that nothing else may mean sshd's settings. */
const SSHD = ['keyword', 'ports', 'admin']

/** All there are on such a server. */
const partsOn = (kind: Kind, user: User): readonly Part[] => [
  {
    name: 'v4 drop of a port',
    ...harmless('v4'),
    stage: rules(first(v4('INPUT'), '-p tcp -m tcp --dport 81 -j DROP')),
  },
  { name: 'v4 rule taken away', ...harmless('v4'), stage: rules(without(v4('INPUT'), 1)) },
  { name: 'v4 forward policy', ...harmless('v4 forward'), stage: rules(policy(v4('FORWARD'), 'DROP')) },
  {
    name: 'v6 drop of a port',
    ...harmless('v6'),
    stage: rules(first(v6('INPUT'), '-p tcp -m tcp --dport 81 -j DROP')),
  },
  {
    name: 'v6 the other policy',
    ...harmless('v6'),
    stage: rules(policy(v6('INPUT'), kind.policy === 'DROP' ? 'ACCEPT' : 'DROP')),
  },
  {
    name: 'nat rule',
    ...harmless('nat'),
    stage: rules(first(v4('POSTROUTING', 'nat'), '-s 198.51.100.0/24 -j MASQUERADE')),
  },
  {
    name: 'mangle rule in a new table',
    ...harmless('mangle'),
    stage: rules(first(v4('PREROUTING', 'mangle'), '-p udp -j MARK --set-xmark 0x1/0xffffffff')),
  },
  {
    name: 'v4 chain of its own',
    ...harmless('v4'),
    stage: rules(inChainOfItsOwn('own', '-s 203.0.113.77/32 -j DROP')),
  },
  { name: 'file changed', ...harmless('motd'), stage: file('/etc/motd', addLine('changed')) },
  { name: 'file made', ...harmless('new.conf'), stage: file(FILES[2], () => 'new\n') },
  { name: 'file removed', ...harmless('issue'), stage: file('/etc/issue.net', () => null) },
  { name: 'hosts.deny for a stranger', ...harmless('wrappers'), stage: file(DENY, addLine('sshd: 203.0.113.9')) },
  { name: 'sshd_config', ...harmless(...SSHD), stage: file(SSHD_FILE, addLine('MaxAuthTries 4')) },
  {
    name: 'unit off',
    ...harmless('cron'),
    stage: async ({ server }) => [await unitChange(server, unitName(server, 'cron'), 'off')],
  },
  {
    name: 'sshd_config with another port',
    ...harmless(...SSHD),
    stage: file(SSHD_FILE, onAnotherPort),
    // Where a socket unit listens, its own word counts.
    ports: ({ variant, sshd, ports }) =>
      variant === 'socket' ? ports : sshd.some((line) => line.startsWith('Port')) ? [...ports, 2200] : [2200],
  },
  { name: 'v4 ssh dropped', ...harmful('v4'), stage: rules(first(v4('INPUT'), `${toSshd(kind)} -j DROP`)) },
  { name: 'v4 input policy DROP and nothing accepted', ...harmful('v4'), stage: rules(nothingAccepted) },
  {
    name: 'v4 ssh dropped in a new chain',
    ...harmful('v4'),
    stage: rules(inChainOfItsOwn('shut', `${toSshd(kind)} -j DROP`)),
  },
  { name: 'v4 output dropped', ...harmful('v4'), stage: rules(first(v4('OUTPUT'), '-j DROP')) },
  {
    name: 'ssh sent elsewhere by nat',
    ...harmful('nat'),
    stage: rules(first(v4('PREROUTING', 'nat'), `${toSshd(kind)} -j REDIRECT --to-ports 9`)),
  },
  { name: 'sshd_config with an address it has not', ...harmful(...SSHD), stage: file(SSHD_FILE, onNoAddress) },
  // Debian's sshd asks libwrap at every connection.
  { name: 'hosts.deny for everybody', ...harmful('wrappers'), stage: file(DENY, () => 'ALL: ALL\n') },
  { name: 'sshd_config for nobody', ...harmful(...SSHD), stage: file(SSHD_FILE, addLine('AllowUsers nobody')) },
  ...partsOfLogins(kind, user),
  ...PARTS_OF_SETTINGS,
  ...(kind.resolver ? PARTS_OF_NAMED : []),
]

/** A part that leaves the operator's way in, and one that does not, with what they need for themselves. */
const harmless = (...kin: readonly string[]) => ({ locksOut: false, kin })
const harmful = (...kin: readonly string[]) => ({ locksOut: true, kin })

export type Change = { readonly parts: readonly Part[]; readonly name: string }

/** Whether a part is about that, by the first words of what it needs for itself. */
const isAbout = (part: Part, words: string): boolean => part.kin.some((one) => one.startsWith(words))

/** Whether such a server can have a change about that. */
export const canHave = (kind: Kind, words: string): boolean =>
  partsOn(kind, 'root').some((part) => !part.locksOut && isAbout(part, words))

/**
 * One to four parts that need nothing of each other's; four in ten changes lock the operator out, and half of those of a
 * resolver are about that. `about` makes one of them be so.
 */
export function randomChange(random: Random, kind: Kind, user: User, about: string | null): Change {
  const all = partsOn(kind, user)
  const words = about ?? (kind.resolver && random.chance(0.5) ? 'named' : null)
  const wanted = random.whole(1, 4)
  const parts: Part[] = random.chance(0.4) ? [random.pick(all.filter((part) => part.locksOut))] : []
  if (words) parts.push(random.pick(all.filter((part) => !part.locksOut && isAbout(part, words))))
  for (let tries = 0; parts.length < wanted && tries < 20; tries++) {
    const part = random.pick(all.filter((one) => !one.locksOut))
    if (!parts.some((one) => one.kin.some((word) => part.kin.includes(word)))) parts.push(part)
  }
  return { parts, name: parts.map((part) => part.name).join(' + ') }
}

/** What else of the judge's world is so once a change is in force. */
export const worldAfter = ({ parts }: Change): Readonly<Record<string, string>> =>
  Object.assign({}, ...parts.map(({ world }) => world ?? {}))

/** Where sshd listens once a change is in force. */
export const portsAfter = ({ parts }: Change, kind: Kind): readonly number[] =>
  parts.flatMap((part) => part.ports ?? [])[0]?.(kind) ?? kind.ports
