import fc from 'fast-check'
import { parseRuleSet } from '../../src/services/areas/firewall/parse.ts'
import type { RuleSet } from '../../src/services/model/firewall.ts'

/** Rule texts exactly as iptables-save prints them, so that the kernel gives them back unchanged. */
const RULES = [
  '-i lo -j ACCEPT',
  '-p tcp -m tcp --dport 22 -j ACCEPT',
  '-p tcp -m tcp --dport 80 -j DROP',
  '-s 198.51.100.0/24 -p udp -m udp --dport 53 -j ACCEPT',
  '! -s 203.0.113.7/32 -p tcp -m tcp --dport 3306 -j DROP',
  '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  '-m comment --comment "he said \\"hi\\" $(x)" -j ACCEPT',
  '-p icmp -m icmp --icmp-type 8 -j ACCEPT',
  '-j f2b-sshd',
  '-m limit --limit 5/min -j LOG --log-prefix "drop: "',
] as const

const chain = (name: string, policy: string) =>
  fc
    .tuple(
      fc.constantFrom(...(policy === '-' ? ['-'] : ['ACCEPT', 'DROP'])),
      fc.array(fc.constantFrom(...RULES), { maxLength: 12 }),
    )
    .map(([decided, rules]) => ({ name, head: `:${name} ${decided} [0:0]`, rules }))

/** A filter table with INPUT, FORWARD, OUTPUT and two chains of fail2ban's making. */
export const saveText: fc.Arbitrary<string> = fc
  .tuple(chain('INPUT', 'x'), chain('FORWARD', 'x'), chain('OUTPUT', 'x'))
  .map((chains) =>
    [
      '*filter',
      ...chains.map((one) => one.head),
      ':f2b-sshd - [0:0]',
      ...chains.flatMap((one) =>
        one.rules
          .filter((rule) => !(one.name === 'OUTPUT' && rule.includes('-i lo')))
          .map((rule) => `-A ${one.name} ${rule}`),
      ),
      '-A f2b-sshd -s 203.0.113.9/32 -j REJECT --reject-with icmp-port-unreachable',
      '-A f2b-sshd -j RETURN',
      'COMMIT',
      '',
    ].join('\n'),
  )

export const ruleSetOf = (save: string): RuleSet => parseRuleSet('v4', save)

/** Without comments and counters, for comparing what two saves say. */
export const withoutCounters = (save: string): string =>
  save
    .split('\n')
    .filter((line) => !line.startsWith('#') && line.trim() !== '')
    .map((line) => line.replace(/^\[\d+:\d+\] /, '').replace(/^(:\S+ \S+) \[.*$/, '$1'))
    .join('\n')

/** A table whose chains are all empty and accept is no different from none: without nft(8) nothing can remove it. */
export const withoutEmptyTables = (save: string): string =>
  withoutCounters(save)
    .split(/^(?=\*)/m)
    .filter((table) => /^-A /m.test(table) || /^:\S+ (?!ACCEPT)/m.test(table))
    .join('')
    .trim()
