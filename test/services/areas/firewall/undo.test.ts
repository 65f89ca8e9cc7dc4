import { describe, expect, test } from 'vitest'
import { withTable } from '../../../../src/services/areas/firewall/builtin-chains.ts'
import { chainText, findChain } from '../../../../src/services/areas/firewall/chain-text.ts'
import { touchedChains } from '../../../../src/services/areas/firewall/delta.ts'
import { applyEdits } from '../../../../src/services/areas/firewall/edits.ts'
import { parseRuleSet } from '../../../../src/services/areas/firewall/parse.ts'
import { chainThen } from '../../../../src/services/areas/firewall/undo-chain.ts'
import { undoFirewall } from '../../../../src/services/areas/firewall/undo-rules.ts'
import type { FirewallFacts, RuleEdit, RuleSet } from '../../../../src/services/model/firewall.ts'
import { say } from '../../../../src/services/model/safe.ts'
import { firewallFacts, textChange } from '../../../support/plans.ts'

/** A filter table: `web: -j A, -j B` is a chain of these rules, `INPUT DROP: …` sets its policy. */
const set = (...chains: readonly string[]): RuleSet => {
  const parts = chains.map((one) => {
    const [, name = '', policy = '-', rules = ''] = /^(\S+?)(?: (\S+))?: ?(.*)$/.exec(one) ?? []
    return { name, policy, rules: rules.split(', ').filter(Boolean) }
  })
  const heads = parts.map(({ name, policy }) => `:${name} ${policy} [0:0]\n`).join('')
  const rules = parts.flatMap((part) => part.rules.map((rule) => `-A ${part.name} ${rule}\n`)).join('')
  return parseRuleSet('v4', `*filter\n${heads}${rules}COMMIT\n`)
}

const undo = (before: RuleSet, after: RuleSet, now: RuleSet = after) => {
  const touches = touchedChains(before, after)
  const past = {
    rules: [{ family: 'v4' as const, touches, before: chainText(before, touches), after: chainText(after, touches) }],
    files: [],
    units: [],
    accounts: [],
  }
  const facts: FirewallFacts = {
    ...firewallFacts(''),
    families: { ...firewallFacts('').families, v4: { state: 'present', ruleSet: now } },
  }
  let ids = 0
  const { edits, remarks } = undoFirewall(past, facts, () => `back-${++ids}`)
  return { edits: edits as readonly RuleEdit[], remarks }
}
const words = (edits: readonly RuleEdit[]): readonly string[] =>
  edits.map((edit) => `${edit.kind} ${edit.at.chain}${'text' in edit ? ` ${edit.text}` : ''}`)
/** The chains of a rule set as its save would have them, those of its kernel as well. */
const saved = (ruleSet: RuleSet): string => {
  const [table] = withTable(ruleSet, 'filter').tables
  return chainText(
    ruleSet,
    (table?.chains ?? []).map(({ name }) => ({ table: 'filter', chain: name })),
  )
}
const undone = (before: RuleSet, after: RuleSet): string => {
  const { after: end, conflicts } = applyEdits(after, undo(before, after).edits)
  expect(conflicts).toEqual([])
  return saved(end)
}

