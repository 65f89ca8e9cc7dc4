import type { Verdict } from '../../../model/area.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import type { Directive, WebFacts } from '../facts.ts'
import { lineOf } from '../tree.ts'

/** What a server answers to `/` with: the first of these files in a folder, if nothing else answers. */
export type FirstPage = {
  readonly folder: string | null
  readonly index: readonly string[]
  /** By which requests may go elsewhere. */
  readonly elsewhere: Directive | null
  readonly lines: readonly Safe[]
}

/** A finding where the page that a package brings is what is answered; a page of one's own in its place is none. */
export function pageVerdict(all: readonly FirstPage[], pages: WebFacts['pages']): Verdict {
  if (!pages) return { outcome: 'unknown', observed: say`the first pages were not read to their end` }
  const details: Safe[] = []
  let doubt: Directive | null = null
  let stock: string | null = null
  for (const { folder, index, elsewhere, lines } of all) {
    const there = index.map((name) => `${(folder ?? '').replace(/\/+$/, '')}/${name}`).find((path) => pages.has(path))
    if (there === undefined || pages.get(there) !== 'stock') continue
    details.push(...lines, say`${safe(there, 120)} is the page of the package`)
    if (elsewhere) {
      doubt = elsewhere
      details.push(lineOf(elsewhere))
    } else stock ??= there
  }
  if (stock !== null)
    return { outcome: 'fail', observed: say`answers with ${safe(stock, 80)}`, details: [...new Set(details)] }
  if (doubt) return { outcome: 'unknown', observed: say`${safe(doubt.name)} may answer in its place`, details }
  return { outcome: 'pass', observed: say`none of a package’s pages`, details }
}
