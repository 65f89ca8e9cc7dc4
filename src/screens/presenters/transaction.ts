import { type Safe, safe, say } from '../../services/model/safe.ts'
import type { RollbackCause, StageId, StageLine, Timer, Transaction } from '../../services/model/transaction.ts'
import type { ConsoleState } from '../../state/console-state.ts'
import { columns, EMPTY, indent, type Line, line, type Role, span, wrap } from '../text/line.ts'
import { clockWords, tookWords } from './numbers.ts'

const STAGES: Readonly<Record<StageId, Safe>> = {
  checked: say`checked`,
  checkpoint: say`checkpoint`,
  armed: say`armed`,
  applied: say`applied`,
  verified: say`verified`,
  proved: say`new login`,
}
const MARKS: Readonly<Record<StageLine['state'], { readonly mark: Safe; readonly word: Safe; readonly role: Role }>> = {
  waiting: { mark: say`·`, word: say`to come`, role: 'dim' },
  running: { mark: say`…`, word: say`under way`, role: 'key' },
  done: { mark: say`✓`, word: say`done`, role: 'good' },
  failed: { mark: say`✗`, word: say`FAILED`, role: 'bad' },
}
const CAUSES: Readonly<Record<RollbackCause, Safe>> = {
  operator: say`by an operator's order`,
  timer: say`by the timer: nobody confirmed in time`,
  boot: say`by the boot guard: the server was restarted inside the window`,
  failure: say`because a step failed`,
  unknown: say`for a reason that the server did not record`,
}

