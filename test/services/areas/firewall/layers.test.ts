import { describe, expect, test } from 'vitest'
import { firewall } from '../../../../src/services/areas/firewall/area.ts'
import { firewallChecks } from '../../../../src/services/areas/firewall/checks/table.ts'
import { ask, readQuestion } from '../../../../src/services/areas/firewall/walk/question.ts'
import type { Family, FirewallFacts } from '../../../../src/services/model/firewall.ts'
import { factsOf } from '../../../../src/services/model/reading.ts'
import { filter } from '../../../support/firewall-checks.ts'
import {
  ACCEPT,
  DROP,
  dport,
  factsOfProbe,
  hooked,
  match,
  nftJson,
  probeText,
  rule,
} from '../../../support/firewall-probes.ts'
import { planFrom } from '../../../support/make-plan.ts'
import { hostFacts, insertFirst, staged } from '../../../support/plans.ts'
import { outputFrom } from '../../../support/probe-output.ts'

const FIRST = { iptables: filter('-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT') }

/** What is said of a first packet from outside. */
const asked = (facts: FirewallFacts, port: number, family: Family = 'v4') => {
  const line =
    family === 'v4' ? `from 203.0.113.5 to 192.0.2.10 tcp ${port}` : `from 2001:db8:5::5 to 2001:db8::10 tcp ${port}`
  const question = readQuestion(line, { ...facts, session: hostFacts.session })
  const one = facts.families[family]
  if (!question.ok || one.state !== 'present') throw new Error('there is nothing to ask')
  return ask(one.ruleSet, question.value, facts.network)[0]?.walked
}
const answers = (facts: FirewallFacts, ...ports: readonly number[]) => ports.map((port) => asked(facts, port)?.answer)

const kinds = (facts: FirewallFacts, family: Family = 'v4') => {
  const one = facts.families[family]
  return one.state === 'present' ? (one.ruleSet.beside ?? []).map((layer) => layer.kind) : []
}

const outcomes = (facts: FirewallFacts, family: Family) =>
  firewallChecks
    .filter((check) => check.id.endsWith(`-${family}`))
    .map((check) => check.judge(facts, hostFacts, { listeners: [] }).outcome)

const planOf = (facts: FirewallFacts) =>
  planFrom({
    host: hostFacts,
    firewall: facts,
    changes: [staged(insertFirst(facts, '-p tcp -m tcp --dport 81 -j ACCEPT'))],
    windowSeconds: 180,
  })

/** Nothing is claimed about packets: neither by questions, findings, nor the guard; each says why. */
function expectUnknown(facts: FirewallFacts, because: string, family: Family = 'v4'): void {
  expect(asked(facts, 80, family)).toMatchObject({ answer: 'unsure', because: expect.stringContaining(because) })
  expect(new Set(outcomes(facts, family))).toEqual(new Set(['unknown']))
  const deny = firewallChecks.find((check) => check.id === `FW-default-deny-${family}`)
  expect(deny?.judge(facts, hostFacts, { listeners: [] }).details?.join()).toContain(because)
  expect(deny?.fix?.(facts, hostFacts, { listeners: [] })).toBeNull()
  if (family === 'v4')
    expect(planOf(facts).whatIf[0]).toMatchObject({ answer: 'unsure', because: expect.stringContaining(because) })
  expect(facts.warnings.join()).toContain(because)
  if (family === 'v4') {
    const login = firewallChecks.find((check) => check.id === 'FW-own-login')
    expect(login?.judge(facts, hostFacts, { listeners: [] })).toMatchObject({
      outcome: 'unknown',
      observed: expect.stringContaining(because),
    })
  }
}

