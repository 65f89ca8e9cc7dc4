import type { ChainRef, Rule, RuleEdit, RuleSet } from '../../../model/firewall.ts'
import { longestCommon } from '../../../steps/longest-common.ts'
import { findChain } from '../chain-text.ts'
import { catchAllAt } from './catch-all.ts'
import { type HostGround, rulesByOwner } from './ground.ts'
import type { BaselineInput, BaselineRule, Choices, Item, RulePlace } from './item.ts'

/** A place in a chain as it shall be: a rule that is there, perhaps from further behind, or the text of one that is not. */
type Wanted = { readonly id: string | null; readonly text: string; readonly moved?: true }

/**
 * The edits that lead from the rules as they are to the baseline, chain by chain, rules before policies. Nothing that
 * is there is added twice, no rule of another program is touched, and no policy is opened.
 */
export function baselineEdits(
  { input, families }: HostGround,
  items: readonly Item[],
  choices: Choices,
  newId: () => string,
): readonly RuleEdit[] {
  const on = items.filter((item) => item.on)
  const keeps = items.find((item) => item.id === 'own')?.on ?? true
  const closesForward = on.some((item) => item.id === 'policy-forward')
  const refused = items.filter((item) => !item.on && choices.get(item.id) === false).flatMap((item) => item.rules)
  const all = on.flatMap((item) => item.rules)
  return families.flatMap((family) => {
    const set = input.sets[family]
    if (!set) return []
    const refs = new Map(
      [...all, ...refused].filter((rule) => rule.at.family === family).map(({ at }) => [`${at.table} ${at.chain}`, at]),
    )
    if (!keeps)
      for (const chain of ['INPUT', 'OUTPUT', ...(closesForward ? ['FORWARD'] : [])])
        refs.set(`filter ${chain}`, { family, table: 'filter', chain })
    const rules = [...refs.values()].flatMap((at) => {
      const mine = all.filter((rule) => same(rule.at, at))
      const unwanted = new Set(refused.filter((rule) => same(rule.at, at)).map((rule) => rule.text))
      const wanted = keeps || at.table !== 'filter' ? kept(set, at, mine, unwanted, input) : replaced(set, at, mine)
      return editsTo(findChain(set, at)?.rules ?? [], wanted, at, newId)
    })
    const policies = on
      .flatMap((item) => item.policies)
      .filter((at) => at.family === family && findChain(set, at)?.policy !== 'DROP')
      .map((at): RuleEdit => ({ kind: 'policy', at, policy: 'DROP' }))
    return [...rules, ...policies]
  })
}

const same = (a: ChainRef, b: ChainRef): boolean => a.family === b.family && a.table === b.table && a.chain === b.chain

/** Logs what comes to the end of a chain. */
const isLastLog = ({ text }: Rule): boolean => /^(-m limit (--\S+ \S+ )*)?-j (LOG|NFLOG)\b/.test(text)

/** Rules that take nothing away from whoever comes behind them. */
const isHarmless = ({ text }: Rule): boolean => /(^| )-j (ACCEPT|LOG|NFLOG)\b/.test(text)

const PLACES: readonly RulePlace[] = ['front', 'head', 'tail', 'last']
const inPlace = (rules: readonly BaselineRule[], ...places: readonly RulePlace[]): readonly BaselineRule[] =>
  places.flatMap((place) => rules.filter((rule) => rule.place === place))

/**
 * What is there stays in its order. Rules for the head come behind the first jumps of other programs, or behind the rule of
 * the head that they follow; rules for the tail before what logs the rest, or decides it.
 */
function kept(
  set: RuleSet,
  at: ChainRef,
  mine: readonly BaselineRule[],
  unwanted: ReadonlySet<string>,
  input: BaselineInput,
): readonly Wanted[] {
  const all = findChain(set, at)?.rules ?? []
  const own = new Set((at.table === 'filter' ? rulesByOwner(set, at.chain).own : all).map((rule) => rule.id))
  const first = all.findIndex((rule) => own.has(rule.id))
  const start = first < 0 ? all.length : first
  const caught = catchAllAt(set, at, input)
  let end = Math.max(start, caught < 0 ? all.length : caught)
  const lastTexts = new Set(inPlace(mine, 'last').map((rule) => rule.text))
  for (
    let rule = all[end - 1];
    end > start && rule && isLastLog(rule) && !lastTexts.has(rule.text);
    rule = all[end - 1]
  )
    end--
  // The first of equal rules is the one that counts.
  const places = new Map(
    all
      .slice(0, end)
      .map((rule, i): [string, number] => [rule.text, i])
      .reverse(),
  )
  const logged = all.findIndex((rule, i) => i >= start && i < end && lastTexts.has(rule.text))
  const before = new Map<number, Wanted[]>()
  const put = (place: number, text: string, there: Rule | null = null): void => {
    before.set(place, [...(before.get(place) ?? []), there ? { ...there, moved: true } : { id: null, text }])
  }
  const moved = new Set<string>()
  let behind = start
  for (const { text } of inPlace(mine, 'front', 'head')) {
    const there = places.get(text)
    const rule = all[there ?? -1]
    if (there === undefined || !rule) put(behind, text)
    else if (/-j ACCEPT$/.test(text) && all.slice(behind, there).some((one) => own.has(one.id) && !isHarmless(one))) {
      // What carries the session can't stand behind a rule that may drop it.
      put(behind, text, rule)
      moved.add(rule.id)
    } else behind = Math.max(behind, there + 1)
  }
  for (const { text } of inPlace(mine, 'tail')) if (!places.has(text)) put(logged < 0 ? end : logged, text)
  for (const { text } of inPlace(mine, 'last')) if (!places.has(text)) put(end, text)
  const stays = (rule: Rule): boolean => !own.has(rule.id) || !(unwanted.has(rule.text) || moved.has(rule.id))
  return [
    ...all.flatMap((rule, i) => [...(before.get(i) ?? []), ...(stays(rule) ? [rule] : [])]),
    ...(before.get(all.length) ?? []),
  ]
}

/** Other programs' rules first, in their order, and then the baseline; what of it stands behind them already stays. */
function replaced(set: RuleSet, at: ChainRef, mine: readonly BaselineRule[]): readonly Wanted[] {
  const { all, foreign } = rulesByOwner(set, at.chain)
  const last = foreign.at(-1)
  const behind = last ? all.slice(all.indexOf(last) + 1) : all
  const texts = inPlace(mine, ...PLACES).map((rule) => rule.text)
  const reused = new Map(
    longestCommon(
      behind.map((rule) => rule.text),
      texts,
    ).map(([old, now]) => [now, behind[old]?.id ?? null]),
  )
  return [...foreign, ...texts.map((text, i) => ({ id: reused.get(i) ?? null, text }))]
}

/** Deletions, and what comes in or moves each before the next rule that stays, so that every edit stands on what is there now. */
function editsTo(
  now: readonly Rule[],
  wanted: readonly Wanted[],
  at: ChainRef,
  newId: () => string,
): readonly RuleEdit[] {
  const stay = new Set(wanted.flatMap(({ id }) => (id === null ? [] : [id])))
  const deletions = now
    .filter((rule) => !stay.has(rule.id))
    .map((rule): RuleEdit => ({ kind: 'delete', at, ruleId: rule.id }))
  let before: string | null = null
  const others: RuleEdit[] = []
  for (const { id, text, moved } of wanted.toReversed()) {
    if (id === null) others.push({ kind: 'insert', at, before, ruleId: newId(), text })
    else if (moved) others.push({ kind: 'move', at, ruleId: id, before })
    else before = id
  }
  return [...deletions, ...others.reverse()]
}
