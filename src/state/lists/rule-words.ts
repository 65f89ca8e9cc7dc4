import { switchOn } from '../../services/areas/firewall/switch-off.ts'
import { splitWords } from '../../services/areas/firewall/words.ts'
import { type Safe, safe, say } from '../../services/model/safe.ts'

/** A rule in three columns: where it sends a packet, the protocol, and the rest in shorter words. `off`: it has no effect. */
export type RuleWords = { readonly off?: true; readonly target: Safe; readonly protocol: Safe; readonly rest: Safe }

/** Options that read better as words. What is not listed stays as iptables writes it. */
const SHORT: Readonly<Record<string, string>> = {
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
}
/** `-m NAME` before options that say the same. */
const SILENT = new Set(['tcp', 'udp', 'icmp', 'icmp6', 'conntrack', 'state', 'comment', 'multiport', 'limit'])

/** Puts a rule in short words for its row. The exact text stands in the detail and on the status line. */
export function ruleWords(text: string): RuleWords {
  const was = switchOn(text)
  if (was !== null) {
    const words = ruleWords(was)
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
      const short = SHORT[word] ?? word
      if (short !== '') rest.push(short)
    }
  }
  return { target, protocol, rest: safe(rest.join(' ')) }
}
