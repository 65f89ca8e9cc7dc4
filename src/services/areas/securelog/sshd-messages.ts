import type { LogKind } from '../../model/securelog.ts'
import type { Pattern } from './pattern.ts'

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

/** What sshd says, most exact form first. */
export const SSHD: readonly Pattern[] = [
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
    form: /^PAM: (?:Have exhausted maximum number of retries for service|.+?) for (?:illegal user )?(?<user>.*) from (?<address>\S+)(?: via \S+)? ?$/s,
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
    user: 'root',
  },
  // Who names himself and goes before anything was decided: of a key that was refused nothing else is said at INFO.
  {
    start: 'Connection ',
    kind: 'left',
    form: /^Connection (?:closed|reset) by (?:invalid|authenticating) user (?<user>.*) (?<address>\S+) port (?<port>\d+)$/s,
  },
  {
    start: 'Disconnected from ',
    kind: 'left',
    form: /^Disconnected from (?:invalid|authenticating) user (?<user>.*) (?<address>\S+) port (?<port>\d+)$/s,
  },
  {
    start: 'Disconnecting ',
    kind: 'left',
    form: /^Disconnecting (?:invalid|authenticating) user (?<user>.*) (?<address>\S+) port (?<port>\d+): Too many authentication failures$/s,
  },
  {
    start: 'Disconnecting: ',
    kind: 'left',
    form: /^Disconnecting: Too many authentication failures(?: for (?<user>.*))?$/s,
  },
  // Who comes and goes without a name: scanners, most of them. What they send stands in the middle, in quotes.
  {
    start: 'Connection ',
    kind: 'knock',
    form: /^Connection (?:closed|reset) by (?<address>[0-9A-Fa-f.:%]\S*)(?: port (?<port>\d+))?$/s,
  },
  {
    start: 'Did not receive ',
    kind: 'knock',
    form: /^Did not receive identification string from (?<address>\S+)(?: port (?<port>\d+))?$/s,
  },
  {
    start: 'Bad protocol version ',
    kind: 'knock',
    form: /^Bad protocol version identification '.*' from (?<address>\S+)(?: port (?<port>\d+))?$/s,
  },
  {
    start: 'banner exchange: ',
    kind: 'knock',
    form: /^banner exchange: Connection from (?<address>\S+) port (?<port>\d+): .*$/s,
  },
  {
    start: 'Unable to negotiate ',
    kind: 'knock',
    form: /^Unable to negotiate with (?<address>\S+) port (?<port>\d+): .*$/s,
  },
  {
    start: 'Timeout before ',
    kind: 'knock',
    form: /^Timeout before authentication for (?:connection from (?<address>\S+) to \S+, pid = \d+)$/s,
  },
  {
    start: 'Timeout before ',
    kind: 'knock',
    form: /^Timeout before authentication for (?<address>\S+)(?: port (?<port>\d+))?$/s,
  },
  {
    start: 'ssh_dispatch_run_fatal: ',
    kind: 'knock',
    form: /^ssh_dispatch_run_fatal: Connection from (?<address>\S+) port (?<port>\d+): .*$/s,
  },
  {
    start: 'Received disconnect from ',
    kind: 'other',
    form: /^Received disconnect from (?<address>[0-9A-Fa-f.:%]+?)(?: port (?<port>\d+))?: ?\d+: .*$/s,
  },
  {
    start: 'Disconnected from ',
    kind: 'other',
    form: /^Disconnected from (?:user (?<user>.*) )?(?<address>\S+) port (?<port>\d+)$/s,
  },
]

/** pam_unix of old hosts, under the name `sshd(pam_unix)`: the log it writes to has no line of sshd's own. */
export const SSHD_PAM: readonly Pattern[] = [
  {
    start: '',
    kind: 'failed',
    form: /^(?:authentication failure|(?<more>\d+) more authentication failures?); logname=\S* uid=\d+ euid=\d+ tty=\S* ruser=\S* rhost=(?<address>\S*)(?: +(?:user=(?<user>.*))?)?$/s,
  },
]
