import type { Safe } from '../../services/model/safe.ts'

const ASCII = /^[\x20-\x7e]*$/
/** Drawn one column wide by some terminals and two by others, or joined with their neighbours. */
const UNSTEADY =
  /\p{Emoji_Presentation}|\p{Regional_Indicator}|[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff\uff9e\uff9f]|\u20e3/gu
const ZERO = /^[\p{Mn}\p{Me}]$/u
/** East Asian Wide and Fullwidth (Unicode's EastAsianWidth), without what `steady` takes out. */
const WIDE =
  /^[\u2329\u232a\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]$/u

/** Makes visible what terminals do not agree on the width of, so that columns hold everywhere. */
export const steady = (text: Safe): Safe =>
  ASCII.test(text)
    ? text
    : (text.replace(UNSTEADY, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`) as Safe)

const cellsOf = (char: string): number => (ZERO.test(char) ? 0 : WIDE.test(char) ? 2 : 1)

/** Columns that a steady text takes. */
export function cells(text: Safe): number {
  if (ASCII.test(text)) return text.length
  let sum = 0
  for (const char of text) sum += cellsOf(char)
  return sum
}

/** The start of a steady text that fits in so many columns. */
export function cutTo(text: Safe, width: number): Safe {
  if (width <= 0) return '' as Safe
  if (ASCII.test(text)) return text.slice(0, width) as Safe
  let sum = 0
  let out = ''
  for (const char of text) {
    sum += cellsOf(char)
    if (sum > width) break
    out += char
  }
  return out as Safe
}
