import { readAddress } from '../../../model/addresses.ts'
import type { ProbeOutput } from '../../../model/command.ts'
import type { Family } from '../../../model/firewall.ts'
import type { IpSet, IpSets, SetField, SetMember } from '../../../model/ip-sets.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { linesOf, partsOf } from '../../parts.ts'
import { icmpType } from '../walk/icmp-types.ts'
import { ICMP, ICMPV6, protocolNumber } from '../walk/protocols.ts'
import { splitWords } from '../words.ts'
import { isFilledByPrograms } from './named.ts'

/** Reads what the probe printed of ipset(8): `ipset list -t`, and `ipset save` of each set. */
export function readSets(output: ProbeOutput | null): IpSets {
  const part = partsOf(output)
  const status = part('status')
  if (status === 'absent') return unreadable(say`ipset, which would list them, is not installed`)
  if (status === '') return unreadable(say`what ipset(8) says of them did not arrive`)
  if (status !== '0') return unreadable(safe(linesOf(part('headers')).at(-1) ?? 'ipset failed without a word'))
  const sets = part('headers')
    .split(/^(?=Name: )/m)
    .filter((text) => text !== '')
    .map((text, at) => readSet(text, saveOf(part(`members ${at + 1}`))))
  return { state: 'present', byName: new Map(sets.map((set) => [set.name, set])) }
}

const unreadable = (reason: Safe): IpSets => ({ state: 'unreadable', reason })

type Save = { readonly lines: readonly string[]; readonly whole: boolean }

/** Lines that the probe reads of a set at most: a member's comment may look like the last of them. */
const LINES = 4099

/** The `create` of a set, the `add` lines behind it, and whether those are all. */
function saveOf(text: string): Save {
  const lines = linesOf(text)
  const whole = lines.at(-1) === 'whole' && lines.length < LINES
  return { lines: whole ? lines.slice(0, -1) : lines, whole }
}

/** Options of `ipset create` with how many words follow, none of which changes what a set matches. */
const OPTIONS: Readonly<Record<string, number>> = {
  family: 1,
  hashsize: 1,
  maxelem: 1,
  bucketsize: 1,
  initval: 1,
  range: 1,
  size: 1,
  counters: 0,
  comment: 0,
  skbinfo: 0,
  forceadd: 0,
}

/** Types whose addresses are cut before they are compared. */
const WITH_NETMASK = new Set(['hash:ip', 'bitmap:ip'])

function readSet(text: string, save: Save): IpSet {
  const line = (label: string) => new RegExp(`^${label}: (.*)$`, 'm').exec(text)?.[1] ?? ''
  const [name, type, header] = [line('Name'), line('Type'), line('Header')]
  const words = header.split(' ')
  const family: Family | null =
    type.startsWith('bitmap:ip') || words.includes('inet') ? 'v4' : words.includes('inet6') ? 'v6' : null
  const kinds = /^(?:bitmap|hash|list):(.*)$/.exec(type)?.[1]?.split(',') ?? []
  const start = `add ${name} `
  const netmask = optionOf(words, 'netmask')
  const reader = memberReader(kinds, netmask !== null && WITH_NETMASK.has(type) ? Number(netmask) : null, type)
  const isIts = save.lines[0]?.startsWith(`create ${name} ${type} `) ?? false
  const lines = isIts ? save.lines.slice(1) : []
  const members = lines.map((one) => (one.startsWith(start) ? reader(one.slice(start.length)) : null))
  const entries = /^\d+$/.test(line('Number of entries')) ? Number(line('Number of entries')) : null
  const doubt = !isIts
    ? say`its members could not be read`
    : !save.whole
      ? say`only ${lines.length} of its members were read`
      : kinds.length === 0 || !kinds.every((kind) => kind in FIELDS) || !known(words, WITH_NETMASK.has(type))
        ? say`a set of type ${safe(type)} and with these options is not worked out`
        : members.includes(null)
          ? say`not all of its members could be understood`
          : words.includes('timeout')
            ? say`its members come and go: they have a timeout`
            : isFilledByPrograms(name)
              ? say`its members come and go: a program fills it`
              : null
  return {
    name,
    type,
    family,
    dimension: kinds.length,
    members: members.filter((one) => one !== null),
    entries,
    doubt,
  }
}

