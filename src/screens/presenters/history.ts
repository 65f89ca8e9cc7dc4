import { type Safe, safe, say } from '../../services/model/safe.ts'
import type { DiffLine } from '../../services/model/step.ts'
import type { PastTransaction, RollbackCause } from '../../services/model/transaction.ts'
import type { Undo } from '../../state/lists/lists.ts'
import type { Asked } from '../../state/slices/history.ts'
import { type Cell, columns, EMPTY, type Line, line, type Role, span, wrap } from '../text/line.ts'
import { diffLines, section } from './diff.ts'
import { noteLines } from './notes.ts'
import { plural } from './numbers.ts'

type Ended = { readonly mark: Safe; readonly word: Safe; readonly short: Safe; readonly role: Role }

const CONFIRMED: Ended = { mark: say`✓`, word: say`confirmed`, short: say`confirmed`, role: 'good' }
const UNKNOWN: Ended = { mark: say`?`, word: say`end not recorded`, short: say`unknown`, role: 'dim' }
const BACK: Readonly<Record<RollbackCause, Ended>> = {
  operator: { mark: say`↩`, word: say`rolled back by order`, short: say`by order`, role: 'warn' },
  timer: { mark: say`↩`, word: say`rolled back by timer`, short: say`by timer`, role: 'warn' },
  boot: { mark: say`↩`, word: say`rolled back at boot`, short: say`at boot`, role: 'warn' },
  failure: { mark: say`✗`, word: say`failed, rolled back`, short: say`failed`, role: 'bad' },
  unknown: { mark: say`↩`, word: say`rolled back`, short: say`back`, role: 'warn' },
}

const endOf = ({ outcome, cause }: PastTransaction): Ended =>
  outcome === 'confirmed' ? CONFIRMED : outcome === 'unknown' ? UNKNOWN : BACK[cause]

/** Below this width the outcome is said in one word, and the seconds are left to the detail. */
const WIDE = 100

const widths = (width: number) =>
  width < WIDE ? { when: 16, ended: 11, who: 20 } : { when: 19, ended: 22, who: Math.min(40, Math.floor(width * 0.22)) }

/** The line above the rows. */
export function historyHead(width: number): Line {
  const { when, ended, who } = widths(width)
  const head = (text: Safe, size?: number): Cell => ({
    text,
    role: 'dim',
    ...(size ? { width: size } : { grow: true as const }),
  })
  return columns(
    [
      head(say`armed at`, when),
      head(width < WIDE ? say`ended` : say`how it ended`, ended),
      head(say`who`, who),
      head(say`changes`),
    ],
    width,
  )
}

/** `2026-11-23 09:18   ✓ confirmed   ops 198.51.100.20   3: v4 filter INPUT 5 + -p tcp …` */
export function pastRow(past: PastTransaction, width: number): Line {
  const { when, ended, who } = widths(width)
  const { mark, word, short, role } = endOf(past)
  const count = past.summary.length
  return columns(
    [
      { text: safe(past.armedAt.slice(0, when)), width: when },
      { text: say`${mark} ${width < WIDE ? short : word}`, width: ended, role },
      { text: say`${past.owner} ${past.from}`, width: who },
      { text: say`${count}${count > 0 ? say`: ${past.summary[0] ?? say``}` : say``}`, grow: true },
    ],
    width,
  )
}

/** What is being read or could not be; null when the list is as it was read. */
export function askedLine(asked: Asked<unknown>, what: Safe, width: number): readonly Line[] {
  if (asked.reading) return [line(say`Reading ${what}…`, 'dim')]
  if (asked.error) return wrap(say`✗ ${asked.error.message} ${asked.error.next} R tries again.`, width, 'bad')
  return []
}

const WORDS: Readonly<Record<RollbackCause, Safe>> = {
  operator: say`ROLLED BACK by an operator's order`,
  timer: say`ROLLED BACK by the timer: nobody confirmed in time`,
  boot: say`ROLLED BACK at boot: the server was restarted inside the window`,
  failure: say`ROLLED BACK because applying failed`,
  unknown: say`ROLLED BACK; why is not recorded`,
}

const CONFIRMED_WORDS: Readonly<Record<'true' | 'false' | 'null', Safe>> = {
  true: say`CONFIRMED: it is for good`,
  false: say`CONFIRMED, but a boot undoes it`,
  null: say`CONFIRMED; whether boots keep it is not recorded`,
}

/** `✓ CONFIRMED 2026-11-23 09:21:07`, and who began it when. */
export function pastHead(past: PastTransaction, width: number): readonly Line[] {
  const { mark, role } = endOf(past)
  const end =
    past.outcome === 'confirmed'
      ? CONFIRMED_WORDS[`${past.lasts}`]
      : past.outcome === 'unknown'
        ? say`How it ended is not recorded`
        : WORDS[past.cause]
  return [
    ...wrap(say`${mark} ${end}`, width, role),
    ...wrap(
      say`armed ${past.armedAt} by ${past.owner} from ${past.from}, ended ${endTime(past)} (server's clock)`,
      width,
    ),
  ]
}

/** Without the day, where that is the one it was armed on. */
const endTime = ({ armedAt, endedAt }: PastTransaction): Safe =>
  armedAt.slice(0, 11) === endedAt.slice(0, 11) ? safe(endedAt.slice(11)) : endedAt

/** Whether and how it can be undone, before anything is pressed. */
export function undoLines(undo: Undo | null, whyNot: Safe | null, width: number): readonly Line[] {
  if (whyNot) return wrap(say`Not to be undone from here: ${whyNot}.`, width, 'dim')
  if (!undo) return []
  const { changes, remarks } = undo
  const many = plural(changes.length, say`change`, say`changes`)
  const head: readonly Line[] =
    changes.length === 0
      ? [line(say`Nothing is left to undo.`, 'dim')]
      : [
          [span(say`U`, 'key'), span(say` stages what undoes it: ${many}, to look at before anything is sent`)],
          ...changes.flatMap((one) =>
            wrap(say`${one.target} ${one.summary}`, width - 4, 'staged').map((row) => [span(say`    `), ...row]),
          ),
        ]
  return [...head, ...remarks.flatMap((one) => wrap(say`! ${one}`, width, 'warn'))]
}

/** Everything below the head: what it changed, in words and as a difference, and what was said at its end. */
export function pastLines(
  past: PastTransaction,
  difference: readonly DiffLine[] | null,
  state: readonly Line[],
  width: number,
): readonly Line[] {
  return [
    ...(past.notes.length > 0 ? [section(say`what the server said`, width), ...noteLines(past.notes, width)] : []),
    section(say`what it changed: ${plural(past.summary.length, say`change`, say`changes`)}`, width),
    ...past.summary.flatMap((one) => wrap(one, width - 2).map((row): Line => [span(say`  `), ...row])),
    section(say`difference`, width),
    ...state,
    ...(difference ?? []).flatMap((one) => diffLines(one, width)),
    ...(difference?.length === 0 ? [line(say`  It changed nothing.`, 'dim')] : []),
    EMPTY,
  ]
}

/** One sentence about a row, for the status line: what its columns cut off. */
export const aboutPast = ({ summary, owner, from, endedAt }: PastTransaction): Safe =>
  say`${joined(summary)} · ${owner} from ${from}, ended ${endedAt}`

const joined = (parts: readonly Safe[]): Safe =>
  parts.length === 0 ? say`what it changed is not recorded` : parts.reduce((sum, one) => say`${sum}; ${one}`)
