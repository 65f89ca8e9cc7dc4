/** A line of the practice server's log: who wrote it, as journald would know it, and what. */
export type LogLine = { readonly program: string; readonly pid: number; readonly message: string }

const NAMES = 'admin test oracle postgres ubuntu user git ftpuser mysql hadoop pi deploy jenkins www nagios'.split(' ')
const SOURCES = ['192.0.2.7', '192.0.2.44', '192.0.2.180', '203.0.113.77', '203.0.113.201', '198.51.100.99']

/** What blind attempts look like in a log, one attempt a call. `random` gives numbers in [0, 1). */
export function attack(random: () => number): readonly LogLine[] {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const pid = 1000 + Math.floor(random() * 60_000)
  const from = `${pick(SOURCES)} port ${1024 + Math.floor(random() * 64_000)}`
  const line = (message: string): LogLine => ({ program: 'sshd', pid, message })
  if (random() < 0.45)
    return [
      line(`Failed password for root from ${from} ssh2`),
      line(`Connection closed by authenticating user root ${from} [preauth]`),
    ]
  // sshd writes the name a client sends into the line: some send a name that looks like the rest of it.
  const name = random() < 0.04 ? 'root from 192.0.2.1 port 22 ssh2' : pick(NAMES)
  return [
    line(`Invalid user ${name} from ${from}`),
    line(`Failed password for invalid user ${name} from ${from} ssh2`),
    line(`Connection closed by invalid user ${name} ${from} [preauth]`),
  ]
}

/**
 * What the log held before anybody looked, with each line's age in seconds, oldest first: attempts over some hours,
 * and among them one login that is not the operator's.
 */
export function history(random: () => number): readonly (LogLine & { readonly age: number })[] {
  const lines: (LogLine & { readonly age: number })[] = []
  for (let age = 4 * 3600; age > 20; age -= 20 + Math.floor(random() * 240)) {
    for (const line of attack(random)) lines.push({ ...line, age })
    if (lines.length > 60 && !lines.some(({ message }) => message.startsWith('Accepted')))
      lines.push({
        program: 'sshd',
        pid: 31_337,
        message: 'Accepted password for deploy from 192.0.2.99 port 40022 ssh2',
        age,
      })
  }
  return lines
}

/** One entry as `journalctl -o json` prints it. `atMs` is epoch milliseconds. */
export const journalEntry = ({ program, pid, message }: LogLine, atMs: number): string =>
  `${JSON.stringify({
    __REALTIME_TIMESTAMP: `${Math.floor(atMs)}000`,
    SYSLOG_IDENTIFIER: program,
    _COMM: program,
    _EXE: `/usr/sbin/${program}`,
    _UID: '0',
    _PID: String(pid),
    MESSAGE: message,
  })}\n`

/** The same line as rsyslog writes it on Debian 12: ISO time in the server's zone. */
export function fileLine({ program, pid, message }: LogLine, atMs: number): string {
  const offset = -new Date(atMs).getTimezoneOffset()
  const local = new Date(atMs + offset * 60_000).toISOString().replace('Z', '')
  const two = (number: number): string => String(Math.floor(number)).padStart(2, '0')
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`
  return `${local}000${zone} practice ${program}[${pid}]: ${message}\n`
}
