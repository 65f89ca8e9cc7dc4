import type { FileBytes } from '../../model/file-bytes.ts'
import { textOf } from '../../model/file-bytes.ts'
import { LINE_CAP, type Safe, safe, say } from '../../model/safe.ts'
import type { SshdFacts, SshdSource, SshdView } from '../../model/sshd.ts'
import { addsUp, namesOf } from './config/keywords.ts'

/** A line of a file that has to do with a keyword, as it stands there. */
export type OriginLine = {
  readonly place: Safe
  readonly text: Safe
  /** `counts`: it gives the value, or a part of it; `shadowed`: a line read before it counts. */
  readonly as: 'counts' | 'shadowed'
}

/** Where somebody's value of a keyword comes from: lines, or in words what else. */
export type Origin = { readonly lines: readonly OriginLine[]; readonly otherwise: Safe | null }

/** Where a keyword's value comes from for one person, by sshd's own account of what it read (-ddd). */
export function originOf(facts: SshdFacts, view: SshdView, keyword: string): Origin {
  const names = namesOf(keyword)
  const mine = view.sources.filter((source) => names.includes(source.keyword))
  const option = facts.options.find((word) => names.includes(word.toLowerCase().split(/[\s=]/)[0] ?? ''))
  if (option !== undefined) return { lines: [], otherwise: say`its command line: -o ${option}` }
  if (view.sources.length === 0) return { lines: [], otherwise: say`sshd did not say where from` }
  if (mine.length === 0) return { lines: [], otherwise: say`no line sets it: this is sshd's own default` }
  const inMatch = mine.filter((source) => source.inMatch)
  const ahead = inMatch.length > 0 ? inMatch : mine
  const counting = new Set(addsUp(keyword) ? ahead : ahead.slice(0, 1))
  return {
    otherwise: null,
    lines: [...ahead, ...mine.filter((one) => !ahead.includes(one))].map((source) => ({
      place: say`${safe(source.path)}:${source.line}`,
      text: lineAt(facts, source),
      as: counting.has(source) ? 'counts' : 'shadowed',
    })),
  }
}

/** As it stands in the file; where that was not read, the keyword alone. */
function lineAt({ files }: SshdFacts, { path, line, keyword }: SshdSource): Safe {
  const raw = files?.get(path)?.split('\n')[line - 1]
  return raw === undefined ? safe(keyword) : safe(textOf(raw.trim() as FileBytes), LINE_CAP)
}
