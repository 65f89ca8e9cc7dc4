import { fail, ok, type Result } from '../../model/errors.ts'
import { FAMILIES, type Family, type FirewallFacts, type RuleEdit, type RuleSet } from '../../model/firewall.ts'
import type { HostFacts } from '../../model/host.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { ruleSetOf } from './checks/about.ts'
import { mine, operatorPasses, strangerPasses } from './checks/default-deny.ts'
import { behindJumps, draftOn, filterRef } from './checks/draft.ts'
import { sightOf, withRuleSet } from './checks/sight.ts'
import { ownerOf } from './foreign-chains.ts'
import { ruleOwner } from './owners.ts'

/** What is done to the rules where sshd comes to listen on other ports. */
export type PortMove = {
  /** A port that it listens on already: what lets that in, and what limits it, is repeated for the others. */
  readonly like: number
  readonly open: readonly number[]
  readonly close: readonly number[]
}

const NOTHING_AROUND = { listeners: null }

/**
 * The edits of both families that let the new ports in as the old one is, from the same addresses and with the same
 * limits, and that take the rules of closed ports out. None where everything is let in anyway. The error says who else
 * has to be asked to do it.
 */
export function movePort(facts: FirewallFacts, host: HostFacts, move: PortMove): Result<readonly RuleEdit[], Safe> {
  const owner = ruleOwner(facts)
  if (owner)
    return fail(
      say`the rules of this host are ${owner.name}'s: open port ${safe(move.open.join(', '))} with it first (${safe(owner.instead.replace('80', String(move.open[0] ?? '')))})`,
    )
  const edits: RuleEdit[] = []
  for (const family of FAMILIES) {
    const one = facts.families[family]
    if (one.state !== 'present') {
      if (family === (mine(host, 'v6') ? 'v6' : 'v4'))
        return fail(say`the ${safe(family)} rules can't be read: ${one.reason}`)
      continue
    }
    const made = moveIn(facts, host, family, move)
    if (!made.ok) return made
    edits.push(...made.value)
  }
  return ok(edits)
}

function moveIn(
  facts: FirewallFacts,
  host: HostFacts,
  family: Family,
  move: PortMove,
): Result<readonly RuleEdit[], Safe> {
  const base = ruleSetOf(facts, family)
  if (!base) return ok([])
  const draft = draftOn(base)
  for (const port of move.open) {
    if (!lacks(withRuleSet(facts, family, draft.ruleSet()), host, family, move.like, port)) continue
    for (const { at, id, text } of rulesAbout(draft.ruleSet(), family, move.like))
      draft.insert(at, withPort(text, move.like, port), id)
    if (!lacks(withRuleSet(facts, family, draft.ruleSet()), host, family, move.like, port)) continue
    const input = filterRef(family, 'INPUT')
    draft.insert(input, `-p tcp -m tcp --dport ${port} -j ACCEPT`, behindJumps(draft.ruleSet(), input))
    if (lacks(withRuleSet(facts, family, draft.ruleSet()), host, family, move.like, port))
      return fail(
        say`the ${safe(family)} rules would still not let in port ${port}: add a rule for it with a in the firewall's pane`,
      )
  }
  for (const port of move.close)
    for (const { at, id } of rulesAbout(draft.ruleSet(), family, port)) draft.remove(at, id)
  return ok(draft.edits())
}

/** Whether somebody comes to the one port and not to the other, as far as that is told. */
function lacks(facts: FirewallFacts, host: HostFacts, family: Family, like: number, port: number): boolean {
  const sight = sightOf(facts, host, NOTHING_AROUND, [like, port])
  const to = (serverPort: number): HostFacts => ({ ...host, session: { ...host.session, serverPort } })
  const him = (number: number) => (mine(host, family) ? operatorPasses(sight, to(number), family) : 'yes')
  return [
    [him(like), him(port)],
    [strangerPasses(sight, family, like), strangerPasses(sight, family, port)],
  ].some(([now, then]) => now !== 'no' && then === 'no')
}

/** Rules of the filter table that name one port of tcp alone, to it or from it, in chains that are nobody else's. */
function rulesAbout(ruleSet: RuleSet, family: Family, port: number) {
  const table = ruleSet.tables.find(({ name }) => name === 'filter')
  return (table?.chains ?? [])
    .filter(({ name }) => table && ownerOf(name, table) === null)
    .flatMap(({ name, rules }) =>
      rules
        .filter(({ text }) => portWords(port).test(text))
        .map(({ id, text }) => ({ at: filterRef(family, name), id, text })),
    )
}

const portWords = (port: number): RegExp => new RegExp(`(^| )--(dport|sport) ${port}( |$)`)
const withPort = (text: string, port: number, other: number): string =>
  text.replace(portWords(port), `$1--$2 ${other}$3`)
