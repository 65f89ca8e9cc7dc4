import { type Safe, safe, say } from '../../services/model/safe.ts'
import type { DiffLine } from '../../services/model/step.ts'
import { type Line, type Role, span, wrap } from '../text/line.ts'

const ROLES: Readonly<Record<DiffLine['mark'], Role>> = { '+': 'good', '-': 'bad', ' ': 'dim', '@': 'key' }

/** A heading across the text: `─ difference ─────` */
export const section = (title: Safe, width: number): Line => [
  span(say`─ `, 'border'),
  span(title, 'strong'),
  span(say` ${safe('─'.repeat(Math.max(0, width - title.length - 3)))}`, 'border'),
]

/** One line of a difference, over as many rows as it needs. */
export function diffLines({ mark, text }: DiffLine, width: number): readonly Line[] {
  const sign = mark === '@' ? say` ` : safe(mark)
  return wrap(text, width - 4, ROLES[mark]).map((one, at) => [
    span(say`  ${at === 0 ? sign : say` `} `, ROLES[mark]),
    ...one,
  ])
}
