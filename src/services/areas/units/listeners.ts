import { fail, ok, type Result } from '../../model/errors.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import type { Listener } from '../../model/units.ts'
import { linesOf } from '../parts.ts'
import { unitOfCgroup } from './systemd.ts'

/** A listener with every process that holds it; the first is the one shown. */
export type Socket = Omit<Listener, 'unit'> & { readonly pids: readonly number[]; readonly cgroup: string | null }

/** Who listens, or half a sentence on why that can't be told. One odd line makes a reading none: it may hide others. */
export type Heard = Result<readonly Socket[], Safe>

/** What no program prints of its own accord: a TAB stands between columns, a line feed ends the line. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/

/** Reads lines by what makes a socket of one; `none` is a line that is understood and is of no listener. */
function readLines(text: string, program: Safe, read: (line: string) => Socket | 'none' | null): Heard {
  const sockets: Socket[] = []
  for (const line of linesOf(text)) {
    const socket = CONTROL.test(line) ? null : read(line)
    if (socket === null)
      return fail(
        say`${program} printed a line that can't be read, as a line break in a process's name would make one: ${safe(line, 80)}`,
      )
    if (socket !== 'none') sockets.push(socket)
  }
  return ok(sockets)
}

const SS = /^(tcp|udp)[ \t]+(?:LISTEN|UNCONN)[ \t]+\d+[ \t]+\d+[ \t]+(\S+)[ \t]+\S+/
const SS_HEADING = /^Netid +State +Recv-Q +Send-Q +Local Address:Port/
/** `("sshd",pid=500,fd=3)`, of older iproute2 `("sshd",500,3)`. A name is any user's own words, at most 15 bytes. */
const HOLDER = /\("([^"]{0,64})",(?:pid=)?(\d{1,10}),(?:fd=)?\d{1,10}\)/y

/**
 * Reads `ss -lntupe` (ss(8)); without root it names no processes. Older releases print v6 addresses without brackets.
 * A name with a quote in it could be read in two ways, and is not.
 */
export const parseSs = (text: string): Heard =>
  readLines(text, say`ss(8)`, (line) => {
    if (SS_HEADING.test(line)) return 'none'
    const match = SS.exec(line)
    const place = match && placeOf(match[2] as string)
    const about = match && readHolders(line.slice(match[0].length))
    if (!place || !about) return null
    const { holders, rest } = about
    // systemd holds a socket beside the service that it started for it: the service says more.
    const shown = holders.find((holder) => holder.pid !== 1) ?? holders[0]
    return {
      protocol: match[1] === 'tcp' ? ('tcp' as const) : ('udp' as const),
      ...place,
      process: shown ? safe(shown.name) : null,
      pid: shown?.pid ?? null,
      pids: holders.map((holder) => holder.pid),
      cgroup:
        rest
          .split(/[ \t]/)
          .find((word) => word.startsWith('cgroup:/'))
          ?.slice('cgroup:'.length) ?? null,
    }
  })

type Holders = { readonly holders: readonly { readonly name: string; readonly pid: number }[]; readonly rest: string }

/** ` users:(HOLDER,HOLDER) REST`, or REST alone; null for another form. */
function readHolders(text: string): Holders | null {
  const start = text.search(/[^ \t]/)
  if (start < 0) return { holders: [], rest: '' }
  const holders: { name: string; pid: number }[] = []
  let at = start
  if (text.startsWith('users:(', at)) {
    at += 'users:'.length
    do {
      HOLDER.lastIndex = at + 1
      const holder = HOLDER.exec(text)
      if (!holder) return null
      holders.push({ name: holder[1] as string, pid: Number(holder[2]) })
      at = HOLDER.lastIndex
    } while (text[at] === ',')
    if (text[at] !== ')') return null
    at += 1
  }
  const rest = text.slice(at)
  return rest.includes('"') || (at > start && /^[^ \t]/.test(rest)) ? null : { holders, rest }
}

/** `0.0.0.0:22`, `[::]:22`, `:::22`; null without a port. */
function placeOf(text: string): Pick<Socket, 'address' | 'port'> | null {
  const colon = text.lastIndexOf(':')
  const port = text.slice(colon + 1)
  return colon < 1 || !/^\d{1,5}$/.test(port)
    ? null
    : { address: safe(bracketed(text.slice(0, colon))), port: Number(port) }
}

const bracketed = (address: string): string =>
  address.includes(':') && !address.startsWith('[') ? `[${address}]` : address

/** Its columns have a width, which is more than a name could fill to look like a line. */
const NETSTAT = /^(?=.{20}\S)(tcp|udp)6? +\d+ +\d+ +(\S+) +\S+ +(?:LISTEN +)?(?:(\d{1,10})\/(.*)|-? *)$/
const NETSTAT_HEADING = /^(?:Active Internet connections |Proto +Recv-Q +Send-Q +Local Address)/

/** Reads `netstat -lntup`, of net-tools or busybox. */
export const parseNetstat = (text: string): Heard =>
  readLines(text, say`netstat(8)`, (line) => {
    if (NETSTAT_HEADING.test(line)) return 'none'
    const match = NETSTAT.exec(line)
    const place = match && placeOf(match[2] as string)
    if (!place) return null
    const pid = match[3] === undefined ? null : Number(match[3])
    return {
      protocol: match[1] === 'tcp' ? ('tcp' as const) : ('udp' as const),
      ...place,
      process: match[4] === undefined ? null : safe(match[4].trimEnd()),
      pid,
      pids: pid === null ? [] : [pid],
      cgroup: null,
    }
  })

const PROC = /^(tcp|udp)6? +\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]{8,32}:[0-9A-F]{4} ([0-9A-F]{2}) /
const PROC_HEADING = /^(tcp|udp)6? +sl +local_address /

/**
 * Reads /proc/net/tcp, tcp6, udp and udp6 (proc(5)), each line after the table's name; no process is known there. Those of
 * IPv6 are not on every host.
 */
export function parseProc(text: string): Heard {
  const missing = (['tcp', 'udp'] as const).find((table) => !new RegExp(`^${table} +sl `, 'm').test(text))
  if (missing) return fail(say`/proc/net/${safe(missing)} can't be read`)
  return readLines(text, say`/proc/net`, (line) => {
    if (PROC_HEADING.test(line)) return 'none'
    const match = PROC.exec(line)
    if (!match) return null
    // 0A is TCP_LISTEN, 07 TCP_CLOSE: what an unconnected UDP socket is in.
    if (match[4] !== (match[1] === 'tcp' ? '0A' : '07')) return 'none'
    return {
      protocol: match[1] === 'tcp' ? ('tcp' as const) : ('udp' as const),
      address: safe(hexAddress(match[2] as string)),
      port: Number.parseInt(match[3] as string, 16),
      process: null,
      pid: null,
      pids: [],
      cgroup: null,
    }
  })
}

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
