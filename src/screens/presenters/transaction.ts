import { type Safe, safe, say } from '../../services/model/safe.ts'
import type { RollbackCause, StageId, StageLine, Timer, Transaction } from '../../services/model/transaction.ts'
import type { ConsoleState } from '../../state/console-state.ts'
import { columns, EMPTY, type Line, line, type Role, span, wrap } from '../text/line.ts'
import { doubtLines, linkWords } from './doubt.ts'
import { othersChangeLines, ownerWords, summaryLines } from './holder.ts'
import { noteLines, somethingIsLost } from './notes.ts'
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
      : [span(say`             `), ...text],
  )
}

function timerLines(timer: Timer, state: ConsoleState, width: number): readonly Line[] {
  const left = (timer.firesAt - state.now) / 1000
  const role: Role = left <= 60 ? 'alarm' : 'warn'
  const words =
    left > 0
      ? state.transaction.phase === 'in-doubt'
        ? say`last reading: rolls back at ${timer.deadlineAt} (its clock)`
        : say`server rolls back by itself at ${timer.deadlineAt} (its clock)`
      : say`the deadline has passed; waiting for the server's word`
  return [
    [span(say` ARMED ${clockWords(left)} left `, role), span(say`  `), span(words)],
    // The rows are few: who armed it gives way to what has happened to the link, which in doubt is said below.
    ...(state.connection.link.state === 'lost' && state.transaction.phase !== 'in-doubt'
      ? wrap(say`⚠ The link is ${linkWords(state)}`, width, 'warn')
      : timer.mine
        ? wrap(ownerWords(timer), width, 'dim')
        : []),
    EMPTY,
  ]
}

type Of<P extends Transaction['phase']> = Extract<Transaction, { phase: P }>

function awaitingLines(transaction: Of<'awaiting-confirm'>, state: ConsoleState, width: number): readonly Line[] {
  const { proof, timer, notice } = transaction
  const said = notice ? [EMPTY, ...wrap(say`! ${notice}`, width, 'warn')] : []
  if (!timer.mine) return [...said, ...(said.length > 0 ? [EMPTY] : []), ...othersChangeLines(timer, state, width)]
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
        span(say` confirm, keep it    `),
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
          ...wrap(say`${proof.why.next}${sessionWords(state)}`, width),
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

/** What a failed proof means for who is still logged in; without a link nothing is known of the session. */
const sessionWords = (state: ConsoleState): Safe =>
  state.connection.link.state === 'up' ? say` Your session here still works; a new one would not.` : say``

function endLines(
  transaction: Of<'confirmed' | 'rolled-back' | 'aborted' | 'lost'>,
  staged: number,
  width: number,
): readonly Line[] {
  const enter: Line = [span(say`Enter`, 'key'), span(say` back to the panes`)]
  if (transaction.phase === 'confirmed')
    return [
      transaction.lasts === false
        ? line(say`✓ CONFIRMED, until the next boot. The timer is gone.`, 'warn')
        : line(
            transaction.lasts
              ? say`✓ CONFIRMED: the change is for good. The timer is gone.`
              : say`✓ CONFIRMED: the change is in force. The timer is gone.`,
            'good',
          ),
      ...(transaction.notes.length > 0 ? [EMPTY, ...noteLines(transaction.notes, width)] : []),
      EMPTY,
      enter,
    ]
  if (transaction.phase === 'lost')
    return [
      line(say`⚠ NOT KNOWN HOW IT ENDED: the server keeps no record of this change.`, 'bad'),
      ...wrap(transaction.known, width, 'strong'),
      ...wrap(
        say`Look at the rules, files and units of that change as they are now (R reads them), and put right by hand what is not as you want it.`,
        width,
      ),
      EMPTY,
      enter,
    ]
  const kept =
    staged === 0
      ? say`There is nothing of yours to stage again.`
      : transaction.plan
        ? say`Your changes are staged again: s shows them.`
        : say`What you had staged is still staged: s shows it.`
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
  // What to do stands above the notes: those may be many, and scroll.
  return [
    ...(somethingIsLost(transaction.notes)
      ? wrap(say`✗ ROLLED BACK, BUT NOT ALL OF IT: look at what the server could not put back.`, width, 'bad')
      : [line(say`↩ ROLLED BACK: the server is as it was before the change.`, 'warn')]),
    ...wrap(say`Rolled back ${CAUSES[transaction.by]}.`, width, 'strong'),
    ...wrap(say`${kept}`, width),
    enter,
    EMPTY,
    ...noteLines(transaction.notes, width),
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
    case 'lost':
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
  transaction: Exclude<
    Transaction,
    Of<'idle' | 'confirmed' | 'rolled-back' | 'aborted' | 'lost' | 'checking' | 'arming'>
  >,
  state: ConsoleState,
  width: number,
): readonly Line[] {
  const { timer } = transaction
  const mine = timer?.mine ?? true
  // What another console did before this one took over is not known stage by stage, only as a whole.
  const elsewhere = transaction.stages[0]?.state === 'waiting'
  const known = transaction.stages.filter((stage) => !elsewhere || stage.state !== 'waiting')
  const stages = mine ? known.flatMap((stage) => stageRows(stage, width)) : []
  const summary = timer && mine && elsewhere ? [...summaryLines(timer, width), EMPTY] : []
  const words: Readonly<Record<typeof transaction.phase, readonly Line[]>> = {
    applying: [],
    verifying: [],
    proving: [],
    confirming: [EMPTY, line(say`Confirming over a new login…`, 'strong')],
    'rolling-back': [EMPTY, line(say`↩ ROLLING BACK: the server is putting everything back…`, 'warn')],
    'in-doubt': transaction.phase === 'in-doubt' ? doubtLines(transaction, state, width) : [],
    'awaiting-confirm': transaction.phase === 'awaiting-confirm' ? awaitingLines(transaction, state, width) : [],
  }
  return [
    ...(timer && transaction.phase !== 'rolling-back' ? timerLines(timer, state, width) : []),
    // What is not known comes before what was done: the list of stages may fall off a small screen.
    ...(transaction.phase === 'in-doubt'
      ? [...words['in-doubt'], ...stages]
      : [...summary, ...stages, ...words[transaction.phase]]),
  ]
}
