import type { Chain, RuleSet } from '../../../model/firewall.ts'
import { type Safe, say } from '../../../model/safe.ts'
import { type Walk, walkChain } from './chain-walk.ts'
import { ELSEWHERE, type Fate, STRAIGHT, UNTOUCHED } from './fate.ts'
import { HOOKS, type Hook } from './hooks.ts'
import type { Direction, Known, Packet } from './packet.ts'
import { NOTHING_KNOWN } from './packet.ts'
import { type Place, placeOf, type Spot, spotWords } from './place.ts'
import { ICMP, ICMPV6 } from './protocols.ts'
import { addTo, type Ending, type Outcome, type Road } from './road.ts'
import { seenIn } from './seen.ts'
import { setDoubt, withSetsOf } from './set-matches.ts'
import { type View, viewOf } from './view.ts'

/**
 * Whether a packet passes, and the rule or policy that decides, in words and as a place (null when no rule or policy
 * has a say). `unsure` names what it depends on.
 */
export type Walked = { readonly answer: 'yes' | 'no' | 'unsure'; readonly because: Safe; readonly at: Place | null }

const GRAVITY = { yes: 0, unsure: 1, no: 2 } as const

/** What becomes of a connection whose packets (one at least) fare like this: the gravest answer, the first of equal ones. */
export const worst = (answers: readonly Walked[]): Walked =>
  answers.reduce((a, b) => (GRAVITY[b.answer] > GRAVITY[a.answer] ? b : a))

/**
 * Walks a packet through a rule set: every table on its way, user chains, goto, return, policies. A definite answer is
 * only given where nothing on the way depends on what can't be seen from here; it is about these rules alone, not about
 * routes, rp_filter or rules of other tools, and about whole packets, not fragments.
 */
export function walk(ruleSet: RuleSet, direction: Direction, packet: Packet, known: Known = NOTHING_KNOWN): Walked {
  const seen = viewOf(packet, direction, ruleSet.family, withSetsOf(ruleSet, known))
  let state: { fate: Fate; port: number | null | undefined } = { fate: UNTOUCHED, port: undefined }
  let decided: Spot | null = null
  let doubt: Spot | null = null
  let last: Outcome | null = null
  for (const hook of HOOKS[direction]) {
    if (seen.sentOnTo && hook.chain === 'FORWARD') {
      if ((state.fate & ELSEWHERE) === 0) return { answer: 'no', because: say`no rule sends it on`, at: null }
      if ((state.fate & STRAIGHT) !== 0) doubt ??= last?.doubt ?? last?.spot ?? null
    }
    const table = ruleSet.tables.find((one) => one.name === hook.table)
    const chain = table?.chains.find((one) => one.name === hook.chain)
    if (!table || !chain) continue
    const { port } = state
    const view = seenIn(seen, hook, state.fate, port)
    const asked = hook.table === 'nat' ? translates(view) : 'yes'
    if (asked === 'no') continue
    const road = walkHook(hook, table.chains, chain, state.fate, (fate) => seenIn(seen, hook, fate, port))
    if (asked === 'maybe') perhapsNot(road, chain, hook, state.fate)
    const { pass, drop, moved } = road
    if (moved) return unsure(doubt ?? moved.doubt ?? moved.spot)
    if (!pass) return { answer: 'no', ...reason(drop?.spot ?? null) }
    if (drop) doubt ??= differing(pass, drop)
    last = pass
    state = { fate: pass.fate, port: pass.port === undefined ? port : pass.port }
    if (hook.table === 'filter' || (chain.rules.length > 0 && decided?.table !== 'filter')) decided = pass.spot
  }
  return doubt ? unsure(doubt) : { answer: 'yes', ...reason(decided) }
}

const reason = (spot: Spot | null): Pick<Walked, 'because' | 'at'> =>
  spot ? { because: spotWords(spot), at: placeOf(spot) } : { because: say`nothing stands in its way`, at: null }

function unsure(spot: Spot | null): Walked {
  const { because, at } = reason(spot)
  return { answer: 'unsure', because: say`depends on ${because}${setDoubt(spot)}`, at }
}

const POLICIES: ReadonlyMap<string, readonly Ending[]> = new Map([
  ['ACCEPT', ['pass']],
  ['DROP', ['drop']],
])
const MAY_BE: readonly Ending[] = ['pass', 'drop']

/** All ways through one of the kernel's own chains; what comes to its end meets the policy. */
function walkHook(hook: Hook, chains: readonly Chain[], chain: Chain, fate: Fate, viewFor: (fate: Fate) => View): Road {
  const walk: Walk = {
    hook,
    chains: new Map(chains.map((one) => [one.name, one])),
    viewFor,
    roads: new Map(),
    open: new Set([chain.name]),
  }
  const { return: end, ...road } = walkChain(walk, chain, fate)
  if (!end) return road
  const spot: Spot = { table: hook.table, chain: chain.name, index: 0, rule: null, policy: chain.policy }
  for (const ending of POLICIES.get(chain.policy ?? 'ACCEPT') ?? MAY_BE) addTo(road, ending, { ...end, spot })
  return road
}

/** Only the first packet of a connection meets the nat table (iptables(8)), and no error that belongs to one. */
function translates({ states, protocol }: View): 'yes' | 'no' | 'maybe' {
  const icmp = protocol === ICMP || protocol === ICMPV6
  const answers = new Set(states.map((state) => state === 'NEW' || (state === 'RELATED' && !icmp)))
  return answers.size > 1 ? 'maybe' : answers.has(true) ? 'yes' : 'no'
}

/** Adds that a chain may not be asked at all. */
function perhapsNot(road: Road, chain: Chain, hook: Hook, fate: Fate): void {
  const spot: Spot = { table: hook.table, chain: chain.name, index: 0, rule: null, policy: chain.policy }
  for (const ending of ['drop', 'moved'] as const) {
    const outcome = road[ending]
    if (outcome) road[ending] = { ...outcome, doubt: outcome.doubt ?? outcome.spot }
  }
  addTo(road, 'pass', { spot, doubt: null, fate })
}

/** Where both are possible, what decides is what leads away from the sure course. */
const differing = (pass: Outcome, drop: Outcome): Spot | null =>
  drop.doubt === null ? (pass.doubt ?? pass.spot) : (drop.doubt ?? drop.spot)
