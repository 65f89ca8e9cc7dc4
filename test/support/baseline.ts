import fc from 'fast-check'
import { baselineItems } from '../../src/services/areas/firewall/baseline/baseline.ts'
import { lookAt } from '../../src/services/areas/firewall/baseline/ground.ts'
import type { BaselineInput, Choices, Item } from '../../src/services/areas/firewall/baseline/item.ts'
import { baselineEdits } from '../../src/services/areas/firewall/baseline/merge.ts'
import { applyEdits } from '../../src/services/areas/firewall/edits.ts'
import { familyOf } from '../../src/services/model/addresses.ts'
import type { Family, FirewallFacts, RuleEdit, RuleSet } from '../../src/services/model/firewall.ts'
import type { HostFacts } from '../../src/services/model/host.ts'
import type { Listener } from '../../src/services/model/units.ts'
import { listener } from './listeners.ts'
import { firewallFacts, hostFacts } from './plans.ts'

export const NO_CHOICES: Choices = new Map()

let ids = 0
const newId = (): string => `new-${++ids}`

export const SSHD = listener('tcp', '0.0.0.0', 22, 'sshd', 'ssh.service')

/** A baseline's input: the rules of both families as they are saved, and what a test wants different. */
export function inputOf(
  saves: { readonly v4?: string; readonly v6?: string } = {},
  more: {
    readonly host?: Partial<HostFacts>
    readonly firewall?: Partial<FirewallFacts>
    readonly listeners?: readonly Listener[] | null
  } = {},
): BaselineInput {
  const firewall = { ...firewallFacts(saves.v4 ?? '', saves.v6 ?? ''), ...more.firewall }
  const { v4, v6 } = firewall.families
  return {
    firewall,
    host: { ...hostFacts, ...more.host },
    listeners: more.listeners === undefined ? [SSHD] : more.listeners,
    sets: { v4: v4.state === 'present' ? v4.ruleSet : null, v6: v6.state === 'present' ? v6.ruleSet : null },
  }
}

export type Made = {
  readonly items: readonly Item[]
  readonly edits: readonly RuleEdit[]
  readonly after: Readonly<Record<Family, RuleSet | null>>
  /** Texts of one chain afterwards, in order. */
  readonly chain: (family: Family, chain: string, table?: string) => readonly string[]
  readonly policy: (family: Family, chain: string) => string | null | undefined
}

/** The baseline for an input, and what comes of it. */
export function make(input: BaselineInput, choices: Choices = NO_CHOICES): Made {
  const ground = lookAt(input)
  const items = baselineItems(ground, choices)
  const edits = baselineEdits(ground, items, choices, newId)
  const applied = (set: RuleSet | null): RuleSet | null => {
    if (!set) return null
    const { after, conflicts } = applyEdits(set, edits)
    if (conflicts[0]) throw new Error(`an edit does not fit: ${conflicts[0].reason}`)
    return after
  }
  const after = { v4: applied(input.sets.v4), v6: applied(input.sets.v6) }
  const find = (family: Family, chain: string, table: string) =>
    after[family]?.tables.find((one) => one.name === table)?.chains.find((one) => one.name === chain)
  return {
    items,
    edits,
    after,
    chain: (family, chain, table = 'filter') => find(family, chain, table)?.rules.map((rule) => rule.text) ?? [],
    policy: (family, chain) => find(family, chain, 'filter')?.policy,
  }
}

/** The same input after a baseline was applied to it. */
export const applied = (input: BaselineInput, { after }: Made): BaselineInput => ({ ...input, sets: after })

const v4Address = fc.constantFrom('198.51.100.20', '10.1.2.3', '172.20.0.9', '192.168.7.7', '127.0.0.1', '8.8.8.8')
const v6Address = fc.constantFrom('2001:db8::20', 'fd00:1::7', 'fe80::1', '2a00:1450:4001::5', '::1')
const serverFor = (client: string): string => (familyOf(client) === 'v6' ? '2001:db8::10' : '192.0.2.10')
const port = fc.constantFrom(22, 10022, 2222)

const session = fc.tuple(fc.oneof(v4Address, v6Address), port).map(([clientAddress, serverPort]) => ({
  clientAddress,
  clientPort: 50022,
  serverAddress: serverFor(clientAddress),
  serverPort,
}))

