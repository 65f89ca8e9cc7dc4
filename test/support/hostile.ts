// What a server could put anywhere, and what of the bytes for a terminal is not the program's own.

/** Clipboard, title, clear, forged rows, links, hidden and reordered text, all in one. */
export const EVIL =
  'A\u001b]52;c;ZXZpbA==\u0007\u001b[2J\u001b[31mred\u001b]8;;http://evil\u0007link\u001b]8;;\u0007\u009b2J\r\u0008\u202eabc\u200b\u{e0041}\u0300\u0301\u0302\u0303'

const ST = '\u001b\\'

/** One of a kind each: what a terminal acts on, what hides or reorders text, what takes another width than it seems to. */
export const HOSTILE: readonly string[] = [
  // CSI: clear, cursor, modes, reports, margins, scrolling
  ...[
    '2J',
    '3J',
    'H',
    '1;1H',
    '10A',
    '?1049l',
    '?25l',
    '?1000h',
    '?2004l',
    '6n',
    'c',
    '>c',
    '5i',
    '1;5r',
    '4T',
    '!p',
  ].map((rest) => `csi\u001b[${rest}`),
  // Colours, text that can't be seen, text that is never closed
  ...['31m', '8m', '7;5m', '38;2;1;2;3m'].map((rest) => `sgr\u001b[${rest}hidden`),
  // OSC: title, colours, folder, link, notice, clipboard, semantic prompt, images; ended by BEL, by ST, never
  ...['0;pwned', '2;pwned', '4;1;red', '7;file:///', '8;;http://evil', '8;;file:///etc/passwd', '9;pwned'].map(
    (rest) => `osc\u001b]${rest}\u0007text`,
  ),
  ...['52;c;cHduZWQ=', '777;notify;pwned;now', '1337;File=:AAAA', '133;A'].map((rest) => `osc\u001b]${rest}${ST}text`),
  'osc\u001b]0;never ended',
  // Strings that swallow what follows, reset, character sets, keypad
  ...['P$q"p', '_pwned', '^pwned', 'Xpwned', 'Ptmux;\u001b\u001b]52;c;cHduZWQ=\u0007'].map(
    (rest) => `string\u001b${rest}${ST}`,
  ),
  ...['c', '(0', '=', '7', 'M', '#8'].map((rest) => `esc\u001b${rest}text`),
  // C1, as characters of Unicode
  'c1\u009b2J',
  'c1\u009d0;pwned\u009c',
  'c1\u0090q\u009c\u0085text',
  // C0
  'Failed\rAccepted',
  'bs\u0008\u0008\u0008ok',
  'bel\u0007ff\u000cvt\u000bsi\u000e\u000f',
  'del\u007fenq\u0005',
  'tab\ttab',
  // Order, width, joining, hiding
  'bidi\u202eabc\u202c\u2066def\u2069\u061c\u200e\u200f',
  'zero\u200b\u200c\u200d\u2060\ufeff\u00ad\u115f\u3164width',
  'tags\u{e0041}\u{e0042}\u{e007f}\u2028\u2029',
  `zalgo${'\u0300\u0301\u0302\u0303'.repeat(10)}`,
]

/** Everything but the program's own sequences: cursor moves, erasing, colours, modes it sets. */
const OWN =
  /\u001b\[(?:\d+(?:;\d+)*)?m|\u001b\[\d*(?:;\d+)?[ABCDEFGHJK]|\u001b\[\?(?:25|1049|2004|2026)[hl]|\u001b\[>?\d*[uq]|\u001b\[\?u/g

/** The characters of what a program wrote that a terminal acts on and that the program did not mean to write. */
export function foreignBytes(written: string): readonly string[] {
  const rest = written.replace(OWN, '').replace(/[\r\n]/g, '')
  // What is left must be text that no terminal acts on.
  return [...rest].filter((char) =>
    /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200b-\u200f\u{e0000}-\u{e007f}]/u.test(char),
  )
}
