import type { Host, HostFacts } from '../services/model/host.ts'
import { type Safe, safe, say } from '../services/model/safe.ts'
import { type Timer, type Transaction, type Transactions, timerOf } from '../services/model/transaction.ts'

/** Exit statuses of `hardtui status|confirm|rollback`; documented in the README. */
export const EXIT = { done: 0, failed: 1, usage: 2, pending: 3, nothingPending: 4 } as const

export type PendingVerb = 'status' | 'confirm' | 'rollback'

/**
 * Finishes a pending change without the console: the same reading, proof and confirm, in plain lines.
 * Gives the exit status; never says more than the server said.
 */
export async function finishPending(
  verb: PendingVerb,
  host: Host,
  transactionsOf: (facts: () => HostFacts | null) => Transactions,
  print: (line: string) => void,
  /** Asks a person for a yes; false where nobody can be asked. */
  agrees: (question: string) => Promise<boolean> = async () => false,
): Promise<number> {
  let facts: HostFacts | null = null
  const read = await host.probe([], {
    facts: (seen) => {
      facts = seen
    },
    output: () => {},
  })
  if (!read.ok) return failed(print, `${read.error.message} ${read.error.next}`)
  const transactions = transactionsOf(() => facts)
  const escalation = (facts as HostFacts | null)?.login.escalation
  if (escalation !== 'root' && escalation !== 'sudo')
    return failed(print, 'Only root can see a pending change: log in as root or as a user who may use sudo.')
  if (!(await transactions.look()))
    return failed(print, 'The server did not say, in whole, whether a change is pending. Try again.')
  const timer = timerOf(transactions.state())
  if (!timer) {
    print('Nothing is pending on this server.')
    return verb === 'status' ? EXIT.done : EXIT.nothingPending
  }
  if (verb === 'status') {
    print(`A change by ${timer.owner} from ${timer.from} is pending since ${timer.armedAt}.`)
    for (const line of timer.summary) print(`  ${line}`)
    print(
      `It rolls back by itself in ${Math.max(0, Math.ceil((timer.firesAt - Date.now()) / 1000))} s, at ${timer.deadlineAt} by the server's clock.`,
    )
    return EXIT.pending
  }
  if (verb === 'confirm') {
    const user = (facts as HostFacts | null)?.login.user
    if (timer.owner !== user) return failed(print, heldBy(timer, host.target.name))
    await confirmProven(transactions, agrees)
  } else await transactions.rollback()
  return report(verb, transactions.state(), print)
}

/** Whoever armed it answers for it; this command never ends another operator's change unawares. */
const heldBy = ({ owner, from, id }: Timer, name: string): string =>
  `${owner} from ${from} holds this change: take it over with T in the console (hardtui ${safe(name)}), or on the server: sh /var/lib/hardtui/guard.sh confirm ${safe(id)}`

/** The change was armed by a console, which this is not: it is taken over first, which that console is told. */
async function confirmProven(
  transactions: Transactions,
  agrees: (question: string) => Promise<boolean>,
): Promise<void> {
  if (!timerOf(transactions.state())?.mine) await transactions.takeOver()
  if (!timerOf(transactions.state())?.mine) return
  await transactions.prove()
  const now = transactions.state()
  if (now.phase !== 'awaiting-confirm' || now.proof.outcome !== 'works') return
  // Shown as the reason below, where it is not agreed to.
  const { first } = now.timer
  const go =
    first === null || (await agrees(`A new login works from here, but ${first}.\nType yes to confirm all the same: `))
  if (go) await transactions.confirm(first === null ? 'proven' : 'heard')
}

/** Prints how it ended. An end that is not the one that was asked for is a failure. */
function report(verb: PendingVerb, state: Transaction, print: (line: string) => void): number {
  if (state.phase === 'confirmed') {
    print(
      state.lasts === false
        ? 'Confirmed, until the next boot.'
        : state.lasts
          ? 'Confirmed: the change is permanent.'
          : 'Confirmed.',
    )
    for (const note of state.notes) print(note.text)
    return verb === 'confirm' ? EXIT.done : EXIT.failed
  }
  if (state.phase === 'rolled-back') {
    print(verb === 'confirm' ? `Not confirmed: it is rolled back (${state.by}).` : `Rolled back (${state.by}).`)
    for (const note of state.notes) print(note.text)
    return verb === 'rollback' ? EXIT.done : EXIT.failed
  }
  if (state.phase === 'lost') return failed(print, `Not known how it ended. ${state.known}`)
  if (state.phase === 'awaiting-confirm') {
    const why =
      state.proof.outcome === 'fails'
        ? state.proof.why.message
        : (state.notice ?? takenWords(state.timer) ?? state.timer.first ?? 'the server gave no reason')
    return failed(print, `Not done: ${why} The timer goes on.`)
  }
  if (state.phase === 'in-doubt') return failed(print, state.doubt)
  return failed(print, `Not done (${state.phase}). Look at it with hardtui status.`)
}

const failed = (print: (line: string) => void, line: string): number => {
  print(line)
  return EXIT.failed
}

const takenWords = ({ owner, from, taken, mine }: Timer): Safe | null =>
  taken && !mine ? say`${owner} (from ${from}) took this change over at ${taken.at}.` : null
