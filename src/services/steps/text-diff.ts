import { type Safe, say } from '../model/safe.ts'
import type { DiffLine } from '../model/step.ts'
import { longestCommon } from './longest-common.ts'

const CONTEXT = 2

/** The difference of two lists of lines, with a little of what stands around each change. `show` makes a line readable. */
export function diffOf(
  before: readonly string[],
  after: readonly string[],
  show: (line: string) => Safe,
): readonly DiffLine[] {
  const lines: DiffLine[] = []
  const push = (mark: DiffLine['mark'], text: string): number => lines.push({ mark, text: show(text) })
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
function around(lines: readonly DiffLine[]): readonly DiffLine[] {
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some((line) => line.mark !== ' '),
  )
  const kept: DiffLine[] = []
  let skipped = 0
  const flush = (): void => {
    if (skipped > 0) kept.push({ mark: '@', text: say`… ${skipped} unchanged` })
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
