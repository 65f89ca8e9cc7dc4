import type { Chain, Family, RuleSet } from '../../../model/firewall.ts'
import type { HostFacts } from '../../../model/host.ts'
import { packetsOf } from '../walk/packet.ts'
import { type Walked, walk } from '../walk/walk.ts'

/** Addresses far apart, for asking what is open to everybody: documentation, benchmarking and public ones. */
const STRANGERS: Readonly<Record<Family, readonly [string, ...string[]]>> = {
  v4: ['203.0.113.77', '198.18.0.9', '8.8.4.4'],
  v6: ['2001:db8:77::7', '2a00:1450::9', '2620:fe::9'],
}

/** A connection that somebody wants to open to this host; `via` is the interface that it comes in by. */
export type Knock = {
  readonly protocol: 'tcp' | 'udp'
  readonly port: number
  readonly source: string
  readonly server: string | null
  readonly via: string | null
}

/** Walks the first packet of a connection from some address to a port. */
const knock = (ruleSet: RuleSet, { protocol, port, source, server, via }: Knock): Walked =>
  walk(
    ruleSet,
    'in',
    packetsOf({ protocol, client: source, clientPort: null, server, serverPort: port, interface: via }).first,
  )

/** What all strangers meet at a port; `unsure` where they meet different things. */
export function fromAnywhere(ruleSet: RuleSet, to: Omit<Knock, 'source' | 'server'>): Walked {
  const [first, ...others] = STRANGERS[ruleSet.family].map((source) =>
    knock(ruleSet, { ...to, source, server: null }),
  ) as [Walked, ...Walked[]]
  return others.find((one) => one.answer !== first.answer) ? { ...first, answer: 'unsure' } : first
}

/** The operator's next login, as far as the first packet goes. */
export const operatorKnocks = (ruleSet: RuleSet, { session, sessionInterface }: HostFacts): Walked =>
  knock(ruleSet, {
    protocol: 'tcp',
    port: session.serverPort,
    source: session.clientAddress,
    server: session.serverAddress,
    via: sessionInterface,
  })

/** The baseline's own limits, which let everybody in up to a rate. */
const LIMIT = / --hashlimit-name hardtui-/

/** The rule set as if INPUT had policy DROP and no limits: what its rules alone open, and what only the policy does. */
export const rulesAlone = (ruleSet: RuleSet): RuleSet => ({
  ...ruleSet,
  tables: ruleSet.tables.map((table) =>
    table.name === 'filter'
      ? { ...table, chains: table.chains.map((one) => (one.name === 'INPUT' ? closed(one) : one)) }
      : table,
  ),
})

const closed = (chain: Chain): Chain => ({
  ...chain,
  policy: 'DROP',
  rules: chain.rules.filter((rule) => !LIMIT.test(rule.text)),
})
