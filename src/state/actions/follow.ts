import type { Safe } from '../../services/model/safe.ts'
import type { LogEntry } from '../../services/model/securelog.ts'
import { ENDS, type Transaction } from '../../services/model/transaction.ts'
import { judgeLog } from '../areas/securelog/judge.ts'
import type { Clock } from '../clock.ts'
import type { Kit, Server } from '../kit.ts'
import { appendEntries, LOG_RING } from '../slices/log.ts'
import { withReading } from '../slices/readings.ts'

/** Lines come in as fast as the server writes them; the screen takes them at most this often. */
const GROUP_MS = 100

/** What the server's side of a change calls itself in the log. */
const GUARD = 'hardtui'

/** Lines that make us ask the server what is pending do so this often at most. It costs a command as root. */
const LOOK_MS = 5_000

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
  let lookedAt = Number.NEGATIVE_INFINITY
  /** Calls off the look that waits for its turn, if one does. */
  let due: (() => void) | null = null

  const ended = (reason: Safe | null): void => {
    stop = null
    kit.set(({ log }) => ({ log: { ...log, follow: reason ? 'stopped' : 'off', reason } }))
  }

  /**
   * Another console's change has begun or ended: asks what is pending, one question at a time. A line that comes within
   * LOOK_MS of the last one waits, for it may say what came after that answer.
   */
  async function lookAround(server: Server): Promise<void> {
    if (due) return
    const { clock } = kit.deps
    const wait = (looking ? clock.now() : lookedAt) + LOOK_MS - clock.now()
    if (wait > 0) {
      due = clock.after(wait, () => {
        due = null
        void lookAround(server)
      })
      return
    }
    if (!QUIET.has(kit.get().transaction.phase)) return
    looking = true
    lookedAt = clock.now()
    // One that fails leaves things as they are, and the next line asks again.
    await server.transactions.look().catch(() => {})
    looking = false
  }

  function follow(): void {
    const server = kit.server()
    const { connection, readings } = kit.get()
    const reading = readings.byArea.securelog
    if (!server || reading.state !== 'present' || !connection.host) return
    const { facts } = reading
    const { source, entries, before } = facts
    // The log is where entries are kept: facts that went on holding theirs would hold what the log has long let go.
    kit.set((state) => ({
      readings: withReading(
        state.readings,
        'securelog',
        { ...reading, facts: { ...facts, entries: [] } },
        state.readings.findings.securelog,
      ),
      ...(stop ? {} : { log: { ...state.log, entries, before, held: null, follow: 'following', reason: null } }),
    }))
    judgeLog(kit)
    if (stop) return
    const read = kit.deps.log.reader(facts, connection.host, reading.readAt)
    // journald says who wrote an entry. Into a file anybody may have written one: asking is all that it brings about.
    const isHint = ({ program, trusted }: LogEntry): boolean => program === GUARD && (trusted || source.kind === 'file')
    let over = false
    const group = createGroups(kit.deps.clock, (lines) => {
      const added = lines.map(read).filter(isEntry)
      kit.set(({ log }) => ({ log: appendEntries(log, added) }))
      if (added.some(({ kind }) => kind === 'accepted')) judgeLog(kit)
      if (added.some(isHint)) void lookAround(server)
    })
    const running = server.host.follow(
      kit.deps.log.script(facts),
      (lines) => {
        if (!over) group.add(lines)
      },
      (reason) => {
        if (!over) ended(reason)
        over = true
      },
    )
    stop = () => {
      over = true
      group.drop()
      due?.()
      due = null
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

/** The one place where lines wait, for their turn on the screen: the newest of them, as many as the log keeps. */
function createGroups(clock: Clock, take: (lines: readonly string[]) => void) {
  let waiting: string[] = []
  let due: (() => void) | null = null
  const flush = (): void => {
    due = null
    const lines = waiting.slice(-LOG_RING)
    waiting = []
    take(lines)
  }
  return {
    add: (lines: readonly string[]): void => {
      for (const line of lines) waiting.push(line)
      // Not line by line: a flood would move ten thousand for every one that comes.
      if (waiting.length > 2 * LOG_RING) waiting = waiting.slice(-LOG_RING)
      due ??= clock.after(GROUP_MS, flush)
    },
    /** Lets nothing more come of what waits. */
    drop: (): void => due?.(),
  }
}

const isEntry = (entry: LogEntry | null): entry is LogEntry => entry !== null
