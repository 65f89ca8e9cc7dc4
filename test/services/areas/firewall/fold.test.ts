import { describe, expect, test } from 'vitest'
import {
  changesOf,
  foldRules,
  policyChangeOf,
  ruleEditsOf,
  unfoldRules,
} from '../../../../src/services/areas/firewall/fold.ts'
import type { StagedOf } from '../../../../src/services/model/areas.ts'
import type { ChainRef, FirewallFacts, RuleEdit } from '../../../../src/services/model/firewall.ts'
import { firewallFacts, INPUT, staged, textChange } from '../../../support/plans.ts'

type Staged = StagedOf<'firewall'>
const OUTPUT: ChainRef = { ...INPUT, chain: 'OUTPUT' }
const V6: ChainRef = { ...INPUT, family: 'v6' }
const WEB: ChainRef = { ...INPUT, chain: 'web' }
const NAT: ChainRef = { ...INPUT, table: 'nat' }

const insert = (ruleId: string, before: string | null = null, text = '-j ACCEPT', at: ChainRef = INPUT): RuleEdit => ({
  kind: 'insert',
  at,
  before,
  ruleId,
  text,
})
const remove = (ruleId: string, at: ChainRef = INPUT): RuleEdit => ({ kind: 'delete', at, ruleId })
const replace = (ruleId: string, text: string): RuleEdit => ({ kind: 'replace', at: INPUT, ruleId, text })
const move = (ruleId: string, before: string | null): RuleEdit => ({ kind: 'move', at: INPUT, ruleId, before })
const policy = (to: 'ACCEPT' | 'DROP', at: ChainRef = INPUT): RuleEdit => ({ kind: 'policy', at, policy: to })
const made = (at: ChainRef): RuleEdit => ({ kind: 'new-chain', at })
const gone = (at: ChainRef): RuleEdit => ({ kind: 'delete-chain', at })

const all = (edits: readonly RuleEdit[], facts: FirewallFacts | null = null) =>
  edits.reduce<{ readonly held: readonly Staged[]; readonly idle?: unknown }>(
    ({ held }, edit) => foldRules(held, staged(edit), facts),
    { held: [] },
  )
const folded = (...edits: readonly RuleEdit[]) => ruleEditsOf(all(edits).held)
/** What is left of these changes when the one at a place is taken back. */
const without = (place: number, ...edits: readonly RuleEdit[]) => {
  const held = edits.map(staged)
  return ruleEditsOf(unfoldRules(held, held[place] as Staged))
}

const FILE: Staged = {
  ...staged(remove('x')),
  id: 'file',
  edit: { kind: 'file', ...textChange('/etc/modules-load.d/hardtui-ftp.conf', 'nf_conntrack_ftp\n', null) },
}

describe('a change staged on top of others', () => {
  test('of another family, table or chain leaves a policy alone', () => {
    const others = [policy('DROP', V6), policy('DROP', NAT), policy('DROP', OUTPUT)]
    expect(folded(...others, policy('DROP'))).toEqual([...others, policy('DROP')])
    expect(folded(policy('DROP'), ...others, policy('ACCEPT'))).toEqual([...others, policy('ACCEPT')])
    expect(policyChangeOf(others.map(staged), INPUT)).toBeNull()
    expect(policyChangeOf([staged(made(INPUT)), staged(policy('DROP'))], INPUT)?.edit).toEqual(policy('DROP'))
  })

  test('that takes back a new chain takes all that was staged in it, and nothing beside', () => {
    const beside = [
      insert('a', null, '-j ACCEPT', OUTPUT),
      made({ ...WEB, family: 'v6' }),
      made({ ...WEB, table: 'nat' }),
    ]
    expect(folded(...beside, made(WEB), insert('b', null, '-j ACCEPT', WEB), gone(WEB))).toEqual(beside)
  })

  test('that deletes a chain makes pointless what was staged in it', () => {
    expect(folded(remove('r', WEB), insert('a'), gone(WEB))).toEqual([insert('a'), gone(WEB)])
    expect(folded(made(OUTPUT), gone(WEB))).toEqual([made(OUTPUT), gone(WEB)])
  })

  test('moves a rule once more only where its move came last', () => {
    expect(folded(move('r1', 'r2'), move('r1', 'r3'))).toEqual([move('r1', 'r3')])
    expect(folded(move('r1', 'r2'), move('r4', 'r1'), move('r1', 'r3'))).toEqual([
      move('r1', 'r2'),
      move('r4', 'r1'),
      move('r1', 'r3'),
    ])
    expect(folded(replace('r1', '-j A'), move('r1', 'r3'))).toEqual([replace('r1', '-j A'), move('r1', 'r3')])
    expect(folded(move('r1', 'r3'))).toEqual([move('r1', 'r3')])
  })

  test('edits an edited rule where its edit stands, with the old name and the new words', () => {
    const first = staged(replace('r1', '-j A'))
    const [other, last] = [staged(insert('x')), staged(replace('r1', '-j B'))]
    expect(foldRules([first, other], last, null).held).toEqual([{ ...last, id: first.id }, other])
    const inserted = staged(insert('r1', 'r2'))
    expect(foldRules([inserted, other], last, null).held).toEqual([
      { ...inserted, edit: insert('r1', 'r2', '-j B'), summary: last.summary },
      other,
    ])
    expect(folded(move('r1', null), replace('r1', '-j B'))).toEqual([move('r1', null), replace('r1', '-j B')])
  })

  test('deletes what was staged of the rule, and only of that one', () => {
    expect(folded(replace('r1', '-j A'), replace('r2', '-j B'), remove('r1'))).toEqual([
      replace('r2', '-j B'),
      remove('r1'),
    ])
    // What stood before the rule that is gone again now stands, or goes, where it stood.
    expect(folded(insert('n', 'r9'), insert('o', 'n'), move('r3', 'n'), insert('p', 'r1'), remove('n'))).toEqual([
      insert('o', 'r9'),
      move('r3', 'r9'),
      insert('p', 'r1'),
    ])
  })

  test('keeps a file apart from rules', () => {
    const rule = staged(remove('r1'))
    expect(foldRules([rule], FILE, null).held).toEqual([rule, FILE])
    expect(foldRules([FILE], rule, null).held).toEqual([FILE, rule])
    expect(foldRules([FILE], staged(remove('r1')), null).held).toHaveLength(2)
    expect(ruleEditsOf([FILE, rule])).toEqual([remove('r1')])
    expect(changesOf([FILE, rule, staged(policy('DROP'))], 'r1')).toEqual([rule])
  })
})

