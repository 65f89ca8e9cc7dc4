import { describe, expect, test } from 'vitest'
import { applyEdits } from '../../../../src/services/areas/firewall/edits.ts'
import { letInWords } from '../../../../src/services/areas/firewall/let-in.ts'
import { letInOnly } from '../../../../src/services/areas/firewall/let-in-only.ts'
import type { Family, FirewallFacts } from '../../../../src/services/model/firewall.ts'
import { say } from '../../../../src/services/model/safe.ts'
import { factsOfScene, filter, type Scene } from '../../../support/firewall-checks.ts'
import { hostFacts } from '../../../support/plans.ts'

const v4 = filter('INPUT ACCEPT', '-A INPUT -i lo -j ACCEPT', '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT')
const v6 = filter('INPUT ACCEPT')
const ME = hostFacts.session.clientAddress

/** The facts once the list is staged, or why it is not. */
function listed(facts: FirewallFacts, source: string): FirewallFacts | string {
  const made = letInOnly(facts, hostFacts, source)
  if (!made.ok) return made.error
  const families = { ...facts.families }
  for (const family of ['v4', 'v6'] as const) {
    const one = families[family]
    const own = made.value.filter(({ at }) => at.family === family)
    if (one.state === 'present') families[family] = { ...one, ruleSet: applyEdits(one.ruleSet, own).after }
  }
  return { ...facts, families }
}

const staged = (scene: Scene, ...sources: readonly string[]): FirewallFacts => {
  let facts = factsOfScene(scene)
  for (const source of sources) {
    const next = listed(facts, source)
    if (typeof next === 'string') throw new Error(next)
    facts = next
  }
  return facts
}

const rules = (facts: FirewallFacts, family: Family): readonly string[] => {
  const one = facts.families[family]
  const table = one.state === 'present' ? one.ruleSet.tables.find(({ name }) => name === 'filter') : undefined
  return table?.chains.find(({ name }) => name === 'INPUT')?.rules.map(({ text }) => text) ?? []
}

const NOBODY_ELSE = '! -i lo -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -j DROP'
const accepts = (network: string): string => `-s ${network} -p tcp -m tcp --dport 22 -j ACCEPT`

describe('a list of who may log in', () => {
  test('lets in whom it names and the operator before it keeps all others out, of both families', () => {
    const facts = staged({ v4, v6 }, '203.0.113.7')
    expect(rules(facts, 'v4')).toEqual([
      ...[accepts('203.0.113.7/32'), accepts(`${ME}/32`), NOBODY_ELSE],
      ...['-i lo -j ACCEPT', '-p tcp -m tcp --dport 22 -j ACCEPT'],
    ])
    expect(rules(facts, 'v6')).toEqual([NOBODY_ELSE])
    const letIn = (address: string): string => letInWords(facts, hostFacts, address) ?? ''
    for (const address of ['203.0.113.7', ME]) expect(letIn(address)).toMatch(/^the rules let it come/)
    for (const address of ['203.0.113.8', '192.0.2.1']) expect(letIn(address)).toMatch(/^the rules keep it out/)
  })

  test('grows by one more, whose rule stands before the one that keeps others out', () => {
    const facts = staged({ v4, v6 }, '203.0.113.7', '203.0.113.0/24', '2001:db8::7')
    expect(rules(facts, 'v4').slice(0, 4)).toEqual([
      ...[accepts('203.0.113.7/32'), accepts(`${ME}/32`), accepts('203.0.113.0/24'), NOBODY_ELSE],
    ])
    expect(rules(facts, 'v6')).toEqual([accepts('2001:db8::7/128'), NOBODY_ELSE])
    expect(listed(facts, '203.0.113.7')).toBe('203.0.113.7/32 may log in already, and others may not')
  })

  test('names the operator once where he comes from there himself', () => {
    expect(rules(staged({ v4, v6 }, ME), 'v4').slice(0, 2)).toEqual([accepts(`${ME}/32`), NOBODY_ELSE])
    const network = ME.replace(/\d+$/, '0/24')
    expect(rules(staged({ v4, v6 }, network), 'v4').slice(0, 2)).toEqual([accepts(network), NOBODY_ELSE])
  })

  test('is known again once it is the server’s own', () => {
    const live = [accepts('203.0.113.7/32'), accepts(`${ME}/32`), NOBODY_ELSE].map((rule) => `-A INPUT ${rule}`)
    const scene = { v4: filter('INPUT ACCEPT', ...live), v6: filter('INPUT ACCEPT', `-A INPUT ${NOBODY_ELSE}`) }
    expect(listed(factsOfScene(scene), '203.0.113.7')).toBe('203.0.113.7/32 may log in already, and others may not')
    expect(rules(staged(scene, '203.0.113.9'), 'v4')).toEqual([
      ...[accepts('203.0.113.7/32'), accepts(`${ME}/32`), accepts('203.0.113.9/32'), NOBODY_ELSE],
    ])
  })

  test('stands behind what fail2ban bans already', () => {
    const banned = filter(':f2b-sshd', '-A INPUT -j f2b-sshd', '-A f2b-sshd -j RETURN')
    expect(rules(staged({ v4: banned, v6 }, '203.0.113.7'), 'v4')[0]).toBe('-j f2b-sshd')
  })

  test('is not begun where one family that the host uses can’t be read', () => {
    const base = factsOfScene({ v4, v6 })
    const blind = { ...base, families: { ...base.families, v6: { state: 'unreadable', reason: say`no ip6tables` } } }
    const eth = (address: string, family: Family) => ({
      ...blind,
      network: { ...base.network, interfaces: [{ name: 'eth0', addresses: [{ family, address, prefix: 64 }] }] },
    })
    const made = (facts: unknown) => letInOnly(facts as FirewallFacts, hostFacts, '203.0.113.7')
    expect(made(eth('2001:db8::1', 'v6'))).toEqual({
      ok: false,
      error: "the v6 rules can't be read, and a list without them keeps nobody out",
    })
    expect(made(eth('192.0.2.10', 'v4')).ok).toBe(true)
  })

  test('is refused where the rules are another program’s, and for what is no address', () => {
    expect(listed(factsOfScene({ v4, v6, facts: { managers: [say`ufw`] } }), '203.0.113.7')).toMatch(
      /are ufw's: name who/,
    )
    expect(listed(factsOfScene({ v4, v6 }), 'tty1')).toBe('tty1 is no address')
  })
})
