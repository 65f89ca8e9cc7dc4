import { readEnd } from '../../model/addresses.ts'
import { fail, ok, type Result } from '../../model/errors.ts'
import { FAMILIES, type Family, type FirewallFacts, type RuleEdit, type RuleSet } from '../../model/firewall.ts'
import type { HostFacts } from '../../model/host.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { findChain } from './chain-text.ts'
import { ruleSetOf } from './checks/about.ts'
import { draftOn, filterRef, topOf } from './checks/draft.ts'
import { asSource, whyNotOurs } from './shut-out.ts'
import { contains } from './walk/addresses.ts'

const accept = (network: string, port: number): string => `-s ${network} -p tcp -m tcp --dport ${port} -j ACCEPT`

/** Whoever is in stays in, and the host itself gets in as before. */
const dropOthers = (port: number): string => `! -i lo -p tcp -m tcp --dport ${port} -m conntrack --ctstate NEW -j DROP`

const isUsed = ({ network }: FirewallFacts, family: Family): boolean =>
  network.interfaces.some(({ name, addresses }) => name !== 'lo' && addresses.some((one) => one.family === family))

/**
 * The edits that let nobody log in by the port of this session but whoever comes from `source` and the operator; where
 * that stands already, they let in `source` as well. The error says why there are none.
 */
export function letInOnly(facts: FirewallFacts, host: HostFacts, source: string): Result<readonly RuleEdit[], Safe> {
  const why = whyNotOurs(facts, say`name who may log in`)
  if (why) return fail(why)
  const wanted = asSource(source)
  if (wanted === null) return fail(say`${safe(source)} is no address`)
  const { serverPort, clientAddress } = host.session
  const me = asSource(clientAddress)
  const sets = FAMILIES.flatMap((family): readonly (readonly [Family, RuleSet])[] => {
    const ruleSet = ruleSetOf(facts, family)
    return ruleSet ? [[family, ruleSet]] : []
  })
  const blind = FAMILIES.find((family) => isUsed(facts, family) && !sets.some(([one]) => one === family))
  if (blind) return fail(say`the ${safe(blind)} rules can't be read, and a list without them keeps nobody out`)
  const edits = sets.flatMap(([family, ruleSet]) => {
    const at = filterRef(family, 'INPUT')
    const draft = draftOn(ruleSet)
    const rules = findChain(ruleSet, at)?.rules ?? []
    const there = rules.findIndex(({ text }) => text === dropOthers(serverPort))
    const before = there < 0 ? topOf(ruleSet, at) : (rules[there]?.id ?? null)
    const isAccepted = (network: string): boolean =>
      rules.slice(0, Math.max(there, 0)).some(({ text }) => text === accept(network, serverPort))
    const isMine = me !== null && contains(wanted.network, readEnd(clientAddress)) !== 'no'
    for (const one of isMine ? [wanted] : [wanted, me])
      if (one?.family === family && !isAccepted(one.network)) draft.insert(at, accept(one.network, serverPort), before)
    if (there < 0) draft.insert(at, dropOthers(serverPort), before)
    return draft.edits()
  })
  return edits.length > 0 ? ok(edits) : fail(say`${safe(wanted.network)} may log in already, and others may not`)
}
