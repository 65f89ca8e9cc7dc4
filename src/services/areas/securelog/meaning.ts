import type { LogKind } from '../../model/securelog.ts'
import { DOAS, FAIL2BAN, LOGIN, LOGIND, PKEXEC, SHADOW, SUDO } from './other-messages.ts'
import { groupOf, type Numbered, numbered, type Pattern } from './pattern.ts'
import { SSHD, SSHD_PAM } from './sshd-messages.ts'

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

type Group = 'user' | 'address' | 'port' | 'method' | 'more'
type Ready = Omit<Pattern, 'form'> & Numbered<Group>

const ready = (patterns: readonly Pattern[]): readonly Ready[] =>
  patterns.map((pattern) => ({ ...pattern, ...numbered<Group>(pattern.form) }))

const [OF_SSHD, OF_SSHD_PAM, OF_SHADOW, OF_SUDO, OF_FAIL2BAN] = [
  ...[ready(SSHD), ready(SSHD_PAM), ready(SHADOW), ready(SUDO), ready(FAIL2BAN)],
] as const
const BY_PROGRAM: ReadonlyMap<string, readonly Ready[]> = new Map([
  ...['sudo', 'sudo-rs', 'su'].map((name) => [name, OF_SUDO] as const),
  ...['fail2ban-server', 'fail2ban.actions'].map((name) => [name, OF_FAIL2BAN] as const),
  ['doas', ready(DOAS)],
  ['pkexec', ready(PKEXEC)],
  ['login', ready(LOGIN)],
  ['systemd-logind', ready(LOGIND)],
  ['hardtui', []],
])

const patternsOf = (program: string): readonly Ready[] => {
  if (program.startsWith('sshd')) return program.includes('(') ? OF_SSHD_PAM : OF_SSHD
  return BY_PROGRAM.get(program) ?? OF_SHADOW
}

/** rsyslog folds equal lines into one: `message repeated 3 times: [ Failed password … ]`. */
const REPEATED = /^message repeated (\d{1,6}) times: \[ (.*)\]$/s

/** sshd cuts its messages at 1024 bytes, sudo folds longer ones: what is longer, in characters, is no message of theirs. */
const MESSAGE_CAP = 4_096

/** Kinds whose method is the program, where it is not sshd. */
const HAS_METHOD: ReadonlySet<LogKind> = new Set(['failed', 'root', 'account'])

const LEVELS = ['error: ', 'fatal: ']
const PREAUTH = ' [preauth]'

function bare(message: string): string {
  const from = LEVELS.find((level) => message.startsWith(level))?.length ?? 0
  return message.slice(from, message.endsWith(PREAUTH) ? -PREAUTH.length : undefined)
}

/** Says what a message of one of the log's programs means for logins and accounts. Never throws. */
export function meaningOf(program: string, message: string): Meaning {
  if (message.length > MESSAGE_CAP)
    return { kind: 'other', user: null, address: null, port: null, method: null, times: 1 }
  const repeated = message.startsWith('message repeated') ? REPEATED.exec(message) : null
  // sshd puts its level in front, and its sandboxed half the word [preauth] behind; neither is of the message.
  const words = bare(repeated?.[2] ?? message)
  const times = Number(repeated?.[1] ?? 1)
  for (const { start, kind, form, at, method: only, user: nobodyElse } of patternsOf(program)) {
    if (!words.startsWith(start)) continue
    const found = form.exec(words)
    if (!found) continue
    const port = groupOf(found, at.port)
    const method = groupOf(found, at.method) ?? only
    return {
      kind,
      user: groupOf(found, at.user) ?? nobodyElse ?? null,
      address: groupOf(found, at.address) || null,
      port: port === undefined ? null : Number(port),
      method: method ?? (HAS_METHOD.has(kind) && !program.startsWith('sshd') ? program : null),
      times: times * Number(groupOf(found, at.more) ?? 1),
    }
  }
  return { kind: 'other', user: null, address: null, port: null, method: null, times }
}
