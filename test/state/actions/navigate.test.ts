import { describe, expect, test } from 'vitest'
import { ok } from '../../../src/services/model/errors.ts'
import { AREA_IDS } from '../../../src/state/areas/table.ts'
import { paletteEntries } from '../../../src/state/keymap.ts'
import { type Keys, keysOf } from '../../support/headless.ts'
import { somePast } from '../../support/past.ts'

const view = ({ console }: Keys) => console.store.getState().view
const ids = ({ console }: Keys) => console.lists.pane(console.store.getState(), 'firewall').items.map(({ id }) => id)

describe('panes', () => {
  test('are gone to by their number and one after the other, round and round', async () => {
    const bench = await keysOf()
    await bench.press('3')
    expect(view(bench).focused).toBe('units')
    const after = AREA_IDS.slice(AREA_IDS.indexOf('units') + 1)
    await bench.press(...after.map(() => 'Tab'), 'Tab')
    expect(view(bench).focused).toBe('sshd')
    await bench.press('Shift-Tab')
    expect(view(bench).focused).toBe(AREA_IDS.at(-1))
    await bench.press('9')
    expect(view(bench).focused).toBe(AREA_IDS.at(-1))
  })

  test('are zoomed and back, by the same key and by Esc', async () => {
    const bench = await keysOf()
    await bench.press('z')
    expect(view(bench).zoomed).toBe(true)
    await bench.press('z')
    expect(view(bench).zoomed).toBe(false)
    await bench.press('z', 'Esc')
    expect(view(bench).zoomed).toBe(false)
    await bench.press('Esc')
    expect(bench.said()).toBe('Esc (back): this is the top: q quits, ? shows every key.')
  })

  test('take the place of whatever lies over them', async () => {
    const bench = await keysOf()
    await bench.press('Enter')
    expect(bench.shows()).toBe('detail')
    bench.console.actions.focus('firewall')
    expect([bench.shows(), view(bench).focused]).toEqual(['dashboard', 'firewall'])
  })

  test('show all about the row under the cursor', async () => {
    const bench = await keysOf()
    await bench.press('2', 'j', 'Enter')
    expect(view(bench).screens.at(-1)).toEqual({ kind: 'detail', pane: 'firewall', itemId: ids(bench)[1] })
    await bench.press('Esc')
    expect(bench.shows()).toBe('dashboard')
  })

  test('know the size of the screen', async () => {
    const bench = await keysOf()
    bench.console.actions.resize(90, 30)
    expect(view(bench).size).toEqual({ columns: 90, rows: 30 })
  })
})

describe('a filter', () => {
  test('is put on as it is typed, kept by Enter, and taken off by Esc', async () => {
    const bench = await keysOf()
    const all = ids(bench).length
    await bench.press('2', 'G', '/')
    await bench.type('3306')
    expect([ids(bench).length, view(bench).panes.firewall]).toEqual([
      1,
      expect.objectContaining({ top: 0, filter: '3306' }),
    ])
    await bench.press('Enter')
    expect([bench.shows(), ids(bench).length]).toEqual(['dashboard', 1])
    await bench.press('Esc')
    expect([ids(bench).length, view(bench).panes.firewall.filter]).toEqual([all, ''])
  })

  test('is what it was when Esc ends the typing, and begins with what it is', async () => {
    const bench = await keysOf()
    await bench.press('2', '/')
    await bench.type('80')
    await bench.press('Enter', '/')
    expect(view(bench).dialog).toMatchObject({ kind: 'filter', field: { text: '80', cursor: 2 }, before: '80' })
    await bench.type(',443')
    expect(view(bench).panes.firewall.filter).toBe('80,443')
    await bench.press('Esc')
    expect([bench.shows(), view(bench).panes.firewall.filter]).toEqual(['dashboard', '80'])
    await bench.press('3')
    expect(view(bench).panes.units.filter).toBe('')
  })

  test('of the history goes before its screen does, and a pane’s after', async () => {
    const bench = await keysOf()
    bench.transactions.past = ok([somePast('a'), somePast('b')])
    await bench.press('2', '/')
    await bench.type('80')
    await bench.press('Enter', 'H', '/')
    await bench.type('b')
    await bench.press('Enter')
    expect([view(bench).history.filter, view(bench).panes.firewall.filter]).toEqual(['b', '80'])
    await bench.press('Esc')
    expect([bench.shows(), view(bench).history.filter]).toEqual(['history', ''])
    await bench.press('Esc')
    expect([bench.shows(), view(bench).panes.firewall.filter]).toEqual(['dashboard', '80'])
    await bench.press('?', 'Esc')
    expect(view(bench).panes.firewall.filter).toBe('80')
    await bench.press('z', 'Esc')
    expect([view(bench).zoomed, view(bench).panes.firewall.filter]).toEqual([true, ''])
    await bench.press('Esc')
    expect(view(bench).zoomed).toBe(false)
  })
})

