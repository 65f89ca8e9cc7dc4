import { fail, ok, type Result } from '../../model/errors.ts'
import { FAMILIES, type Family, type FirewallFacts, type RuleEdit, type RuleSet } from '../../model/firewall.ts'
import type { HostFacts } from '../../model/host.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { ruleSetOf } from './checks/about.ts'
import { mine, operatorPasses, strangerPasses } from './checks/default-deny.ts'
import { behindJumps, draftOn, filterRef } from './checks/draft.ts'
import { sightOf, withRuleSet } from './checks/sight.ts'
import { ownerOf } from './foreign-chains.ts'
import { withPort } from './naming.ts'
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
    // Limits and addresses too, where the rules let in more than they do at the old port; what somebody prepared stays as it is.
    const isPrepared = rulesAbout(draft.ruleSet(), family, port).length > 0
    const before = compare(facts, host, family, move.like, port)
    if (before.lacks || (before.differs && !isPrepared))
      for (const { at, id, text } of rulesAbout(draft.ruleSet(), family, move.like))
        draft.insert(at, withPort(text, move.like, port), id)
    const made = () => compare(withRuleSet(facts, family, draft.ruleSet()), host, family, move.like, port)
    if (made().lacks) {
      const input = filterRef(family, 'INPUT')
      draft.insert(input, `-p tcp -m tcp --dport ${port} -j ACCEPT`, behindJumps(draft.ruleSet(), input))
    }
    const { lacks, opens } = made()
    if (lacks)
      return fail(
        say`the ${safe(family)} rules would still not let in port ${port}: add a rule for it with a in the firewall's pane`,
      )
    if (opens)
      return fail(
        say`the ${safe(family)} rules keep strangers from port ${move.like}, and would not from ${port}: add a rule for it with a in the firewall's pane`,
      )
  }
  for (const port of move.close)
    for (const { at, id } of rulesAbout(draft.ruleSet(), family, port)) draft.remove(at, id)
  return ok(draft.edits())
}

const RANK = { no: 0, unsure: 1, yes: 2 } as const

/**
 * How the other port is let in beside the one: `lacks`, less surely for the operator or for a stranger; `opens`, for a
 * stranger whom the one surely keeps out; `differs`, in any way.
 */
function compare(facts: FirewallFacts, host: HostFacts, family: Family, like: number, port: number) {
  const sight = sightOf(facts, host, NOTHING_AROUND, [like, port])
  const to = (serverPort: number): HostFacts => ({ ...host, session: { ...host.session, serverPort } })
  const him = (number: number) => (mine(host, family) ? operatorPasses(sight, to(number), family) : 'yes')
  const strangers = (number: number) => strangerPasses(sight, family, number)
  return {
    differs: him(port) !== him(like) || strangers(port) !== strangers(like),
    lacks: RANK[him(port)] < RANK[him(like)] || RANK[strangers(port)] < RANK[strangers(like)],
    opens: strangers(like) === 'no' && strangers(port) !== 'no',
  }
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
