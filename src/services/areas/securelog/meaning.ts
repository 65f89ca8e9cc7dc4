import type { LogKind } from '../../model/securelog.ts'
import { DOAS, FAIL2BAN, LOGIN, LOGIND, PKEXEC, SHADOW, SUDO } from './other-messages.ts'
import type { Pattern } from './pattern.ts'
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

const BY_PROGRAM: ReadonlyMap<string, readonly Pattern[]> = new Map([
  ...['sudo', 'sudo-rs', 'su'].map((name) => [name, SUDO] as const),
  ...['fail2ban-server', 'fail2ban.actions'].map((name) => [name, FAIL2BAN] as const),
  ...([
    ['doas', DOAS],
    ['pkexec', PKEXEC],
    ['login', LOGIN],
    ['systemd-logind', LOGIND],
    ['hardtui', []],
  ] as const),
])

const patternsOf = (program: string): readonly Pattern[] => {
  if (program.startsWith('sshd')) return program.includes('(') ? SSHD_PAM : SSHD
  return BY_PROGRAM.get(program) ?? SHADOW
}

/** rsyslog folds equal lines into one: `message repeated 3 times: [ Failed password … ]`. */
const REPEATED = /^message repeated (\d{1,6}) times: \[ (.*)\]$/s

/** sshd cuts its messages at 1024 bytes, sudo folds longer ones: what is longer, in characters, is no message of theirs. */
const MESSAGE_CAP = 4_096

/** Kinds whose method is the program, where it is not sshd. */
const HAS_METHOD: ReadonlySet<LogKind> = new Set(['failed', 'root', 'account'])

/** Says what a message of one of the log's programs means for logins and accounts. Never throws. */
export function meaningOf(program: string, message: string): Meaning {
  if (message.length > MESSAGE_CAP)
    return { kind: 'other', user: null, address: null, port: null, method: null, times: 1 }
  const repeated = message.startsWith('message repeated') ? REPEATED.exec(message) : null
  // sshd puts its level in front, and its sandboxed half the word [preauth] behind; neither is of the message.
  const words = (repeated?.[2] ?? message).replace(/^(?:error|fatal): /, '').replace(/ \[preauth\]$/, '')
  const times = Number(repeated?.[1] ?? 1)
  for (const { start, kind, form, method: only, user: nobodyElse } of patternsOf(program)) {
    if (!words.startsWith(start)) continue
    const found = form.exec(words)
    if (!found) continue
    const { user, address, port, method, more } = found.groups ?? {}
    return {
      kind,
      user: user ?? nobodyElse ?? null,
      address: address || null,
      port: port === undefined ? null : Number(port),
      method: method ?? only ?? (HAS_METHOD.has(kind) && !program.startsWith('sshd') ? program : null),
      times: times * Number(more ?? 1),
    }
  }
  return { kind: 'other', user: null, address: null, port: null, method: null, times }
}
