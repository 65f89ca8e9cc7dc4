import { type Address, readAddress } from '../../../model/addresses.ts'
import { printedProtocol } from '../walk/protocols.ts'
import { splitWords } from '../words.ts'

/** A network as numbers: 32-bit words without the bits behind the prefix. */
export type Net = { readonly words: readonly number[]; readonly bits: number }

/** Inclusive ranges of ports, in the order of the text. */
export type Ranges = readonly (readonly [from: number, to: number])[]

/**
 * What a rule asks of a packet, as far as two rules can be compared by it. What stands in `exact` is compared by its text
 * alone. A rule that is not `able` may ask more than this: it counts for nothing as an earlier rule.
 */
export type Conditions = {
  readonly able: boolean
  readonly protocol: string | null
  readonly source: Net | null
  readonly destination: Net | null
  readonly inDevice: string | null
  readonly outDevice: string | null
  readonly sourcePorts: Ranges | null
  readonly destinationPorts: Ranges | null
  readonly states: readonly (readonly string[])[]
  readonly exact: readonly string[]
  readonly target: string | null
  readonly goto: boolean
}

type Unfinished = { -readonly [K in keyof Conditions]: Conditions[K] } & { notPorts: readonly string[] }

/** Most rules have none of something: one list for all of them. */
const NONE: readonly never[] = []

/** Modules that say no more than the protocol they stand behind. */
const OF_PROTOCOL: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['tcp', new Set(['tcp', '6'])],
  ['udp', new Set(['udp', '17'])],
  ['sctp', new Set(['sctp', '132'])],
  ['icmp', new Set(['icmp', '1'])],
  ['icmp6', new Set(['ipv6-icmp', 'icmpv6', '58'])],
])

/**
 * Options that depend on nothing but the packet and the addresses of the host, and how many words they take: the same
 * text means the same. Rates, sets, marks, times and chance are not among them.
 */
