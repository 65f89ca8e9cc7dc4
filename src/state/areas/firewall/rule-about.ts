import {
  listenersIn,
  listenersOn,
  nobodyListens,
  processWords,
  rulePorts,
} from '../../../services/areas/firewall/listening.ts'
import { inwardChains } from '../../../services/areas/firewall/reach.ts'
import { setsNamedIn, setsOf } from '../../../services/areas/firewall/sets/named.ts'
import { shadowsOf } from '../../../services/areas/firewall/shadow.ts'
import { FAMILIES, type Family, type FirewallFacts } from '../../../services/model/firewall.ts'
import type { Safe } from '../../../services/model/safe.ts'
import type { Listener, UnitsFacts } from '../../../services/model/units.ts'
import { listenersOfUnits, type RulesBefore } from '../../slices/readings.ts'
import type { RuleContext, RuleItem } from './items.ts'

/** What there is to say about one rule, worked out when its row is drawn. */
export type RuleAbout = {
  /** Number of the earlier rule that leaves it nothing. */
  readonly shadowedBy: number | null
  /** It accepts for ports on which nothing listens. */
  readonly idle: boolean
  /** Programs that listen on the ports it lets in; empty where none is known by name. */
  readonly serves: Safe | null
  readonly listeners: readonly Listener[]
  /** Packets a second since the reading before; null without one, or where counters began anew. */
  readonly rate: number | null
}

/** Makes the context of one reading. Nothing is counted before it is asked for. */
export function ruleContext(
  facts: FirewallFacts,
  units: UnitsFacts | null,
  before: RulesBefore | null,
  readAt: number,
): RuleContext {
  const all = units && listenersOfUnits(units)
  // None at all means that they could not be read: the console itself came in by one.
  const listeners = all !== null && all.length > 0 && { v4: listenersIn(all, 'v4'), v6: listenersIn(all, 'v6') }
  const never = (): boolean => false
  return {
    listeners: listeners || null,
    isIdle: listeners
      ? { v4: nobodyListens(listeners.v4, facts.ftp), v6: nobodyListens(listeners.v6, facts.ftp) }
      : { v4: never, v6: never },
    portName: (protocol, port) => facts.portNames.get(`${protocol}/${port}`) ?? null,
    packetsBefore: before ? countersOf(before.facts) : () => null,
    secondsBetween: before ? (readAt - before.readAt) / 1000 : 0,
    sets: setsOf(facts),
  }
}

function countersOf(facts: FirewallFacts): RuleContext['packetsBefore'] {
  let counters: Map<string, number> | null = null
  return (_family, ruleId) => {
    if (!counters) {
      counters = new Map()
      for (const family of FAMILIES) {
        const one = facts.families[family]
        for (const { chains } of one.state === 'present' ? one.ruleSet.tables : [])
          for (const { rules } of chains) for (const rule of rules) counters.set(rule.id, rule.packets)
      }
    }
    return counters.get(ruleId) ?? null
  }
}

const LETS_IN = /(?:^| )-j ACCEPT(?: |$)/

/** What a row or the detail says about a rule. */
export function ruleAbout({ rule, at, number, home, context, mark }: RuleItem): RuleAbout {
  const by = number === null ? undefined : shadowsOf(home.table, home.chain).get(number - 1)
  const inward = at.table === 'filter' && LETS_IN.test(rule.text) && inwardChains(home.table).has(at.chain)
  const wanted = inward && context.listeners ? rulePorts(rule.text) : null
  const listeners = wanted ? listenersOn(wanted, context.listeners?.[at.family] ?? []) : []
  return {
    shadowedBy: by === undefined ? null : by + 1,
    idle: inward && context.isIdle[at.family](rule.text),
    serves: listeners.length > 0 ? processWords(listeners) : null,
    listeners,
    rate: mark === 'added' || mark === 'edited' ? null : rateOf(rule, at.family, context),
  }
}

function rateOf(rule: RuleItem['rule'], family: Family, context: RuleContext): number | null {
  const before = context.packetsBefore(family, rule.id)
  if (before === null || context.secondsBetween <= 0 || rule.packets < before) return null
  return (rule.packets - before) / context.secondsBetween
}

/** The sets that a rule names, each once. */
export const setsOfRule = (text: string): readonly string[] => setsNamedIn(text)
