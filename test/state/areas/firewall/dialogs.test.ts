import { describe, expect, test } from 'vitest'
import { cursorTo, type Keys, keysOf, type Options } from '../../../support/headless.ts'
import { someTexts } from '../../../support/probe-texts.ts'

const table = (...lines: readonly string[]): string => `*filter\n:INPUT ACCEPT [0:0]\n${lines.join('\n')}\nCOMMIT\n`
const texts = (v4: string, v6 = ''): Options => ({
  texts: { firewall: { ...someTexts().firewall, iptables: v4, ip6tables: v6 } },
})
const RULES = table(':mine - [0:0]', '-A INPUT -j A', '-A INPUT -j B', '-A INPUT -j C')

async function onRules(options: Options = texts(RULES)): Promise<Keys> {
  const bench = await keysOf(options)
  await bench.press('2')
  return bench
}
const to = ({ console }: Keys, id: string): void => console.actions.putCursor('firewall', id)
const rule = (text: string): string => `v4/filter/INPUT/${text}`
const dialog = ({ console }: Keys) => {
  const one = console.store.getState().view.dialog
  return one?.kind === 'edit'
    ? { title: one.title, text: one.field.text, task: one.task, cursor: one.field.cursor }
    : one
}
const at = (family: 'v4' | 'v6', chain = 'INPUT') => ({ family, table: 'filter', chain })

describe('a', () => {
  test.each([
    [
      'before the rule under the cursor',
      rule('-j B'),
      [],
      'INPUT at 2, before what is rule 2 now',
      rule('-j B'),
      'INPUT',
    ],
    ['at the end of the chain under it', 'chain:v4:filter:INPUT', [], 'INPUT at 4, the end', null, 'INPUT'],
    ['in a chain of one’s own', 'chain:v4:filter:mine', [], 'mine at 1, the end', null, 'mine'],
    [
      'before the next that stays, on one that goes',
      rule('-j B'),
      ['-j B'],
      'INPUT at 2, before what is rule 2 now',
      rule('-j C'),
      'INPUT',
    ],
    ['at the end, where none stays', rule('-j B'), ['-j B', '-j C'], 'INPUT at 2, the end', null, 'INPUT'],
    [
      'past others that go',
      rule('-j A'),
      ['-j A', '-j B'],
      'INPUT at 1, before what is rule 1 now',
      rule('-j C'),
      'INPUT',
    ],
  ])('opens the editor for a rule %s', async (_name, id, deleted, title, before, chain) => {
    const bench = await onRules()
    for (const one of deleted) {
      to(bench, rule(one))
      await bench.press('x')
    }
    to(bench, id)
    await bench.press('a')
    expect(dialog(bench)).toEqual({
      title: `new rule in v4 filter ${title}`,
      text: '',
      cursor: 0,
      task: { kind: 'add', at: at('v4', chain), before },
    })
  })

  test('from a finding is for the end of INPUT', async () => {
    const bench = await onRules()
    cursorTo(bench, 'FW-')
    await bench.press('a')
    expect(dialog(bench)).toMatchObject({ title: 'new rule in v4 filter INPUT at 4, the end' })
  })
})

describe('e', () => {
  test('opens the editor with the rule as it is, in words that can be typed', async () => {
    const bench = await onRules()
    to(bench, rule('-j C'))
    await bench.press('e')
    expect(dialog(bench)).toEqual({
      title: 'rule 3 of v4 filter INPUT',
      text: '-j C',
      cursor: 4,
      task: { kind: 'edit', at: at('v4'), ruleId: rule('-j C') },
    })
  })
})

