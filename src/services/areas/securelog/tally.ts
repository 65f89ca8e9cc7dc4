import { type Safe, safe } from '../../model/safe.ts'
import type { LogEntry, Pressure, Tries } from '../../model/securelog.ts'
import type { Folded } from './events.ts'

/** Addresses, and users, that are told apart: whoever attacks chooses how many there are. */
const MOST = 50_000
/** Users that an address tried, and addresses that tried a user: as many are named. */
const NAMED = 20
const HOUR = 3_600_000
/** Hours that are told apart: eleven years of them. */
const HOURS = 100_000

type Row = {
  readonly name: Safe
  tries: number
  first: number
  last: number
  /** No set: there are few of them, and fifty thousand rows. */
  readonly others: Safe[]
  more: boolean
}

/** Counts what failed, told apart up to `most` names; the rest is counted together. */
function createTable(most: number) {
  const rows = new Map<string, Row>()
  let beyond = 0
  return {
    add: (name: Safe, tries: number, at: number, other: Safe | null): void => {
      let row = rows.get(name)
      if (!row) {
        if (rows.size >= most) {
          beyond += tries
          return
        }
        row = { name, tries: 0, first: at, last: at, others: [], more: false }
        rows.set(name, row)
      }
      row.tries += tries
      row.last = at
      if (other === null || row.others.includes(other)) return
      if (row.others.length < NAMED) row.others.push(other)
      else row.more = true
    },
    triesOf: (name: string): number => rows.get(name)?.tries ?? 0,
    beyond: (): number => beyond,
    /** Most tries first: the very rows, as a copy of a hundred thousand would hold up a key. */
    rows: (): readonly Tries[] => [...rows.values()].sort((a, b) => b.tries - a.tries || b.last - a.last),
  }
}

const NOBODY = safe('')

/** Whether a line is of a program that lets people in. */
const isLogin = ({ program }: LogEntry): boolean => program.startsWith('sshd') || program === 'login'

/** Counts the tries of a log that failed, line by line, oldest first, in room that no attacker can make grow. */
export function createTally() {
  const [addresses, users, methods] = [createTable(MOST), createTable(MOST), createTable(100)]
  const hours = new Map<number, number>()
  let [tries, bans, local, knocks] = [0, 0, 0, 0]
  let first: number | null = null
  let last: number | null = null
  return {
    add: (entry: LogEntry, { event, joined, tried }: Folded): void => {
      const { at, kind, method, times = 1 } = entry
      if (kind === 'ban') bans += 1
      // Of a connection that has said who it is, or will, it is the end.
      if (event.kind === 'knock' && joined?.kind !== 'knock') knocks += 1
      else if (joined?.kind === 'knock' && event.kind !== 'knock') knocks -= 1
      // Who asks sudo with a wrong password is in already.
      if (!isLogin(entry)) {
        local += tried
        return
      }
      // A line that names no method may have told of the try before.
      if (kind === 'failed' && method !== null && times > 0) methods.add(method, times, at, null)
      if (tried === 0) return
      tries += tried
      if (!Number.isNaN(at)) {
        first ??= at
        last = at
        const hour = Math.floor(at / HOUR)
        if (hours.has(hour) || hours.size < HOURS) hours.set(hour, (hours.get(hour) ?? 0) + tried)
      }
      const { user, address } = event
      if (address !== null) addresses.add(address, tried, at, user)
      users.add(user ?? NOBODY, tried, at, address)
    },
    /** Tries of addresses beyond those that are told apart. */
    beyond: (): number => addresses.beyond(),
    /** Tries from an address so far. */
    from: (address: Safe | null): number => (address === null ? 0 : addresses.triesOf(address)),
    /** What it comes to. It is the end: what is added later would change what was given. */
    result: (): Pressure => ({
      ...{ tries, first, last, bans, local, knocks },
      hours: [...hours].toSorted(([a], [b]) => a - b),
      addresses: addresses.rows(),
      users: users.rows(),
      methods: methods.rows(),
      beyond: { addresses: addresses.beyond(), users: users.beyond() },
    }),
  }
}
