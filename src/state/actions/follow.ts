import { factsOf } from '../../services/model/reading.ts'
import type { Safe } from '../../services/model/safe.ts'
import type { LogEntry } from '../../services/model/securelog.ts'
import { ENDS, type Transaction } from '../../services/model/transaction.ts'
import type { Kit, Server } from '../kit.ts'
import { appendEntries, LOG_RING } from '../slices/log.ts'

/** Lines come in as fast as the server writes them; the screen takes them at most this often. */
const GROUP_MS = 100

/** What the server's side of a change calls itself in the log. */
const GUARD = 'hardtui'

/** Phases in which nobody else asks the server what is pending. */
const QUIET: ReadonlySet<Transaction['phase']> = new Set(['idle', ...ENDS])

export type FollowActions = {
  /** Begins to follow the log that was read last, unless that is going on already. */
  readonly follow: () => void
  readonly stopFollow: () => void
}

/** Following the secure log. */
export function createFollowActions(kit: Kit): FollowActions {
  let stop: (() => void) | null = null
  let looking = false

  const ended = (reason: Safe | null): void => {
    stop = null
    kit.set(({ log }) => ({ log: { ...log, follow: reason ? 'stopped' : 'off', reason } }))
  }

  /** Another console's change has begun or ended. Anybody may write such a line: it makes us ask, one question at a time. */
  async function lookAround({ transactions }: Server): Promise<void> {
    if (looking || !QUIET.has(kit.get().transaction.phase)) return
    looking = true
    await transactions.look()
    looking = false
  }

  function follow(): void {
    const server = kit.server()
    const { connection, readings } = kit.get()
    const facts = factsOf(readings.byArea.securelog)
    if (stop || !server || !facts || !connection.host) return
    const read = kit.deps.log.reader(facts, connection.host)
    let waiting: string[] = []
    let flushing: (() => void) | null = null
    let over = false
    const flush = (): void => {
      flushing = null
      const added = waiting.slice(-LOG_RING).map(read).filter(isEntry)
      waiting = []
      kit.set(({ log }) => ({ log: appendEntries(log, added) }))
      if (added.some((entry) => entry.program === GUARD)) void lookAround(server)
    }
    kit.set(() => ({ log: { entries: facts.entries, follow: 'following', reason: null } }))
    const running = server.host.follow(
      kit.deps.log.script(facts),
      (lines) => {
        if (over) return
        waiting = waiting.length > LOG_RING ? waiting.slice(-LOG_RING).concat(lines) : waiting.concat(lines)
        flushing ??= kit.deps.clock.after(GROUP_MS, flush)
      },
      (reason) => {
        if (!over) ended(reason)
        over = true
      },
    )
    stop = () => {
      over = true
      flushing?.()
      running.stop()
    }
  }
  return {
    follow,
    stopFollow: () => {
      stop?.()
      ended(null)
    },
  }
}

const isEntry = (entry: LogEntry | null): entry is LogEntry => entry !== null
