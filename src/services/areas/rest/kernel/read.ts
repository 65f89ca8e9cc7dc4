import type { ProbeOutput } from '../../../model/command.ts'
import { fail, ok, type Result } from '../../../model/errors.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { bytesAt, fileOf } from '../../file-part.ts'
import { endedLines, linesOf, partsOf } from '../../parts.ts'
import type { BootFiles, KernelFacts, SysctlLine } from '../facts.ts'
import { decidesAtBoot, readSysctlLine } from './sysctl-files.ts'

/** The file that is written from here. */
export const OWN_FILE = '/etc/sysctl.d/99-hardtui.conf'

const BELOW = '/proc/sys/'
const VALUE = /^(net\/ipv[46]\/[^:\s]+):(-?\d{1,10})$/

/** Reads what the probe printed; the reason where the kernel's settings could not be read. */
export function parseKernel(output: ProbeOutput): Result<KernelFacts, Safe> {
  const part = partsOf(output)
  const values = endedLines(output, 'values')
  if (!values) return fail(say`the kernel's settings were not read to their end; press R to try again`)
  const read = new Map<string, number>()
  for (const line of values) {
    const [, key, value] = VALUE.exec(line.slice(line.indexOf(BELOW) + BELOW.length)) ?? []
    if (key !== undefined) read.set(key, Number(value))
  }
  if (read.size === 0) return fail(say`the kernel shows no settings of the network in /proc/sys/net`)
  const links = endedLines(output, 'links')
  const routes = endedLines(output, 'routes')
  const rules = (routes ?? []).filter((line) => !line.startsWith('default '))
  return ok({
    values: read,
    boot: parseBoot(output),
    own: bytesAt(OWN_FILE, fileOf(output, 'own')),
    links: links && new Map(links.flatMap(linkOf)),
    defaultLinks: linesOf(part('routes')).flatMap((line) => /^default (\S+)$/.exec(line)?.[1] ?? []),
    policyRules: routes && rules.filter((line) => !isUsual(line)).map((line) => safe(line)),
    forwardRules: linesOf(part('forward')).map((line) => safe(line)),
  })
}

function linkOf(line: string): readonly (readonly [name: string, kind: string])[] {
  const [name = '', kind = ''] = line.split(' ')
  return name === 'lo' || name === '' ? [] : [[name, kind]]
}

/** ip-rule(8): what every host has. */
const isUsual = (line: string): boolean =>
  /^(?:0:\s+from all lookup local|3276[67]:\s+from all lookup (?:main|default))\s*$/.test(line)

function parseBoot(output: ProbeOutput): Result<BootFiles, Safe> {
  const [files, lines] = [endedLines(output, 'files'), endedLines(output, 'lines')]
  if (!files || !lines) return fail(say`the files of sysctl.d were not read to their end`)
  const reader = files[0] === 'read by systemd' ? 'systemd' : 'procps'
  const paths: string[] = []
  for (const line of files.slice(1)) {
    const [word = '', path = ''] = line.split(' ')
    if (word === 'file') paths.push(path)
    else return fail(path === '' ? say`a file in sysctl.d has an odd name` : say`${safe(path)} can't be read`)
  }
  const first = linesOf(partsOf(output)('values'))[0] ?? ''
  const root = first.slice(0, Math.max(0, first.indexOf(BELOW)))
  const read: SysctlLine[] = []
  for (const raw of lines) {
    const [, at = '', line = '', text = ''] = /^([^:]+):(\d+):(.*)$/.exec(raw) ?? []
    const path = at.startsWith(root) ? at.slice(root.length) : at
    if (!paths.includes(path)) return fail(say`a line in the files of sysctl.d can't be placed`)
    const found = readSysctlLine(path, Number(line), text)
    if (found) read.push(found)
  }
  return ok({ reader, paths, lines: read })
}

/** What the kernel makes of a key that nothing sets (ip-sysctl): of those that the checks look at. */
const DEFAULTS: Readonly<Record<string, number>> = {
  'net/ipv4/tcp_syncookies': 1,
  'net/ipv4/icmp_echo_ignore_broadcasts': 1,
  'net/ipv4/conf/all/accept_source_route': 0,
  'net/ipv4/conf/default/accept_source_route': 1,
  'net/ipv6/conf/all/accept_source_route': 0,
  'net/ipv6/conf/default/accept_source_route': 0,
}
const DEFAULTS_OF_CONF: Readonly<Record<string, number>> = {
  ...{ accept_redirects: 1, secure_redirects: 1, send_redirects: 1, shared_media: 1 },
  ...{ rp_filter: 0, log_martians: 0, forwarding: 0 },
}

/** What a key has after the next boot as far as files say so, with the line; without one by the kernel's own default. */
export type AtBoot = { readonly value: number | null; readonly by: SysctlLine | null }

/**
 * What a key has after the next boot: by the line that decides, of an interface else what new ones get. Null where neither
 * a file nor the kernel's documentation says it.
 */
export function atBoot({ values }: KernelFacts, boot: BootFiles, key: string): AtBoot {
  const by = decidesAtBoot(key, boot)
  if (by) return { value: /^-?\d{1,9}$/.test(by.value) ? Number(by.value) : null, by }
  const [, family, link, name = ''] = /^net\/(ipv[46])\/conf\/([^/]+)\/(\w+)$/.exec(key) ?? []
  if (link !== undefined && link !== 'all' && link !== 'default') {
    const parent = decidesAtBoot(`net/${family}/conf/default/${name}`, boot)
    if (parent) return { value: /^-?\d{1,9}$/.test(parent.value) ? Number(parent.value) : null, by: parent }
    // Without a file's word: those of some kinds of interfaces have another default, and keep it.
    return { value: values.get(key) ?? null, by: null }
  }
  return { value: DEFAULTS[key] ?? (link === undefined ? null : (DEFAULTS_OF_CONF[name] ?? null)), by: null }
}
