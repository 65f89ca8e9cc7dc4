import type { Verdict } from '../../model/area.ts'
import type { HostFacts } from '../../model/host.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import type { SshdFacts, SshdSetting, SshdView } from '../../model/sshd.ts'
import { firstOf, type Row } from './advice/row.ts'
import { isKnownTo, keywordOf } from './keywords/table.ts'
import { valuesOf } from './parse.ts'

/** A keyword's settings in what holds for somebody, under the first of its names that sshd has for it. */
const settingsOf = (view: SshdView, name: string): readonly SshdSetting[] =>
  namesOf(name)
    .map((one) => valuesOf(view.settings, one))
    .find((settings) => settings.length > 0) ?? []

/** Every name that a keyword has, in lower case. */
export function namesOf(name: string): readonly string[] {
  const known = keywordOf(name)
  return (known ? [known.name, ...known.also] : [name]).map((one) => one.toLowerCase())
}

/** What a row judges in a view. */
export const valuesFor = ({ keyword, beside }: Row, view: SshdView): readonly Safe[] =>
  [keyword, ...(beside === undefined ? [] : [beside])]
    .flatMap((name) => settingsOf(view, name))
    .map(({ value }) => value)

const shownValue = (row: Row, view: SshdView): Safe => {
  const values = valuesFor(row, view)
  if (values.length === 0) return safe(row.unset ?? '')
  return row.shown ? row.shown(values) : safe(values.join(' '))
}

/** The people a row is judged for. Root comes in by no password unless PermitRootLogin is yes. */
export function viewsOf(row: Row, { views }: SshdFacts): readonly SshdView[] {
  const own = views.slice(0, 1)
  if (row.of === 'server' || views.length === 1) return own
  if (row.of === 'root') return views.filter(({ user }) => user === 'root')
  if (row.of !== 'passwords') return views
  return views.filter((view) => view.user !== 'root' || firstOf(view, 'permitrootlogin') === 'yes')
}

/** Which Match blocks let a value hold that should not, each once; none: it holds for anybody. */
type Cause = { readonly blocks: readonly Safe[]; readonly value: Safe }

/** Who meets few blocks comes first, so that a block is not blamed for what another one did. */
function causesOf(row: Row, failing: readonly SshdView[]): readonly Cause[] {
  const causes: Cause[] = []
  for (const view of failing.toSorted((a, b) => a.matched.length - b.matched.length)) {
    const value = shownValue(row, view)
    const known = causes.some(
      (cause) => cause.value === value && cause.blocks.every((block) => view.matched.includes(block)),
    )
    if (!known) causes.push({ blocks: view.matched, value })
  }
  return causes
}

const blockWords = (blocks: readonly Safe[]): Safe =>
  joined(
    blocks.map((block) => say`Match ${block}`),
    say` and `,
  )

/** Judges a setting for everybody that was asked for: it fails where it fails for anyone, and says for whom. */
export function judgeRow(row: Row, facts: SshdFacts, host: HostFacts): Verdict {
  const views = viewsOf(row, facts)
  const [own] = facts.views
  if (!own || (row.unset === undefined && views.every((view) => valuesFor(row, view).length === 0)))
    return unnamed(row, facts)
  const accepts = (view: SshdView): boolean => row.accepts(valuesFor(row, view), view, host)
  const failing = views.filter((view) => !accepts(view))
  const unread = row.of === 'server' ? [] : unjudgedWords(facts)
  const people = views.length > 1 ? views.map((view) => personWords(view, shownValue(row, view), accepts(view))) : []
  const details = [...people, ...unread].filter((line, index, all) => all.indexOf(line) === index)
  const more = details.length > 0 ? { details } : {}
  const shown = views.find(({ you }) => you) ?? views[0] ?? own
  if (row.informs !== undefined && failing.length > 0)
    return { outcome: 'notapplicable', observed: say`${shownValue(row, shown)}: ${row.informs}`, ...more }
  if (failing.length === 0) {
    const value = shownValue(row, shown)
    const [first] = unread
    if (first !== undefined) return { outcome: 'unknown', observed: say`${value}, but ${first}`, ...more }
    return { outcome: 'pass', observed: value, ...more }
  }
  const observed = causesOf(row, failing).map(({ blocks, value }) => {
    if (blocks.length > 0) return say`${value} for ${blockWords(blocks)}`
    return accepts(own) && own.matched.length > 0 ? say`${value} (not for ${blockWords(own.matched)})` : value
  })
  return { outcome: 'fail', observed: joined(observed, say`; `), ...more }
}

/** Nothing is wrong with a release that has no such keyword yet or any more, or with a build without what it is for. */
function unnamed(row: Row, { version }: SshdFacts): Verdict {
  const known = keywordOf(row.keyword)
  if (known && !isKnownTo(known, version))
    return { outcome: 'notapplicable', observed: say`this release has no such keyword` }
  if (row.optional) return { outcome: 'notapplicable', observed: say`this sshd was built without it` }
  return { outcome: 'unknown', observed: say`this sshd does not name it` }
}

const unjudgedWords = ({ unjudged }: SshdFacts): readonly Safe[] =>
  unjudged === null
    ? [say`its Match blocks could not be read`]
    : unjudged.map(({ block, reason }) => say`Match ${block} was not judged: ${reason}`)

/** `anybody: yes`, `root from 10.0.0.0 (Match Address 10.0.0.0/8): yes, to fix`. */
function personWords({ user, address, you, matched }: SshdView, value: Safe, good: boolean): Safe {
  const who = you ? say`you (${user} from ${address})` : matched.length === 0 ? user : say`${user} from ${address}`
  const by = matched.length === 0 ? say`` : say`, by ${blockWords(matched)}`
  return say`${who}${by}: ${value}${good ? say`` : say` (to fix)`}`
}

/** Words with others between them. */
export const joined = (words: readonly Safe[], between: Safe): Safe =>
  words.reduce<Safe>((sum, one) => (sum === '' ? one : say`${sum}${between}${one}`), say``)