const optionOf = (words: readonly string[], name: string): string | null => {
  const at = words.indexOf(name)
  return at < 0 ? null : (words[at + 1] ?? '')
}

/** Whether all that a set was created with is known. */
function known(words: readonly string[], withNetmask: boolean): boolean {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    const count = /^(timeout|)$/.test(word) ? 1 : word === 'netmask' && withNetmask ? 1 : OPTIONS[word]
    if (word === '') continue
    if (count === undefined) return false
    at += count
  }
  return true
}

/** What the fields of a type are read as. */
const FIELDS: Readonly<Record<string, (text: string, netmask: number | null, type: string) => SetField | null>> = {
  ip: (text, netmask) => readNet(text, netmask),
  net: (text) => readNet(text, null),
  port: (text, _netmask, type) => readPort(text, type),
  set: (text) => ({ kind: 'set', name: text }),
  mac: () => UNSEEN,
  iface: () => UNSEEN,
  mark: () => UNSEEN,
}

const UNSEEN: SetField = { kind: 'unseen' }

function readNet(text: string, netmask: number | null): SetField | null {
  const [address = '', bits] = text.split('/')
  const base = readAddress(address)
  if (base === null) return null
  const full = typeof base === 'number' ? 32 : 128
  return { kind: 'net', base, bits: bits !== undefined && /^\d+$/.test(bits) ? Number(bits) : (netmask ?? full) }
}

/** `80` of a bitmap; else `tcp:80`, `icmp:echo-request`, `ipv6-icmp:1/4`, `esp:0`, `253:0`. */
function readPort(text: string, type: string): SetField | null {
  if (type === 'bitmap:port')
    return /^\d{1,5}$/.test(text) ? { kind: 'port', protocol: null, port: Number(text) } : null
  const [, name = '', value = ''] = /^([^:]+):(.+)$/.exec(text) ?? []
  const protocol = protocolNumber(name)
  if (protocol === null) return null
  if (protocol === ICMP || protocol === ICMPV6) {
    const icmp = icmpType(protocol === ICMP ? 'icmp' : 'icmpv6', value)
    if (icmp === null || icmp === 'any' || (icmp.code === null && !ONE_CODE.has(icmp.type))) return null
    return { kind: 'port', protocol, port: icmp.type * 256 + (icmp.code ?? 0) }
  }
  return /^\d{1,5}$/.test(value) ? { kind: 'port', protocol, port: Number(value) } : null
}

/** Types of ICMP and ICMPv6 whose names mean code 0, the only one there is. */
const ONE_CODE: ReadonlySet<number> = new Set([0, 8, 9, 10, 13, 14, 17, 18, 128, 129, 133, 134, 135, 136, 137])

/** Reads what stands behind `add NAME`; null where that can't be done. */
function memberReader(
  kinds: readonly string[],
  netmask: number | null,
  type: string,
): (text: string) => SetMember | null {
  return (text) => {
    const split = splitWords(text)
    if (!split.ok) return null
    const [element = '', ...options] = split.value
    const texts = element.split(',')
    // bitmap:ip,mac may leave the address of the frame out.
    if (texts.length > kinds.length || texts.length < (type === 'bitmap:ip,mac' ? 1 : kinds.length)) return null
    const comment = options.indexOf('comment')
    const nomatch = (comment < 0 ? options : options.slice(0, comment)).includes('nomatch')
    const fields = kinds.map((kind, at) => FIELDS[kind]?.(texts[at] ?? '', netmask, type) ?? null)
    return fields.every((field) => field !== null) ? { text, fields, nomatch } : null
  }
}
