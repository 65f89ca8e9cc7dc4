import { describe, expect, test } from 'vitest'
import { AREAS } from '../../src/state/areas/table.ts'
import { BINDINGS, CONTEXT_TITLES } from '../../src/state/bindings/table.ts'
import { does, footerCandidates, resolve } from '../../src/state/keymap.ts'
import { someConsole } from './some-console.ts'

describe('the binding table', () => {
  test('describes every binding, once', () => {
    const ids = BINDINGS.map((binding) => binding.id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { id, label, help, keys, context } of BINDINGS) {
      expect(keys.length, id).toBeGreaterThan(0)
      expect(label.length, id).toBeLessThanOrEqual(22)
      expect(help, id).toMatch(/^[A-Z].*\.$|^[A-Z].*\)\.$/)
      expect(CONTEXT_TITLES[context], id).toBeDefined()
    }
  })

  test('gives no key two meanings in one context', () => {
    for (const context of new Set(BINDINGS.map((binding) => binding.context))) {
      const keys = BINDINGS.filter((binding) => binding.context === context).flatMap((binding) => binding.keys)
      expect(
        keys.filter((key, at) => keys.indexOf(key) !== at),
        context,
      ).toEqual([])
    }
  })

  test('takes no key that a terminal multiplexer or flow control takes', () => {
    const keys = new Set(BINDINGS.flatMap((binding) => binding.keys))
    for (const key of ['Ctrl-b', 'Ctrl-s', 'Ctrl-q', 'Ctrl-i', 'Ctrl-m', 'F1']) expect(keys).not.toContain(key)
  })

  test('agrees to harm with upper case keys, and with Enter only where a name was typed', () => {
    for (const { id, keys, danger } of BINDINGS)
      if (danger)
        expect(
          keys.every((key) => /^([A-Z+]|Enter)$/.test(key) && (key !== 'Enter' || /typed/.test(id))),
          id,
        ).toBe(true)
  })

  test('confirms a dialog with another key than the one that opened it', () => {
    const keysOf = (id: string) => BINDINGS.find((binding) => binding.id === id)?.keys ?? []
    for (const [opens, agrees] of [
      ['apply.ask', 'arm.yes'],
      ['quit', 'quit.yes'],
      ['transaction.rollback', 'rollback.yes'],
    ] as const)
      expect(keysOf(agrees).some((key) => keysOf(opens).includes(key))).toBe(false)
  })

  test('lets Esc leave every dialog', () => {
    for (const context of new Set(BINDINGS.map((binding) => binding.context)))
      if (context.startsWith('dialog.') || context === 'question')
        expect(
          BINDINGS.some((one) => one.context === context && one.keys.includes('Esc')),
          context,
        ).toBe(true)
  })
})

describe('a key', () => {
  test('means what the innermost context says', () => {
    const console = someConsole()
    const space = () => resolve(console.store.getState(), 'Space')?.id
    console.actions.focus('firewall')
    expect(space()).toBe('firewall.fix')
    console.actions.focus('sshd')
    expect(space()).toBe('pane.fix')
  })

  test('goes to an open dialog and nowhere else', () => {
    const console = someConsole()
    console.press([':', 'q'])
    expect(console.store.getState().view).toMatchObject({ dialog: { kind: 'palette' }, exitCode: null })
  })

  test('that does nothing now says why', () => {
    const console = someConsole()
    console.press(['A'])
    expect(console.store.getState().messages.shown?.text).toBe('A (arm and apply): the server has not been read yet.')
  })

  test('is offered in the footer only while it does something', () => {
    const console = someConsole()
    const ids = footerCandidates(console.scope)
      .filter((binding) => does(console.scope, binding))
      .map((binding) => binding.id)
    expect(ids).toContain('help.open')
    expect(ids).not.toContain('apply.ask')
    expect(ids).not.toContain('transaction.confirm')
  })

  test('typed ahead is taken stroke by stroke', () => {
    const console = someConsole()
    console.press(['2', 'z', '3'])
    expect(console.store.getState().view).toMatchObject({ focused: 'units', zoomed: true })
  })
})

test('the palette runs what it finds', () => {
  const console = someConsole()
  console.press([':', 'z', 'o', 'o', 'm', 'Enter'])
  expect(console.store.getState().view).toMatchObject({ dialog: null, zoomed: true })
})

test('every area has a pane', () => {
  const console = someConsole()
  for (const area of Object.keys(AREAS)) expect(console.store.getState().view.panes).toHaveProperty(area)
})