function stageRows(stage: StageLine, width: number): readonly Line[] {
  const { mark, word, role } = MARKS[stage.state]
  // A key is known by its file's own name; its folder only makes the line long.
  const said = stage.id === 'proved' ? safe(stage.detail.replace(/\/\S*\//g, '')) : stage.detail
  const took = stage.elapsedMs === null ? say`` : tookWords(stage.elapsedMs)
  const detail = wrap(
    said === '' ? word : said,
    Math.max(10, width - 24),
    stage.state === 'failed' ? 'bad' : stage.state === 'waiting' ? 'dim' : 'plain',
  )
  return detail.map((text, at) =>
    at === 0
      ? [
          ...columns(
            [
              { text: mark, role, width: 1 },
              { text: STAGES[stage.id], width: 11, role: stage.state === 'waiting' ? 'dim' : 'strong' },
            ],
            14,
          ),
          ...text,
          span(took === '' ? say`` : say`  ${took}`, 'dim'),
        ]
      : [span(say`              `), ...text],
  )
}

/** `armed by ops from 198.51.100.20 at 09:18:07, id 7f3a` */
export const ownerWords = (timer: Timer): Safe =>
  say`armed by ${timer.owner} from ${timer.from} at ${timer.armedAt}, id ${safe(timer.id, 16)}`

function timerLines(timer: Timer, state: ConsoleState, width: number): readonly Line[] {
  const left = (timer.firesAt - state.now) / 1000
  const role: Role = left <= 60 ? 'alarm' : 'warn'
  const words =
    left > 0
      ? say`server rolls back by itself at ${timer.deadlineAt} (its clock)`
      : say`the deadline has passed; waiting for the server's word`
  return [
    [span(say` ARMED ${clockWords(left)} left `, role), span(say`  `), span(words)],
    ...wrap(ownerWords(timer), width, 'dim'),
    EMPTY,
  ]
}

function summaryLines(timer: Timer, width: number): readonly Line[] {
  if (timer.summary.length === 0) return []
  return [line(say`It changes:`, 'dim'), ...timer.summary.flatMap((one) => indent(wrap(one, width - 2), 2)), EMPTY]
}

type Of<P extends Transaction['phase']> = Extract<Transaction, { phase: P }>

function awaitingLines(transaction: Of<'awaiting-confirm'>, width: number): readonly Line[] {
  const { proof, timer, notice } = transaction
  const said = notice ? [EMPTY, ...wrap(say`! ${notice}`, width, 'warn')] : []
  if (!timer.mine)
    return [
      ...said,
      EMPTY,
      ...wrap(
        say`This change is another operator's, or an earlier console's. Ask before you end it: C confirms it and X rolls it back, both after a question.`,
        width,
      ),
    ]
  if (proof.outcome === 'works')
    return [
      ...said,
      EMPTY,
      ...wrap(say`Is everything you need still working? Check your own services now.`, width - 13, 'strong').map(
        (one, at): Line => [span(at === 0 ? say`? you        ` : say`             `, 'strong'), ...one],
      ),
      EMPTY,
      [
        span(say`C`, 'key'),
        span(say` confirm for good    `),
        span(say`X`, 'key'),
        span(say` roll back now    `),
        span(say`+`, 'key'),
        span(say` one more window`),
      ],
    ]
  const why: readonly Line[] =
    proof.outcome === 'fails'
      ? [
          ...wrap(say`✗ A new login does not work: ${proof.why.message}`, width, 'bad'),
          ...wrap(say`${proof.why.next} Your session here still works; a new one would not.`, width),
        ]
      : wrap(say`⚠ No new login was proved for this change. p tries one now.`, width, 'warn')
  return [
    ...said,
    EMPTY,
    ...why,
    EMPTY,
    [
      span(say`X`, 'key'),
      span(say` roll back now    `),
      span(say`p`, 'key'),
      span(say` prove login again    `),
      span(say`+`, 'key'),
      span(say` one more window`),
    ],
    [span(say`C`, 'key'), span(say` confirm all the same: takes typing the name of the host`)],
  ]
}

function endLines(
  transaction: Of<'confirmed' | 'rolled-back' | 'aborted'>,
  staged: number,
  width: number,
): readonly Line[] {
  const enter: Line = [span(say`Enter`, 'key'), span(say` back to the panes`)]
  if (transaction.phase === 'confirmed')
    return [
      line(say`✓ CONFIRMED: the change is for good. The timer is gone.`, 'good'),
      EMPTY,
      ...transaction.notes.flatMap((note) => wrap(say`· ${note}`, width)),
      EMPTY,
      enter,
    ]
  const kept =
    staged > 0 ? say`Your changes are staged again: s shows them.` : say`There is nothing of yours to stage again.`
  if (transaction.phase === 'aborted')
    return [
      line(say`✗ NOT APPLIED: nothing on the server was changed.`, 'bad'),
      ...wrap(transaction.reason, width, 'strong'),
      ...wrap(transaction.next, width),
      EMPTY,
      line(kept),
      enter,
      EMPTY,
      ...transaction.stages.filter((stage) => stage.state !== 'waiting').flatMap((stage) => stageRows(stage, width)),
    ]
  return [
    line(say`↩ ROLLED BACK: the server is as it was before the change.`, 'warn'),
    ...wrap(say`Rolled back ${CAUSES[transaction.by]}.`, width, 'strong'),
    EMPTY,
    ...transaction.notes.flatMap((note) => wrap(say`· ${note}`, width)),
    EMPTY,
    line(kept),
    enter,
  ]
}

/** Everything the transaction screen says. */
export function transactionLines(state: ConsoleState, width: number): readonly Line[] {
  const { transaction } = state
  switch (transaction.phase) {
    case 'idle':
      return [line(say`No change is under way.`, 'dim')]
    case 'confirmed':
    case 'rolled-back':
    case 'aborted':
      return endLines(transaction, state.staging.changes.length, width)
    case 'checking':
    case 'arming':
      return [
        line(say`Nothing is changed yet: the change is tried and the timer armed first.`, 'strong'),
        EMPTY,
        ...transaction.stages.flatMap((stage) => stageRows(stage, width)),
      ]
    default:
      return pendingLines(transaction, state, width)
  }
}

function pendingLines(
  transaction: Exclude<Transaction, Of<'idle' | 'confirmed' | 'rolled-back' | 'aborted' | 'checking' | 'arming'>>,
  state: ConsoleState,
  width: number,
): readonly Line[] {
  const { timer } = transaction
  const mine = timer?.mine ?? true
  const stages = mine ? transaction.stages.flatMap((stage) => stageRows(stage, width)) : []
  const words: Readonly<Record<typeof transaction.phase, readonly Line[]>> = {
    applying: [],
    verifying: [],
    proving: [],
    confirming: [EMPTY, line(say`Confirming over a new login…`, 'strong')],
    'rolling-back': [EMPTY, line(say`↩ ROLLING BACK: the server is putting everything back…`, 'warn')],
    'in-doubt':
      transaction.phase === 'in-doubt'
        ? [
            EMPTY,
            line(say`⚠ IN DOUBT: what happened is not known yet.`, 'bad'),
            ...wrap(transaction.doubt, width, 'strong'),
            ...wrap(
              say`The server is asked again as soon as it answers. Unless somebody confirms, it rolls back by itself.`,
              width,
            ),
          ]
        : [],
    'awaiting-confirm': transaction.phase === 'awaiting-confirm' ? awaitingLines(transaction, width) : [],
  }
  return [
    ...(timer && transaction.phase !== 'rolling-back' ? timerLines(timer, state, width) : []),
    ...(timer && !mine ? summaryLines(timer, width) : []),
    ...stages,
    ...words[transaction.phase],
  ]
}
