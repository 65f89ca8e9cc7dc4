export { rulePorts } from '../../../services/areas/firewall/listening.ts'

import { switchOn } from '../../../services/areas/firewall/switch-off.ts'
import { splitWords } from '../../../services/areas/firewall/words.ts'
import { type Safe, safe, say } from '../../../services/model/safe.ts'

/** A rule in three columns: where it sends a packet, the protocol, and the rest in shorter words. `off`: it has no effect. */
export type RuleWords = { readonly off?: true; readonly target: Safe; readonly protocol: Safe; readonly rest: Safe }

/** Options that read better as words. What is not listed stays as iptables writes it. */
const SHORT: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '-i': 'in',
    '-o': 'out',
    '-s': 'from',
    '-d': 'to',
    '--dport': 'dport',
    '--dports': 'dports',
    '--sport': 'sport',
    '--ctstate': '',
    '--state': '',
    '--icmp-type': 'type',
    '--icmpv6-type': 'type',
    '--reject-with': 'with',
    '--to-destination': '→',
    '--to-source': 'as',
    '--comment': '#',
  }),
)
/** `-m NAME` before options that say the same. */
const SILENT = new Set(['tcp', 'udp', 'icmp', 'icmp6', 'conntrack', 'state', 'comment', 'multiport', 'limit'])

/** The name of a port, `ssh` of tcp 22, or null. */
export type PortName = (protocol: string, port: string) => Safe | null

const PORT_OPTIONS = new Set(['--dport', '--dports', '--sport', '--sports'])

/** `ssh (22)`, `http,8443 (80,8443)`; numbers alone where none of them has a name. */
export function portsWords(protocol: string, ports: string, name: PortName): string {
  const names = ports.split(',').map((port) => name(protocol, port) ?? port)
  const named = names.join(',')
  return named === ports ? ports : `${named} (${ports})`
}

/**
 * Puts a rule in short words for its row, ports by name where `name` is given. The exact text stands in the detail and on
 * the status line.
 */
export function ruleWords(text: string, name: PortName | null = null): RuleWords {
  const was = switchOn(text)
  if (was !== null) {
    const words = ruleWords(was, name)
    return { ...words, target: say`off ${words.target}`, off: true }
  }
  const split = splitWords(text)
  if (!split.ok) return { target: say`?`, protocol: say``, rest: safe(text) }
  const words = split.value
  let target = say`(no target)`
  let protocol = say`all`
  const rest: string[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    const next = words[i + 1] ?? ''
    if (word === '-j' || word === '-g') {
      target = safe(word === '-g' ? `→ ${next}` : next)
      i++
    } else if (word === '-p' && words[i - 1] !== '!') {
      protocol = safe(next)
      i++
    } else if (word === '-m' && SILENT.has(next)) i++
    else {
      const short = SHORT.get(word) ?? word
      if (short !== '') rest.push(short)
      if (name && PORT_OPTIONS.has(word) && i + 1 < words.length) {
        rest.push(portsWords(protocol, next, name))
        i++
      }
    }
  }
  return { target, protocol, rest: safe(rest.join(' ')) }
}
