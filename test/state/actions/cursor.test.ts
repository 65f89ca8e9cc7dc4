import { describe, expect, test } from 'vitest'
import { ok } from '../../../src/services/model/errors.ts'
import { say } from '../../../src/services/model/safe.ts'
import type { ListView } from '../../../src/state/slices/list-view.ts'
import { cursorTo, type Keys, keysOf } from '../../support/headless.ts'
import { somePast } from '../../support/past.ts'
import { someTexts } from '../../support/probe-texts.ts'

const view = ({ console }: Keys) => console.store.getState().view
const items = ({ console }: Keys, pane = view({ console } as Keys).focused) =>
  console.lists.pane(console.store.getState(), pane).items
const at = (bench: Keys): number =>
  items(bench).findIndex((item) => item.id === view(bench).panes[view(bench).focused].cursor)

/** The firewall pane of a server with so many rules in INPUT, under a finding or two. */
async function onRules(count: number): Promise<Keys> {
  const rules = Array.from({ length: count }, (_, one) => `-A INPUT -s 10.0.0.${one}/32 -j ACCEPT\n`).join('')
  const iptables = `*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n${rules}COMMIT\n`
  const bench = await keysOf({ texts: { firewall: { ...someTexts().firewall, iptables } } })
  bench.console.actions.resize(120, 40)
  await bench.press('2')
  return bench
}

describe('the cursor of a pane', () => {
  test('goes up and down one row, and no further than the ends', async () => {
    const bench = await onRules(3)
    const last = items(bench).length - 1
    await bench.press('k')
    expect(at(bench)).toBe(0)
    await bench.press('j', 'Down')
    expect(at(bench)).toBe(2)
    await bench.press('Up')
    expect(at(bench)).toBe(1)
    await bench.press('G')
    expect(at(bench)).toBe(last)
    await bench.press('j')
    expect([at(bench), bench.row()]).toEqual([last, items(bench)[last]?.search()])
    await bench.press('Home')
    expect(at(bench)).toBe(0)
  })

  test('goes by half of what is seen', async () => {
    const bench = await onRules(100)
    const height = bench.console.lists.paneHeight(bench.console.store.getState(), 'firewall')
    await bench.press('g', 'Ctrl-d')
    expect(at(bench)).toBe(Math.floor(height / 2))
    await bench.press('PageDown', 'Ctrl-u')
    expect(at(bench)).toBe(Math.floor(height / 2))
    await bench.press('PageUp', 'PageUp')
    expect(at(bench)).toBe(0)
  })

  test('takes the window along, with one row beyond it in sight', async () => {
    const bench = await onRules(100)
    const height = bench.console.lists.paneHeight(bench.console.store.getState(), 'firewall')
    await bench.press('G')
    expect(view(bench).panes.firewall.top).toBe(items(bench).length - height)
    await bench.press('g')
    expect(view(bench).panes.firewall).toMatchObject({ top: 0, at: 0, words: bench.row() })
    cursorTo(bench, '10.0.0.50/')
    expect(view(bench).panes.firewall.top).toBeGreaterThan(0)
    expect(view(bench).panes.firewall.words).toContain('10.0.0.50/')
  })

  test('is not put on what is not there', async () => {
    const bench = await onRules(3)
    await bench.press('j')
    const before = view(bench)
    bench.console.actions.putCursor('firewall', 'nowhere')
    expect(view(bench)).toBe(before)
  })

  test('of a log stays at its end, and lets go of it to look back', async () => {
    const bench = await keysOf()
    await bench.press('4')
    expect(view(bench).panes.securelog.cursor).toBeNull()
    await bench.press('k')
    expect(at(bench)).toBe(items(bench).length - 2)
    await bench.press('j')
    expect(view(bench).panes.securelog.cursor).toBeNull()
    await bench.press('k', 'k', 'G')
    expect(view(bench).panes.securelog.cursor).toBeNull()
  })

  test('in an empty list has nothing to stand on', async () => {
    const bench = await keysOf()
    await bench.press('1', '/')
    await bench.type('no such thing')
    await bench.press('Enter', 'j', 'G', 'Ctrl-d')
    expect(view(bench).panes.sshd.cursor).toBeNull()
    await bench.press('y')
    expect([bench.copied, bench.said()]).toEqual([[], 'There is nothing under the cursor.'])
    await bench.press('Enter')
    expect([bench.shows(), bench.said()]).toEqual(['dashboard', 'There is nothing under the cursor.'])
  })
})

