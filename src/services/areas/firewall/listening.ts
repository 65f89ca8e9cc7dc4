import { bareAddress, familyOf, isOwnOnly } from '../../model/addresses.ts'
import type { Family, FtpConfig } from '../../model/firewall.ts'
import { type Safe, say } from '../../model/safe.ts'
import type { Listener } from '../../model/units.ts'
import { isLeasePort } from './leases.ts'
import { portIn } from './walk/transport-matches.ts'
import { splitWords } from './words.ts'

/** What ss(8) prints for every address: of one family, or of both. */
const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::', '::ffff:0.0.0.0', '*'])

/** Whether anybody but the host itself can talk to it in this family, as far as the socket goes. */
export const listensIn = ({ address }: Pick<Listener, 'address'>, family: Family): boolean =>
  !isOwnOnly(address) && (familyOf(address) ?? family) === family

/** The one address it is bound to, or null for all. */
export const boundTo = (listener: Pick<Listener, 'address'>): string | null => {
  const address = bareAddress(listener.address)
  return WILDCARDS.has(address) ? null : address.replace(/^::ffff:/, '')
}

/** Ports that a rule's text names as destination: `22`, `80,443`, `10030:10049`; null without one, or with a negated one. */
export type RulePorts = { readonly protocol: 'tcp' | 'udp'; readonly ports: string }

const PROTOCOL = /(?:^| )-p (tcp|udp) /
const PORTS = /^[\d,:]+$/

/** Reads which ports a rule is about. Texts with quotes are split first: a comment may look like an option. */
export function rulePorts(text: string): RulePorts | null {
  if (!text.includes(' --dport')) return null
  const plain = text.includes('"') ? withoutComment(text) : text
  const option = plain.indexOf(' --dport')
  const start = plain.indexOf(' ', option + 1) + 1
  const end = plain.indexOf(' ', start)
  const ports = plain.slice(start, end < 0 ? plain.length : end)
  const protocol = PROTOCOL.exec(plain)?.[1]
  if (option < 1 || start < 1 || !protocol || !PORTS.test(ports)) return null
  if (plain.includes('! ') && /! (?:-p|--d\S+) /.test(plain)) return null
  return { protocol: protocol as 'tcp' | 'udp', ports }
}

function withoutComment(text: string): string {
  const split = splitWords(text)
  if (!split.ok) return ''
  const at = split.value.indexOf('--comment')
  return split.value.filter((_, i) => at < 0 || (i !== at && i !== at + 1)).join(' ')
}

/** The listeners on the ports that a rule names, of those given, which are of the rule's family. */
export const listenersOn = ({ protocol, ports }: RulePorts, listeners: readonly Listener[]): readonly Listener[] =>
  listeners.filter((one) => one.protocol === protocol && portIn(ports, one.port) === 'yes')

/** Those that others can reach in a family. */
export const listenersIn = (listeners: readonly Listener[], family: Family): readonly Listener[] =>
  listeners.filter((one) => listensIn(one, family))

/** `nginx`, `sshd, systemd`; empty where no process is known. */
export function processWords(listeners: readonly Listener[]): Safe {
  const names = [...new Set(listeners.flatMap((one) => one.process ?? []))]
  return names.length === 0 ? say`` : (names.join(', ') as Safe)
}

/** `tcp 22 (sshd)` */
export const portWords = ({ protocol, port, process }: Pick<Listener, 'protocol' | 'port' | 'process'>): Safe =>
  say`${protocol as Safe} ${port}${process ? say` (${process})` : say``}`

/**
 * Tells of a rule whether it lets in ports on which none of these listens. Ranges are left alone: what uses them (passive
 * FTP, calls, mosh) listens only while it runs.
 */
export function nobodyListens(listeners: readonly Listener[], ftp: readonly FtpConfig[]): (text: string) => boolean {
  const known = new Map<string, boolean>()
  const isIdle = (wanted: RulePorts): boolean =>
    !ftp.some((one) => one.passive && portIn(wanted.ports, one.passive.from) === 'yes') &&
    listenersOn(wanted, listeners).length === 0
  return (text) => {
    const wanted = rulePorts(text)
    if (
      !wanted ||
      wanted.ports.includes(':') ||
      isLeasePort(Number(wanted.ports)) ||
      !text.includes('-j ACCEPT') ||
      text.includes(' -o ')
    )
      return false
    const key = `${wanted.protocol} ${wanted.ports}`
    const idle = known.get(key) ?? isIdle(wanted)
    known.set(key, idle)
    return idle
  }
}