const someListener = fc
  .tuple(
    fc.constantFrom('tcp' as const, 'udp' as const),
    fc.constantFrom('0.0.0.0', '*', '[::]', '127.0.0.1', '[::1]', '192.0.2.10', '172.17.0.1', '127.0.0.53%lo'),
    fc.constantFrom(22, 25, 53, 68, 80, 111, 443, 3306, 8080, 10021, 10022, 51820),
    fc.constantFrom('nginx', 'sshd', 'mysqld', 'docker-proxy', 'vsftpd', null),
  )
  .map(([protocol, address, at, process]) => listener(protocol, address, at, process))

/** Rules that operators have, none of which keeps anybody out by address or by rate. */
const OWN = [
  '-i lo -j ACCEPT',
  '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  '-p tcp -m tcp --dport 80 -j ACCEPT',
  '-p tcp -m tcp --dport 3306 -j DROP',
  '-p icmp -j ACCEPT',
  '-p tcp -m multiport --dports 22 -j f2b-sshd',
  '-m limit --limit 5/min -j LOG --log-prefix "mine: "',
  '-p tcp -m tcp --dport 22 -j ACCEPT',
  '-j ACCEPT',
  '-m conntrack --ctstate INVALID -j DROP',
]
const own = fc.array(fc.constantFrom(...OWN), { maxLength: 8 })
const saveOf = (rules: readonly string[], out: readonly string[]): string =>
  [
    '*filter',
    ...[':INPUT ACCEPT [0:0]', ':FORWARD ACCEPT [0:0]', ':OUTPUT ACCEPT [0:0]', ':f2b-sshd - [0:0]'],
    ...rules.map((rule) => `-A INPUT ${rule}`),
    ...out.filter((rule) => !rule.startsWith('-i')).map((rule) => `-A OUTPUT ${rule}`),
    ...['-A f2b-sshd -s 203.0.113.9/32 -j REJECT --reject-with icmp-port-unreachable', '-A f2b-sshd -j RETURN'],
    'COMMIT',
    '',
  ].join('\n')
const forV6 = (save: string): string =>
  save
    .replace('203.0.113.9/32', '2001:db8:9::9/128')
    .replaceAll('icmp-port', 'icmp6-port')
    .replaceAll('-p icmp ', '-p ipv6-icmp ')

const interfaces = fc.subarray([
  { name: 'eth0', addresses: [{ family: 'v4' as const, address: '192.0.2.10', prefix: 24 }] },
  { name: 'docker0', addresses: [{ family: 'v4' as const, address: '172.17.0.1', prefix: 16 }] },
  { name: 'ens5', addresses: [{ family: 'v4' as const, address: '10.0.0.4', prefix: 24 }] },
  { name: 'wg0', addresses: [{ family: 'v6' as const, address: 'fd00:1::1', prefix: 64 }] },
])

/** Hosts of many kinds, on all of which the operator gets in for sure. */
export const anyInput: fc.Arbitrary<BaselineInput> = fc
  .record({
    session,
    sessionInterface: fc.constantFrom('eth0', 'ens5', null),
    listeners: fc.option(fc.array(someListener, { maxLength: 8 })),
    rules: own,
    out: own,
    interfaces,
    defaultInterface: fc.record({ v4: fc.constantFrom('eth0', null), v6: fc.constantFrom('eth0', 'wg0', null) }),
    forwards: fc.boolean(),
    ftp: fc.constantFrom(null, { from: 10030, to: 10049 }),
  })
  .map((some) =>
    inputOf(
      { v4: saveOf(some.rules, some.out), v6: forV6(saveOf(some.rules, some.out)) },
      {
        listeners: some.listeners,
        host: { session: some.session, sessionInterface: some.sessionInterface },
        firewall: {
          ftp: [{ program: 'vsftpd', port: 10021, passive: some.ftp }],
          network: {
            interfaces: some.interfaces,
            defaultInterface: some.defaultInterface,
            gateway: { v4: '192.0.2.1', v6: 'fe80::1' },
            forwards: { v4: some.forwards, v6: false },
          },
        },
      },
    ),
  )

/** Every item switched at random. */
export const anyChoices: fc.Arbitrary<readonly boolean[]> = fc.array(fc.boolean(), { minLength: 60, maxLength: 60 })
export const chosen = (input: BaselineInput, flags: readonly boolean[]): Choices =>
  new Map(make(input).items.map((item, i) => [item.id, flags[i] ?? true]))
