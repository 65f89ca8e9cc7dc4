import { createOverlap } from '../../services/areas/securelog/gathering.ts'
import type { Safe } from '../../services/model/safe.ts'
import { LOG_AGAIN, type LogEntry } from '../../services/model/securelog.ts'
import { ENDS, type Transaction } from '../../services/model/transaction.ts'
import { judgeAdded, judgeFollowed, judgeLog } from '../areas/securelog/judge.ts'
import type { Clock } from '../clock.ts'
import type { Kit, Server } from '../kit.ts'
import { appendEntries, LOG_RING } from '../slices/log.ts'
import { withReading } from '../slices/readings.ts'

/** Lines come in as fast as the server writes them; the screen takes them at most this often. */
const GROUP_MS = 100
/** Lines that are read at once: keys are answered before the next ones. */
const AT_ONCE = 400

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
    judgeLog(kit)
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
    if (stop) return judgeLog(kit)
    judgeFollowed(kit, entries)
    const read = kit.deps.log.reader(facts, connection.host, reading.readAt)
    // journald says who wrote an entry. Into a file anybody may have written one: asking is all that it brings about.
    const isHint = ({ program, trusted }: LogEntry): boolean => program === GUARD && (trusted || source.kind === 'file')
    let over = false
    const overlap = createOverlap(entries, LOG_AGAIN)
    const group = createGroups(kit.deps.clock, (lines, lost) => {
      const added = lines.map(read).filter(overlap.isNew).filter(isEntry)
      kit.set(({ log }) => ({ log: appendEntries(log, added) }))
      judgeAdded(kit, added, lost > 0 || overlap.hasGap())
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

/**
 * The one place where lines wait, for their turn on the screen: the newest of them, as many as the log keeps, and how many
 * came before those and are lost.
 */
function createGroups(clock: Clock, take: (lines: readonly string[], lost: number) => void) {
  let waiting: string[] = []
  let lost = 0
  let due: (() => void) | null = null
  const trim = (): void => {
    const over = Math.max(0, waiting.length - LOG_RING)
    if (over > 0) waiting = waiting.slice(over)
    lost += over
  }
  const flush = (): void => {
    trim()
    const [lines, gone] = [waiting.splice(0, AT_ONCE), lost]
    lost = 0
    due = waiting.length > 0 ? clock.after(0, flush) : null
    take(lines, gone)
  }
  return {
    add: (lines: readonly string[]): void => {
      for (const line of lines) waiting.push(line)
      // Not line by line: a flood would move ten thousand for every one that comes.
      if (waiting.length > 2 * LOG_RING) trim()
      due ??= clock.after(GROUP_MS, flush)
    },
    /** Lets nothing more come of what waits. */
    drop: (): void => due?.(),
  }
}

const isEntry = (entry: LogEntry | null): entry is LogEntry => entry !== null
