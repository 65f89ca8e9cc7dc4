import type { Chain, Rule } from '../../../model/firewall.ts'
import { type Fate, MARKED_ANYHOW } from './fate.ts'
import type { Hook } from './hooks.ts'
import type { MatchedRule } from './match.ts'
import type { Spot } from './place.ts'
import { addTo, type Ending, type Outcome, type Road } from './road.ts'
import { anything, anywhere, TARGETS } from './targets.ts'
import type { View } from './view.ts'

/** Deeper than any rule set that the kernel takes (nft allows 16); beyond it everything is possible. */
const DEEPEST = 128

/** One hook's walk: the chains of its table, and what has been found out on the way. */
export type Walk<R extends Rule> = {
  readonly hook: Hook
  /** What the table is called where something is decided in it. */
  readonly table: string
  readonly chains: ReadonlyMap<string, Chain<R>>
  /** Whether a rule matches, and where it sends the packet. */
  readonly match: (rule: R, view: View) => MatchedRule
  readonly viewFor: (fate: Fate) => View
  /** Roads through chains, so that a chain which is jumped to from many rules is walked once. */
  readonly roads: Map<string, Road>
  /** The chains that are being walked, for rule sets that go round in circles. */
  readonly open: Set<string>
}

/** Finds all ways a packet may take through a chain, with what it depends on which. */
export function walkChain<R extends Rule>(walk: Walk<R>, chain: Chain<R>, start: Fate): Road {
  const road: Road = {}
  let fate = start
  let view = walk.viewFor(fate)
  // What must have gone one way and not the other for the packet to be here at all.
  let doubt: Spot | null = null
  for (const [index, rule] of chain.rules.entries()) {
    const matched = walk.match(rule, view)
    if (matched.matches === 'no' || matched.target === null) continue
    const spot: Spot = { table: walk.table, chain: chain.name, index, rule, policy: null, sets: view.sets }
    const unsure = doubt ?? (matched.matches === 'maybe' ? spot : null)
    const leave: Leave = (ending, outcome) => addTo(road, ending, { ...outcome, doubt: unsure ?? outcome.doubt })
    const onward = follow(walk, matched, { view, fate, spot, leave })
    const sure = matched.matches === 'yes'
    if (sure && !onward) return road
    if (sure) doubt ??= onward?.doubt ?? null
    const now = (sure ? 0 : fate) | (onward?.fate ?? 0)
    if (now === fate) continue
    fate = now
    view = walk.viewFor(fate)
  }
  addTo(road, 'return', { spot: null, doubt, fate })
  return road
}

type Leave = (ending: Ending, outcome: Outcome) => void

type Here = { readonly view: View; readonly fate: Fate; readonly spot: Spot; readonly leave: Leave }

/** Follows a rule's target: tells the ways that leave the chain, and gives the one that goes on to the next rule. */
function follow<R extends Rule>(
  walk: Walk<R>,
  { target, goto, targetOptions }: MatchedRule,
  here: Here,
): Outcome | null {
  const { view, fate, spot, leave } = here
  const name = target ?? ''
  const chain = walk.chains.get(name)
  if (chain && !TARGETS.has(name)) {
    const { return: back, ...rest } = roadThrough(walk, chain, fate, spot)
    for (const [ending, outcome] of Object.entries(rest)) leave(ending as Ending, outcome)
    if (!back || !goto) return back ?? null
    leave('return', back)
    return null
  }
  // A chain that is named like a target: which of the two is meant depends on the release.
  const act = chain ? anything : (TARGETS.get(name) ?? anything)
  const effect = act(fate, view, walk.hook, targetOptions)
  const outcome = {
    spot,
    doubt: act === anything || act === anywhere ? spot : null,
    fate: effect.fate,
    port: effect.port,
  }
  for (const ending of effect.ends) if (ending !== 'go-on') leave(ending, outcome)
  return effect.ends.includes('go-on') ? outcome : null
}

function roadThrough<R extends Rule>(walk: Walk<R>, chain: Chain<R>, fate: Fate, spot: Spot): Road {
  const key = `${fate} ${chain.name}`
  const known = walk.roads.get(key)
  if (known) return known
  if (walk.open.has(chain.name) || walk.open.size >= DEEPEST) {
    const unknown: Outcome = { spot, doubt: spot, fate: fate | MARKED_ANYHOW }
    return { pass: unknown, drop: unknown, return: unknown }
  }
  walk.open.add(chain.name)
  const road = walkChain(walk, chain, fate)
  walk.open.delete(chain.name)
  walk.roads.set(key, road)
  return road
}
