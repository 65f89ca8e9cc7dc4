import type { Escalation, HostFacts, Init, Session } from '../model/host.ts'
import { type Safe, safe } from '../model/safe.ts'

const INITS: Readonly<Record<string, Init>> = { systemd: 'systemd', sysvinit: 'sysvinit' }
const ESCALATIONS: Readonly<Record<string, Escalation>> = { root: 'root', sudo: 'sudo', password: 'password' }

// sudo's own words (LC_ALL=C), and sudo-rs's, for "no password would help".
const NEVER =
  /not in the sudoers|may not run|not allowed to|unknown user|effective uid is not 0|owned by uid 0|no new privileges|I'm afraid I can't do that|account validation failure|account has expired|(sudo|sudo-rs|script): (command )?not found/i

/** Whether sudo's words mean that it wants a terminal before anything else: `requiretty` of sudoers(5). */
export const sudoWantsTerminal = (text: string): boolean => /must have a tty/.test(text)

/** Whether sudo's words mean that no password would help. */
export const sudoNever = (text: string): boolean => NEVER.test(text)

/** Longest value that is looked at, in characters: none of these is longer on a real host. */
const VALUE_CAP = 4_096

/** sudo's words as part of a sentence of ours. */
export const sudoReason = (text: string): string => {
  const words = text.slice(0, VALUE_CAP).trim().replace(/\.+$/, '')
  if (/script: (command )?not found/.test(words))
    return 'sudo wants a terminal here (requiretty), and script(1), which could give it one, is not installed'
  return /sudo(-rs)?: (command )?not found/.test(words) ? 'sudo is not installed' : words
}

/** `$SSH_CONNECTION` of sshd(8): client address and port, server address and port. */
export function parseSession(text: string): Session {
  const [clientAddress = '', clientPort = '', serverAddress = '', serverPort = ''] = text.trim().split(/\s+/)
  return { clientAddress, clientPort: Number(clientPort) || 0, serverAddress, serverPort: Number(serverPort) || 0 }
}

const unquoted = (text: string): string => text.replace(/^(["'])(.*)\1$/, '$2')

/** Interface names as the kernel allows them (IFNAMSIZ); anything else is not one. */
const interfaceOf = (route: string, session: Session): string | null => {
  const name = session.clientAddress.split('%')[1] ?? / dev (\S+)/.exec(` ${route}`)?.[1] ?? ''
  return /^[A-Za-z0-9_.:@-]{1,15}$/.test(name) ? name : null
}

/** Reads what facts.sh printed. `nowMs` is this machine's clock when it arrived. */
export function parseFacts(text: string, nowMs: number): HostFacts {
  const values = new Map<string, string>()
  const tools: Record<string, string> = Object.create(null)
  for (const line of text.split('\n')) {
    const [, key, value] = /^([a-z]{1,20})=(.*)$/.exec(line.slice(0, VALUE_CAP)) ?? []
    if (key === undefined || value === undefined) continue
    const [, tool, path] = key === 'tool' ? (/^([a-z0-9.-]+)=(\/[^\s'"]*)$/.exec(value) ?? []) : []
    if (tool !== undefined && path !== undefined) tools[tool] = path
    else if (!values.has(key)) values.set(key, value)
  }
  const get = (key: string): string => values.get(key) ?? ''
  const or = (key: string, otherwise: string): Safe => safe(unquoted(get(key)) || otherwise)
  const session = parseSession(get('connection'))
  const asked = ESCALATIONS[get('escalation')] ?? 'none'
  const reason = sudoReason(get('reason'))
  const escalation = asked === 'password' && sudoNever(get('reason')) ? 'none' : asked
  const epoch = Number(get('epoch'))
  return {
    hostname: or('hostname', '?'),
    os: or('os', 'unknown system'),
    kernel: or('kernel', '?'),
    init: INITS[get('init')] ?? 'other',
    login: { user: or('user', '?'), uid: /^\d+$/.test(get('uid')) ? Number(get('uid')) : -1, escalation },
    escalationReason:
      escalation === 'none' || escalation === 'password' ? safe(reason || 'sudo is not installed') : null,
    session,
    sessionInterface: interfaceOf(get('route'), session),
    tools,
    // date(1) cuts the fraction off; half a second is its mean.
    clockSkewSeconds: epoch > 0 ? Math.round(epoch + 0.5 - nowMs / 1000) : 0,
    openssh: values.has('openssh') ? safe(get('openssh')) : null,
  }
}
