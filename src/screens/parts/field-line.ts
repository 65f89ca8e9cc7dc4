import { LINE_CAP, safe, say } from '../../services/model/safe.ts'
import type { TextField } from '../../state/text-field.ts'
import { cells, steady } from '../text/cells.ts'
import { type Line, span } from '../text/line.ts'

const MASK = say`•`

/**
 * A line being typed, with its cursor, in so many columns; what does not fit is left out on the left, so that the
 * cursor is always seen. What is not to be seen is drawn as dots.
 */
export function fieldLine(field: TextField, width: number, echo: boolean): Line {
  const chars = [...field.text].map((char) => (echo ? steady(safe(char, LINE_CAP)) : MASK))
  let start = 0
  const size = (from: number): number => chars.slice(from, field.cursor + 1).reduce((sum, one) => sum + cells(one), 1)
  while (start < field.cursor && size(start) > width - 1) start++
  const before = chars.slice(start, field.cursor)
  let room = width - before.reduce((sum, one) => sum + cells(one), 0) - 1
  const after = chars.slice(field.cursor + 1).filter((one) => {
    room -= cells(one)
    return room > 0
  })
  const join = (parts: readonly ReturnType<typeof say>[]) => parts.reduce((sum, one) => say`${sum}${one}`, say``)
  const under = chars[field.cursor]
  return [
    ...(start > 0 ? [span(say`…`, 'dim')] : []),
    span(join(before)),
    span(under ?? say`▏`, under ? 'cursor' : 'focus'),
    span(join(after)),
  ]
}
