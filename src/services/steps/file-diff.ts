import { type FileBytes, textOf } from '../model/file-bytes.ts'
import { LINE_CAP, type Safe, safe, say } from '../model/safe.ts'
import type { DiffLine } from '../model/step.ts'
import { type LineChange, leftOut, lineChanges } from './text-diff.ts'

/** Lines with what ends them, so that a last one that is not ended differs from the same line that is. */
const linesOf = (text: FileBytes | null): readonly string[] => text?.match(/[^\n]*\n|[^\n]+$/g) ?? []

const isEnded = (line: string): boolean => line.endsWith('\n')
const drawn = (line: string): Safe => safe(textOf(line.replace(/\n$/, '') as FileBytes), LINE_CAP)

const NOT_ENDED: DiffLine = { mark: '@', text: say`… no line end at the end of the file` }
const ALIKE: DiffLine = { mark: '@', text: say`… drawn alike, and differ in bytes that can't be shown` }

/**
 * The difference of two texts, compared byte for byte and drawn as UTF-8. What the lines themselves don't show is said
 * below them: that the last one is not ended, and that old and new lines are drawn alike.
 */
export function fileDiff(was: FileBytes | null, text: FileBytes | null): readonly DiffLine[] {
  const told: DiffLine[] = []
  let [out, into]: [string[], string[]] = [[], []]
  for (const one of [...lineChanges(linesOf(was), linesOf(text)), null]) {
    // What goes comes before what takes its place, until a line comes that stays.
    if (one === null || (one.mark !== '+' && one.mark !== '-')) {
      if (out.length > 0 && areDrawnAlike(out, into)) told.push(ALIKE)
      ;[out, into] = [[], []]
    }
    if (one?.mark === '-') out.push(one.line)
    if (one?.mark === '+') into.push(one.line)
    if (one) told.push(...shown(one))
  }
  return told
}

function shown(one: LineChange): readonly DiffLine[] {
  if (one.mark === '@') return [leftOut(one.skipped)]
  const line: DiffLine = { mark: one.mark, text: drawn(one.line) }
  return isEnded(one.line) ? [line] : [line, NOT_ENDED]
}

const areDrawnAlike = (out: readonly string[], into: readonly string[]): boolean =>
  out.length === into.length &&
  out.every((line, at) => {
    const other = into[at] as string
    return drawn(line) === drawn(other) && isEnded(line) === isEnded(other)
  })
