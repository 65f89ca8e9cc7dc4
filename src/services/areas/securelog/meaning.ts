import type { LogKind } from '../../model/securelog.ts'

/** What a message says of a login. Names and addresses are hostile text, as they came. */
export type Meaning = {
  readonly kind: LogKind
  readonly user: string | null
  readonly address: string | null
  readonly port: number | null
  readonly method: string | null
  /** How often it happened: logs fold equal lines into one. */
  readonly times: number
}

type Pattern = {
  /** Every message the pattern can match begins so: saves running the expression. */
  readonly start: string
  readonly kind: LogKind
  readonly form: RegExp
  /** The method, where the message does not name it but comes of no other. */
  readonly method?: string
}

/*
 * sshd writes the name a client sends into the middle of the line, so a name may hold what looks like the rest of it
 * (`root from 6.6.6.6 port 22 ssh2`). The expressions are anchored at both ends and take the name greedily: what
 * counts is the last ` from `, which sshd wrote. After it nothing that a client chooses may follow, which is why the
 * tail (a key's type and fingerprint) is spelled out.
 */
const KEY = String.raw`: [\w@.-]+ (?:SHA256:[A-Za-z0-9+/=]+|(?:MD5:)?[0-9a-f:]{47})`
const PEER = String.raw`from (?<address>\S+) port (?<port>\d+)(?: ssh[12])?`
const FROM = `${PEER}(?:${KEY})?$`
/** Releases before 3.9 name no port. What stands in quotes at the end of a line is the client's, never an address. */
const FROM_NO_PORT = 'from (?<address>[0-9A-Za-z.:%_-]+)(?: ssh[12])?$'
const METHOD = String.raw`(?<method>[a-z][\w@./-]*)`
const STRANGER = '(?:invalid|illegal) user '
/** No second ` from … port …` anywhere: the line can be read in one way only. */
const ONCE = String.raw`(?:(?! from \S+ port \d).)*`

/**
 * `Accepted` and `Failed` lines, most exact form first. A certificate's key id, the user and host that a hostbased
 * client claims, and a GSSAPI principal follow the address and are others' words; such a tail comes only for a name
 * that exists on the host (sshd says "invalid user" of the rest), so there the first ` from ` is sshd's.
 */
const outcome = (word: string, kind: LogKind): readonly Pattern[] =>
  [
    `(?:${STRANGER})?(?<user>.*) ${FROM}`,
    `(?!${STRANGER})(?<user>.*?) ${PEER}: .*$`,
    `${STRANGER}(?<user>${ONCE}) ${PEER}: ${ONCE}$`,
    `(?:${STRANGER})?(?<user>.*) ${FROM_NO_PORT}`,
    '',
  ].map((rest) => ({ start: `${word} `, kind, form: new RegExp(`^${word} ${METHOD} for ${rest}`, 's') }))

const SSHD: readonly Pattern[] = [
  ...outcome('Accepted', 'accepted'),
  ...outcome('Failed', 'failed'),
  {
    start: 'Invalid user ',
    kind: 'invalid',
    form: /^Invalid user (?<user>.*) from (?<address>\S+)(?: port (?<port>\d+))?$/s,
  },
  {
    start: 'Illegal user ',
    kind: 'invalid',
    form: /^Illegal user (?<user>.*) from (?<address>\S+)(?: port (?<port>\d+))?$/s,
  },
  // What PAM answers to keyboard-interactive, which at LogLevel INFO is all that is said of a wrong password.
  {
    start: 'PAM: ',
    kind: 'failed',
    method: 'keyboard-interactive/pam',
    form: /^PAM: (?:Have exhausted maximum number of retries for service|.+?) for (?:illegal user )?(?<user>.*) from (?<address>\S+)$/s,
  },
  {
    start: 'Access denied for user ',
    kind: 'failed',
    form: /^Access denied for user (?<user>.*) by PAM account configuration$/s,
  },
  {
    start: 'User ',
    kind: 'failed',
    form: /^User (?<user>.*) from (?<address>\S+) not allowed because (?:(?:not )?listed in|not in any group|a group is|none of) ?.*$/s,
  },
  {
    start: 'User ',
    kind: 'failed',
    form: /^User (?<user>.*) not allowed because (?:account is locked|shell .* (?:does not exist|is not executable))$/s,
  },
  {
    start: 'maximum ',
    kind: 'failed',
    form: /^maximum authentication attempts exceeded for (?:invalid user )?(?<user>.*) from (?<address>\S+) port (?<port>\d+)(?: ssh[12])?$/s,
  },
  {
    start: 'ROOT LOGIN REFUSED ',
    kind: 'failed',
    form: /^ROOT LOGIN REFUSED FROM (?<address>\S+)(?: port (?<port>\d+))?$/s,
  },
  {
    start: 'Connection ',
    kind: 'other',
    form: /^Connection (?:closed|reset) by (?:(?:invalid|authenticating) user (?<user>.*) )?(?<address>\S+) port (?<port>\d+)$/s,
  },
  {
    start: 'Disconnected from ',
    kind: 'other',
    form: /^Disconnected from (?:(?:invalid |authenticating )?user (?<user>.*) )?(?<address>\S+) port (?<port>\d+)$/s,
  },
]

