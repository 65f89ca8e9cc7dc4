import { type FirewallFacts, placeWords, type Rule } from '../../model/firewall.ts'
import { type HostFacts, sessionFamily } from '../../model/host.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { chainAt } from './beside.ts'
import { ruleSetOf } from './checks/about.ts'
import { afterBurst } from './checks/burst.ts'
import { sightOf } from './checks/sight.ts'
import type { Place } from './walk/place.ts'

/**
 * The rule that limits how often the operator's address may open a connection to a port, in words: `v4 filter INPUT 3:
 * TEXT`. Null where none does, as far as the rules tell: where they drop a connection that comes alone, it is no limit.
 */
export function limitOnLogins(facts: FirewallFacts, host: HostFacts, port: number): Safe | null {
  const { clientAddress, serverAddress } = host.session
  const family = sessionFamily(host)
  const ruleSet = ruleSetOf(facts, family)
  if (!ruleSet) return null
  const sight = sightOf(facts, host, { listeners: null }, [port])
  const from = { address: clientAddress, device: host.sessionInterface }
  const { first } = sight.flow(family, from, port, 'tcp', serverAddress)
  const alone = sight.ask(family, 'in', first)
  const last = alone?.answer === 'unsure' ? afterBurst(facts, sight, family, first) : null
  if (!alone?.at || !last || last.answer === 'yes') return null
  const places = [alone.at, last.at].flatMap((at) => (at ? [at] : []))
  const found = ({ ruleId, ...at }: Place) => {
    const rules = chainAt(ruleSet, at)?.rules ?? []
    const index = rules.findIndex((rule) => rule.id === ruleId)
    return { at, number: index + 1, rule: rules[index] }
  }
  // What lets the first ones pass and a policy drop the rest is a limit too, and the rule is the one to be named.
  const named =
    places.map(found).find(({ rule }) => rule && isLimit(rule)) ?? (last.answer === 'no' ? found(alone.at) : null)
  if (!named?.rule) return null
  const { at, number, rule } = named
  return say`${placeWords({ family, ...at })} ${number}: ${safe(rule.text, 100)}`
}

/** iptables-extensions(8); of nft(8) the statements of libnftables-json(5). */
const isLimit = (rule: Rule): boolean =>
  'statements' in rule
    ? /"(?:limit|ct count|set|meter)":\{/.test(JSON.stringify(rule.statements))
    : /-m (?:recent|limit|hashlimit|connlimit)\b/.test(rule.text)
