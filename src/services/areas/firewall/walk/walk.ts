import type { RuleSet } from '../../../model/firewall.ts'
import { type Safe, say } from '../../../model/safe.ts'
import { type Answer, both, fixed } from './answer.ts'
import { ELSEWHERE, type Fate, REDIRECTED, STRAIGHT, UNTOUCHED } from './fate.ts'
import type { Hook } from './hooks.ts'
import type { Direction, Known, Packet } from './packet.ts'
import { NOTHING_KNOWN } from './packet.ts'
import { type Place, placeOf, type Spot, spotWords } from './place.ts'
import { ICMP, ICMPV6 } from './protocols.ts'
import { addTo, type Ending, type Outcome, type Road } from './road.ts'
import { seenIn } from './seen.ts'
import { setDoubt, withSetsOf } from './set-matches.ts'
import { type Station, stationsOf } from './stations.ts'
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
 * Walks a packet through a rule set and all that filters beside it: every table on its way, user chains, goto, return,
 * policies. A definite answer is only given where nothing on the way depends on what can't be seen from here or was not
 * read; it is not about routes or rp_filter, and about whole packets, not fragments.
 */
export function walk(ruleSet: RuleSet, direction: Direction, packet: Packet, known: Known = NOTHING_KNOWN): Walked {
  const unread = ruleSet.beside?.find((layer) => layer.kind === 'unknown')
  if (unread) return { answer: 'unsure', because: unread.reason, at: null }
  const seen = viewOf(packet, direction, ruleSet.family, withSetsOf(ruleSet, known))
  let state: { fate: Fate; port: number | null | undefined } = { fate: UNTOUCHED, port: undefined }
  let decided: Decided | null = null
  let doubt: Spot | null = null
  let last: Outcome | null = null
  for (const station of stationsOf(ruleSet, direction)) {
    const { hook, chain } = station
    if (seen.sentOnTo && hook.chain === 'FORWARD') {
      if ((state.fate & ELSEWHERE) === 0) return NOT_SENT_ON
      if ((state.fate & STRAIGHT) !== 0) doubt ??= last?.doubt ?? last?.spot ?? null
    }
    const { port } = state
    const asked = comesBy(station, seenIn(seen, hook, state.fate, port), state.fate)
    if (asked === 'no') continue
    const road = throughStation(station, state.fate, (fate) => seenIn(seen, hook, fate, port))
    if (asked === 'maybe') perhapsNot(road, station, state.fate)
    const { pass, drop, moved } = road
    if (moved) return unsure(doubt ?? moved.doubt ?? moved.spot)
    if (!pass) return { answer: 'no', ...reason(drop?.spot ?? null) }
    if (drop) doubt ??= differing(pass, drop)
    last = pass
    state = { fate: pass.fate, port: pass.port === undefined ? port : pass.port }
    if (hook.table === 'filter' || chain.rules.length > 0) decided = weightier(decided, hook, pass.spot)
  }
  if (seen.sentOnTo && (state.fate & ELSEWHERE) === 0) return NOT_SENT_ON
  return doubt ? unsure(doubt) : { answer: 'yes', ...reason(decided?.spot ?? null) }
}

const NOT_SENT_ON: Walked = { answer: 'no', because: say`no rule sends it on`, at: null }

type Decided = { readonly spot: Spot | null; readonly weight: number }

/** What is named where all let a packet pass: a rule that filters before a policy, and either before other tables'. */
function weightier(before: Decided | null, hook: Hook, spot: Spot | null): Decided {
  const weight = hook.table !== 'filter' ? 0 : spot?.rule ? 2 : 1
  return before && before.weight > 0 && before.weight >= weight ? before : { spot, weight }
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

const spotOf = ({ table, chain }: Station): Spot => ({
  table,
  chain: chain.name,
  index: 0,
  rule: null,
  policy: chain.policy,
})

/** All ways through one of the kernel's own chains; what comes to its end meets the policy. */
function throughStation(station: Station, fate: Fate, viewFor: (fate: Fate) => View): Road {
  const { return: end, ...road } = station.go(fate, viewFor)
  if (!end) return road
  const spot = spotOf(station)
  for (const ending of POLICIES.get(spot.policy ?? 'ACCEPT') ?? MAY_BE) addTo(road, ending, { ...end, spot })
  return road
}

/** Whether a packet meets a chain at all: by its interface, and where it translates addresses, by its state. */
function comesBy({ hook, devices }: Station, view: View, fate: Fate): Answer {
  const translated = hook.table === 'nat' ? translates(view, hook, fate) : 'yes'
  if (!devices || translated === 'no') return translated
  const device = view.direction === 'out' || hook.chain === 'EGRESS' ? view.outDevice : view.inDevice
  if (device === null || device === 'none' || devices.length === 0) return 'maybe'
  return both(translated, fixed(devices.includes(device.name)))
}

/** Only the first packet of a connection meets the nat table (iptables(8)), and no error that belongs to one. */
function translates({ states, protocol }: View, { chain }: Hook, fate: Fate): Answer {
  const icmp = protocol === ICMP || protocol === ICMPV6
  const answers = new Set(states.map((state) => state === 'NEW' || (state === 'RELATED' && !icmp)))
  // Of several chains that could send it elsewhere, the first to do so is the last to be asked.
  const again = (chain === 'PREROUTING' || chain === 'OUTPUT') && (fate & (REDIRECTED | ELSEWHERE)) !== 0
  if (again && answers.has(true)) return 'maybe'
  return answers.size > 1 ? 'maybe' : fixed(answers.has(true))
}

/** Adds that a chain may not be asked at all. */
function perhapsNot(road: Road, station: Station, fate: Fate): void {
  for (const ending of ['drop', 'moved'] as const) {
    const outcome = road[ending]
    if (outcome) road[ending] = { ...outcome, doubt: outcome.doubt ?? outcome.spot }
  }
  addTo(road, 'pass', { spot: spotOf(station), doubt: null, fate })
}

/** Where both are possible, what decides is what leads away from the sure course. */
const differing = (pass: Outcome, drop: Outcome): Spot | null =>
  drop.doubt === null ? (pass.doubt ?? pass.spot) : (drop.doubt ?? drop.spot)