describe('the palette', () => {
  const palette = (bench: Keys) => {
    const { dialog } = view(bench)
    return dialog?.kind === 'palette' ? [dialog.field.text, dialog.selected] : null
  }

  test('finds a command by its words, and runs the one that is chosen', async () => {
    const bench = await keysOf()
    await bench.press(':')
    expect(palette(bench)).toEqual(['', 0])
    await bench.type('zo')
    await bench.press('Tab')
    expect(palette(bench)).toEqual(['zoom', 0])
    await bench.press('Enter')
    expect([bench.shows(), view(bench).zoomed]).toEqual(['dashboard', true])
  })

  test('is gone through with the arrow keys, no further than its ends, and from the top for other words', async () => {
    const bench = await keysOf()
    await bench.press(':', 'Up', 'Down', 'Down')
    expect(palette(bench)).toEqual(['', 2])
    for (let page = 0; page < 20; page++) await bench.press('PageDown')
    const last = paletteEntries(bench.console.scope, '').length - 1
    expect(palette(bench)?.[1]).toBe(last)
    await bench.press('Down')
    expect(palette(bench)?.[1]).toBe(last)
    await bench.type('e')
    expect(palette(bench)).toEqual(['e', 0])
    await bench.press('Esc')
    expect(bench.shows()).toBe('dashboard')
  })

  test('runs nothing where no command is found, and nothing that changes the server', async () => {
    const bench = await keysOf()
    await bench.press(':')
    await bench.type('nothing like it')
    await bench.press('Enter')
    expect([bench.shows(), bench.said()]).toEqual(['dashboard', ''])
    await bench.press(':')
    await bench.type('arm and apply')
    await bench.press('Enter')
    expect(bench.said()).toBe('Press A itself: Enter runs nothing that changes the server.')
  })
})

describe('pasted text', () => {
  test('is taken where a line is typed, as one line', async () => {
    const bench = await keysOf()
    await bench.press('2', '/')
    bench.console.paste('33\n06')
    expect(view(bench).panes.firewall.filter).toBe('33')
    expect(bench.said()).toBe('Only the first line was pasted: this takes one line at a time.')
    bench.console.paste('06')
    expect(view(bench).panes.firewall.filter).toBe('3306')
    await bench.press('Esc', ':')
    bench.console.paste('zoom')
    expect(view(bench).dialog).toMatchObject({ field: { text: 'zoom' }, selected: 0 })
    await bench.press('Esc')
  })

  test('is not taken for keys anywhere else', async () => {
    const bench = await keysOf()
    bench.console.paste('q')
    expect(view(bench).exitCode).toBeNull()
    expect(bench.said()).toBe('Pasted text is taken only where a line is typed: a adds a rule, / filters.')
    await bench.press('2', 'P')
    bench.console.paste('D')
    expect(bench.staged()).toEqual([])
  })
})

test('y copies the row under the cursor, and says what', async () => {
  const bench = await keysOf()
  await bench.press('3', '/')
  await bench.type('nginx')
  await bench.press('Enter', 'y')
  expect([bench.copied, bench.said()]).toEqual([['nginx.service'], 'Copied: nginx.service'])
})
