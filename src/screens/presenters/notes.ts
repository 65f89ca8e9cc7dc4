import { type Safe, say } from '../../services/model/safe.ts'
import { type Line, type Role, span, wrap } from '../text/line.ts'

/** What a note of the server is about, by its words; the first that fits counts. */
const KINDS: readonly (readonly [pattern: RegExp, mark: Safe, role: Role, worst: number])[] = [
  [/could NOT|failed|refused|not as planned/, say`✗`, 'bad', 0],
  [
    /taken out|stays away|somebody else|as somebody|kept in the record|without a proof|taken over|by hand|(whole tables|all of them) were/,
    say`!`,
    'warn',
    1,
  ],
]
const PLAIN = [null, say`·`, 'plain', 2] as const

const kindOf = (note: Safe) => KINDS.find(([pattern]) => pattern.test(note)) ?? PLAIN

/** Whether the server says that something was not put back. */
export const somethingIsLost = (notes: readonly Safe[]): boolean => notes.some((note) => /could NOT/.test(note))

/** Every note of the server, what needs a person first. */
export const noteLines = (notes: readonly Safe[], width: number): readonly Line[] =>
  notes
    .toSorted((a, b) => kindOf(a)[3] - kindOf(b)[3])
    .flatMap((note) => {
      const [, mark, role] = kindOf(note)
      return wrap(note, width - 4, role).map(
        (row, at): Line => [span(say`  ${at === 0 ? mark : say` `} `, role), ...row],
      )
    })