describe('what comes to nothing', () => {
  const facts = firewallFacts(
    `*filter\n:INPUT ACCEPT [0:0]\n${['A', 'B', 'C'].map((name) => `-A INPUT -j ${name}\n`).join('')}COMMIT\n`,
  )
  const id = (name: string) => `v4/filter/INPUT/-j ${name}`

  test.each([
    ['moved away and back', [move(id('A'), id('C')), move(id('A'), id('B'))], []],
    ['edited and edited back', [replace(id('A'), '-j X'), replace(id('A'), '-j A')], []],
    ['moved to where it is', [move(id('A'), id('B'))], []],
    [
      'moved away, with another in between',
      [move(id('A'), null), remove(id('B')), move(id('A'), id('C'))],
      [remove(id('B'))],
    ],
  ])('a rule %s is staged no longer, and it is said so', (_name, edits, left) => {
    const { held, idle } = all(edits, facts)
    expect(ruleEditsOf(held)).toEqual(left)
    expect(idle).toBe('The rule is as the server has it again: nothing is staged for it.')
  })

  test.each([
    ['is edited', [replace(id('A'), '-j X')]],
    ['is moved', [move(id('A'), id('C'))]],
    ['is edited and moved back', [replace(id('A'), '-j X'), move(id('A'), id('B'))]],
    ['is inserted and moved', [insert('n', id('A')), move('n', null)]],
    ['is inserted where it is moved to', [insert('n', id('A')), move('n', id('A'))]],
    ['is deleted', [remove(id('A'))]],
  ])('a rule that %s stays staged', (_name, edits) => {
    const { held, idle } = all(edits, facts)
    expect(ruleEditsOf(held)).toEqual(edits)
    expect(idle).toBeUndefined()
  })

  test('is not told of rules that were not read', () => {
    const edits = [move(id('A'), id('C')), move(id('A'), id('B'))]
    expect(folded(...edits)).toEqual([move(id('A'), id('B'))])
    const reason = 'no root' as never
    const blind = { ...facts, families: { ...facts.families, v4: { state: 'unreadable', reason } } } as FirewallFacts
    expect(ruleEditsOf(all(edits, blind).held)).toEqual([move(id('A'), id('B'))])
  })
})

describe('taking a change back', () => {
  test('takes no more than that one where nothing stands on it', () => {
    expect(without(1, remove('r1'), replace('r2', '-j A'), move('r2', null))).toEqual([remove('r1'), move('r2', null)])
    expect(without(0, policy('DROP'), remove('r1'))).toEqual([remove('r1')])
  })

  test('of an inserted rule takes its moves too, and puts others where it stood', () => {
    expect(without(0, insert('n', 'r2'), insert('o', 'n'), move('n', null), move('r5', 'n'), move('r6', 'r7'))).toEqual(
      [insert('o', 'r2'), move('r5', 'r2'), move('r6', 'r7')],
    )
  })

  test('of a new chain takes what is in it, and the rules that jump into it', () => {
    const edits = [
      made(WEB),
      insert('in', null, '-j ACCEPT', WEB),
      insert('jump', null, '-p tcp -j web'),
      insert('above', 'jump'),
      insert('other', null, '-j web', { ...OUTPUT, family: 'v6' }),
      insert('raw', null, '-j web', { ...OUTPUT, table: 'raw' }),
      replace('r1', '-i lo -g web'),
      replace('r2', '-j webmail'),
      remove('r3'),
      policy('DROP'),
    ]
    expect(without(0, ...edits)).toEqual([
      insert('above'),
      insert('other', null, '-j web', { ...OUTPUT, family: 'v6' }),
      insert('raw', null, '-j web', { ...OUTPUT, table: 'raw' }),
      replace('r2', '-j webmail'),
      remove('r3'),
      policy('DROP'),
    ])
  })

  test('of a file leaves the rules', () => {
    const rule = staged(remove('r1'))
    expect(unfoldRules([rule, FILE], FILE)).toEqual([rule])
  })
})