describe('undoing a chain', () => {
  test('that was deleted makes it before what jumps into it, whatever order it was touched in', () => {
    const before = set('INPUT ACCEPT: -i lo -j ACCEPT, -j web', 'OUTPUT ACCEPT:', 'web: -j A, -j B')
    const after = set('INPUT ACCEPT: -i lo -j ACCEPT', 'OUTPUT ACCEPT:')
    const { edits, remarks } = undo(before, after)
    expect(words(edits)).toEqual(['new-chain web', 'insert INPUT -j web', 'insert web -j A', 'insert web -j B'])
    expect(edits.map((edit) => 'ruleId' in edit && edit.ruleId)).toEqual([false, 'back-1', 'back-2', 'back-3'])
    expect(remarks).toEqual([])
    expect(undone(before, after)).toBe(saved(before))
  })

  test('that was made deletes it after what jumps into it', () => {
    const before = set('INPUT ACCEPT: -i lo -j ACCEPT')
    const after = set('a: -j A', 'INPUT ACCEPT: -i lo -j ACCEPT, -j a, -j b', 'b: -j B')
    const { edits, remarks } = undo(before, after)
    expect(words(edits)).toEqual(['delete INPUT', 'delete INPUT', 'delete-chain a', 'delete-chain b'])
    expect(remarks).toEqual([])
    expect(undone(before, after)).toBe(saved(before))
  })

  test('that was made says how many rules of others go with it', () => {
    const before = set('INPUT ACCEPT:')
    const after = set('INPUT ACCEPT:', 'web: -j A')
    const { edits, remarks } = undo(before, after, set('INPUT ACCEPT:', 'web: -j X, -j A, -j Y'))
    expect(words(edits)).toEqual(['delete-chain web'])
    expect(remarks).toEqual(['v4 filter web goes with 2 rules that others put into it.'])
    expect(undo(before, after, set('INPUT ACCEPT:', 'web:')).remarks).toEqual([])
  })

  test('that is gone since, or there again, is left alone, in words', () => {
    const [without, with1] = [set('INPUT ACCEPT:'), set('INPUT ACCEPT:', 'web: -j A')]
    expect(undo(without, with1, without)).toEqual({
      edits: [],
      remarks: ['The chain v4 filter web is no longer there.'],
    })
    expect(undo(with1, without, with1)).toEqual({
      edits: [],
      remarks: ['The chain v4 filter web is there again already.'],
    })
  })

  test('that is recorded as absent before and after does nothing', () => {
    const at = { family: 'v4', table: 'filter', chain: 'web' } as const
    const past = {
      rules: [{ family: 'v4' as const, touches: [at], before: '', after: '' }],
      files: [],
      units: [],
      accounts: [],
    }
    expect(undoFirewall(past, firewallFacts(''), () => 'x')).toEqual({ edits: [], remarks: [] })
  })
})

describe('undoing rules', () => {
  test('deletes the rule that was added, and not its double that was there before', () => {
    const before = set('INPUT ACCEPT: -j A, -j B')
    const after = set('INPUT ACCEPT: -j A, -j B, -j A')
    const { edits } = undo(before, after)
    const rules = findChain(after, { table: 'filter', chain: 'INPUT' })?.rules
    expect(edits).toMatchObject([{ kind: 'delete', ruleId: rules?.[2]?.id }])
  })

  test('finds a rule that others have moved, and takes each only once', () => {
    const { edits, remarks } = undo(
      set('INPUT ACCEPT: -j A, -j B'),
      set('INPUT ACCEPT: -j A, -j B, -j X, -j X'),
      set('INPUT ACCEPT: -j X, -j A, -j B'),
    )
    expect(words(edits)).toEqual(['delete INPUT'])
    expect(remarks).toEqual(['v4 filter INPUT: rule -j X is no longer there.'])
  })

  test('puts a rule back before the one that followed it, at the end where none did', () => {
    const before = set('INPUT ACCEPT: -j A, -j B, -j C')
    const edits = (after: string) => undo(before, set(after)).edits
    expect(edits('INPUT ACCEPT: -j B, -j C')).toMatchObject([
      { kind: 'insert', before: 'v4/filter/INPUT/-j B', text: '-j A' },
    ])
    expect(edits('INPUT ACCEPT: -j A, -j B')).toMatchObject([{ kind: 'insert', before: null, text: '-j C' }])
    expect(edits('INPUT ACCEPT: -j C')).toMatchObject([
      { before: 'v4/filter/INPUT/-j C', text: '-j A' },
      { before: 'v4/filter/INPUT/-j C', text: '-j B' },
    ])
  })

  test('passes over a follower that is gone, whatever stands in its place', () => {
    const { edits } = undo(
      set('INPUT ACCEPT: -j A, -j B, -j C'),
      set('INPUT ACCEPT: -j B, -j C'),
      set('INPUT ACCEPT: -j X, -j Y, -j C'),
    )
    expect(edits).toMatchObject([{ kind: 'insert', before: 'v4/filter/INPUT/-j C', text: '-j A' }])
  })

  test('says where all that followed it is gone', () => {
    const { edits, remarks } = undo(
      set('INPUT ACCEPT: -j A, -j B'),
      set('INPUT ACCEPT: -j B'),
      set('INPUT ACCEPT: -j Z'),
    )
    expect(edits).toMatchObject([{ kind: 'insert', before: null, text: '-j A' }])
    expect(remarks).toEqual([
      'v4 filter INPUT: what followed -j A is gone; it goes before the next rule that is left. Look at the order.',
    ])
  })

  test('does not put back a rule that stands there again, moved or not', () => {
    const [before, after] = [set('INPUT ACCEPT: -j A, -j B'), set('INPUT ACCEPT: -j B')]
    expect(undo(before, after, set('INPUT ACCEPT: -j B, -j A'))).toEqual({
      edits: [],
      remarks: ['v4 filter INPUT: rule -j A is there again already.'],
    })
  })
})

