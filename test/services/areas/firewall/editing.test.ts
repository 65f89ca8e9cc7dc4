import { describe, expect, test } from 'vitest'
import { changeOf, describeEdit } from '../../../../src/services/areas/firewall/describe.ts'
import { firewallEditing } from '../../../../src/services/areas/firewall/editing.ts'
import type { FirewallEdit } from '../../../../src/services/areas/firewall/lay.ts'
import type { ChainRef, FirewallFacts, RuleEdit } from '../../../../src/services/model/firewall.ts'
import { say } from '../../../../src/services/model/safe.ts'
import { firewallFacts, INPUT, insertFirst, textChange } from '../../../support/plans.ts'

const save = (...rules: readonly string[]): string =>
  `*filter\n:INPUT ACCEPT [0:0]\n:web - [0:0]\n${rules.map((rule) => `-A INPUT ${rule}\n`).join('')}COMMIT\n`
const facts = firewallFacts(save('-j A', '-j B', '-j C'))
const V6: ChainRef = { ...INPUT, family: 'v6' }
const WEB: ChainRef = { ...INPUT, chain: 'web' }
const id = (name: string): string => `v4/filter/INPUT/-j ${name}`
const unread = (family: 'v4' | 'v6'): FirewallFacts => ({
  ...facts,
  families: { ...facts.families, [family]: { state: 'unreadable', reason: say`no root` } },
})
const modules = (text: string | null): FirewallEdit => ({
  kind: 'file',
  ...textChange('/etc/modules-load.d/hardtui-ftp.conf', text, text === null ? 'x\n' : null),
})
const drop: RuleEdit = { kind: 'policy', at: INPUT, policy: 'DROP' }

const lay = (on: FirewallFacts, ...edits: readonly FirewallEdit[]) => firewallEditing.lay(on, edits)
const policies = ({ families }: FirewallFacts) =>
  Object.values(families).map((one) => (one.state === 'present' ? one.ruleSet.tables[0]?.chains[0]?.policy : one.state))

describe('edits laid over the rules', () => {
  test('change the family they are for, and share the other with what was read', () => {
    const { after, conflicts } = lay(facts, drop)
    expect(policies(after)).toEqual(['DROP', 'ACCEPT'])
    expect(after.families.v6).toBe(facts.families.v6)
    expect(policies(lay(facts, { ...drop, at: V6 }).after)).toEqual(['ACCEPT', 'DROP'])
    expect(policies(lay(facts, { ...drop, at: V6 }, drop).after)).toEqual(['DROP', 'DROP'])
    expect(conflicts).toEqual([])
  })

  test('that make no difference to the rules give the facts themselves', () => {
    expect(lay(facts, modules('nf_conntrack_ftp\n')).after).toBe(facts)
    expect(lay(facts, { kind: 'delete', at: INPUT, ruleId: 'gone' }).after).toBe(facts)
    expect(lay(facts).after).toBe(facts)
  })

  test('of a family that can’t be read leave it so, and change the other', () => {
    expect(policies(lay(unread('v6'), drop, { ...drop, at: V6 }).after)).toEqual(['DROP', 'unreadable'])
    expect(lay(unread('v4'), drop).after).toEqual(unread('v4'))
  })

  test('that don’t fit are told with the reason, and the others still made', () => {
    const lost: RuleEdit = { kind: 'delete', at: V6, ruleId: 'gone' }
    const { after, conflicts } = lay(facts, lost, drop)
    expect(conflicts).toEqual([{ edit: lost, reason: 'the rule is gone' }])
    expect(policies(after)).toEqual(['DROP', 'ACCEPT'])
  })
})

test('a rule that is there already is held, and no other edit is', () => {
  const insert = (ruleId: string, at: ChainRef = INPUT): RuleEdit => ({
    kind: 'insert',
    at,
    before: null,
    ruleId,
    text: '-j A',
  })
  const holds = (on: FirewallFacts, edit: FirewallEdit) => firewallEditing.holds?.(on, edit)
  expect(holds(facts, insert(id('A')))).toBe(true)
  expect(holds(facts, insert('new'))).toBe(false)
  expect(holds(facts, insert(id('A'), WEB))).toBe(false)
  expect(holds(facts, insert(id('A'), { ...INPUT, chain: 'nowhere' }))).toBe(false)
  expect(holds(facts, insert(id('A'), V6))).toBe(false)
  expect(holds(unread('v4'), insert(id('A')))).toBe(false)
  expect(holds(facts, { kind: 'delete', at: INPUT, ruleId: id('A') })).toBe(false)
  expect(holds(facts, drop)).toBe(false)
  expect(holds(facts, modules('x\n'))).toBe(false)
})

