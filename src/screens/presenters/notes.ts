import { type Safe, say } from '../../services/model/safe.ts'
import type { Note } from '../../services/model/transaction.ts'
import { type Line, type Role, span, wrap } from '../text/line.ts'

/** How each grade is drawn, what needs a person first. */
const KINDS: Readonly<Record<Note['grade'], { readonly mark: Safe; readonly role: Role; readonly place: number }>> = {
  lost: { mark: say`✗`, role: 'bad', place: 0 },
  failed: { mark: say`✗`, role: 'bad', place: 0 },
  heed: { mark: say`!`, role: 'warn', place: 1 },
  plain: { mark: say`·`, role: 'plain', place: 2 },
}

/** Whether the server says that something was not put back. */
export const somethingIsLost = (notes: readonly Note[]): boolean => notes.some(({ grade }) => grade === 'lost')

/** Every note of the server, what needs a person first. */
export const noteLines = (notes: readonly Note[], width: number): readonly Line[] =>
  notes
    .toSorted((a, b) => KINDS[a.grade].place - KINDS[b.grade].place)
    .flatMap(({ grade, text }) => {
      const { mark, role } = KINDS[grade]
      return wrap(text, width - 4, role).map(
        (row, at): Line => [span(say`  ${at === 0 ? mark : say` `} `, role), ...row],
      )
    })
