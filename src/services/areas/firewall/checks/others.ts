import { FAMILIES } from '../../../model/firewall.ts'
import { safe, say } from '../../../model/safe.ts'
import { besideOf, besideWords, unreadReasons } from '../beside.ts'
import { hasSay } from '../layers.ts'
import { type FirewallCheck, fails, listWords, pass, unknown } from './about.ts'

/** Programs that each write a whole rule set. */
const WRITERS: ReadonlySet<string> = new Set(['firewalld', 'ufw', 'shorewall', 'ferm', 'nftables'])
/** Programs that load a file of rules at boot: beside one of the others, the last to run wins. */
const LOADERS: ReadonlySet<string> = new Set(['netfilter-persistent', 'iptables'])

export const oneManager: FirewallCheck = {
  id: 'FW-managers',
  severity: 'medium',
  title: 'Two programs manage the rules',
  expected: 'one manager',
  rationale:
    'Each puts its own rules in place when it starts or reloads, and takes the other’s away. Which of them wins is chance.',
  references: ['CIS 4.1', 'firewalld(1)', 'ufw(8)'],
  judge: ({ managers }) => {
    const writers = managers.filter((name) => WRITERS.has(name))
    const all = writers.length > 0 ? managers.filter((name) => WRITERS.has(name) || LOADERS.has(name)) : []
    if (all.length > 1) return fails(listWords(all))
    return pass(writers[0] ?? say`this console alone`)
  },
  noFix: 'stop and disable one of them in the pane Services (3), if both are listed there',
}

export const legacyTables: FirewallCheck = {
  id: 'FW-legacy-tables',
  severity: 'medium',
  title: 'Two sets of iptables filter at once',
  expected: 'nft or legacy tables, not both',
  rationale:
    'The kernel asks the legacy tables as well as those of nft. A packet must pass both, and iptables shows one of them: rules that nobody sees decide.',
  references: ['iptables-legacy(8)', 'xtables-nft(8)'],
  judge: (facts) => {
    const both = FAMILIES.flatMap((family) => besideOf(facts, family)).filter((layer) => layer.kind === 'iptables')
    if (both.length > 0) return fails(say`both filter`, [say`packets must pass both: ${besideWords(both)} too`])
    const unread = unreadReasons(facts)
    return unread.length > 0 ? unknown(say`not all could be read`, unread) : pass(safe(facts.backend))
  },
  noFix: 'iptables-legacy-save shows them; once they are empty, rmmod iptable_filter takes them away',
}

export const nativeTables: FirewallCheck = {
  id: 'FW-native-tables',
  severity: 'low',
  title: 'nft tables filter that iptables does not show',
  expected: 'all rules in one place',
  rationale: 'Rules made with nft(8) are asked beside those shown here. What passes here may be dropped there.',
  references: ['nft(8)'],
  judge: (facts) => {
    const read = FAMILIES.flatMap((family) => besideOf(facts, family)).flatMap((layer) =>
      layer.kind === 'nft' && hasSay(layer.table) ? [layer] : [],
    )
    if (read.length > 0) return fails(say`native tables`, [besideWords(read)])
    const unread = unreadReasons(facts)
    return unread.length > 0 ? unknown(say`not all could be read`, unread) : pass(say`none`)
  },
  noFix: 'nft list ruleset shows them; this console does not change them',
}
