import { ADDRESS_BITS, bareAddress, dotted, readEnd } from '../../model/addresses.ts'
import { fail, ok, type Result } from '../../model/errors.ts'
import type { Family, FirewallFacts, RuleEdit } from '../../model/firewall.ts'
import type { HostFacts } from '../../model/host.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { findChain } from './chain-text.ts'
import { ruleSetOf } from './checks/about.ts'
import { draftOn, filterRef, topOf } from './checks/draft.ts'
import { ruleOwner } from './owners.ts'
import { contains } from './walk/addresses.ts'

/** Why the console stages no rule about who may come: they are another program's. Null where they are the host's own. */
export function whyNotOurs(facts: FirewallFacts, what: Safe): Safe | null {
  const owner = ruleOwner(facts)
  return owner && say`the rules of this host are ${owner.name}'s: ${what} with it, ${owner.keep}`
}

/**
 * An address or a network as rules write it: without a zone, and a v4 address without its v6 clothes, as the packets have
 * it. Null for what is neither.
 */
export function asSource(source: string): { readonly family: Family; readonly network: string } | null {
  const [text = '', bits] = source.split('/')
  const read = readEnd(text)
  if (read === null) return null
  const family = typeof read === 'number' ? 'v4' : 'v6'
  const address = typeof read === 'number' ? dotted(read) : bareAddress(text)
  return { family, network: `${address}/${bits ?? ADDRESS_BITS[family]}` }
}

/**
 * The edit that drops all packets from an address or a network (`203.0.113.7`, `203.0.113.0/24`), before any rule that
 * lets some of them in. The error says why there is none: they are dropped already, or it would be the operator himself.
 */
export function shutOut(facts: FirewallFacts, host: HostFacts, source: string): Result<readonly RuleEdit[], Safe> {
  const why = whyNotOurs(facts, say`shut ${safe(source)} out`)
  if (why) return fail(why)
  const read = asSource(source)
  if (read === null) return fail(say`${safe(source.split('/')[0] ?? '')} is no address`)
  const { family, network } = read
  if (contains(network, readEnd(host.session.clientAddress)) !== 'no')
    return fail(say`you come from there yourself: ${safe(host.session.clientAddress)}`)
  const ruleSet = ruleSetOf(facts, family)
  if (!ruleSet) return fail(say`the ${safe(family)} rules can't be read`)
  const at = filterRef(family, 'INPUT')
  const rule = `-s ${network} -j DROP`
  if (findChain(ruleSet, at)?.rules.some((one) => one.text === rule))
    return fail(say`a rule drops all that comes from ${safe(network)} already`)
  const draft = draftOn(ruleSet)
  draft.insert(at, rule, topOf(ruleSet, at))
  return draft.edits().length > 0 ? ok(draft.edits()) : fail(say`there is no chain INPUT to put the rule in`)
}
