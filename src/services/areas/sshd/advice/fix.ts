import type { HostFacts } from '../../../model/host.ts'
import type { Safe } from '../../../model/safe.ts'
import type { KeywordEdit, SshdFacts, SshdView } from '../../../model/sshd.ts'
import { namesOf, valuesFor, viewsOf } from '../judge.ts'
import { keywordOf, spelledFor, standsInMatch } from '../keywords/table.ts'
import type { Row } from './row.ts'

/** For whom a value has to change, and somebody it fails for. `match`: a block's criteria; null for everybody. */
type Scope = { readonly match: string | null; readonly view: SshdView }

/**
 * What mends a row: its keyword for everybody, where that value fails, and in each Match block that sets one that fails.
 * Null where nothing fails, or where nothing is advised for one of these.
 */
export function fixRow(row: Row, facts: SshdFacts, host: HostFacts): readonly KeywordEdit[] | null {
  const known = keywordOf(row.keyword)
  const views = viewsOf(row, facts)
  const failing = views.filter((view) => !row.accepts(valuesFor(row, view), view, host))
  if (!known || row.advised === undefined || failing.length === 0) return null
  // A keyword that the release has not got can't be written there.
  if (views.every((view) => valuesFor(row, view).length === 0)) return null
  const edits: KeywordEdit[] = []
  for (const { match, view } of row.of === 'server'
    ? [{ match: null, view: failing[0] as SshdView }]
    : scopesOf(row, views, failing)) {
    if (match !== null && !standsInMatch(known, facts.version)) return null
    const { advised } = row
    const values =
      typeof advised === 'function' ? advised({ values: valuesFor(row, view), view, facts, host }) : advised
    if (values === null) return null
    edits.push({ kind: 'keyword', keyword: spelledFor(known, facts.version), values, match })
  }
  return edits
}

/** Everybody first, then blocks in the order in which they were met. */
function scopesOf(row: Row, views: readonly SshdView[], failing: readonly SshdView[]): readonly Scope[] {
  const scopes = new Map<string | null, Scope>()
  const add = (match: string | null, view: SshdView): void => {
    if (!scopes.has(match)) scopes.set(match, { match, view })
  }
  const byBlock = (view: SshdView): boolean => isByBlock(row, view, failing)
  for (const view of failing) if (!byBlock(view)) add(null, view)
  // Who meets few blocks comes first, so that a block is not changed for what another one did.
  for (const view of failing.filter(byBlock).toSorted((a, b) => a.matched.length - b.matched.length)) {
    const value = valuesFor(row, view).join(' ')
    const known = [...scopes.values()].some(
      (scope) =>
        scope.match !== null &&
        (view.matched as readonly string[]).includes(scope.match) &&
        valuesFor(row, scope.view).join(' ') === value,
    )
    if (known) continue
    // A block that is not named in `matched` is `Match all`.
    if (view.matched.length === 0) add('all', view)
    for (const block of suspectsOf(view, views, failing, byBlock)) add(block, view)
  }
  return [...scopes.values()]
}

/**
 * Whether a failing value comes from a Match block: by sshd's own word, which lines it took in the pass over them; where it
 * did not say, because nobody fails in the same way who meets fewer.
 */
function isByBlock(row: Row, view: SshdView, failing: readonly SshdView[]): boolean {
  if (view.sources.length > 0) {
    const names = namesOf(row.keyword)
    return view.sources.some(({ keyword, inMatch }) => inMatch && names.includes(keyword))
  }
  const value = valuesFor(row, view).join(' ')
  return !failing.some((one) => one.matched.length === 0 && valuesFor(row, one).join(' ') === value)
}

/** The blocks of a view that may set its value: not those with which somebody else has another, unless that are all. */
function suspectsOf(
  view: SshdView,
  views: readonly SshdView[],
  failing: readonly SshdView[],
  byBlock: (view: SshdView) => boolean,
): readonly Safe[] {
  const innocent = (block: Safe): boolean =>
    views.some((one) => one.matched.includes(block) && (!failing.includes(one) || !byBlock(one)))
  const suspects = view.matched.filter((block) => !innocent(block))
  return suspects.length > 0 ? suspects : view.matched
}
