import type { Family, FirewallFacts, RuleSet } from '../../../model/firewall.ts'
import { matchRule } from '../walk/match.ts'
import type { Packet } from '../walk/packet.ts'
import { type View, viewOf } from '../walk/view.ts'
import type { Walked } from '../walk/walk.ts'
import { ruleSetOf } from './about.ts'
import { CLIENT_PORT, knownOf, type Sight } from './sight.ts'

/** An attack: one new connection a second for a minute, none of them closed. */
const CONNECTIONS = 60
const SECONDS = 60

/** How the last one fares of a burst of first packets; null where the rules can't be walked. */
export function afterBurst(facts: FirewallFacts, sight: Sight, family: Family, first: Packet): Walked | null {
  const ruleSet = ruleSetOf(facts, family)
  if (!ruleSet) return null
  const packet = { ...first, sourcePort: CLIENT_PORT }
  const lists = listsOf(ruleSet, viewOf(packet, 'in', family, knownOf(facts)))
  return sight.ask(family, 'in', packet, { connections: CONNECTIONS, seconds: SECONDS, lists })
}

/** The lists of recent that a rule puts whoever sends such a packet on. */
function listsOf(ruleSet: RuleSet, view: View): ReadonlySet<string> {
  // The kernel keeps one list of a name, whichever backend's rules use it.
  const beside = (ruleSet.beside ?? []).flatMap((layer) => (layer.kind === 'iptables' ? layer.tables : []))
  const setting = [...ruleSet.tables, ...beside].flatMap((table) =>
    table.chains.flatMap((chain) => chain.rules.map(({ text }) => text).filter((text) => SETS_RECENT.test(text))),
  )
  const names = setting
    .filter((text) => matchRule(text, view).matches !== 'no')
    .map((text) => / --name (\S+)/.exec(text)?.[1] ?? 'DEFAULT')
  return new Set(names)
}

const SETS_RECENT = /-m recent .*--(?:set|update) /