describe('undoing a policy', () => {
  const [open, closed] = [set('INPUT ACCEPT:'), set('INPUT DROP:')]

  test('sets the one before, either way', () => {
    expect(undo(open, closed).edits).toMatchObject([{ kind: 'policy', policy: 'ACCEPT' }])
    expect(undo(closed, open).edits).toMatchObject([{ kind: 'policy', policy: 'DROP' }])
  })

  test('says that it is so again already', () => {
    expect(undo(closed, open, closed)).toEqual({
      edits: [],
      remarks: ['v4 filter INPUT: the policy is DROP again already.'],
    })
  })

  test('leaves alone what the transaction did not change, and what is no policy', () => {
    expect(words(undo(set('INPUT DROP: -j A'), set('INPUT DROP:'), set('INPUT ACCEPT:')).edits)).toEqual([
      'insert INPUT -j A',
    ])
    const at = { family: 'v4', table: 'filter', chain: 'INPUT' } as const
    const odd = [
      { family: 'v4' as const, touches: [at], before: '*filter INPUT QUEUE\n', after: '*filter INPUT DROP\n' },
    ]
    expect(
      undoFirewall({ rules: odd, files: [], units: [], accounts: [] }, firewallFacts(''), () => 'x').edits,
    ).toEqual([])
  })
})

test('each family is undone on its own rules, then the files', () => {
  const at = (family: 'v4' | 'v6') => ({ family, table: 'filter', chain: 'INPUT' }) as const
  const rules = (['v4', 'v6'] as const).map((family) => ({
    family,
    touches: [at(family)],
    before: '*filter INPUT ACCEPT\n',
    after: '*filter INPUT DROP\n',
  }))
  const past = {
    rules,
    files: [textChange('/etc/modules-load.d/hardtui-ftp.conf', 'x\n', null)],
    units: [],
    accounts: [],
  }
  const dropping = firewallFacts('*filter\n:INPUT DROP [0:0]\nCOMMIT\n')
  const blind: FirewallFacts = {
    ...dropping,
    families: { ...dropping.families, v6: { state: 'unreadable', reason: say`no root` } },
  }
  const { edits, remarks } = undoFirewall(past, blind, () => 'x')
  expect(edits).toMatchObject([
    { kind: 'policy', at: at('v4') },
    { kind: 'file', text: null },
  ])
  expect(remarks).toEqual(["The v6 rules can't be read: nothing of them is undone."])
  expect(undoFirewall(past, null, () => 'x').remarks).toHaveLength(2)
})

describe('a chain read back out of a record', () => {
  const text = '*filter web -\n-A web -j A\n-A web\n*filter webmail DROP\n-A webmail -j B\n*nat web -\n-A web -j C\n'

  test.each([
    ['filter', 'web', { policy: '-', rules: ['-j A', ''] }],
    ['filter', 'webmail', { policy: 'DROP', rules: ['-j B'] }],
    ['nat', 'web', { policy: '-', rules: ['-j C'] }],
    ['nat', 'webmail', { policy: 'absent', rules: [] }],
  ])('is %s %s and no other', (table, chain, wanted) => {
    expect(chainThen(text, { table, chain })).toEqual(wanted)
  })

  test('ends with the text, ended by a line end or not', () => {
    expect(chainThen('*filter web -\n-A web -j A', { table: 'filter', chain: 'web' }).rules).toEqual(['-j A'])
  })
})
