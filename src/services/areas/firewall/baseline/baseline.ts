import type { Family } from '../../../model/firewall.ts'
import { say } from '../../../model/safe.ts'
import { findChain } from '../chain-text.ts'
import { targetOf } from '../rule-text.ts'
import { catchAllAt } from './catch-all.ts'
import { ftpServer } from './ftp.ts'
import { type Ground, type HostGround, rulesByOwner, withChoices } from './ground.ts'
import { firstThings, icmp } from './incoming.ts'
import { type Choices, type Item, type Proposal, propose } from './item.ts'
import { options, policies } from './options.ts'
import { outgoing } from './outgoing.ts'
import { services } from './services.ts'

/** Chains whose rules the baseline adds to, or replaces. */
export const CHAINS = ['INPUT', 'OUTPUT', 'FORWARD'] as const

/**
 * The baseline rule set as a list of items for one host, in the order in which their rules stand.
 * What the operator has switched is in `choices`; what is in force already counts as on.
 */
export function baselineItems(host: HostGround, choices: Choices): readonly Item[] {
  const ground = withChoices(host, choices)
  const proposals = [
    ...firstThings(ground),
    ...services(ground),
    ...ftpServer(ground),
    icmp(ground),
    ...outgoing(ground),
    ...options(ground),
    ...policies(ground),
  ]
  const own = ownRules(ground, proposals)
  return [...(own ? [own] : []), ...proposals].map((one): Item => {
    const inForce = isInForce(one, ground)
    return { ...one, inForce, on: one.always !== null || ground.isOn(one.id, one.usual || inForce) }
  })
}

function isInForce({ rules, policies: closed }: Proposal, { input }: Ground): boolean {
  if (rules.length + closed.length === 0) return false
  const chainOf = (at: { family: Family; table: string; chain: string }) => {
    const set = input.sets[at.family]
    return set && findChain(set, at)
  }
  return (
    rules.every(({ at, text }) => chainOf(at)?.rules.some((rule) => rule.text === text)) &&
    closed.every((at) => chainOf(at)?.policy === 'DROP')
  )
}

/** The item that keeps what stands here already; null where that is nothing, or only the baseline itself. */
function ownRules(ground: Ground, proposals: readonly Proposal[]): Proposal | null {
  const ours = new Set(proposals.flatMap((one) => one.rules.map(({ at, text }) => `${at.family} ${at.chain} ${text}`)))
  const count = ground.families.reduce((sum, family) => {
    const set = ground.input.sets[family]
    if (!set) return sum
    return (
      sum +
      CHAINS.reduce(
        (all, chain) =>
          all + rulesByOwner(set, chain).own.filter((rule) => !ours.has(`${family} ${chain} ${rule.text}`)).length,
        0,
      )
    )
  }, 0)
  if (count === 0) return null
  const open = ground.families.some((family) => {
    const set = ground.input.sets[family]
    if (!set) return false
    const rules = findChain(set, { table: 'filter', chain: 'INPUT' })?.rules ?? []
    const caught = rules[catchAllAt(set, { family, table: 'filter', chain: 'INPUT' }, ground.input)]
    return caught !== undefined && targetOf(caught.text) === 'ACCEPT'
  })
  return propose({
    id: 'own',
    kind: 'own',
    title: count === 1 ? say`Keep the rule of your own` : say`Keep the ${count} rules of your own`,
    why: say`They stay where they are and decide before the accepts below. Off: they are deleted from INPUT and OUTPUT (and FORWARD, if nothing is to be forwarded); chains of other programs and the jumps into them stay in any case.`,
    warning: open ? say`One of them accepts everything in INPUT: while it stays, nothing is closed.` : null,
  })
}