test('rules and the file that loads its modules are its own, and no other file is', () => {
  const { rules, file, units } = firewallEditing.owns
  expect([rules, units]).toEqual([true, undefined])
  expect(file?.('/etc/modules-load.d/hardtui-ftp.conf')).toBe(true)
  expect(file?.('/etc/modules-load.d/other.conf')).toBe(false)
})

test('rules of another program are not changed, and its own way is named', () => {
  expect(firewallEditing.whyNot?.({ ...facts, managers: [say`ufw`] })).toBe(
    "these rules are ufw's, which puts its own back: change them with ufw allow 80/tcp",
  )
  expect(firewallEditing.whyNot?.(facts)).toBeNull()
})

test('saving, restoring and trying rules each take a program of the server', () => {
  expect(firewallEditing.tools).toEqual(['iptables-save', 'iptables-restore', 'unshare'])
})

describe('an edit in words', () => {
  const words = (edit: FirewallEdit, on = facts) => {
    const { target, summary } = describeEdit(edit, on, lay(on, edit).after)
    return `${target} | ${summary}`
  }
  test.each<[FirewallEdit, string]>([
    [insertFirst(facts, '-j X'), 'v4 filter INPUT 1 | + -j X'],
    [{ kind: 'insert', at: INPUT, before: null, ruleId: 'n', text: '-j X' }, 'v4 filter INPUT 4 | + -j X'],
    [{ kind: 'replace', at: INPUT, ruleId: id('B'), text: '-j X' }, 'v4 filter INPUT 2 | ~ -j X'],
    [{ kind: 'delete', at: INPUT, ruleId: id('C') }, 'v4 filter INPUT 3 | - -j C'],
    [{ kind: 'delete', at: INPUT, ruleId: 'gone' }, 'v4 filter INPUT | - '],
    [{ kind: 'move', at: INPUT, ruleId: id('A'), before: null }, 'v4 filter INPUT 3 | moved from 1 to 3: -j A'],
    [{ kind: 'move', at: INPUT, ruleId: 'gone', before: null }, 'v4 filter INPUT | moved from 0 to 0: '],
    [drop, 'v4 filter INPUT | policy ACCEPT → DROP'],
    [{ ...drop, at: { ...V6, table: 'nat' } }, 'v6 nat INPUT | policy ACCEPT → DROP'],
    [{ kind: 'new-chain', at: { ...INPUT, chain: 'mine' } }, 'v4 filter mine | + a new chain'],
    [{ kind: 'delete-chain', at: INPUT }, 'v4 filter INPUT | - the chain, with its rules (3)'],
    [{ kind: 'delete-chain', at: { ...INPUT, chain: 'none' } }, 'v4 filter none | - the chain, with its rules (0)'],
    [
      modules('nf_conntrack_ftp\nnf_nat_ftp\n'),
      '/etc/modules-load.d/hardtui-ftp.conf | + nf_conntrack_ftp, nf_nat_ftp at boot',
    ],
    [modules(null), '/etc/modules-load.d/hardtui-ftp.conf | removed again'],
  ])('%j', (edit, wanted) => {
    expect(words(edit)).toBe(wanted)
  })

  test('of one family’s rules is a staged change', () => {
    const [before, after] = [facts, lay(facts, drop).after].map(({ families: { v4 } }) =>
      v4.state === 'present' ? v4.ruleSet : null,
    )
    if (!before || !after) throw new Error('they were read')
    expect(changeOf('c1', drop, 'baseline', before, after)).toEqual({
      id: 'c1',
      area: 'firewall',
      edit: drop,
      target: 'v4 filter INPUT',
      summary: 'policy ACCEPT → DROP',
      origin: 'baseline',
    })
  })

  test('names the policy that there was', () => {
    const dropping = firewallFacts(save().replace('INPUT ACCEPT', 'INPUT DROP'))
    expect(words({ ...drop, policy: 'ACCEPT' }, dropping)).toBe('v4 filter INPUT | policy DROP → ACCEPT')
  })

  test('of rules that can’t be read names the chain alone', () => {
    expect(words({ kind: 'delete', at: INPUT, ruleId: id('A') }, unread('v4'))).toBe('v4 filter INPUT | - ')
  })
})