describe('what filters and can’t be read makes every answer unknown', () => {
  const NATIVE = { native: 'table inet mine' }
  const closing = nftJson('inet', 'mine', [hooked('in', 'input', 0, 'drop')])
  test.each([
    [
      'firewalld without nft(8)',
      { managers: 'firewalld', 'native-status': 'absent' },
      'firewalld filters with nftables',
    ],
    ['nftables.service without nft(8)', { managers: 'nftables', 'native-status': 'absent' }, 'nftables.service'],
    [
      'nft(8) that fails',
      { native: 'Operation not permitted (you must be root)', 'native-status': '1' },
      'you must be root',
    ],
    ['a table of which nothing came', NATIVE, 'inet mine can’t be read'.replace('’', "'")],
    ['a table that is cut off', { ...NATIVE, 'nft inet mine': closing.slice(0, -9) }, "can't be read"],
    ['an error in its place', { ...NATIVE, 'nft inet mine': 'Error: No such file or directory' }, 'No such file'],
    ['another table in its place', { ...NATIVE, 'nft inet mine': nftJson('inet', 'other', []) }, "can't be read"],
    [
      'a chain at no priority',
      { ...NATIVE, 'nft inet mine': nftJson('inet', 'mine', [hooked('in', 'input', Number.NaN, 'drop')]) },
      "can't be read",
    ],
    [
      'flags that are none',
      { ...NATIVE, 'nft inet mine': nftJson('inet', 'mine', [hooked('in', 'input', 0, 'drop')], { flags: 'mine' }) },
      "can't be read",
    ],
    [
      'a bridge',
      { native: 'table bridge b', 'nft bridge b': nftJson('bridge', 'b', [hooked('in', 'input', 0, 'drop')]) },
      'below IP',
    ],
    [
      'legacy tables and no program for them',
      { 'other-iptables-status': 'absent', 'other-ip6tables-status': 'absent' },
      'iptables-legacy-save is not installed',
    ],
    [
      'legacy tables that an older probe named',
      { legacy: 'filter', 'other-iptables-status': '', 'other-ip6tables-status': '' },
      'were not read',
    ],
    [
      'a legacy save that fails',
      { 'other-iptables-status': '3', 'other-iptables': 'Permission denied' },
      'Permission denied',
    ],
    [
      'a table that iptables calls incompatible',
      { iptables: "# Table `filter' is incompatible, use 'nft' tool.", 'native-status': 'absent' },
      "iptables-save can't print",
    ],
    [
      'one with strange base chains',
      {
        iptables: `# Table \`filter' contains incompatible base-chains, use 'nft' tool to list them.\n${filter()}`,
        'native-status': 'absent',
      },
      "iptables-save can't print",
    ],
  ])('%s', (_, parts, because) => {
    expectUnknown(factsOfProbe(probeText({ ...FIRST, ...parts })), because)
  })

  test('also where it is a table of iptables’ own that nft(8) does not show', () => {
    const facts = factsOfProbe(probeText({ ...FIRST, native: 'table ip filter' }))
    expectUnknown(facts, 'the nft table ip filter')
  })

  test('also where the other backend’s save says so, and nothing shows what it leaves out', () => {
    const facts = factsOfProbe(
      probeText({
        ...FIRST,
        version: 'iptables v1.8.9 (legacy)',
        'native-status': 'absent',
        'other-iptables': "# Table `filter' is incompatible, use 'nft' tool.",
        'other-iptables-status': '0',
      }),
    )
    expectUnknown(facts, "iptables-save can't print")
    expect(planOf(facts).blockers).toEqual([])
  })

  test('of the family that it is about', () => {
    const facts = factsOfProbe(probeText({ ...FIRST, native: 'table ip6 mine' }))
    expectUnknown(facts, 'ip6 mine', 'v6')
    expect(answers(facts, 80)).toEqual(['yes'])
  })

  test('and nothing else does', () => {
    const calm = [
      { managers: 'firewalld', 'firewalld-backend': 'iptables', 'native-status': 'absent' },
      { 'native-status': 'absent' },
      { managers: 'nftables' },
      { native: 'table inet mine', 'nft inet mine': nftJson('inet', 'mine', [hooked('in', 'input', 0, 'accept')]) },
      {
        native: 'table inet mine',
        'nft inet mine': `${closing.replace('"inet","name":"mine"', '"inet","name":"mine","flags":"garbage"')}\ndormant`,
      },
      { native: 'table inet mine', 'nft inet mine': '{"nftables": [{"table": {"family": "inet", "flags": \ndormant' },
      { native: 'table bridge b', 'nft bridge b': nftJson('bridge', 'b', [hooked('in', 'input', 0, 'accept')]) },
      { 'other-iptables': filter(), 'other-iptables-status': '0' },
    ]
    for (const parts of calm)
      expect(answers(factsOfProbe(probeText({ ...FIRST, ...parts })), 80, 81)).toEqual(['yes', 'yes'])
  })
})

