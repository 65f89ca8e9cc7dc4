/**
 * The one boundary between hostile text and the screen.
 *
 * Every byte that comes from a server (log lines, user names, unit descriptions, rule comments, banners, prompts,
 * error texts) goes through `safe` before it may be drawn. Nothing is deleted: what a terminal would act on, or
 * what would hide or reorder text, is made visible instead.
 */
declare const safeBrand: unique symbol

/** Text that may be written to the terminal: one line, no control or invisible characters, bounded length. */
export type Safe = string & { readonly [safeBrand]: true }

/** Longest field drawn as it is; longer ones end in `…+n`. */
const FIELD_CAP = 256
/** Longest log line drawn as it is. */
export const LINE_CAP = 4096

// Single code points on purpose: each is made visible on its own.
const INVISIBLE =
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: no sequences are meant here
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]|[\ud800-\udfff]/gu
/** Printable ASCII, of which nothing has to be made visible. */
const PLAIN = /^[ -~]*$/
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g
const TOO_MANY_MARKS = /(\p{M}{2})\p{M}+/gu

const control = (char: string): string => {
  const code = char.charCodeAt(0)
  if (code === 9) return ' '
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  return `\\x${code.toString(16).padStart(2, '0')}`
}

/**
 * Makes one line of hostile text drawable.
 *
 * C0 controls become their symbols (`␛`), C1 and DEL `\x9b`, invisible and reordering characters `\u{202e}`,
 * TAB one space; at most two combining marks stay on a base; text over `cap` characters is cut and says by how much.
 */
export function safe(text: string, cap: number = FIELD_CAP): Safe {
  // Nearly all of it is plain, and millions of lines of a log come through here.
  if (text.length <= cap && PLAIN.test(text)) return text as Safe
  const cut = text.length > cap ? [...text.slice(0, cap)].slice(0, cap).join('') : text
  const drawn = cut
    .replace(CONTROL, control)
    .replace(INVISIBLE, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
    .normalize('NFC')
    .replace(TOO_MANY_MARKS, '$1')
  return (text.length > cap ? `${drawn}…+${text.length - cut.length}` : drawn) as Safe
}

/** Splits hostile text at line feeds and makes each line drawable. */
export const safeLines = (text: string, cap: number = LINE_CAP): readonly Safe[] =>
  text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => safe(line, cap))

/**
 * Our own words around safe values: `` say`port ${port} refused` ``. Only literals of this program and values that
 * are already safe can be put together with it.
 */
export const say = (words: TemplateStringsArray, ...values: readonly (Safe | number)[]): Safe =>
  String.raw({ raw: words }, ...values) as Safe
