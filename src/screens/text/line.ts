import { type Safe, say } from '../../services/model/safe.ts'
import { cells, cutTo, steady } from './cells.ts'

/** What a piece of text is for. The theme says how that looks; the words say it without colour. */
export type Role =
  | 'plain'
  | 'dim'
  | 'strong'
  | 'good'
  | 'bad'
  | 'warn'
  | 'you'
  | 'staged'
  | 'key'
  | 'border'
  | 'focus'
  | 'alarm'
  | 'cursor'

export type Span = { readonly text: Safe; readonly role: Role }

/** One row of the screen, left to right. */
export type Line = readonly Span[]

export const span = (text: Safe, role: Role = 'plain'): Span => ({ text: steady(text), role })
export const line = (text: Safe, role: Role = 'plain'): Line => [span(text, role)]
export const EMPTY: Line = []

/** Columns a line takes. */
export const lineCells = (one: Line): number => one.reduce((sum, part) => sum + cells(part.text), 0)

const ELLIPSIS = say`…`
const blanks = (count: number): Safe => ' '.repeat(Math.max(0, count)) as Safe

/** The line in exactly so many columns: cut with `…`, or filled with spaces. */
export function fitLine(one: Line, width: number): Line {
  const full = lineCells(one)
  if (full <= width) return full === width ? one : [...one, { text: blanks(width - full), role: 'plain' }]
  const out: Span[] = []
  let left = width - 1
  for (const part of one) {
    const size = cells(part.text)
    if (size <= left) {
      out.push(part)
      left -= size
      continue
    }
    const text = cutTo(part.text, left)
    out.push({ text: say`${text}${ELLIPSIS}`, role: part.role })
    left -= cells(text)
    break
  }
  return left > 0 ? [...out, { text: blanks(left), role: 'plain' }] : out
}

/** Left part, gap, right part; the left is cut where both do not fit. */
export function leftRight(left: Line, right: Line, width: number): Line {
  const size = lineCells(right)
  if (size === 0 || size + 1 >= width) return fitLine(left, width)
  return [...fitLine(left, width - size - 1), { text: blanks(1), role: 'plain' }, ...right]
}

/** One cell of a table row. `width` is in columns; the one with `grow` gets what is left. */
export type Cell = {
  readonly text: Safe
  readonly role?: Role
  readonly width?: number
  readonly grow?: true
  readonly right?: true
}

const CELL_GAP = say` `

/** Lays cells out in columns with one space between them. */
export function columns(parts: readonly Cell[], width: number): Line {
  const fixed = parts.reduce((sum, part) => sum + (part.grow ? 0 : (part.width ?? cells(part.text))), 0)
  const rest = Math.max(0, width - fixed - Math.max(0, parts.length - 1))
  return parts.flatMap((part, at): Line => {
    const size = part.grow ? rest : (part.width ?? cells(part.text))
    const one = span(part.text, part.role)
    const filled =
      part.right && cells(one.text) < size
        ? [{ text: blanks(size - cells(one.text)), role: 'plain' as const }, one]
        : fitLine([one], size)
    return at === 0 ? filled : [{ text: CELL_GAP, role: 'plain' }, ...filled]
  })
}

/** Breaks words over lines of this width; a word longer than a line is broken where it must be. */
export function wrap(text: Safe, width: number, role: Role = 'plain'): readonly Line[] {
  const out: Line[] = []
  let current = say``
  const flush = (): void => {
    out.push(line(current, role))
    current = say``
  }
  for (const word of steady(text).split(' ') as Safe[]) {
    let rest = word
    if (current !== '' && cells(current) + 1 + cells(rest) > width) flush()
    while (cells(rest) > width) {
      const head = cutTo(rest, width)
      if (head === '') break
      out.push(line(head, role))
      rest = rest.slice(head.length) as Safe
    }
    current = current === '' ? rest : say`${current} ${rest}`
  }
  flush()
  return out
}

/** Puts a blank margin in front of lines. */
export const indent = (lines: readonly Line[], by: number): readonly Line[] =>
  lines.map((one) => [{ text: blanks(by), role: 'plain' as const }, ...one])
