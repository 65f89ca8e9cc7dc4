import { quoteText } from '../../areas/firewall/words.ts'
import { as, flag, type Module, OPEN, one, unless } from './options.ts'
import { Refusal } from './refusal.ts'
import { inOrder, mark, portList, portRange, rate, tcpFlags } from './values.ts'

const CT_STATES = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT']
const ICMP: Readonly<Record<string, string>> = {
  'echo-reply': '0',
  pong: '0',
  'destination-unreachable': '3',
  'port-unreachable': '3/3',
  'fragmentation-needed': '3/4',
  redirect: '5',
  'echo-request': '8',
  ping: '8',
  'time-exceeded': '11',
  'parameter-problem': '12',
}
const ICMP6: Readonly<Record<string, string>> = {
  'destination-unreachable': '1',
  'packet-too-big': '2',
  'time-exceeded': '3',
  'parameter-problem': '4',
  'echo-request': '128',
  'echo-reply': '129',
  'router-solicitation': '133',
  'router-advertisement': '134',
  'neighbour-solicitation': '135',
  'neighbor-solicitation': '135',
  'neighbour-advertisement': '136',
  'neighbor-advertisement': '136',
  redirect: '137',
}
const icmpType =
  (names: Readonly<Record<string, string>>, what: string) =>
  (word: string): string => {
    if (/^\d+(?:\/\d+)?$/.test(word)) return word
    const found = names[word]
    if (found === undefined) throw new Refusal('usage', `Unknown ${what} type \`${word}'`)
    return found
  }

const PORTS = [one('--sport --source-port', portRange), one('--dport --destination-port', portRange)] as const
const TCP_PORTS = PORTS.map((option) => ({ ...option, twice: `Only one \`${option.names[1]}' allowed` }))
const TCP_FLAGS = { group: 'flags', twice: "Only one of `--syn' or `--tcp-flags'  allowed" } as const

const KEPT =
  'ah bpf cgroup connbytes connlabel connmark cpu devgroup dscp ecn esp helper hl ipv6header length2 nfacct osf physdev policy quota realm rpfilter socket statistic string tcpmss time tos ttl u32'

/** Matches by name. */
export const MATCHES: Readonly<Record<string, Module>> = {
  ...Object.fromEntries(KEPT.split(' ').map((name) => [name, OPEN])),
  tcp: {
    protocol: 'tcp',
    options: [
      ...TCP_PORTS,
      one('--tcp-option', as),
      {
        names: ['--tcp-flags'],
        words: 2,
        read: ([mask, set]) => `${tcpFlags(mask as string)} ${tcpFlags(set as string)}`,
        ...TCP_FLAGS,
      },
      { names: ['--tcp-flags', '--syn'], words: 0, read: () => 'FIN,SYN,RST,ACK SYN', ...TCP_FLAGS },
    ],
  },
  udp: { protocol: 'udp', options: PORTS },
  udplite: { options: PORTS },
  sctp: { options: PORTS },
  icmp: { options: [one('--icmp-type', icmpType(ICMP, 'ICMP'))] },
  icmp6: { options: [one('--icmpv6-type', icmpType(ICMP6, 'ICMPv6'))] },
  comment: { options: [one('--comment', quoteText)], needsOne: "COMMENT match: You must specify `--comment'" },
  conntrack: {
    options: [
      one('--ctstate', inOrder(CT_STATES, 'ctstate')),
      one('--ctproto', as),
      one('--ctstatus', as),
      one('--ctdir', as),
    ],
    needsOne: 'conntrack: At least one option is required',
  },
  state: {
    options: [one('--state', inOrder(CT_STATES.slice(0, 5), 'state'))],
    needsOne: 'state: option "--state" must be specified',
  },
  limit: { options: [one('--limit', rate, { otherwise: '3/hour' }), one('--limit-burst', unless('5'))] },
  multiport: {
    options: [
      one('--sports --source-ports', portList, { group: 'ports' }),
      one('--dports --destination-ports', portList, { group: 'ports' }),
      one('--ports', portList, { group: 'ports' }),
    ],
    needsOne: 'multiport expection an option',
  },
  recent: {
    options: [
      flag('--set', { group: 'what' }),
      flag('--rcheck', { group: 'what' }),
      flag('--update', { group: 'what' }),
      flag('--remove', { group: 'what' }),
      one('--seconds', as),
      flag('--reap'),
      one('--hitcount', as),
      flag('--rttl'),
      one('--name', as, { otherwise: 'DEFAULT' }),
      one('--mask', as, { otherwise: { v4: '255.255.255.255', v6: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' } }),
      flag('--rsource', { otherwise: '', group: 'side' }),
      flag('--rdest', { group: 'side' }),
    ],
    needsOne: "recent: you must specify one of `--set', `--rcheck' `--update' or `--remove'",
  },
  connlimit: {
    options: [
      one('--connlimit-upto', as, { group: 'limit' }),
      one('--connlimit-above', as, { group: 'limit' }),
      one('--connlimit-mask', as, { otherwise: { v4: '32', v6: '128' } }),
      flag('--connlimit-saddr', { otherwise: '', group: 'side' }),
      flag('--connlimit-daddr', { group: 'side' }),
    ],
  },
  hashlimit: {
    options: [
      one('--hashlimit-upto --hashlimit', rate, { group: 'limit' }),
      one('--hashlimit-above', rate, { group: 'limit' }),
      one('--hashlimit-burst', as, { otherwise: '5' }),
      one('--hashlimit-mode', as),
      one('--hashlimit-name', as),
      one('--hashlimit-htable-size', as),
      one('--hashlimit-htable-max', as),
      one('--hashlimit-htable-gcinterval', as),
      one('--hashlimit-htable-expire', as),
      one('--hashlimit-srcmask', as),
      one('--hashlimit-dstmask', as),
    ],
  },
  mac: { options: [one('--mac-source', (word) => word.toLowerCase())] },
  iprange: { options: [one('--src-range', as), one('--dst-range', as)] },
  addrtype: {
    options: [one('--src-type', as), one('--dst-type', as), flag('--limit-iface-in'), flag('--limit-iface-out')],
  },
  pkttype: { options: [one('--pkt-type', as)] },
  mark: { options: [one('--mark', (word) => mark(word))] },
  length: { options: [one('--length', as)] },
  owner: { options: [one('--uid-owner', as), one('--gid-owner', as), flag('--socket-exists')] },
  set: {
    options: [
      {
        names: ['--match-set', '--set'],
        words: 2,
        read: ([name]) => {
          throw new Refusal('usage', `Set ${name} doesn't exist.\n`)
        },
      },
    ],
  },
}
