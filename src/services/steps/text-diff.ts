import { type Safe, say } from '../model/safe.ts'
import type { DiffLine } from '../model/step.ts'
import { longestCommon } from './longest-common.ts'

const CONTEXT = 2

/** A line of a difference as it was compared, or how many unchanged ones are left out here. */
export type LineChange =
  | { readonly mark: '+' | '-' | ' '; readonly line: string }
  | { readonly mark: '@'; readonly skipped: number }
type Kept = Exclude<LineChange, { mark: '@' }>

/** The difference of two lists of lines, with a little of what stands around each change. `show` makes a line readable. */
export const diffOf = (
  before: readonly string[],
  after: readonly string[],
  show: (line: string) => Safe,
): readonly DiffLine[] =>
  lineChanges(before, after).map((one) =>
    one.mark === '@' ? leftOut(one.skipped) : { mark: one.mark, text: show(one.line) },
  )

/** What stands for unchanged lines that are left out. */
export const leftOut = (count: number): DiffLine => ({ mark: '@', text: say`… ${count} unchanged` })

/** The difference of two lists of lines before it is drawn. */
export function lineChanges(before: readonly string[], after: readonly string[]): readonly LineChange[] {
  const lines: Kept[] = []
  const push = (mark: Kept['mark'], line: string): number => lines.push({ mark, line })
  let i = 0
  let j = 0
  for (const [a, b] of [...longestCommon(before, after), [before.length, after.length] as const]) {
    while (i < a) push('-', before[i++] as string)
    while (j < b) push('+', after[j++] as string)
    if (a < before.length) push(' ', before[a] as string)
    i = a + 1
    j = b + 1
  }
  return around(lines)
}

/** Keeps changed lines and CONTEXT unchanged ones beside them; says how many were left out. */
function around(lines: readonly Kept[]): readonly LineChange[] {
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some((line) => line.mark !== ' '),
  )
  const kept: LineChange[] = []
  let skipped = 0
  const flush = (): void => {
    if (skipped > 0) kept.push({ mark: '@', skipped })
    skipped = 0
  }
  for (const [at, line] of lines.entries()) {
    if (near[at]) {
      flush()
      kept.push(line)
    } else skipped++
  }
  flush()
  return kept
}
