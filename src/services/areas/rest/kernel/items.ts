import type { Severity } from '../../../model/area.ts'
import type { KernelFacts } from '../facts.ts'
import * as rules from './rules.ts'

/** One thing that the kernel should do otherwise: where it does it the wrong way, and the settings that mend it. */
export type KernelItem = {
  readonly id: string
  readonly severity: Severity
  readonly title: string
  readonly expected: string
  readonly rationale: string
  /** Where it is wrong by these values, in words; empty where it is right. */
  readonly wrong: (facts: KernelFacts, value: rules.Value) => readonly string[]
  readonly good: string
  readonly wanted: (facts: KernelFacts) => readonly rules.Wanted[]
  readonly references: readonly string[]
}

const wrongUnless =
  (key: string, isRight: (value: number) => boolean, words: string) =>
  (_facts: KernelFacts, value: rules.Value): readonly string[] => {
    const now = value(key)
    return now === null || isRight(now) ? [] : [words]
  }

const [SYNCOOKIES, BROADCASTS] = ['net/ipv4/tcp_syncookies', 'net/ipv4/icmp_echo_ignore_broadcasts'] as const
const where = (key: string, facts: KernelFacts, value: number): readonly rules.Wanted[] =>
  facts.values.has(key) ? [[key, value]] : []

/** In the order in which they are shown where none is graver. */
export const KERNEL_ITEMS: readonly KernelItem[] = [
  {
    id: 'accept-redirects',
    severity: 'medium',
    title: 'Believes ICMP redirects',
    expected: 'accept_redirects = 0',
    rationale:
      'Whoever is on the same network may send an ICMP redirect and have this server send its packets by way of him. A server with one gateway needs none. Where none is believed, secure_redirects has no say.',
    wrong: rules.acceptsRedirects,
    good: 'none believed',
    wanted: rules.noRedirects,
    references: ['kernel: ip-sysctl, accept_redirects', 'CIS 3.3: ICMP redirects are not accepted'],
  },
  {
    id: 'source-route',
    severity: 'medium',
    title: 'Takes packets with a route of the sender’s',
    expected: 'accept_source_route = 0',
    rationale:
      'With a source route the sender says which way packets and their answers go, around what a firewall in between would see. Nobody needs that today.',
    wrong: rules.takesSourceRoutes,
    good: 'none taken',
    wanted: rules.noSourceRoutes,
    references: ['kernel: ip-sysctl, accept_source_route', 'CIS 3.3: source routed packets are not accepted'],
  },
  {
    id: 'rp-filter',
    severity: 'medium',
    title: 'Takes packets with a forged source',
    expected: 'rp_filter = 1, or 2 (2 is loose: for several ways, policy routing and tunnels)',
    rationale:
      'The kernel can drop packets whose sender it would not answer by that interface (1), or not at all (2). Strict is right where all packets come by one interface; elsewhere it would drop good ones, so that the fix is loose there. IPv6 has no such setting.',
    wrong: rules.withoutRpFilter,
    good: 'checked',
    wanted: rules.rpFilter,
    references: ['kernel: ip-sysctl, rp_filter', 'RFC 3704', 'CIS 3.3: reverse path filtering is enabled'],
  },
  {
    id: 'syncookies',
    severity: 'medium',
    title: 'A flood of SYN packets shuts everybody out',
    expected: 'tcp_syncookies = 1',
    rationale: 'With SYN cookies the server goes on taking connections while its queue of half-open ones is full.',
    wrong: wrongUnless(SYNCOOKIES, (value) => value !== 0, 'off'),
    good: 'on',
    wanted: (facts) => where(SYNCOOKIES, facts, 1),
    references: ['kernel: ip-sysctl, tcp_syncookies', 'CIS 3.3: tcp syn cookies is enabled'],
  },
  {
    id: 'broadcast-ping',
    severity: 'low',
    title: 'Answers pings to a whole network',
    expected: 'icmp_echo_ignore_broadcasts = 1',
    rationale: 'A ping to a broadcast address with a forged sender has all that answer flood him.',
    wrong: wrongUnless(BROADCASTS, (value) => value !== 0, 'answered'),
    good: 'not answered',
    wanted: (facts) => where(BROADCASTS, facts, 1),
    references: ['kernel: ip-sysctl, icmp_echo_ignore_broadcasts', 'CIS 3.3: broadcast icmp requests are ignored'],
  },
  {
    id: 'send-redirects',
    severity: 'low',
    title: 'Sends ICMP redirects',
    expected: 'send_redirects = 0',
    rationale:
      'This host passes packets on and tells senders of shorter ways: whoever trusts that can be led astray by others, too. A host that passes nothing on sends none whatever is set.',
    wrong: rules.sendsRedirects,
    good: 'none sent',
    wanted: rules.noSending,
    references: ['kernel: ip-sysctl, send_redirects', 'CIS 3.3: packet redirect sending is disabled'],
  },
  {
    id: 'log-martians',
    severity: 'low',
    title: 'Impossible source addresses are not logged',
    expected: 'log_martians = 1',
    rationale:
      'Packets whose source can’t be on the interface that they come by are dropped in silence; a line in the log tells of forgery, or of a route that is wrong.',
    wrong: rules.silentOnMartians,
    good: 'logged',
    wanted: rules.logMartians,
    references: ['kernel: ip-sysctl, log_martians', 'CIS 3.3: suspicious packets are logged'],
  },
]
