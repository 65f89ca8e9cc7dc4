import type { Family, FirewallFacts, RuleSet } from '../../../model/firewall.ts'
import type { HostFacts } from '../../../model/host.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { canonical } from '../baseline/addresses.ts'
import { watching } from '../jails.ts'
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
import { afterBurst } from './burst.ts'
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
  references: ['iptables-extensions(8)'],
  judge: (facts, host, around) => {
    if (!ruleSetOf(facts, family)) return UNREADABLE
    const { serverPort } = host.session
    const answer = strangerPasses(sightOf(facts, host, around), family, serverPort)
    if (answer === 'unsure') return unknown(say`port ${serverPort} depends on what can't be seen from here`)
    return answer === 'yes' ? fails(say`port ${serverPort} is open to everyone`) : pass(say`not open to everyone`)
  },
  noFix: 'only you know from where you log in: e edits the rule, -s before -p names the addresses',
})

const WATCHERS = ['sshguard', 'crowdsec'] as const

/** The program that bans addresses after failed logins at a port, as far as that was read. */
function watcher(facts: FirewallFacts, ruleSet: RuleSet, family: Family, host: HostFacts): Safe | null {
  const { serverPort } = host.session
  const running = (name: string): boolean => facts.managers.some((manager) => manager === name)
  if (running('fail2ban') && watching(facts, serverPort)) return say`fail2ban`
  const named = WATCHERS.find(running)
  if (named) return safe(named)
  const filter = ruleSet.tables.find((table) => table.name === 'filter')
  const { first } = sightOf(facts, host, { listeners: null }).flow(
    family,
    { address: STRANGER[family], device: null },
    serverPort,
  )
  const view = viewOf(first, 'in', family, NOTHING_KNOWN)
  const jump = filter?.chains
    .find((chain) => chain.name === 'INPUT')
    ?.rules.slice(0, 200)
    .find(
      ({ text }) =>
        /(?:f2b|fail2ban|sshguard|crowdsec)/i.test(text) &&
        jumpsToOthers(filter, text) &&
        matchRule(text, view).matches !== 'no',
    )
  return jump ? say`another program’s chain` : null
}

/** No limit on how often one address may try to log in. */
export const sshRate = (family: Family): FirewallCheck => ({
  id: `FW-ssh-rate-${family}`,
  severity: 'low',
  title: `IP${family} sets no limit on login attempts`,
  expected: 'at most 10 new connections a minute from an address',
  rationale:
    'Passwords are guessed by the thousand. A limit on new connections from one address slows that down; it costs the CPU little. Your own address is left out of it, so that this console is never counted.',
  references: ['iptables-extensions(8), hashlimit'],
  judge: (facts, host, around) => {
    const ruleSet = ruleSetOf(facts, family)
    if (!ruleSet) return UNREADABLE
    const { serverPort } = host.session
    const sight = sightOf(facts, host, around)
    if (strangerPasses(sight, family, serverPort) === 'no') return notApplicable(say`not open to everyone`)
    const program = watcher(facts, ruleSet, family, host)
    if (program) return pass(say`${program} bans who fails`)
    const last = afterBurst(facts, sight, family, sight.flow(family, sight.stranger(family), serverPort).first)
    if (last?.answer === 'no') return pass(say`limited`)
    if (last?.answer === 'unsure') return unknown(last.because)
    if (!last) return unknown(say`too many rules to be walked`)
    if (!facts.managers.some((name) => name === 'fail2ban')) return fails(say`none`)
    return facts.jails === null
      ? unknown(say`fail2ban runs, and what it watches was not read`)
      : fails(say`fail2ban runs, and watches no port ${serverPort}`)
  },
  fix: (facts, host, around) => {
    const base = ruleSetOf(facts, family)
    if (!base) return null
    const at = filterRef(family, 'INPUT')
    const draft = draftOn(base)
    draft.insert(at, rateRule(family, host), behindJumps(base, at))
    const sight = sightOf(withRuleSet(facts, family, draft.ruleSet()), host, around)
    return mine(host, family) && operatorPasses(sight, host, family) === 'no' ? null : draft.edits()
  },
  noFix: 'you would be locked out by it',
})

/** As iptables-save(8) prints it; an address of IPv6 is counted by its /64, which one host has to itself. */
function rateRule(family: Family, host: HostFacts): string {
  const { clientAddress, serverPort } = host.session
  const me = canonical(clientAddress)
  const but = me?.family === family ? `! -s ${me.text} ` : ''
  const mask = family === 'v4' ? '' : ' --hashlimit-srcmask 64'
  return `${but}-p tcp -m tcp --dport ${serverPort} -m conntrack --ctstate NEW -m hashlimit --hashlimit-above 10/min --hashlimit-burst 10 --hashlimit-mode srcip --hashlimit-name hardtui-ssh${mask} -j DROP`
}
