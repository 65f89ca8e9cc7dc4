import { safe } from '../../model/safe.ts'
import type { Listener } from '../../model/units.ts'
import { linesOf } from '../parts.ts'
import { unitOfCgroup } from './systemd.ts'

/** A listener with every process that holds it; the first is the one shown. */
export type Socket = Omit<Listener, 'unit'> & { readonly pids: readonly number[]; readonly cgroup: string | null }

const SS = /^(tcp|udp)\s+(?:LISTEN|UNCONN)\s+\d+\s+\d+\s+(\S+):(\d+)\s+\S+\s*(.*)$/s
/** `("sshd",pid=500,fd=3)`, of older iproute2 `("sshd",500,3)`. */
const HOLDER = /\("((?:[^"]|"(?!,(?:pid=)?\d))*)",(?:pid=)?(\d+),(?:fd=)?\d+\)/g

/**
 * Reads `ss -lntupe` (ss(8)); without root it names no processes. Older releases print v6 addresses without brackets.
 * Lines of another form are skipped.
 */
export const parseSs = (text: string): readonly Socket[] =>
  linesOf(text).flatMap((line) => {
    const match = SS.exec(line)
    if (!match) return []
    const rest = match[4] as string
    const holders = [...rest.matchAll(HOLDER)].map((holder) => ({ name: holder[1] as string, pid: Number(holder[2]) }))
    // systemd holds a socket beside the service that it started for it: the service says more.
    const shown = holders.find((holder) => holder.pid !== 1) ?? holders[0]
    return [
      {
        protocol: match[1] === 'tcp' ? ('tcp' as const) : ('udp' as const),
        address: safe(bracketed(match[2] as string)),
        port: Number(match[3]),
        process: shown ? safe(shown.name) : null,
        pid: shown?.pid ?? null,
        pids: holders.map((holder) => holder.pid),
        cgroup: /(?:^|\s)cgroup:(\/\S*)/.exec(rest)?.[1] ?? null,
      },
    ]
  })

const bracketed = (address: string): string =>
  address.includes(':') && !address.startsWith('[') ? `[${address}]` : address

const NETSTAT = /^(tcp|udp)6?\s+\d+\s+\d+\s+(\S+):(\d+)\s+\S+\s+(?:LISTEN\s+)?(?:(\d+)\/(.*?)|-)?\s*$/s

/** Reads `netstat -lntup`, of net-tools or busybox. */
export const parseNetstat = (text: string): readonly Socket[] =>
  linesOf(text).flatMap((line) => {
    const match = NETSTAT.exec(line)
    if (!match) return []
    const pid = match[4] === undefined ? null : Number(match[4])
    return [
      {
        protocol: match[1] === 'tcp' ? ('tcp' as const) : ('udp' as const),
        address: safe(bracketed(match[2] as string)),
        port: Number(match[3]),
        process: match[5] === undefined ? null : safe(match[5]),
        pid,
        pids: pid === null ? [] : [pid],
        cgroup: null,
      },
    ]
  })

const PROC = /^(tcp|udp)(6?)\s+\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2}) /

/** Reads /proc/net/tcp, tcp6, udp and udp6 (proc(5)), each line after the table's name; no process is known there. */
export const parseProc = (text: string): readonly Socket[] =>
  linesOf(text).flatMap((line) => {
    const match = PROC.exec(line)
    // 0A is TCP_LISTEN, 07 TCP_CLOSE: what an unconnected UDP socket is in.
    if (!match || match[5] !== (match[1] === 'tcp' ? '0A' : '07')) return []
    return [
      {
        protocol: match[1] === 'tcp' ? ('tcp' as const) : ('udp' as const),
        address: safe(hexAddress(match[3] as string)),
        port: Number.parseInt(match[4] as string, 16),
        process: null,
        pid: null,
        pids: [],
        cgroup: null,
      },
    ]
  })

/** The kernel prints addresses as 32-bit words in its own byte order; every machine this meets is little-endian. */
function hexAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse())
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join('.')
  const groups = Array.from({ length: 8 }, (_, i) => `${bytes[2 * i]}${bytes[2 * i + 1]}`.replace(/^0{1,3}/, ''))
  const text = groups.join(':').toLowerCase()
  return `[${text.replace(/(?:^|:)0(?::0)+(?::|$)/, '::')}]`
}

/** `grep` over /proc/PID/cgroup: `proc/8/cgroup:0::/system.slice/ssh.service`, to unit by process. */
export function parseCgroups(text: string): ReadonlyMap<number, string> {
  const units = new Map<number, string>()
  for (const line of linesOf(text)) {
    const match = /^\/?proc\/(\d+)\/cgroup:(?:0:|\d+:name=systemd):(\/.*)$/s.exec(line)
    const unit = match ? unitOfCgroup(match[2] as string) : null
    if (match && unit && !units.has(Number(match[1]))) units.set(Number(match[1]), unit)
  }
  return units
}
