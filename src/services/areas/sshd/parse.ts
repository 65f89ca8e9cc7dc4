import { LINE_CAP, safe } from '../../model/safe.ts'
import type { SshdSetting } from '../../model/sshd.ts'
import { linesOf } from '../parts.ts'

const SETTING = /^([A-Za-z][A-Za-z0-9]*)(?: (.*))?$/

/**
 * Reads `sshd -T`: one `keyword value` a line, keywords in lower case or, from OpenSSH 10.4 on, as sshd_config(5) spells
 * them. Lines of another form (warnings) are skipped.
 */
export const parseSettings = (text: string): readonly SshdSetting[] =>
  linesOf(text).flatMap((line) => {
    const match = SETTING.exec(line.trimEnd())
    return match ? [{ keyword: (match[1] as string).toLowerCase(), value: safe(match[2] ?? '', LINE_CAP) }] : []
  })

/** All values of a keyword, in order; `AllowUsers` and the like come once for each name. */
export const valuesOf = (settings: readonly SshdSetting[], keyword: string): readonly SshdSetting[] =>
  settings.filter((setting) => setting.keyword === keyword.toLowerCase())

/**
 * The ports sshd listens on. A ListenAddress may carry a port of its own, in which case `Port` is printed but not
 * used, so the addresses decide; sshd -T fills them in where the file has none.
 */
export function portsOf(settings: readonly SshdSetting[]): readonly number[] {
  const listening = valuesOf(settings, 'listenaddress').map((setting) => portAtEnd(setting.value))
  const configured = valuesOf(settings, 'port').map((setting) => Number(setting.value))
  const ports = listening.some((port) => port !== null) ? listening : configured
  return [...new Set(ports.filter((port): port is number => port !== null && isPort(port)))]
}

/** What `systemctl show ssh.socket sshd.socket` says: whether one of them is active, and the ports it listens on. */
export function parseSockets(text: string): { readonly active: boolean; readonly ports: readonly number[] } {
  const units = text.split(/\n\s*\n/)
  const active = units.filter((unit) => /^ActiveState=active$/m.test(unit))
  const ports = active.flatMap((unit) =>
    [...unit.matchAll(/^Listen=(\S+) \(Stream\)$/gm)].map((match) => portAtEnd(match[1] as string)),
  )
  return { active: active.length > 0, ports: [...new Set(ports.filter((port) => port !== null))] }
}

/** `0.0.0.0:22`, `[::]:22` and a bare `22` (systemd prints both families as one port). */
function portAtEnd(address: string): number | null {
  const match = /^(?:.*:)?(\d+)$/.exec(address)
  const port = match ? Number(match[1]) : null
  return port !== null && isPort(port) ? port : null
}

/** The probe's lines of sshd's that listen, `pid port …`: the ports of the one that this session came in by, else the first's. */
export function parseListening(text: string, serverPort: number): readonly number[] {
  const found = linesOf(text).map((line) => line.trim().split(/\s+/).slice(1).map(Number).filter(isPort))
  return found.find((ports) => ports.includes(serverPort)) ?? found[0] ?? []
}

const isPort = (port: number): boolean => Number.isInteger(port) && port > 0 && port < 65536
