/** The part of Ink's key event that this file reads. */
export type KeyEvent = {
  readonly upArrow: boolean
  readonly downArrow: boolean
  readonly leftArrow: boolean
  readonly rightArrow: boolean
  readonly pageDown: boolean
  readonly pageUp: boolean
  readonly home: boolean
  readonly end: boolean
  readonly return: boolean
  readonly escape: boolean
  readonly ctrl: boolean
  readonly shift: boolean
  readonly tab: boolean
  readonly backspace: boolean
  readonly delete: boolean
  readonly meta: boolean
  readonly eventType?: 'press' | 'repeat' | 'release' | undefined
}

const NAMED: readonly (readonly [keyof KeyEvent, string])[] = [
  ['upArrow', 'Up'],
  ['downArrow', 'Down'],
  ['leftArrow', 'Left'],
  ['rightArrow', 'Right'],
  ['pageUp', 'PageUp'],
  ['pageDown', 'PageDown'],
  ['home', 'Home'],
  ['end', 'End'],
  ['return', 'Enter'],
  ['backspace', 'Backspace'],
  ['delete', 'Delete'],
  ['escape', 'Esc'],
]

const CONTROLS: Readonly<Record<string, string>> = {
  '\r': 'Enter',
  '\n': 'Enter',
  '\t': 'Tab',
  '\u007f': 'Backspace',
  '\b': 'Backspace',
  '\u001b': 'Esc',
  ' ': 'Space',
}

/** One character of a chunk as a stroke: `j`, `G`, `Space`, `Enter`, `Ctrl-r`. */
function strokeOf(char: string): string {
  const named = CONTROLS[char]
  if (named) return named
  const code = char.codePointAt(0) ?? 0
  return code < 27 ? `Ctrl-${String.fromCharCode(code + 96)}` : char
}

/**
 * What was typed, as strokes in order. A chunk typed ahead (`jjx`) arrives as one event and is taken apart; Esc that
 * came together with the next key arrives as a meta key and is taken apart too, as no binding uses meta.
 */
export function strokesOf(input: string, key: KeyEvent): readonly string[] {
  if (key.eventType === 'release') return []
  const escaped = key.meta && !key.escape ? ['Esc'] : []
  if (key.tab) return [...escaped, key.shift ? 'Shift-Tab' : 'Tab']
  const named = NAMED.find(([name]) => key[name] === true)
  if (named) return [...escaped, named[1]]
  if (key.ctrl) return input === '' ? [] : [...escaped, input === ' ' ? 'Space' : `Ctrl-${input}`]
  return [...escaped, ...[...input].map(strokeOf)]
}
