import { expect, test } from 'vitest'
import { type KeyEvent, strokesOf } from '../../src/state/strokes.ts'

const none: KeyEvent = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
}

test.each<[string, string, Partial<KeyEvent>, readonly string[]]>([
  ['a character', 'j', {}, ['j']],
  ['an upper case character', 'G', { shift: true }, ['G']],
  ['a space', ' ', {}, ['Space']],
  ['Enter', '\r', { return: true }, ['Enter']],
  ['Esc', '', { escape: true }, ['Esc']],
  ['Tab', '', { tab: true }, ['Tab']],
  ['Shift-Tab', '', { tab: true, shift: true }, ['Shift-Tab']],
  ['an arrow', '', { upArrow: true }, ['Up']],
  ['a control key', 'r', { ctrl: true }, ['Ctrl-r']],
  ['keys typed ahead', 'jjx', {}, ['j', 'j', 'x']],
  ['keys typed ahead with Enter among them', '/ssh\rj', {}, ['/', 's', 's', 'h', 'Enter', 'j']],
  ['a control character typed ahead', 'j\u0012', {}, ['j', 'Ctrl-r']],
  ['Esc that came together with the next key', 'j', { meta: true }, ['Esc', 'j']],
  ['a key that was let go', 'j', { eventType: 'release' }, []],
  ['a character beyond the first plane', '\u{20000}', {}, ['\u{20000}']],
])('%s', (_name, input, key, expected) => {
  expect(strokesOf(input, { ...none, ...key })).toEqual(expected)
})
