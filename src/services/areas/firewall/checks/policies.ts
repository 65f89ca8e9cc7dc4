import type { Verdict } from '../../../model/area.ts'
import type { Family } from '../../../model/firewall.ts'
import { type Safe, say } from '../../../model/safe.ts'
import { besideOf, besideWords } from '../beside.ts'
import { hasRules } from '../layers.ts'
import { type FirewallCheck, fails, filterChain, notApplicable, pass, ruleSetOf, UNREADABLE, unknown } from './about.ts'
import { defaultDenyFix } from './default-deny.ts'
import { byPolicy } from './open-ports.ts'
import { type Rest, restIn, restOut, restThrough } from './rest.ts'
import { sightOf } from './sight.ts'

/** What stands where the default-deny fix can't be had. */
const LOCKED_OUT =
  'a rule would lock you out once the policy drops the rest (accept your own port first, with a), or lets everybody in whatever the policy is (its detail names it: e narrows it)'

/** What becomes of packets that no rule is about, as a verdict. */
function ofRest({ state, because }: Rest, details: readonly Safe[] = []): Verdict {
  if (state === 'unsure') return unknown(because)
  return state === 'closed' ? pass(because) : fails(because, details)
}

/** Policy of INPUT: what no rule decides is dropped. */
export const defaultDeny = (family: Family): FirewallCheck => ({
  id: `FW-default-deny-${family}`,
  severity: 'high',
  title: `IP${family} lets in what no rule forbids`,
  expected: 'policy DROP',
  rationale:
    'A port that somebody opens by mistake is open to the world unless everything not allowed is dropped. The fix also accepts, where no rule does, what must go on: loopback, running connections, your own port and, for IPv6, neighbour discovery.',
  references: ['CIS 4.4.2.1', 'iptables(8)', ...(family === 'v6' ? ['RFC 4890'] : [])],
  judge: (facts, host, around) => {
    if (!ruleSetOf(facts, family)) return UNREADABLE
    const rest = restIn(facts, sightOf(facts, host, around), family)
    const open = rest.state === 'open' ? byPolicy(family, facts, host, around) : null
    // Where a rule lets everybody in, it is no policy that closes what it opens.
    const words = rest.because.startsWith('policy') ? say`the fix closes these:` : say`open because of it:`
    return ofRest(rest, open && open.length > 0 ? [words, ...open] : [])
  },
  fix: (facts, host, around) => defaultDenyFix(family, facts, host, around),
  noFix: LOCKED_OUT,
})

/** IPv6 left open beside a strict IPv4, which iptables alone brings about. */
export const v6Beside: FirewallCheck = {
  id: 'FW-v6-open',
  severity: 'high',
  title: 'IPv6 is open while IPv4 is closed',
  expected: 'policy DROP for IPv6 too',
  rationale:
    'iptables(8) changes IPv4 only. What it closes stays open at the host’s IPv6 addresses, and scanners know them.',
  references: ['CIS 4.4.3.1', 'ip6tables(8)', 'RFC 4890'],
  judge: (facts, host, around) => {
    if (!ruleSetOf(facts, 'v4') || !ruleSetOf(facts, 'v6')) return UNREADABLE
    const sight = sightOf(facts, host, around)
    const [v4, v6] = [restIn(facts, sight, 'v4'), restIn(facts, sight, 'v6')]
    if (v4.state === 'open') return notApplicable(say`IPv4 is open as well`)
    if (v6.state === 'closed') return v4.state === 'closed' ? pass(say`both closed`) : pass(say`IPv6 is closed`)
    if (v4.state === 'unsure') return unknown(say`IPv4 ${v4.because}`)
    return v6.state === 'open' ? fails(say`v4 closed, v6 open`, [v6.because]) : unknown(say`IPv6 ${v6.because}`)
  },
  fix: (facts, host, around) => defaultDenyFix('v6', facts, host, around),
  noFix: LOCKED_OUT,
}

/** Policy of FORWARD, on a host that forwards at all. */
export const forwardDeny = (family: Family): FirewallCheck => ({
  id: `FW-forward-${family}`,
  severity: 'medium',
  title: `IP${family} forwards what no rule forbids`,
  expected: 'policy DROP on FORWARD',
  rationale:
    'This host forwards packets. Without rules anybody who reaches it may go through it into the networks behind.',
  references: ['CIS 4.4.2.1', 'ip-sysctl: ip_forward'],
  judge: (facts, host, around) => {
    if (!ruleSetOf(facts, family)) return UNREADABLE
    if (!facts.network.forwards[family]) return notApplicable(say`this host forwards nothing`)
    return ofRest(restThrough(facts, sightOf(facts, host, around), family))
  },
  noFix: 'which networks may talk through this host only you know: Space on the chain FORWARD sets its policy',
})

/** Policy of OUTPUT. */
export const outputDeny = (family: Family): FirewallCheck => ({
  id: `FW-output-${family}`,
  severity: 'low',
  title: `IP${family} lets out whatever this host sends`,
  expected: 'policy DROP on OUTPUT',
  rationale:
    'Who breaks in fetches his tools from outside and attacks others. Where only what the host needs may go out (web, DNS, mail, time), he does not get far.',
  references: ['CIS 4.4.2.1'],
  judge: (facts, host, around) =>
    ruleSetOf(facts, family) ? ofRest(restOut(facts, sightOf(facts, host, around), family)) : UNREADABLE,
  noFix: 'all that this host fetches itself needs rules first: DNS, updates, mail, time',
})

/** No rules at all. */
export const emptyRules = (family: Family): FirewallCheck => ({
  id: `FW-empty-${family}`,
  severity: 'medium',
  title: `No IP${family} rule filters anything`,
  expected: 'rules',
  rationale: 'Whatever listens on this host is reached by everybody, today and after the next installation.',
  references: ['CIS 4.4.2.2'],
  judge: (facts) => {
    const ruleSet = ruleSetOf(facts, family)
    if (!ruleSet) return UNREADABLE
    const chains = ruleSet.tables.find((table) => table.name === 'filter')?.chains ?? []
    const rules = chains.reduce((sum, chain) => sum + chain.rules.length, 0)
    if (rules > 0) return pass(say`${rules} rules`)
    const drops = ['INPUT', 'FORWARD', 'OUTPUT'].some((name) => filterChain(ruleSet, name)?.policy === 'DROP')
    if (drops) return pass(say`policies alone`)
    const beside = besideWords(besideOf(facts, family).filter(hasRules))
    return beside === '' ? fails(say`none`) : pass(beside)
  },
  fix: (facts, host, around) => defaultDenyFix(family, facts, host, around),
  noFix: LOCKED_OUT,
})
