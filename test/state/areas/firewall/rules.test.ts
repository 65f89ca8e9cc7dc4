import { describe, expect, test } from 'vitest'
import { cursorTo, type Keys, keysOf, type Options } from '../../../support/headless.ts'
import { RULES_V4, someTexts } from '../../../support/probe-texts.ts'

const toChain = ({ console }: Keys, name: string, table = 'filter'): void =>
  console.actions.putCursor('firewall', `chain:v4:${table}:${name}`)
const toRule = ({ console }: Keys, text: string): void =>
  console.actions.putCursor('firewall', `v4/filter/INPUT/${text}`)
const shown = ({ console }: Keys) => console.store.getState().view.firewall
const rules = (...lines: readonly string[]): Options => ({
  texts: {
    firewall: { ...someTexts().firewall, iptables: `*filter\n:INPUT ACCEPT [0:0]\n${lines.join('\n')}\nCOMMIT\n` },
  },
})
async function onRules(options: Options = {}): Promise<Keys> {
  const bench = await keysOf(options)
  await bench.press('2')
  return bench
}
const A = '-A INPUT -j A\n-A INPUT -j B\n-A INPUT -j C'

describe('x', () => {
  test('on a rule stages its deletion, and again keeps it', async () => {
    const bench = await onRules()
    cursorTo(bench, '3306')
    await bench.press('x')
    expect(bench.staged()).toEqual([expect.stringMatching(/^v4 filter INPUT 5 - .*3306/)])
    await bench.press('x')
    expect([bench.staged(), bench.said()]).toEqual([[], 'The rule stays.'])
  })

  test('on a rule that is only staged takes it back', async () => {
    const bench = await onRules()
    cursorTo(bench, '3306')
    await bench.press('a')
    await bench.type('-p tcp --dport 8443 -j ACCEPT')
    await bench.press('Enter', 'x')
    expect(bench.staged()).toEqual([])
  })

  test('on a chain of one’s own stages its deletion, and again keeps it', async () => {
    const bench = await onRules(rules(':mine - [0:0]', ':mineral - [0:0]', '-A mine -j DROP'))
    toChain(bench, 'mine')
    await bench.press('x')
    expect(bench.staged()).toEqual(['v4 filter mine - the chain, with its rules (1)'])
    toChain(bench, 'mineral')
    await bench.press('x')
    expect(bench.staged()).toHaveLength(2)
    toChain(bench, 'mine')
    await bench.press('x')
    expect([bench.staged(), bench.said()]).toEqual([
      ['v4 filter mineral - the chain, with its rules (0)'],
      'The chain stays.',
    ])
  })

  test('on a chain that is jumped into says by whom', async () => {
    const bench = await onRules(rules(':mine - [0:0]', '-A INPUT -j mine'))
    toChain(bench, 'mine')
    await bench.press('x')
    expect([bench.staged(), bench.said()]).toEqual([[], "mine can't be deleted: INPUT still jumps into it."])
  })

  test.each(['INPUT', 'f2b-sshd'])('on %s says what it is for', async (chain) => {
    const bench = await onRules()
    toChain(bench, chain)
    await bench.press('x')
    expect([bench.staged(), bench.said()]).toEqual([
      [],
      'x (delete): put the cursor on a rule, or a chain of your own, to delete it.',
    ])
  })
})

describe('J and K', () => {
  test('move a rule one place, as far as its chain goes', async () => {
    const bench = await onRules(rules(A))
    toRule(bench, '-j B')
    await bench.press('J')
    expect(bench.staged()).toEqual(['v4 filter INPUT 3 moved from 2 to 3: -j B'])
    await bench.press('J')
    expect(bench.said()).toBe('The rule is at the end of its chain.')
    await bench.press('K', 'K')
    expect(bench.staged()).toEqual(['v4 filter INPUT 1 moved from 2 to 1: -j B'])
    await bench.press('K')
    expect(bench.said()).toBe('The rule is at the top of its chain.')
    await bench.press('J')
    expect([bench.staged(), bench.said()]).toEqual([
      [],
      'The rule is as the server has it again: nothing is staged for it.',
    ])
  })

  test('move it before the one after the next', async () => {
    const bench = await onRules(rules(A))
    toRule(bench, '-j A')
    await bench.press('J')
    expect(bench.console.store.getState().staging.changes[0]?.edit).toMatchObject({
      kind: 'move',
      before: 'v4/filter/INPUT/-j C',
    })
  })
})

test.each(['J', 'K', 'e', 'o', 'c'])('%s leaves a rule alone that is to go', async (key) => {
  const bench = await onRules(rules(A))
  toRule(bench, '-j B')
  await bench.press('x')
  const before = bench.staged()
  toRule(bench, '-j B')
  await bench.press(key)
  expect([bench.staged(), bench.shows(), bench.said()]).toEqual([
    before,
    'dashboard',
    'This rule is staged for deletion; x keeps it.',
  ])
})

test.each([
  ['e', 'edit', 'to edit it'],
  ['J', 'move rule down', 'to move it'],
  ['K', 'move rule up', 'to move it'],
  ['o', 'rule off / on', 'to switch it off or on'],
  ['c', 'copy to v4 / v6', 'to copy it'],
])('%s says that it is for rules', async (key, label, words) => {
  const bench = await onRules()
  toChain(bench, 'INPUT')
  await bench.press(key)
  expect([bench.staged(), bench.said()]).toEqual([[], `${key} (${label}): put the cursor on a rule ${words}.`])
})

