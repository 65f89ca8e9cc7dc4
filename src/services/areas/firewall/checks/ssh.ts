import type { Family, FirewallFacts, RuleSet } from '../../../model/firewall.ts'
import type { HostFacts } from '../../../model/host.ts'
import { safe, say } from '../../../model/safe.ts'
import { hasRules } from '../layers.ts'
import { matchRule } from '../walk/match.ts'
import { NOTHING_KNOWN } from '../walk/packet.ts'
import { viewOf } from '../walk/view.ts'
import {
  type FirewallCheck,
  fails,
  jumpsToOthers,
  notApplicable,
  pass,
  ruleSetOf,
  UNREADABLE,
  unknown,
} from './about.ts'
import { mine, operatorPasses, strangerPasses } from './default-deny.ts'
import { behindJumps, draftOn, filterRef } from './draft.ts'
import { STRANGER, sightOf, withRuleSet } from './sight.ts'

/** SSH open to the whole world. */
export const sshSource = (family: Family): FirewallCheck => ({
  id: `FW-ssh-source-${family}`,
  severity: 'low',
  title: `IP${family} lets everybody try to log in`,
  expected: 'SSH from known addresses (or else a rate limit)',
  rationale:
    'A login prompt that few addresses reach is attacked by few. Where the addresses of those who log in are not fixed, what is left is keys instead of passwords, another port against the noise, and a limit on how often one address may try.',
  references: ['S2', 'S7'],
  judge: (facts, host, around) => {
    if (!ruleSetOf(facts, family)) return UNREADABLE
    const { serverPort } = host.session
    const answer = strangerPasses(sightOf(facts, host, around), family, serverPort)
    if (answer === 'unsure') return unknown(say`port ${serverPort} depends on what can't be seen from here`)
    return answer === 'yes' ? fails(say`port ${serverPort} is open to everyone`) : pass(say`not open to everyone`)
  },
  noFix: 'only you know from where you log in: e edits the rule, -s before -p names the addresses',
})

const RATES = /-m (?:limit|hashlimit|recent|connlimit) /

/** Whether some rule counts how often an address comes to the port of SSH. */
function limited(ruleSet: RuleSet, family: Family, facts: FirewallFacts, host: HostFacts): boolean {
  const filter = ruleSet.tables.find((table) => table.name === 'filter')
  const sight = sightOf(facts, host, { listeners: null })
  const { first } = sight.flow(family, { address: STRANGER[family], device: null }, host.session.serverPort)
  const view = viewOf(first, 'in', family, NOTHING_KNOWN)
  return (
    filter?.chains.some(
      (chain) =>
        chain.name !== 'OUTPUT' &&
        chain.name !== 'FORWARD' &&
        chain.rules.some(
          ({ text }) => text.includes('-m ') && RATES.test(text) && matchRule(text, view).matches !== 'no',
        ),
    ) ?? false
  )
}

const WATCHERS = ['fail2ban', 'sshguard', 'crowdsec'] as const

/** The program that bans addresses after failed logins, where one has a chain in INPUT. */
function watcher(facts: FirewallFacts, ruleSet: RuleSet): string | null {
  const named = WATCHERS.find((name) => facts.managers.some((manager) => manager === name))
  if (named) return named
  const filter = ruleSet.tables.find((table) => table.name === 'filter')
  const input = filter?.chains.find((chain) => chain.name === 'INPUT')
  const jump = input?.rules
    .slice(0, 200)
    .some((rule) => filter && /(?:f2b|fail2ban|sshguard|crowdsec)/i.test(rule.text) && jumpsToOthers(filter, rule.text))
  return jump ? 'another program’s chain' : null
}

/** No limit on how often one address may try to log in. */
export const sshRate = (family: Family): FirewallCheck => ({
  id: `FW-ssh-rate-${family}`,
  severity: 'low',
  title: `IP${family} sets no limit on login attempts`,
  expected: 'at most 10 new connections a minute from an address',
  rationale:
    'Passwords are guessed by the thousand. A limit on new connections from one address slows that down; it costs the CPU little. Your own address is left out of it, so that this console is never counted.',
  references: ['S2', 'S8', 'iptables-extensions(8), hashlimit'],
  judge: (facts, host, around) => {
    const ruleSet = ruleSetOf(facts, family)
    if (!ruleSet) return UNREADABLE
    if (strangerPasses(sightOf(facts, host, around), family, host.session.serverPort) === 'no')
      return notApplicable(say`not open to everyone`)
    const program = watcher(facts, ruleSet)
    if (program) return pass(say`${safe(program)} bans who fails`)
    if (limited(ruleSet, family, facts, host)) return pass(say`limited`)
    return ruleSet.beside?.some(hasRules) ? unknown(say`other tables may set one`) : fails(say`none`)
  },
  fix: (facts, host, around) => {
    const base = ruleSetOf(facts, family)
    if (!base) return null
    const at = filterRef(family, 'INPUT')
    const draft = draftOn(base)
    draft.insert(at, rateRule(family, host), behindJumps(base, at))
    const sight = sightOf(withRuleSet(facts, family, draft.ruleSet()), host, around)
    return mine(host, family) && operatorPasses(sight, host, family) === 'no' ? null : draft.intents()
  },
  noFix: 'you would be locked out by it',
})

/** As iptables-save(8) prints it; an address of IPv6 is counted by its /64, which one host has to itself. */
function rateRule(family: Family, host: HostFacts): string {
  const { clientAddress, serverPort } = host.session
  const but = mine(host, family) ? `! -s ${clientAddress}/${family === 'v4' ? 32 : 128} ` : ''
  const mask = family === 'v4' ? '' : ' --hashlimit-srcmask 64'
  return `${but}-p tcp -m tcp --dport ${serverPort} -m conntrack --ctstate NEW -m hashlimit --hashlimit-above 10/min --hashlimit-burst 10 --hashlimit-mode srcip --hashlimit-name hardtui-ssh${mask} -j DROP`
}
