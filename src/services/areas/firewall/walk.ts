import type { Chain, RuleSet } from '../../model/firewall.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { findChain } from './chain-text.ts'
import { matchRule, type Packet } from './match.ts'

/** Whether a packet passes, and the rule or policy that decides; `unsure` names what it depends on. */
export type Walked = { readonly answer: 'yes' | 'no' | 'unsure'; readonly because: Safe }

/** The hooks of a packet to (in) or from (out) the host itself, in the kernel's order (iptables(8), TABLES). */
const HOOKS = {
  in: [
    { table: 'raw', chain: 'PREROUTING' },
    { table: 'mangle', chain: 'PREROUTING' },
    { table: 'nat', chain: 'PREROUTING' },
    { table: 'mangle', chain: 'INPUT' },
    { table: 'filter', chain: 'INPUT' },
    { table: 'security', chain: 'INPUT' },
  ],
  out: [
    { table: 'raw', chain: 'OUTPUT' },
    { table: 'mangle', chain: 'OUTPUT' },
    { table: 'filter', chain: 'OUTPUT' },
    { table: 'security', chain: 'OUTPUT' },
  ],
} as const

/** Targets after which the next rule is looked at; an unknown target is treated as one that may do anything. */
const GOES_ON = new Set(
  'LOG NFLOG ULOG TRACE MARK CONNMARK CLASSIFY DSCP TOS TTL HL TCPMSS CT NOTRACK SET CHECKSUM AUDIT SECMARK CONNSECMARK'.split(
    ' ',
  ),
)
const MAY_DO_ANYTHING: readonly Ending[] = ['pass', 'drop']

type Ending = 'pass' | 'drop' | 'return'
type Outcome = { readonly ending: Ending; readonly because: Safe }
type Road = { readonly outcomes: readonly Outcome[]; readonly doubt: Safe | null }

/**
 * Walks a tcp packet through a rule set: user chains, goto, return, policies, every table on its way.
 * A definite answer is only given where nothing on the way depends on what can't be seen from here.
 */
export function walk(ruleSet: RuleSet, direction: 'in' | 'out', packet: Packet): Walked {
  let last: Safe = say`nothing stands in its way`
  let doubt: Safe | null = null
  for (const hook of HOOKS[direction]) {
    const chain = findChain(ruleSet, hook)
    if (!chain) continue
    // Only the first packet of a connection goes through the nat table (iptables(8)).
    if (hook.table === 'nat' && packet.state !== 'NEW') continue
    const road = walkChain(ruleSet, hook.table, chain, packet, 0)
    const endings = new Set(road.outcomes.map((one) => (one.ending === 'return' ? byPolicy(chain) : one.ending)))
    const named = (ending: Ending): Safe =>
      road.outcomes.find((one) => (one.ending === 'return' ? byPolicy(chain) : one.ending) === ending)?.because ?? last
    if (!endings.has('pass')) return { answer: 'no', because: policyWords(named('drop'), hook, chain) }
    if (endings.has('drop')) doubt ??= road.doubt ?? named('drop')
    else if (hook.table === 'nat' && road.doubt) doubt ??= road.doubt
    if (chain.rules.length > 0 || hook.table === 'filter') last = policyWords(named('pass'), hook, chain)
  }
  return doubt ? { answer: 'unsure', because: say`depends on ${doubt}` } : { answer: 'yes', because: last }
}

const FELL_THROUGH = say`policy`

const byPolicy = (chain: Chain): Ending => (chain.policy === null || chain.policy === 'ACCEPT' ? 'pass' : 'drop')

const policyWords = (because: Safe, hook: { table: string; chain: string }, chain: Chain): Safe =>
  because === FELL_THROUGH
    ? say`${safe(hook.table)} ${safe(hook.chain)} policy ${safe(chain.policy ?? 'ACCEPT')}`
    : because

function walkChain(ruleSet: RuleSet, table: string, chain: Chain, packet: Packet, depth: number): Road {
  const outcomes: Outcome[] = []
  let doubt: Safe | null = null
  for (const [index, rule] of chain.rules.entries()) {
    const { matches, target, goto } = matchRule(rule.text, packet)
    if (matches === 'no' || target === null || GOES_ON.has(target)) continue
    const name = say`${safe(table)} ${safe(chain.name)} rule ${index + 1}: ${safe(rule.text, 80)}`
    if (matches === 'maybe') doubt ??= name
    const road = follow(ruleSet, table, target, name, packet, depth)
    doubt ??= road.doubt
    const ends = road.outcomes.filter((one) => one.ending !== 'return' || target === 'RETURN' || goto)
    outcomes.push(...ends)
    if (matches === 'yes' && ends.length === road.outcomes.length) return { outcomes, doubt }
  }
  outcomes.push({ ending: 'return', because: FELL_THROUGH })
  return { outcomes, doubt }
}

/** Where a jump leads: a verdict, a chain of the table, or a target that may do anything. */
function follow(ruleSet: RuleSet, table: string, target: string, name: Safe, packet: Packet, depth: number): Road {
  const one = (ending: Ending): Road => ({ outcomes: [{ ending, because: name }], doubt: null })
  if (target === 'ACCEPT') return one('pass')
  if (target === 'DROP' || target === 'REJECT') return one('drop')
  if (target === 'RETURN') return { outcomes: [{ ending: 'return', because: FELL_THROUGH }], doubt: null }
  const chain = findChain(ruleSet, { table, chain: target })
  if (chain && depth < 32) return walkChain(ruleSet, table, chain, packet, depth + 1)
  return {
    outcomes: [...MAY_DO_ANYTHING, 'return' as const].map((ending) => ({ ending, because: name })),
    doubt: name,
  }
}