describe('c', () => {
  test.each([
    ['at the end of the chain', table('-A INPUT -i lo -j ACCEPT'), 'at 2', null],
    ['of one that is empty', '', 'at 1', null],
    [
      'before a last rule that drops',
      table('-A INPUT -i lo -j ACCEPT', '-A INPUT -j DROP'),
      'at 2',
      'v6/filter/INPUT/-j DROP',
    ],
    [
      'before one that rejects',
      table('-A INPUT -j REJECT --reject-with x'),
      'at 1',
      'v6/filter/INPUT/-j REJECT --reject-with x',
    ],
    ['after one that drops some', table('-A INPUT -i lo -j DROP'), 'at 2', null],
    ['after one that drops elsewhere', table('-A INPUT -j DROPPER'), 'at 2', null],
  ])('opens the editor in the other family, %s', async (_name, v6, place, before) => {
    const bench = await onRules(texts(table('-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT'), v6))
    to(bench, rule('-p tcp -m tcp --dport 80 -j ACCEPT'))
    await bench.press('c')
    expect(dialog(bench)).toMatchObject({
      title: `copy to v6 filter INPUT ${place}`,
      text: '-p tcp -m tcp --dport 80 -j ACCEPT',
      task: { kind: 'add', at: at('v6'), before },
    })
    expect(bench.console.store.getState().view.firewall).toEqual({ family: 'v6', table: 'filter' })
  })

  test('goes back from v6 to v4', async () => {
    const bench = await onRules(texts('', table('-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT')))
    await bench.press('v')
    cursorTo(bench, '--dport 80')
    await bench.press('c')
    expect(dialog(bench)).toMatchObject({ title: 'copy to v4 filter INPUT at 1' })
  })

  test('says why there is no copy, and stays', async () => {
    const bench = await onRules(texts(table(':mine - [0:0]', '-A INPUT -s 192.0.2.1/32 -j DROP', '-A mine -j DROP')))
    to(bench, rule('-s 192.0.2.1/32 -j DROP'))
    await bench.press('c')
    expect([dialog(bench), bench.said()]).toEqual([null, expect.stringContaining('an address has no counterpart')])
    to(bench, 'v4/filter/mine/-j DROP')
    await bench.press('c')
    expect([dialog(bench), bench.said()]).toEqual([null, 'The other family has no chain mine to copy it to.'])
    expect(bench.console.store.getState().view.firewall.family).toBe('v4')
  })
})

test('t asks about a connection, the operator’s own to begin with', async () => {
  const bench = await onRules()
  await bench.press('t')
  expect(bench.console.store.getState().view.dialog).toMatchObject({
    kind: 'packet',
    field: { text: expect.stringContaining('198.51.100.20') },
  })
  await bench.press('Ctrl-u', 'x', 'Tab')
  expect(bench.console.store.getState().view.dialog).toMatchObject({ field: { text: 'x' } })
  await bench.press('Esc')
  expect(bench.shows()).toBe('dashboard')
})

describe('where the rules can’t be changed', () => {
  const why = async (options: Options, ...keys: readonly string[]) => {
    const bench = await onRules(options)
    await bench.press(...keys, 'a')
    expect([bench.shows(), bench.staged()]).toEqual(['dashboard', []])
    return bench.said()
  }
  const { firewall } = someTexts()

  test.each([
    ['they belong to another program', { firewall: { ...firewall, managers: 'ufw' } }, [], "these rules are ufw's"],
    [
      'they can’t be read',
      { firewall: { ...firewall, 'ip6tables-status': '1' } },
      ['v'],
      "these rules can't be read: ",
    ],
    [
      'there are none',
      { firewall: { ...firewall, 'iptables-status': 'absent', 'ip6tables-status': 'absent' } },
      [],
      'there are no rules to change: ',
    ],
  ] as const)('as %s, a says so', async (_name, of, keys, words) => {
    expect(await why({ texts: of }, ...keys)).toContain(`a (add rule): ${words}`)
  })

  test('as they were not read yet, a and t say so', async () => {
    const bench = await onRules()
    const { kit } = bench.console.scope
    kit.set(({ readings }) => ({
      readings: { ...readings, byArea: { ...readings.byArea, firewall: { state: 'unread' } } },
    }))
    for (const [key, words] of [
      ['a', 'a (add rule): the rules have not been read yet.'],
      ['t', 't (would it pass?): the rules have not been read.'],
      ['E', 'E (export as script): the rules have not been read yet.'],
    ] as const) {
      await bench.press(key)
      expect([bench.shows(), bench.said()]).toEqual(['dashboard', words])
    }
  })
})
