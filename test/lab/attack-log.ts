// Three weeks of a server's secure log: blind attempts from many addresses, colleagues, and two who are none of them.

/** A moment, who wrote, and what. */
export type AttackLine = { readonly at: Date; readonly pid: number; readonly message: string }

export type AttackLog = {
  readonly lines: readonly AttackLine[]
  readonly tries: number
  readonly addresses: number
  /** Who got in and should not have: the second has a colleague's name. */
  readonly strangers: readonly { readonly user: string; readonly address: string; readonly failuresBefore: number }[]
}

const USERS = ['root', 'admin', 'oracle', 'test', 'ubuntu', 'git', 'postgres', 'pi']
const KEY = 'ED25519 SHA256:4Qb0VhZxk8s2nDqv1x0kZb1QyY2m6c8n3p0r5t7u9wA'

/** Makes such a log that ends at `until`: `tries` attempts over `days` from `addresses` addresses, the same each time. */
export function attackLog(until: Date, { tries = 3300, addresses = 400, days = 21 } = {}): AttackLog {
  const lines: AttackLine[] = []
  const start = until.getTime() - days * 86_400_000
  const moment = (share: number): Date =>
    new Date(Math.floor((start + share * (until.getTime() - start)) / 1000) * 1000)
  const from = (nth: number): string => `203.0.${113 + Math.floor(nth / 250)}.${(nth % 250) + 1}`
  let pid = 1000
  const say = (at: Date, message: string): void => void lines.push({ at, pid, message })
  const failures = new Map<string, number>()
  for (let nth = 0; nth < tries; nth++) {
    pid += 1
    const at = moment((nth + 0.5) / tries)
    const address = from((nth * 7) % addresses)
    const user = USERS[nth % USERS.length] as string
    failures.set(address, (failures.get(address) ?? 0) + 1)
    const peer = `from ${address} port ${20_000 + (nth % 40_000)}`
    if (user !== 'root') say(at, `Invalid user ${user} ${peer}`)
    // Some of them go before they are answered.
    if (nth % 5 !== 0 || user !== 'root')
      say(at, `Failed password for ${user === 'root' ? '' : 'invalid user '}${user} ${peer} ssh2`)
    const who = user === 'root' ? 'authenticating' : 'invalid'
    say(at, `Connection closed by ${who} user ${user} ${address} port ${20_000 + (nth % 40_000)} [preauth]`)
    if (nth % 100 === 50) {
      pid += 1
      say(at, `Accepted publickey for kim from 198.51.100.${(nth % 3) + 1} port ${30_000 + nth} ssh2: ${KEY}`)
    }
    if (nth === Math.floor(tries * 0.6)) {
      pid += 1
      say(at, `Accepted password for shop from ${from(3)} port 40001 ssh2`)
    }
    if (nth === Math.floor(tries * 0.8)) {
      pid += 1
      say(at, `Accepted password for kim from 192.0.2.77 port 40002 ssh2`)
    }
  }
  const before = (address: string, share: number): number => {
    let count = 0
    for (let nth = 0; nth <= Math.floor(tries * share); nth++) if (from((nth * 7) % addresses) === address) count += 1
    return count
  }
  return {
    lines,
    tries,
    addresses: failures.size,
    strangers: [
      { user: 'shop', address: from(3), failuresBefore: before(from(3), 0.6) },
      { user: 'kim', address: '192.0.2.77', failuresBefore: 0 },
    ],
  }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A line as rsyslog's traditional format has it, in UTC and without a year (RFC 3164). */
export const asFileLine = ({ at, pid, message }: AttackLine): string =>
  `${MONTHS[at.getUTCMonth()]} ${String(at.getUTCDate()).padStart(2)} ${at.toISOString().slice(11, 19)} web1 sshd[${pid}]: ${message}`

/** An entry in the journal's export format (systemd.io/JOURNAL_EXPORT_FORMATS), as if sshd had written it. */
export const asExport = ({ at, pid, message }: AttackLine, boot: string): string =>
  [
    `__REALTIME_TIMESTAMP=${at.getTime() * 1000}`,
    `__MONOTONIC_TIMESTAMP=${(at.getTime() % 1e10) * 1000}`,
    `_BOOT_ID=${boot}`,
    ...['SYSLOG_IDENTIFIER=sshd', '_COMM=sshd', '_EXE=/usr/sbin/sshd', '_UID=0', `_PID=${pid}`],
    `MESSAGE=${message}`,
    '',
    '',
  ].join('\n')
