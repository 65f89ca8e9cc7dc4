import type { Chain, ChainRef, Rule, RuleSet } from '../../../model/firewall.ts'
import { knocks, leaving } from '../checks/rest.ts'
import { knownOf, sightOf, withRuleSet } from '../checks/sight.ts'
import { matchRule } from '../walk/match.ts'
import type { Direction, Packet } from '../walk/packet.ts'
import { TARGETS } from '../walk/targets.ts'
import { viewOf } from '../walk/view.ts'
import { walk } from '../walk/walk.ts'
import type { BaselineInput } from './item.ts'

/**
 * The first rule of a chain behind which no new connection is decided any more, by tcp or by udp: it takes a packet from
 * anywhere to a port that no rule names, or sends it to where that is taken for certain. -1 without one.
 */
export function catchAllAt(set: RuleSet, at: ChainRef, { firewall, host }: BaselineInput): number {
  const chain = set.tables.find((one) => one.name === at.table)?.chains.find((one) => one.name === at.chain)
  const direction = DIRECTIONS.get(`${at.table} ${at.chain}`)
  if (!chain || !direction) return -1
  const sight = sightOf(withRuleSet(firewall, set.family, set), host, { listeners: null })
  const known = knownOf(firewall)
  // From whatever port: a rule about some of them leaves the others to those behind it.
  const packets = (direction === 'in' ? knocks : leaving)(sight, set.family).map((one) => ({
    ...one,
    sourcePort: null,
  }))
  const views = packets.map((packet) => ({ packet, view: viewOf(packet, direction, set.family, known) }))
  return chain.rules.findIndex((rule) =>
    views.some(({ packet, view }) => {
      const { matches, target } = matchRule(rule.text, view)
      if (matches !== 'yes' || target === null) return false
      return ENDS.has(target) || (!TARGETS.has(target) && decides(set, at, rule, direction, packet))
    }),
  )
}

const DIRECTIONS: ReadonlyMap<string, Direction> = new Map([
  ['filter INPUT', 'in'],
  ['filter OUTPUT', 'out'],
])
const ENDS: ReadonlySet<string> = new Set(['ACCEPT', 'DROP', 'REJECT'])

/** Whether a jump decides by itself, whatever comes after it. */
const decides = (set: RuleSet, at: ChainRef, rule: Rule, direction: Direction, packet: Packet): boolean =>
  walk(alone(set, at, rule, 'ACCEPT'), direction, packet).answer === 'no' ||
  walk(alone(set, at, rule, 'DROP'), direction, packet).answer === 'yes'

/** A rule as the only one of its chain, with the chains that it may lead to. */
const alone = (set: RuleSet, at: ChainRef, rule: Rule, policy: string): RuleSet => ({
  family: set.family,
  tables: set.tables
    .filter((table) => table.name === at.table)
    .map((table) => ({
      ...table,
      chains: table.chains.map(
        (chain): Chain => (chain.name === at.chain ? { ...chain, policy, rules: [rule] } : chain),
      ),
    })),
})