describe('n and N', () => {
  test('go round through what is to be looked at', async () => {
    const bench = await keysOf()
    await bench.press('4', 'g')
    const logins = items(bench).flatMap((item, place) => (item.search().startsWith('accepted') ? [place] : []))
    expect(logins).toHaveLength(2)
    const [first = 0, second = 0] = logins
    await bench.press('n')
    expect(at(bench)).toBe(first)
    await bench.press('n')
    expect(at(bench)).toBe(second)
    await bench.press('n')
    expect(at(bench)).toBe(first)
    await bench.press('N')
    expect(at(bench)).toBe(second)
    await bench.press('N', 'N')
    expect(at(bench)).toBe(second)
  })

  test('go from the end of a log to what came before', async () => {
    const bench = await keysOf()
    await bench.press('4', 'N')
    expect(bench.row()).toMatch(/^accepted ops/)
  })

  test('go through every match of a filter', async () => {
    const bench = await onRules(30)
    await bench.press('/')
    await bench.type('10.0.0.1')
    await bench.press('Enter', 'g', 'n')
    expect(at(bench)).toBe(1)
    await bench.press('N', 'N')
    expect(at(bench)).toBe(items(bench).length - 1)
    await bench.press('/', 'Backspace')
    await bench.type('6/')
    await bench.press('Enter', 'g', 'n')
    expect([items(bench).length, at(bench), bench.said()]).toEqual([1, 0, ''])
  })

  test('find what is staged', async () => {
    const bench = await onRules(30)
    cursorTo(bench, '10.0.0.20/')
    await bench.press('x', 'g')
    const seen = new Set<string>()
    for (let step = 0; step < 8; step++) {
      await bench.press('n')
      seen.add(bench.row())
    }
    expect([...seen].filter((row) => row.includes('10.0.0.'))).toEqual([expect.stringContaining('10.0.0.20/')])
  })

  test('say so where nothing needs the operator, and stay', async () => {
    const bench = await keysOf({ texts: { securelog: { ...someTexts().securelog, lines: '' } } })
    await bench.press('4', 'n')
    expect(bench.said()).toBe('Nothing here needs you: no match, nothing to fix, nothing staged.')
    expect(view(bench).panes.securelog.cursor).toBeNull()
  })
})

describe('a text', () => {
  test('is scrolled as far as it goes, by rows, by half pages and to its ends', async () => {
    const bench = await keysOf()
    const scroll = () => view(bench).scroll
    await bench.press('?')
    bench.console.actions.measured(50, 20)
    await bench.press('k')
    expect(scroll()).toBe(0)
    await bench.press('j', 'j')
    expect(scroll()).toBe(2)
    await bench.press('Ctrl-d')
    expect(scroll()).toBe(12)
    await bench.press('Ctrl-u')
    expect(scroll()).toBe(2)
    await bench.press('G', 'j')
    expect(scroll()).toBe(30)
    await bench.press('g')
    expect(scroll()).toBe(0)
    bench.console.actions.measured(2, 1)
    await bench.press('Ctrl-d')
    expect(scroll()).toBe(1)
  })

  test('that became shorter is not left behind, and one that did not is not drawn again', async () => {
    const bench = await keysOf()
    await bench.press('?')
    bench.console.actions.measured(50, 20)
    await bench.press('G')
    const before = view(bench)
    bench.console.actions.measured(50, 20)
    expect(view(bench)).toBe(before)
    bench.console.actions.measured(45, 20)
    expect(view(bench)).toMatchObject({ scroll: 25, scrollMax: 25, scrollPage: 20 })
    bench.console.actions.measured(45, 25)
    expect(view(bench)).toMatchObject({ scroll: 20, scrollPage: 25 })
    bench.console.actions.measured(46, 26)
    expect(view(bench)).toMatchObject({ scrollMax: 20, scrollPage: 26 })
    bench.console.actions.measured(3, 26)
    expect(view(bench)).toMatchObject({ scroll: 0, scrollMax: 0 })
  })
})

describe('the cursor of a screen', () => {
  const place = (list: ListView) => [list.at, list.top]

  test('of what is staged goes over the changes, while the page keys scroll what they are', async () => {
    const bench = await onRules(30)
    for (const one of [1, 2, 3]) {
      cursorTo(bench, `10.0.0.${one}/`)
      await bench.press('x')
    }
    await bench.press('s', 'j', 'j', 'j')
    expect(place(view(bench).staged)).toEqual([2, 0])
    expect(view(bench).staged.words).toBe('- -s 10.0.0.3/32 -j ACCEPT')
    bench.console.actions.measured(100, 20)
    await bench.press('Ctrl-d')
    expect([view(bench).scroll, view(bench).staged.at]).toEqual([10, 2])
    await bench.press('k', 'x')
    expect(bench.staged()).toEqual([expect.stringContaining('10.0.0.1/'), expect.stringContaining('10.0.0.3/')])
    await bench.press('G', 'x')
    expect(bench.staged()).toEqual([expect.stringContaining('10.0.0.1/')])
    expect(view(bench).panes.firewall.filter).toBe('')
  })

  test('of the history goes over what was done, by half pages too', async () => {
    const bench = await keysOf()
    bench.console.actions.resize(120, 40)
    bench.transactions.past = ok(Array.from({ length: 60 }, (_, one) => somePast(`id${one}`, { owner: say`u${one}` })))
    await bench.press('H', 'Ctrl-d')
    const half = view(bench).history.at
    expect([half, view(bench).history.cursor]).toEqual([17, 'id17'])
    await bench.press('G')
    expect(view(bench).history.cursor).toBe('id59')
    await bench.press('k')
    expect(view(bench).history.cursor).toBe('id58')
    expect(view(bench).history.top).toBeGreaterThan(0)
  })

  test('of the baseline goes over its parts, and what is read of one begins at the top', async () => {
    const bench = await onRules(3)
    await bench.press('B')
    bench.console.actions.measured(100, 20)
    await bench.press('Ctrl-d')
    expect([view(bench).scroll, view(bench).baseline.list.at]).toEqual([10, 0])
    await bench.press('j')
    expect([view(bench).scroll, view(bench).baseline.list.at]).toEqual([0, 1])
    await bench.press('G')
    expect(view(bench).baseline.list.top).toBeGreaterThan(0)
    expect(view(bench).baseline.list.cursor).not.toBeNull()
  })
})
