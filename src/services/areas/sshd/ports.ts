import { fail, ok, type Result } from '../../model/errors.ts'
import { bytesOf } from '../../model/file-bytes.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import type { SshdFacts } from '../../model/sshd.ts'
import { SOCKET_FILE, type SshdEdit } from './lay.ts'
import { portsOf, valuesOf } from './parse.ts'

/** The port that the routine moves SSH to: off the one that every scanner tries. */
export const USUAL_PORT = 10022

/** Where sshd shall listen, what of it is new, and what goes. */
export type PortChange = {
  readonly all: readonly number[]
  readonly open: readonly number[]
  readonly close: readonly number[]
}

/** What is proposed to begin with: the usual port beside the one that there is; of several, those but the operator's. */
export function proposedPorts(now: readonly number[], serverPort: number): readonly number[] {
  if (now.length === 1) return now.includes(USUAL_PORT) ? now : [...now, USUAL_PORT]
  const others = now.filter((port) => port !== serverPort)
  return now.includes(serverPort) && others.length > 0 ? others : now
}

/**
 * Reads the ports that a person types. The port that his session came in by goes in a change of its own: while a new one
 * is not proven and confirmed, the old one stays open.
 */
export function readPorts(text: string, now: readonly number[], serverPort: number): Result<PortChange, Safe> {
  const words = text
    .trim()
    .split(/[\s,]+/)
    .filter((word) => word !== '')
  if (words.length === 0) return fail(say`Type one or more ports, such as ${USUAL_PORT}.`)
  const wrong = words.find((word) => !/^\d{1,5}$/.test(word) || Number(word) < 1 || Number(word) > 65535)
  if (wrong !== undefined) return fail(say`“${safe(wrong, 20)}” is no port: a number from 1 to 65535.`)
  const all = [...new Set(words.map(Number))]
  const open = all.filter((port) => !now.includes(port))
  const close = now.filter((port) => !all.includes(port))
  if (open.length + close.length === 0) return fail(say`sshd listens there already.`)
  if (open.length > 0 && close.includes(serverPort))
    return fail(
      say`Port ${serverPort}, which you came in by, stays until the new one is proven: keep it now, and take it out with the next change.`,
    )
  return ok({ all, open, close })
}

/** The edits of sshd's side. The error says what stands in the way. */
export function portEdits(facts: SshdFacts, { all, open }: PortChange): Result<readonly SshdEdit[], Safe> {
  const unlabelled = withoutLabel(facts, open)
  if (unlabelled) return fail(unlabelled)
  const option = facts.options.find((word) => /^(-p|port)/i.test(word))
  if (option !== undefined) return fail(say`sshd was started with ${option}, which stands above its files`)
  const socket: readonly SshdEdit[] = facts.socketActivated && !facts.socketGenerated ? [socketEdit(facts, all)] : []
  const addresses = valuesOf(facts.settings, 'listenaddress').map(({ value }) => value)
  const named = facts.views[0]?.sources.some(({ keyword }) => keyword === 'listenaddress') ?? false
  if (named) {
    const bare = [...new Set(addresses.map((address) => address.replace(/:\d+$/, '')))]
    const values = bare.flatMap((address) => all.map((port) => `${address}:${port}`))
    return ok([
      ...socket,
      { kind: 'keyword', keyword: 'Port', values: all.map(String), match: null },
      { kind: 'keyword', keyword: 'ListenAddress', values, match: null },
    ])
  }
  return ok([...socket, { kind: 'keyword', keyword: 'Port', values: all.map(String), match: null }])
}

/** Why SELinux would not let sshd listen on one of the ports, and what lets it (sshd_selinux(8)); null where it would. */
function withoutLabel({ sshPorts }: SshdFacts, ports: readonly number[]): Safe | null {
  if (sshPorts === 'off') return null
  const port = ports.find((one) => !(sshPorts ?? []).some(([from, to]) => from <= one && one <= to))
  if (port === undefined) return null
  const label = say`semanage port -a -t ssh_port_t -p tcp ${port}`
  return sshPorts === null
    ? say`SELinux enforces, and which ports it lets sshd have can't be read: install semanage (policycoreutils-python-utils), and run ${label}`
    : say`SELinux lets sshd not listen on port ${port}: run ${label} first (-d in place of -a takes it back)`
}

/** The unit's own ports are cleared first: each line adds to those before. */
function socketEdit({ files }: SshdFacts, ports: readonly number[]): SshdEdit {
  const lines = ports.map((port) => `ListenStream=${port}\n`).join('')
  const text = bytesOf(`# Written by hardtui\n[Socket]\nListenStream=\n${lines}`)
  return { kind: 'file', path: SOCKET_FILE, text, was: files?.get(SOCKET_FILE) ?? null }
}

/** Where sshd listens, by its files. */
export const portsNow = ({ settings, ports, socketActivated }: SshdFacts): readonly number[] =>
  socketActivated ? ports : portsOf(settings)