const SAME_TEXT: ReadonlyMap<string, number> = new Map([
  ['--icmp-type', 1],
  ['--icmpv6-type', 1],
  ['--tcp-flags', 2],
  ['--tcp-option', 1],
  ['--src-range', 1],
  ['--dst-range', 1],
  ['--mac-source', 1],
  ['--pkt-type', 1],
  ['--length', 1],
  ['--ports', 1],
  ['--chunk-types', 2],
  ['-f', 0],
])
const MODULES: ReadonlySet<string> = new Set([
  ...'tcp udp sctp icmp icmp6 multiport conntrack state comment iprange mac pkttype length'.split(' '),
])
/** Behind a target these belong to the match (iptables(8), PARAMETERS); a person may have typed them there. */
const OURS = /^(!|-[psdiofm]|--(protocol|proto|source|src|destination|dst|in-interface|out-interface|fragment|match))$/
const NEEDS_CARE = /["'\\\t]| {2}|^ | $/

/** Reads a rule's text (without `-A CHAIN`). Never throws. */
export function readConditions(text: string): Conditions {
  const found: Unfinished = {
    able: true,
    protocol: null,
    source: null,
    destination: null,
    inDevice: null,
    outDevice: null,
    sourcePorts: null,
    destinationPorts: null,
    states: NONE,
    exact: NONE,
    target: null,
    goto: false,
    notPorts: NONE,
  }
  const words = wordsOf(text)
  if (!words) return { ...found, able: false }
  let at = 0
  while (at < words.length) {
    const word = words[at] as string
    if (word === '-j' || word === '-g') {
      found.target = words[at + 1] ?? ''
      found.goto = word === '-g'
      for (let i = at + 2; i < words.length; i++) if (OURS.test(words[i] as string)) found.able = false
      break
    }
    const not = word === '!'
    at = readOption(found, words, not ? at + 1 : at, not)
  }
  // Releases differ in what two negated ports mean together: only the very same ones count.
  if (found.notPorts.length > 0) found.exact = [...found.exact, found.notPorts.join(' ')]
  return found
}

function wordsOf(text: string): readonly string[] | null {
  if (!NEEDS_CARE.test(text)) return text === '' ? [] : text.split(' ')
  const split = splitWords(text)
  return split.ok ? split.value : null
}

/** Reads one option into what was found and gives the place behind it. */
function readOption(found: Unfinished, words: readonly string[], at: number, not: boolean): number {
  const word = words[at] ?? ''
  const value = words[at + 1] ?? ''
  if (value === '!' || (not && (word === '-m' || word === '--comment'))) return unable(found, words)
  switch (word) {
    case '-m':
      return readModule(found, words, at + 1)
    case '-p':
      if (not) found.exact = [...found.exact, `! -p ${value}`]
      else if (found.protocol !== null) found.able = false
      else if (value !== 'all' && value !== '0') found.protocol = printedProtocol(value)
      return at + 2
    case '-s':
    case '-d':
      readNetwork(found, word === '-s' ? 'source' : 'destination', value, not)
      return at + 2
    case '-i':
    case '-o': {
      const side = word === '-i' ? 'inDevice' : 'outDevice'
      if (not) found.exact = [...found.exact, `! ${word} ${value}`]
      else if (found[side] !== null) found.able = false
      else found[side] = value
      return at + 2
    }
    case '--sport':
    case '--sports':
    case '--dport':
    case '--dports':
      readPorts(found, word, value, not)
      return at + 2
    case '--comment':
      return at + 2
  }
  const size = SAME_TEXT.get(word)
  if (size === undefined) return unable(found, words)
  found.exact = [...found.exact, [not ? '!' : '', ...words.slice(at, at + 1 + size)].join(' ')]
  return at + 1 + size
}

/** Something that can't be compared. How many words it takes is not known, so nothing behind it is read. */
function unable(found: Unfinished, words: readonly string[]): number {
  found.able = false
  return words.length
}

function readNetwork(found: Unfinished, side: 'source' | 'destination', value: string, not: boolean): void {
  const net = not || found[side] !== null ? null : readNet(value)
  if (net) found[side] = net
  else found.exact = [...found.exact, `${not ? '! ' : ''}${side} ${value}`]
}

function readPorts(found: Unfinished, word: string, value: string, not: boolean): void {
  const side = word.startsWith('--s') ? 'sourcePorts' : 'destinationPorts'
  if (not) {
    found.notPorts = [...found.notPorts, `! ${word} ${value}`]
    return
  }
  const ranges = readRanges(value)
  if (!ranges || found[side] !== null) found.able = false
  else found[side] = ranges
}

/** `-m NAME` with, for connection tracking, all options behind it, which answer together. */
function readModule(found: Unfinished, words: readonly string[], at: number): number {
  const name = words[at] ?? ''
  const protocols = OF_PROTOCOL.get(name)
  if (protocols ? !protocols.has(found.protocol ?? '') : !MODULES.has(name)) return unable(found, words)
  if (name !== 'conntrack' && name !== 'state') return at + 1
  let end = at + 1
  while (end < words.length && !/^-[a-z]$/.test(words[end] as string)) {
    if (words[end] === '!' && /^-[a-z]$/.test(words[end + 1] ?? '')) break
    end++
  }
  const group = words.slice(at + 1, end)
  const stateAt = group.findIndex((word) => word === '--ctstate' || word === '--state')
  const asks = stateAt >= 0 && group[stateAt - 1] !== '!'
  if (asks) found.states = [...found.states, (group[stateAt + 1] ?? '').split(',')]
  // Without an entry nothing but the state counts (xt_conntrack.c), so more than a state is compared as a whole.
  if (!asks || group.length > 2) found.exact = [...found.exact, `${name} ${group.join(' ')}`]
  return end
}

/** `192.0.2.0/24`, `2001:db8::1`; null for what is no single network with a prefix. */
export function readNet(text: string): Net | null {
  const slash = text.indexOf('/')
  const address = readAddress(slash < 0 ? text : text.slice(0, slash))
  if (address === null) return null
  const most = typeof address === 'number' ? 32 : 128
  const suffix = slash < 0 ? String(most) : text.slice(slash + 1)
  if (!/^\d{1,3}$/.test(suffix) || Number(suffix) > most) return null
  return cutNet(wide(address), Number(suffix))
}

const wide = (address: Address): readonly number[] =>
  typeof address === 'number'
    ? [address]
    : [0, 2, 4, 6].map((i) => (address[i] as number) * 65536 + (address[i + 1] as number))

/** A network of fewer bits around another. */
export function cutNet(words: readonly number[], bits: number): Net {
  return {
    bits,
    words: words.map((word, i) => {
      const kept = Math.min(32, Math.max(0, bits - 32 * i))
      return kept === 32 ? word : word - (word % 2 ** (32 - kept))
    }),
  }
}

function readRanges(text: string): Ranges | null {
  if (/^\d{1,5}$/.test(text)) return [[Number(text), Number(text)]]
  const ranges: (readonly [number, number])[] = []
  for (const part of text.split(',')) {
    const [from = '', to = from, more] = part.split(':')
    const ends = [from === '' ? '0' : from, to === '' ? '65535' : to]
    if (more !== undefined || !ends.every((end) => /^\d{1,5}$/.test(end))) return null
    ranges.push([Number(ends[0]), Number(ends[1])])
  }
  return ranges
}
