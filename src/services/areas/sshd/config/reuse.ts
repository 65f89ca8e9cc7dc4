import { type Safe, safe, say } from '../../../model/safe.ts'
import type { SshdFiles } from '../../../model/sshd.ts'
import { type Change, changed } from './change.ts'
import { linesOf } from './lines.ts'
import type { Meant } from './meant.ts'
import { HEADER, indentOf, isMeant } from './places.ts'
import { criteriaOf, decidingOf, type Statement } from './read.ts'

/** Files in which the lines that decide say what is meant; or the values that no line of ours could take. */
export type Reused =
  | { readonly kind: 'done'; readonly files: SshdFiles }
  | { readonly kind: 'missing'; readonly values: readonly string[] }
  | { readonly kind: 'refused'; readonly reason: Safe }

/**
 * Makes lines say what is meant: those that say it already stay, the others get the values that are left, one by one; what
 * is too much goes, and what is missing comes behind the last of them. Indent, keyword, separator and comment of a line
 * stay. A line of somebody else's file may only stay.
 */
export function reused(meant: Meant, decide: readonly Statement[]): Reused {
  const { files, ground } = meant
  const lines = onceEach(decide)
  const left = meant.values.map((value, at) => ({ value, args: JSON.stringify(meant.args[at]) }))
  const stay = new Set<Statement>()
  // Of lines that say the same, the one stays that can't be taken out.
  for (const one of lines.toSorted((a, b) => Number(ground.isForeign(b.path)) - Number(ground.isForeign(a.path)))) {
    const at = left.findIndex(({ args }) => args === JSON.stringify(one.line.args))
    if (at < 0) continue
    left.splice(at, 1)
    stay.add(one)
  }
  const wrong = lines.filter((one) => !stay.has(one))
  const foreign = wrong.find(({ path }) => ground.isForeign(path))
  if (foreign) return { kind: 'refused', reason: notOurs(meant, foreign) }
  const last = lines.findLast(({ path }) => !ground.isForeign(path))
  if (!last && left.length > 0) return { kind: 'missing', values: left.map(({ value }) => value) }

  const changes = wrong.map(({ path, line }): ChangeIn => {
    const value = left.shift()?.value
    const [from, to] = line.argsAt
    if (value === undefined) return { path, kind: 'remove', at: line.number }
    return { path, kind: 'replace', at: line.number, raw: line.raw.slice(0, from) + value + line.raw.slice(to) }
  })
  const more = left.map(({ value }) => `${last ? indentOf(last.line) : ''}${meant.keyword} ${value}`)
  if (last && more.length > 0) changes.push({ path: last.path, kind: 'insert', at: last.line.number + 1, lines: more })
  return { kind: 'done', files: withChanges(files, changes) }
}

/** The line that decides taken out, or all that add up; with it what of our own file says nothing any more. */
export function without(meant: Meant): SshdFiles | Safe {
  const { files, ground } = meant
  const gone = goingOf(meant)
  const foreign = gone.find(({ path }) => ground.isForeign(path))
  if (foreign) return notOurs(meant, foreign)
  const made = withChanges(
    files,
    onceEach(gone).map(({ path, line }) => ({ path, kind: 'remove', at: line.number })),
  )
  return gone.some(({ path }) => path === ground.dropIn) ? tidied(made, meant) : made
}

/** What goes when a keyword is taken out: one line of a file, as often as that is included, or all that add up. */
export function goingOf({ before, names, several, match }: Meant): readonly Statement[] {
  const { deciding, shadowed } = decidingOf(before.statements, names, several, match)
  const all = [...deciding, ...shadowed]
  return several ? all : all.filter((one) => deciding[0] && lineKey(one) === lineKey(deciding[0]))
}

const notOurs = ({ keyword }: Meant, { path, line }: Statement): Safe =>
  say`${safe(path)} line ${line.number} decides ${safe(keyword)}, and that file is not changed from here.`

type ChangeIn = Change & { readonly path: string }

function withChanges(files: SshdFiles, changes: readonly ChangeIn[]): SshdFiles {
  const made = new Map(files)
  for (const path of new Set(changes.map((change) => change.path))) {
    const text = made.get(path)
    if (text === undefined) continue
    made.set(
      path,
      changed(
        text,
        changes.filter((change) => change.path === path),
      ),
    )
  }
  return made
}

/** Each line of a file once, however often the file is included. */
export const onceEach = (statements: readonly Statement[]): readonly Statement[] => [
  ...new Map(statements.map((one) => [lineKey(one), one])).values(),
]

const lineKey = ({ path, line }: Statement): string => `${line.number} ${path}`

/** Our own file without a block that was emptied; without the file, if nothing but its first line is left. */
function tidied(files: SshdFiles, meant: Meant): SshdFiles {
  const { dropIn } = meant.ground
  let text = files.get(dropIn)
  if (text === undefined) return files
  const lines = linesOf(text)
  const empty = lines.filter((line, at) => {
    const next = lines.findIndex(({ kind }, below) => below > at && kind !== 'blank')
    const ends = next < 0 || lines[next]?.kind === 'match'
    return line.kind === 'match' && ends && isMeant(meant, { blocks: [criteriaOf(line)] })
  })
  text = changed(
    text,
    empty.map(({ number }) => ({ kind: 'remove', at: number })),
  )
  const left = new Map(files)
  if (linesOf(text).every(({ kind, raw }) => kind === 'blank' || raw.trimEnd() === HEADER)) left.delete(dropIn)
  else left.set(dropIn, text)
  return left
}
