import type { LogKind } from '../../model/securelog.ts'

/** What a message says of a login. Names and addresses are hostile text, as they came. */
export type Meaning = {
  readonly kind: LogKind
  readonly user: string | null
  readonly address: string | null
  readonly port: number | null
  readonly method: string | null
}

type Pattern = {
  /** Every message the pattern can match begins so: saves running the expression. */
  readonly start: string
  readonly kind: LogKind
  readonly form: RegExp
}

/*
 * sshd writes the name a client sends into the middle of the line, so a name may hold what looks like the rest of it
 * (`root from 6.6.6.6 port 22 ssh2`). The expressions are anchored at both ends and take the name greedily: what
 * counts is the last ` from `, which sshd wrote. After it nothing that a client chooses may follow, which is why the
 * tail (a key's type and fingerprint) is spelled out.
 */
const FROM = String.raw`from (?<address>\S+) port (?<port>\d+)(?: ssh2)?(?:: \S+ (?:SHA256:\S+|(?:MD5:)?[0-9a-f:]{47}))?$`
/** A certificate's key id is its holder's text. The name of one who got in exists on the host, so the first ` from ` counts. */
const ACCEPTED_TAIL = String.raw`from (?<address>\S+) port (?<port>\d+)(?: ssh2)?(?:: .*)?$`

const SSHD: readonly Pattern[] = [
  { start: 'Accepted ', kind: 'accepted', form: new RegExp(`^Accepted (?<method>\\S+) for (?<user>.*) ${FROM}`, 's') },
  {
    start: 'Accepted ',
    kind: 'accepted',
    form: new RegExp(`^Accepted (?<method>\\S+) for (?<user>\\S+) ${ACCEPTED_TAIL}`, 's'),
  },
  {
    start: 'Failed ',
    kind: 'failed',
    form: new RegExp(`^Failed (?<method>\\S+) for (?:invalid user )?(?<user>.*) ${FROM}`, 's'),
  },
  { start: 'Failed ', kind: 'failed', form: /^Failed (?<method>\S+) for / },
  {
    start: 'Invalid user ',
    kind: 'invalid',
    form: /^Invalid user (?<user>.*) from (?<address>\S+)(?: port (?<port>\d+))?$/s,
  },
  {
    start: 'User ',
    kind: 'failed',
    form: /^User (?<user>.*) from (?<address>\S+) not allowed because .*$/s,
  },
  {
    start: 'error: maximum ',
    kind: 'failed',
    form: /^error: maximum authentication attempts exceeded for (?:invalid user )?(?<user>.*) from (?<address>\S+) port (?<port>\d+)(?: ssh2)?(?: \[preauth\])?$/s,
  },
  {
    start: 'ROOT LOGIN REFUSED ',
    kind: 'failed',
    form: /^ROOT LOGIN REFUSED FROM (?<address>\S+)(?: port (?<port>\d+))?(?: \[preauth\])?$/s,
  },
  {
    start: 'Connection ',
    kind: 'other',
    form: /^Connection (?:closed|reset) by (?:(?:invalid|authenticating) user (?<user>.*) )?(?<address>\S+) port (?<port>\d+)(?: \[preauth\])?$/s,
  },
  {
    start: 'Disconnected from ',
    kind: 'other',
    form: /^Disconnected from (?:(?:invalid |authenticating )?user (?<user>.*) )?(?<address>\S+) port (?<port>\d+)(?: \[preauth\])?$/s,
  },
]

const OTHERS: readonly Pattern[] = [
  {
    start: '',
    kind: 'failed',
    form: /^ *(?<user>\S+) : (?:\d+ incorrect password attempts?|user NOT in sudoers|command not allowed) ; /,
  },
  { start: '', kind: 'failed', form: /^FAILED SU \(to .+\) (?<user>\S+) on \S+$/s },
  { start: '', kind: 'other', form: /^ *(?<user>\S+) : TTY=/ },
  { start: '', kind: 'other', form: /^\(to .+\) (?<user>\S+) on \S+$/s },
]

const NOTHING: Meaning = { kind: 'other', user: null, address: null, port: null, method: null }

/** rsyslog folds equal lines into one: `message repeated 3 times: [ Failed password … ]`. */
const REPEATED = /^message repeated \d+ times: \[ (.*)\]$/s

/** Says what a message of `program` (sshd, sshd-session, sshd-auth, sudo, su, hardtui) means for logins. Never throws. */
export function meaningOf(program: string, message: string): Meaning {
  if (program === 'hardtui') return NOTHING
  const patterns = program.startsWith('sshd') ? SSHD : OTHERS
  const words = message.startsWith('message repeated') ? (REPEATED.exec(message)?.[1] ?? message) : message
  for (const { start, kind, form } of patterns) {
    if (!words.startsWith(start)) continue
    const found = form.exec(words)
    if (!found) continue
    const { user, address, port, method } = found.groups ?? {}
    return {
      kind,
      user: user ?? (start.startsWith('ROOT') ? 'root' : null),
      address: address ?? null,
      port: port === undefined ? null : Number(port),
      method: method ?? (kind === 'failed' && !program.startsWith('sshd') ? program : null),
    }
  }
  return NOTHING
}