describe('a reading that is not whole is not taken for one', () => {
  const read = (parts: Readonly<Record<string, string>>, cut: string | null = null) =>
    firewall.parse((id) => (id === 'firewall' ? outputFrom(id, probeText(parts), { cut }) : null), hostFacts, 1)

  test('what was cut off behind the rules may filter, too', () => {
    const facts = factsOf(read({ 'other-iptables-status': '' }, 'other-iptables'))
    expect(facts?.warnings.join()).toContain('the reading was cut off')
    expect(factsOf(read({}))?.warnings).toEqual([])
  })

  test.each([
    ['a comment', '-A INPUT -m comment --comment "a\n-A INPUT -p tcp --dport 22 -j DROP" -j ACCEPT'],
    ['a comment with an escaped quote', `${String.raw`[0:0] -A INPUT -m comment --comment "a\"`}\nCOMMIT" -j ACCEPT`],
  ])('a line break in %s leaves no rule readable', (_case, rule) => {
    const families = factsOf(read({ iptables: `*filter\n:INPUT DROP [0:0]\n${rule}\nCOMMIT` }))?.families
    expect(families?.v4).toMatchObject({
      state: 'unreadable',
      reason: expect.stringContaining('a rule ends inside of quotes, as a line break makes it: '),
    })
    expect(families?.v6.state).toBe('present')
  })

  test('quotes that are closed make no doubt', () => {
    const rule = String.raw`-A INPUT -m comment --comment "a \"b\" \\" -j LOG --log-prefix "it's: "`
    const facts = factsOf(read({ iptables: `*filter\n:INPUT DROP [0:0]\n${rule}\nCOMMIT` }))
    expect(facts?.families.v4.state).toBe('present')
  })
})

describe('iptables-save is believed about its own tables', () => {
  const table = (...rules: Parameters<typeof rule>[]) =>
    nftJson('ip', 'filter', [hooked('INPUT', 'input', 0, 'accept'), ...rules.map((one) => rule(...one))])
  const factsWith = (json: string, more: Readonly<Record<string, string>> = {}) =>
    factsOfProbe(probeText({ ...FIRST, native: 'table ip filter', 'nft ip filter': json, ...more }))
  const counter = { counter: { packets: 0, bytes: 0 } }

  test('while they are made of what iptables makes rules of', () => {
    const facts = factsWith(table(['INPUT', dport(80), counter, ACCEPT], ['INPUT', { xt: null }, counter, DROP]))
    expect(kinds(facts)).toEqual([])
    expect(answers(facts, 80)).toEqual(['yes'])
  })

  test.each([
    ['a set without a name', table(['INPUT', dport({ set: [80, 443] }), ACCEPT])],
    ['a set by name', table(['INPUT', dport('@doors'), counter, ACCEPT])],
    ['a map', table(['INPUT', { vmap: { key: { ct: { key: 'state' } }, data: { set: [] } } }])],
    ['a field of no iptables option', table(['INPUT', match({ ct: { key: 'state' } }, 'new', 'in'), counter, DROP])],
    ['a statement of nft', table(['INPUT', counter, { masquerade: null }])],
    ['a base chain of another name', nftJson('ip', 'filter', [hooked('input', 'input', 0, 'drop')])],
    ['a base chain at another priority', nftJson('ip', 'filter', [hooked('INPUT', 'input', -1, 'drop')])],
    ['a dormant table', nftJson('ip', 'filter', [hooked('INPUT', 'input', 0, 'drop')], { flags: ['dormant'] })],
  ])('and not where there is %s: nft’s account stands in its place', (_, json) => {
    const facts = factsWith(json)
    expect(kinds(facts)).toEqual(['nft'])
    expect(new Set(outcomes(facts, 'v4'))).toEqual(new Set(['unknown']))
    expect(
      planOf(facts)
        .blockers.map((one) => one.message)
        .join(),
    ).toContain('holds native nftables rules')
    const v4 = facts.families.v4
    expect(v4.state === 'present' && v4.ruleSet.tables.map((one) => one.name)).toEqual([])
  })

  test('and what nft shows of such a table is walked', () => {
    const rules = [rule('INPUT', dport({ set: [80, 443] }), ACCEPT), rule('INPUT', dport(22), ACCEPT)]
    const facts = factsWith(nftJson('ip', 'filter', [hooked('INPUT', 'input', 0, 'drop'), ...rules]), {
      iptables: filter('INPUT DROP', '-A INPUT -p tcp -j ACCEPT', '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT'),
    })
    expect(answers(facts, 80, 22, 8080)).toEqual(['yes', 'yes', 'no'])
    expect(asked(facts, 443)?.because).toBe('nft ip filter INPUT rule 1: tcp dport { 80, 443 } accept')
  })

  test('by the forms of its rules, where it is long', () => {
    const forms = (right: unknown) => ({
      native: 'table ip filter',
      'nft-forms ip filter': nftJson('ip', 'filter', [
        hooked('INPUT', 'input', 0, 'accept'),
        { rule: { chain: '', expr: [dport(right), counter, ACCEPT] } },
      ]),
    })
    expect(answers(factsOfProbe(probeText({ ...FIRST, ...forms(0) })), 80)).toEqual(['yes'])
    expectUnknown(factsOfProbe(probeText({ ...FIRST, ...forms({ set: [1, 2] }) })), "iptables-save can't print")
  })
})

describe('a packet must pass all that filters', () => {
  const NATIVE = {
    native: 'table inet mine',
    'nft inet mine': nftJson('inet', 'mine', [
      hooked('in', 'input', 10, 'drop'),
      rule('in', dport({ set: [22, 80] }), ACCEPT),
    ]),
  }
  const WITHOUT_SSH = nftJson('inet', 'mine', [hooked('in', 'input', 10, 'accept'), rule('in', dport(22), DROP)])
  test('a table of nft’s', () => {
    const facts = factsOfProbe(probeText({ iptables: filter('-A INPUT -p tcp -m tcp --dport 22 -j DROP'), ...NATIVE }))
    expect(answers(facts, 22, 80, 81)).toEqual(['no', 'yes', 'no'])
    expect(asked(facts, 81)?.because).toBe('nft inet mine in policy DROP')
    const said = (id: string) => firewallChecks.find((one) => one.id === id)?.judge(facts, hostFacts, { listeners: [] })
    expect(said('FW-default-deny-v4')).toMatchObject({ outcome: 'pass', observed: 'nft inet mine in policy DROP' })
    expect(said('FW-own-login')).toMatchObject({ outcome: 'fail', observed: expect.stringContaining('INPUT rule 1: ') })
    const inNative = factsOfProbe(probeText({ ...FIRST, ...NATIVE, 'nft inet mine': WITHOUT_SSH }))
    const login = firewallChecks.find((one) => one.id === 'FW-own-login')?.judge(inNative, hostFacts, { listeners: [] })
    expect(login).toMatchObject({
      outcome: 'fail',
      observed: 'dropped by INPUT nft inet mine in rule 1: tcp dport 22 drop',
    })
    expect(said('FW-native-tables')).toMatchObject({ outcome: 'fail', details: ['nft inet mine'] })
    expect(said('FW-legacy-tables')).toMatchObject({ outcome: 'pass' })
  })

  test('marks that it sets are seen by rules of iptables, and by those of its own priority perhaps', () => {
    const dropped = '-A INPUT -m mark --mark 0x5 -j DROP'
    const setMark = { mangle: { key: { meta: { key: 'mark' } }, value: 5 } }
    const marking = (priority: number, key = 'meta') => ({
      iptables: filter(dropped.replace('-m mark', key === 'ct' ? '-m connmark' : '-m mark')),
      native: 'table inet mine',
      'nft inet mine': nftJson('inet', 'mine', [
        hooked('in', 'input', priority, 'accept'),
        rule('in', key === 'ct' ? { mangle: { key: { ct: { key: 'mark' } }, value: 5 } } : setMark),
      ]),
    })
    expect(answers(factsOfProbe(probeText({ iptables: filter(dropped) })), 80)).toEqual(['yes'])
    for (const priority of [-10, 0]) {
      expect(answers(factsOfProbe(probeText(marking(priority))), 80)).toEqual(['unsure'])
      expect(answers(factsOfProbe(probeText(marking(priority, 'ct'))), 80)).toEqual(['unsure'])
    }
    expect(answers(factsOfProbe(probeText(marking(10))), 80)).toEqual(['yes'])
  })

  test.each([
    ['nft', 'legacy'],
    ['legacy', 'nft'],
  ])('tables of the other backend: %s beside %s', (backend, other) => {
    const facts = factsOfProbe(
      probeText({
        version: `iptables v1.8.9 (${backend === 'nft' ? 'nf_tables' : 'legacy'})`,
        iptables: filter('-A INPUT -p tcp -m tcp --dport 22 -j DROP'),
        'other-iptables': filter('-A INPUT -p tcp -m tcp --dport 80 -j DROP'),
        'other-iptables-status': '0',
      }),
    )
    expect(answers(facts, 22, 80, 81)).toEqual(['no', 'no', 'yes'])
    expect(asked(facts, 80)?.because).toBe(`${other} filter INPUT rule 1: -p tcp -m tcp --dport 80 -j DROP`)
    const legacy = firewallChecks.find((one) => one.id === 'FW-legacy-tables')
    expect(legacy?.judge(facts, hostFacts, { listeners: [] }).outcome).toBe('fail')
  })

  test('iptables-nft’s own tables beside legacy ones, where its save lies', () => {
    const facts = factsOfProbe(
      probeText({
        version: 'iptables v1.8.9 (legacy)',
        native: 'table ip filter',
        'nft ip filter': nftJson('ip', 'filter', [
          hooked('INPUT', 'input', 0, 'drop'),
          rule('INPUT', dport({ set: [80, 81] }), ACCEPT),
        ]),
        'other-iptables': filter('INPUT DROP', '-A INPUT -p tcp -j ACCEPT'),
        'other-iptables-status': '0',
      }),
    )
    expect(kinds(facts)).toEqual(['nft'])
    expect(answers(facts, 80, 82)).toEqual(['yes', 'no'])
  })
})
