import { quoteText } from '../../areas/firewall/words.ts'
import type { Family } from '../../model/firewall.ts'
import { as, flag, type Module, OPEN, one, unless } from './options.ts'
import { Refusal } from './refusal.ts'
import { mark } from './values.ts'

const LEVELS = ['emerg', 'alert', 'crit', 'error', 'warning', 'notice', 'info', 'debug']
const logLevel = (word: string): string | null => {
  const number = /^[0-7]$/.test(word) ? Number(word) : LEVELS.indexOf(word.replace(/^err$/, 'error'))
  if (number < 0) throw new Refusal('usage', `log-level "${word}" unknown`)
  return number === 4 ? null : String(number)
}
const REJECTS: Readonly<Record<Family, readonly string[]>> = {
  v4: [
    'icmp-port-unreachable',
    'icmp-net-unreachable',
    'icmp-host-unreachable',
    'icmp-proto-unreachable',
    'icmp-net-prohibited',
    'icmp-host-prohibited',
    'icmp-admin-prohibited',
    'tcp-reset',
  ],
  v6: ['icmp6-port-unreachable', 'icmp6-no-route', 'icmp6-adm-prohibited', 'icmp6-addr-unreachable', 'tcp-reset'],
}
const rejectWith = (word: string, family: Family): string => {
  if (!REJECTS[family].includes(word)) throw new Refusal('usage', `unknown reject type "${word}"`)
  return word
}
const plain: Module = { options: [] }
const nat = (name: string): Module => ({
  options: [one(name, as), flag('--random'), flag('--random-fully'), flag('--persistent')],
})

/** Targets by name; anything else after -j is a chain. */
export const TARGETS: Readonly<Record<string, Module>> = {
  ACCEPT: plain,
  DROP: plain,
  RETURN: plain,
  QUEUE: plain,
  TRACE: plain,
  NOTRACK: plain,
  REJECT: {
    options: [
      one('--reject-with', rejectWith, { otherwise: { v4: 'icmp-port-unreachable', v6: 'icmp6-port-unreachable' } }),
    ],
  },
  LOG: {
    options: [
      one('--log-prefix', quoteText),
      one('--log-level', logLevel),
      flag('--log-tcp-sequence'),
      flag('--log-tcp-options'),
      flag('--log-ip-options'),
      flag('--log-uid'),
    ],
  },
  NFLOG: { options: [one('--nflog-prefix', quoteText), one('--nflog-group', unless('0'))] },
  MARK: { options: [one('--set-xmark --set-mark', (word) => mark(word, true))] },
  CONNMARK: OPEN,
  CLASSIFY: OPEN,
  DSCP: OPEN,
  TOS: OPEN,
  TTL: OPEN,
  TPROXY: OPEN,
  CHECKSUM: OPEN,
  MASQUERADE: nat('--to-ports'),
  REDIRECT: nat('--to-ports'),
  DNAT: nat('--to-destination'),
  SNAT: nat('--to-source'),
  TCPMSS: { options: [one('--set-mss', as, { group: 'mss' }), flag('--clamp-mss-to-pmtu', { group: 'mss' })] },
  CT: { options: [flag('--notrack'), one('--helper', as), one('--zone', as)] },
}

/** Where the kernel takes a target: tables and, where it minds, the hooks. */
export const TARGET_PLACES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  REJECT: { filter: ['INPUT', 'FORWARD', 'OUTPUT'] },
  MASQUERADE: { nat: ['POSTROUTING'] },
  SNAT: { nat: ['POSTROUTING', 'INPUT'] },
  DNAT: { nat: ['PREROUTING', 'OUTPUT'] },
  REDIRECT: { nat: ['PREROUTING', 'OUTPUT'] },
  NOTRACK: { raw: ['PREROUTING', 'OUTPUT'] },
  CT: { raw: ['PREROUTING', 'OUTPUT'] },
  TPROXY: { mangle: ['PREROUTING'] },
}
