import ipaddr from 'ipaddr.js'
import { splitWords } from './words.ts'

/** A tcp packet as one end's firewall sees it. null means not known (an ephemeral port, an unnamed interface). */
export type Packet = {
  readonly source: string
  readonly sourcePort: number | null
  readonly destination: string
  readonly destinationPort: number | null
  readonly inInterface: string | null
  readonly outInterface: string | null
  readonly state: 'NEW' | 'ESTABLISHED'
}

/** Three values: `maybe` means it depends on something this program can't see (time, rate, sets, other packets). */
export type Answer = 'yes' | 'no' | 'maybe'

export type MatchedRule = { readonly matches: Answer; readonly target: string | null; readonly goto: boolean }

type Test = (value: string, packet: Packet) => Answer

const fixed = (yes: boolean): Answer => (yes ? 'yes' : 'no')

const inNetwork =
  (side: 'source' | 'destination'): Test =>
  (value, packet) => {
    const answers = value.split(',').map((network) => contains(network, packet[side]))
    return answers.includes('yes') ? 'yes' : answers.includes('maybe') ? 'maybe' : 'no'
  }

function contains(network: string, address: string): Answer {
  try {
    const [base, mask] = network.split('/')
    const ip = ipaddr.process(address)
    const start = ipaddr.process(base as string)
    if (ip.kind() !== start.kind()) return 'no'
    const full = start.kind() === 'ipv4' ? 32 : 128
    const bits =
      mask === undefined ? full : /^\d+$/.test(mask) ? Number(mask) : ipaddr.parse(mask).prefixLengthFromSubnetMask()
    // A mask with holes in it is legal for iptables and none of ours.
    return bits === null ? 'maybe' : fixed(ip.match(start, bits))
  } catch {
    return 'maybe'
  }
}

const onPort =
  (...sides: readonly ('sourcePort' | 'destinationPort')[]): Test =>
  (value, packet) => {
    const answers = sides.map((side) => portIn(value, packet[side]))
    return answers.includes('yes') ? 'yes' : answers.includes('maybe') ? 'maybe' : 'no'
  }

function portIn(list: string, port: number | null): Answer {
  if (port === null) return 'maybe'
  const ranges = list.split(',').map((range) => range.split(':'))
  if (ranges.flat().some((end) => end !== '' && !/^\d+$/.test(end))) return 'maybe'
  return fixed(
    ranges.some(([from, to]) => port >= Number(from || 0) && port <= Number(to === undefined ? from : to || 65535)),
  )
}

const onInterface =
  (side: 'inInterface' | 'outInterface'): Test =>
  (value, packet) => {
    const name = packet[side]
    // A login never comes in on the loopback interface unless its address says so, and that one is named.
    if (name === null) return value === 'lo' ? 'no' : 'maybe'
    return fixed(value.endsWith('+') ? name.startsWith(value.slice(0, -1)) : name === value)
  }

const inState: Test = (value, packet) => fixed(value.split(',').includes(packet.state))

/** A packet of a running connection has ACK set; the one that opens it has SYN alone. */
const tcpFlags: Test = (value, packet) => {
  const [mask, set] = value.split(' ').map((flags) => flags.split(','))
  if (mask?.join() === 'FIN,SYN,RST,ACK' && set?.join() === 'SYN') return fixed(packet.state === 'NEW')
  return 'maybe'
}

const protocol: Test = (value) => fixed(['tcp', '6', 'all', '0'].includes(value))

/** Options that decide a match, with how many words they take. Anything not listed makes the answer `maybe`. */
const OPTIONS: Readonly<Record<string, { readonly words: number; readonly test: Test | null }>> = {
  '-p': { words: 1, test: protocol },
  '--protocol': { words: 1, test: protocol },
  '-s': { words: 1, test: inNetwork('source') },
  '--source': { words: 1, test: inNetwork('source') },
  '-d': { words: 1, test: inNetwork('destination') },
  '--destination': { words: 1, test: inNetwork('destination') },
  '-i': { words: 1, test: onInterface('inInterface') },
  '-o': { words: 1, test: onInterface('outInterface') },
  '--sport': { words: 1, test: onPort('sourcePort') },
  '--dport': { words: 1, test: onPort('destinationPort') },
  '--sports': { words: 1, test: onPort('sourcePort') },
  '--dports': { words: 1, test: onPort('destinationPort') },
  '--ports': { words: 1, test: onPort('sourcePort', 'destinationPort') },
  '--ctstate': { words: 1, test: inState },
  '--state': { words: 1, test: inState },
  '--tcp-flags': { words: 2, test: tcpFlags },
  '--syn': { words: 0, test: (_, packet) => fixed(packet.state === 'NEW') },
  '--comment': { words: 1, test: null },
}

/** Modules that decide nothing themselves: their options, listed above, do. */
const PLAIN_MODULES = new Set(['tcp', 'udp', 'icmp', 'comment', 'conntrack', 'state', 'multiport'])

const invert = (answer: Answer): Answer => (answer === 'maybe' ? 'maybe' : answer === 'yes' ? 'no' : 'yes')

const both = (a: Answer, b: Answer): Answer =>
  a === 'no' || b === 'no' ? 'no' : a === 'maybe' || b === 'maybe' ? 'maybe' : 'yes'

/** Whether a rule (its text without `-A CHAIN`) matches a packet, and where it sends it. Never throws. */
export function matchRule(text: string, packet: Packet): MatchedRule {
  const split = splitWords(text)
  if (!split.ok) return { matches: 'maybe', target: null, goto: false }
  const words = split.value
  let matches: Answer = 'yes'
  let negated = false
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    if (word === '-j' || word === '-g') return { matches, target: words[i + 1] ?? null, goto: word === '-g' }
    if (word === '!') {
      negated = true
      continue
    }
    const option = OPTIONS[word]
    if (option) {
      const value = words.slice(i + 1, i + 1 + option.words).join(' ')
      if (option.test) {
        const answer = option.test(value, packet)
        matches = both(matches, negated ? invert(answer) : answer)
      }
      i += option.words
    } else if (word === '-m' || word === '--match') {
      if (!PLAIN_MODULES.has(words[i + 1] ?? '')) matches = both(matches, 'maybe')
      i++
    } else if (word.startsWith('-')) matches = both(matches, 'maybe')
    negated = false
  }
  return { matches, target: null, goto: false }
}
