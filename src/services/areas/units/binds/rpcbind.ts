import { fail, ok, type Result } from '../../../model/errors.ts'
import { bytesOf } from '../../../model/file-bytes.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { isRunning, type Unit, type UnitsFacts } from '../../../model/units.ts'
import { type Bind, type BindChange, bytesIn, whyUnread } from './bind.ts'
import { RPCBIND_FILE } from './read.ts'

/** The port of rpcbind(8), on which its socket unit listens for it. */
const PORT = 111
const EVERYWHERE: ReadonlySet<string> = new Set(
  ['0.0.0.0', '[::]'].flatMap((address) => [`${address}:${PORT} (Stream)`, `${address}:${PORT} (Datagram)`]),
)
const PATH = /^(\/(?:var\/)?run\/rpcbind\.sock) \(Stream\)$/

/**
 * Where rpcbind(8) is told on which addresses to listen. Its socket unit says so; without systemd only its option -h could,
 * which is for UDP alone.
 */
export function rpcbindBind(facts: UnitsFacts): Bind {
  if (facts.manager !== 'systemd')
    return {
      at: [],
      change: fail(say`rpcbind itself has no setting for its TCP port (its -h is for UDP): the firewall has`),
    }
  const shown = facts.binds?.rpcbindSocket ?? null
  const values = (key: string): readonly string[] =>
    (shown ?? []).flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []))
  const files = [...values('FragmentPath'), ...values('DropInPaths')].filter((one) => one !== '')
  return {
    at: files.map((path) => say`${safe(path, 120)}: ListenStream and ListenDatagram`),
    change: shown === null ? fail(say`what its socket unit says is not known`) : changeOf(facts, values),
  }
}

function changeOf(facts: UnitsFacts, values: (key: string) => readonly string[]): Result<BindChange, Safe> {
  const { binds } = facts
  const asked = askedFromOutside(facts)
  if (asked) return fail(asked)
  const unread = binds ? whyUnread(binds, RPCBIND_FILE) : say`${safe(RPCBIND_FILE)} was not read`
  if (unread || !binds) return fail(unread ?? say``)
  if (bytesIn(binds, RPCBIND_FILE) !== null) return fail(say`${safe(RPCBIND_FILE)} is there already: see what it says`)
  if (values('DropInPaths').some((one) => one !== ''))
    return fail(say`its socket unit was changed already: ${safe(values('DropInPaths').join(' '), 160)}`)
  if (!/^\/(?:usr\/)?lib\/systemd\/system\/rpcbind\.socket$/.test(values('FragmentPath')[0] ?? ''))
    return fail(say`its socket unit is none of the system's own: bind it there`)
  const listen = values('Listen')
  const paths = listen.flatMap((one) => PATH.exec(one)?.[1] ?? [])
  const rest = listen.filter((one) => !PATH.test(one))
  if (!rest.every((one) => EVERYWHERE.has(one)) || rest.length === 0)
    return fail(
      say`its socket unit listens on more than port ${PORT} of all addresses: ${safe(listen.join(', '), 160)}`,
    )
  const text = bytesOf(dropIn(paths, rest))
  return ok({
    file: { kind: 'file', path: RPCBIND_FILE, text, was: null },
    summary: say`ListenStream and ListenDatagram on loopback`,
  })
}

/** An empty setting takes back what the unit's own file says, its path in /run too (systemd.socket(5)). */
function dropIn(paths: readonly string[], listen: readonly string[]): string {
  const lines = listen.map((one) => {
    const [, address, kind] = /^(.*):\d+ \((.*)\)$/.exec(one) ?? []
    return `Listen${kind}=${address === '[::]' ? '[::1]' : '127.0.0.1'}:${PORT}`
  })
  const all = ['ListenStream=', 'ListenDatagram=', ...paths.map((path) => `ListenStream=${path}`), ...lines]
  return `# Written by hardtui: rpcbind for this host alone.\n[Socket]\n${all.join('\n')}\n`
}

/** NFS 3 asks for its locks and mounts from the other host, NFS 4 never does (nfs(5)). */
function askedFromOutside({ needs, units }: UnitsFacts): Safe | null {
  if (!needs?.nfs) return say`who needs it could not all be looked for`
  const three = needs.nfs.find((one) => !/^(?:\/etc\/fstab: )?nfs4 /.test(one))
  if (three) return say`other hosts ask it for NFS 3 (${three}): let the firewall say which`
  const rpcbind = units.filter(isRpcbind)
  const along = units.find(
    (one) =>
      isRunning(one.active) && !isRpcbind(one) && rpcbind.some(({ details }) => details?.stopsWith.includes(one.name)),
  )
  return along
    ? say`${safe(along.name)} rests on it, and may be asked for by other hosts: let the firewall say which`
    : null
}

const isRpcbind = ({ name }: Unit): boolean => /^rpcbind\.(?:service|socket|target)$/.test(name)