/** pam_unix of old hosts, under the name `sshd(pam_unix)`: the log it writes to has no line of sshd's own. */
const SSHD_PAM: readonly Pattern[] = [
  {
    start: '',
    kind: 'failed',
    form: /^(?:authentication failure|(?<more>\d+) more authentication failures?); logname=\S* uid=\d+ euid=\d+ tty=\S* ruser=\S* rhost=(?<address>\S*)(?: +(?:user=(?<user>.*))?)?$/s,
  },
]

const OTHERS: readonly Pattern[] = [
  {
    start: '',
    kind: 'failed',
    form: /^ *(?<user>\S.*?) : (?:\d+ incorrect password attempts?|user NOT in sudoers|command not allowed) ; /,
  },
  { start: '', kind: 'failed', form: /^FAILED SU \(to .+\) (?<user>\S+) on \S+$/s },
  { start: '', kind: 'failed', form: /^FAILED su for .+ by (?<user>\S+)$/s },
  { start: '', kind: 'other', form: /^ *(?<user>\S.*?) : (?:\(command continued\) |TTY=| ?PWD=)/ },
  { start: '', kind: 'other', form: /^\(to .+\) (?<user>\S+) on \S+$/s },
]

const patternsOf = (program: string): readonly Pattern[] => {
  if (program === 'hardtui') return []
  if (!program.startsWith('sshd')) return OTHERS
  return program.includes('(') ? SSHD_PAM : SSHD
}

/** rsyslog folds equal lines into one: `message repeated 3 times: [ Failed password … ]`. */
const REPEATED = /^message repeated (\d{1,6}) times: \[ (.*)\]$/s

/** sshd cuts its messages at 1024 bytes, sudo folds longer ones: what is longer, in characters, is no message of theirs. */
const MESSAGE_CAP = 4_096

/** Says what a message of `program` (sshd, sshd-session, sshd-auth, sudo, su, hardtui) means for logins. Never throws. */
export function meaningOf(program: string, message: string): Meaning {
  if (message.length > MESSAGE_CAP)
    return { kind: 'other', user: null, address: null, port: null, method: null, times: 1 }
  const repeated = message.startsWith('message repeated') ? REPEATED.exec(message) : null
  // sshd puts its level in front, and its sandboxed half the word [preauth] behind; neither is of the message.
  const words = (repeated?.[2] ?? message).replace(/^(?:error|fatal): /, '').replace(/ \[preauth\]$/, '')
  const times = Number(repeated?.[1] ?? 1)
  for (const { start, kind, form, method: only } of patternsOf(program)) {
    if (!words.startsWith(start)) continue
    const found = form.exec(words)
    if (!found) continue
    const { user, address, port, method, more } = found.groups ?? {}
    return {
      kind,
      user: user ?? (start.startsWith('ROOT') ? 'root' : null),
      address: address || null,
      port: port === undefined ? null : Number(port),
      method: method ?? only ?? (kind === 'failed' && !program.startsWith('sshd') ? program : null),
      times: times * Number(more ?? 1),
    }
  }
  return { kind: 'other', user: null, address: null, port: null, method: null, times }
}
