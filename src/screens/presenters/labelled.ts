import { type Safe, safe, say } from '../../services/model/safe.ts'
import { type Line, line, type Role, span, wrap } from '../text/line.ts'

const LABEL = 12

/** A labelled value over as many rows as it needs. */
export function field(label: Safe, value: Safe, width: number, role: Role = 'plain'): readonly Line[] {
  const pad = safe(' '.repeat(Math.max(0, LABEL - label.length)))
  return wrap(value, Math.max(10, width - LABEL), role).map((row, at) => [
    at === 0 ? span(say`${label}${pad}`, 'dim') : span(safe(' '.repeat(LABEL))),
    ...row,
  ])
}

/** What is said of a row that has gone meanwhile. */
export const gone: readonly Line[] = [line(say`This is no longer there. Esc goes back.`, 'warn')]