describe('Space', () => {
  test('on a chain that accepts stages DROP, and takes back what is staged', async () => {
    const bench = await onRules()
    toChain(bench, 'OUTPUT')
    await bench.press('Space')
    expect(bench.staged()).toEqual(['v4 filter OUTPUT policy ACCEPT → DROP'])
    await bench.press('Space')
    expect([bench.staged(), bench.said()]).toEqual([[], 'Unstaged: the policy stays as it is.'])
  })

  test('on a chain that drops has nothing to do, but takes back what is staged', async () => {
    const bench = await onRules({
      texts: { firewall: { ...someTexts().firewall, iptables: RULES_V4.replace('FORWARD ACCEPT', 'FORWARD DROP') } },
    })
    toChain(bench, 'FORWARD')
    await bench.press('Space')
    expect([bench.staged(), bench.said()]).toEqual([
      [],
      'Space (stage fix): its policy is as it should be; P changes it.',
    ])
    await bench.press('P', 'A')
    expect(bench.staged()).toEqual(['v4 filter FORWARD policy DROP → ACCEPT'])
    await bench.press('Space')
    expect(bench.staged()).toEqual([])
  })

  test('on a chain of another table, or of one’s own, does nothing', async () => {
    const bench = await onRules()
    toChain(bench, 'f2b-sshd')
    await bench.press('Space')
    expect(bench.said()).toBe('Space (stage fix): only built-in chains have a policy.')
    await bench.press(']')
    toChain(bench, 'POSTROUTING', 'nat')
    await bench.press('Space')
    expect([bench.staged(), bench.said()]).toEqual([
      [],
      'Space (stage fix): its policy is as it should be; P changes it.',
    ])
  })

  test('on a rule takes back what is staged of it, and else has no fix', async () => {
    const bench = await onRules(rules(A))
    toRule(bench, '-j A')
    await bench.press('Space')
    expect(bench.said()).toBe(
      'Space (stage fix): a rule has no fix to stage: e edits it, x deletes it, a adds one before it.',
    )
    await bench.press('J', 'Space')
    expect([bench.staged(), bench.said()]).toEqual([[], 'Unstaged.'])
  })
})

describe('P', () => {
  test('on a rule is about its chain, and stages what differs from what the server has', async () => {
    const bench = await onRules()
    cursorTo(bench, '3306')
    await bench.press('P')
    expect(bench.console.store.getState().view.dialog).toEqual({
      kind: 'policy',
      at: { family: 'v4', table: 'filter', chain: 'INPUT' },
      policy: 'ACCEPT',
    })
    await bench.press('D', 'P')
    expect(bench.console.store.getState().view.dialog).toMatchObject({ policy: 'DROP' })
    await bench.press('A')
    expect([bench.staged(), bench.said(), bench.shows()]).toEqual([[], 'The policy stays as it is.', 'dashboard'])
    await bench.press('P', 'A')
    expect([bench.staged(), bench.said()]).toEqual([[], 'That is the policy already.'])
  })

  test('says what has none', async () => {
    const bench = await onRules()
    toChain(bench, 'f2b-sshd')
    await bench.press('P')
    expect([bench.shows(), bench.said()]).toEqual(['dashboard', 'Only built-in chains have a policy.'])
    await bench.press('g')
    while (!bench.row().includes('FW-')) await bench.press('j')
    await bench.press('P')
    expect(bench.said()).toBe('P changes the policy of a chain: put the cursor on it or on one of its rules.')
  })
})

describe('o', () => {
  test('switches a rule off and on, and says what it can’t', async () => {
    const bench = await onRules(rules('-A INPUT -s 192.0.2.1/32 -j ACCEPT', '-A INPUT -s 192.0.2.2/32'))
    toRule(bench, '-s 192.0.2.1/32 -j ACCEPT')
    await bench.press('o')
    expect(bench.staged()).toEqual([expect.stringContaining('off by hardtui: -j ACCEPT')])
    await bench.press('o')
    expect(bench.staged()).toEqual([])
    toRule(bench, '-s 192.0.2.2/32')
    await bench.press('o')
    expect([bench.staged(), bench.said()]).toEqual([
      [],
      'This rule only counts, or its target is too long to keep in a comment.',
    ])
  })
})

describe('v, [ and ]', () => {
  test('turn to the other family, and to the same table where it has one', async () => {
    const bench = await onRules()
    cursorTo(bench, '3306')
    await bench.press('v')
    expect(shown(bench)).toEqual({ family: 'v6', table: 'filter' })
    expect(bench.console.store.getState().view.panes.firewall).toMatchObject({ cursor: null, words: '', at: 0, top: 0 })
    await bench.press('v', ']')
    expect(shown(bench)).toEqual({ family: 'v4', table: 'nat' })
    await bench.press('v')
    expect(shown(bench)).toEqual({ family: 'v6', table: 'filter' })
    const both = await onRules({
      texts: { firewall: { ...someTexts().firewall, ip6tables: '*nat\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n' } },
    })
    await both.press(']', 'v')
    expect(shown(both)).toEqual({ family: 'v6', table: 'nat' })
  })

  test('turn round through the tables, either way', async () => {
    const bench = await onRules()
    await bench.press('[')
    expect(shown(bench).table).toBe('nat')
    await bench.press('[')
    expect(shown(bench).table).toBe('filter')
    await bench.press(']', ']')
    expect(shown(bench).table).toBe('filter')
  })

  test('say that there is no other table', async () => {
    const bench = await onRules()
    await bench.press('v', ']')
    expect([shown(bench).table, bench.said()]).toEqual(['filter', 'The server uses no other table of this family.'])
  })
})
