import type { FileBytes } from '../../../model/file-bytes.ts'

/** One line as sshd reads it; all texts are bytes, one character each. */
export type ConfigLine = {
  /** From 1, as sshd counts. */
  readonly number: number
  /** Without its `\n`; a `\r` stays. With a NUL in it, it goes on over the line end, as it does for sshd. */
  readonly raw: string
  /** `comment` is all that sshd passes over: what begins with `#`, and a first word whose quote is not closed. */
  readonly kind: 'blank' | 'comment' | 'keyword' | 'match' | 'include'
  /** In lower case; '' where there is none. */
  readonly keyword: string
  /** As sshd splits them: quotes and backslashes are taken off, a comment behind is left out. */
  readonly args: readonly string[]
  /** Where they stand in `raw`: the first character, and what is behind the last. */
  readonly argsAt: readonly [from: number, to: number]
  /** Why sshd takes no file with this line in it; null: it reads it, whatever it thinks of the values. */
  readonly refused: 'no argument' | 'invalid quotes' | null
}

/** These take the rest of their line as it stands, quotes and `#` as well. */
const WHOLE = new Set(['forcecommand', 'authorizedkeyscommand', 'authorizedprincipalscommand', 'versionaddendum'])

/**
 * The lines of a file of sshd_config(5) as sshd reads them (OpenSSH 8.7 and later: load_server_config,
 * process_server_config_line_depth). Joined with `\n`, their `raw` is the file again. Never throws.
 */
export function linesOf(bytes: FileBytes): readonly ConfigLine[] {
  const lines: ConfigLine[] = []
  const begun: string[] = []
  const all = bytes.split('\n')
  for (const [at, piece] of all.entries()) {
    begun.push(piece)
    // What stands behind a NUL is lost together with its line end, so the next line goes on in this one.
    if (piece.includes('\0') && at < all.length - 1) continue
    lines.push(lineOf(begun.splice(0), lines.length + 1))
  }
  return lines
}

function lineOf(pieces: readonly string[], number: number): ConfigLine {
  const raw = pieces.join('\n')
  const text = pieces.map((piece) => (piece.split('\0', 1)[0] ?? '').replace(/^[ \t\r]+/, '')).join('')
  const line = parse(text)
  const left = raw.includes('\0') ? null : raw.length - raw.replace(/^[ \t\r]+/, '').length
  const argsAt = line.argsAt.map((at) => (left === null ? raw.length : at + left)) as unknown as ConfigLine['argsAt']
  return { number, raw, ...line, argsAt }
}

type Parsed = Omit<ConfigLine, 'number' | 'raw'>

function parse(line: string): Parsed {
  const text = line.slice(0, endOf(line))
  const passed = (kind: 'blank' | 'comment'): Parsed => {
    return { kind, keyword: '', args: [], argsAt: [text.length, text.length], refused: null }
  }
  if (text === '') return passed('blank')
  let word = wordAt(text, 0)
  // An empty first word, as of a `=` in front, is skipped once.
  if (word?.word === '' && word.next !== null) word = wordAt(text, word.next)
  if (!word || word.word === '' || word.word.startsWith('#')) return passed('comment')
  const keyword = word.word.toLowerCase()
  const kind = keyword === 'match' || keyword === 'include' ? keyword : 'keyword'
  const from = word.next ?? text.length
  const rest = text.slice(from)
  if (rest === '') return { kind, keyword, args: [], argsAt: [from, from], refused: 'no argument' }
  const split = splitArgs(rest)
  const refused = split.closed ? null : 'invalid quotes'
  if (WHOLE.has(keyword)) return { kind, keyword, args: [rest], argsAt: [from, text.length], refused }
  const argsAt = [from + split.from, from + split.to] as const
  return { kind, keyword, args: split.args, argsAt, refused }
}

/** Where a line ends for sshd: white space and form feeds at its end are no part of it, but for a first character. */
function endOf(text: string): number {
  let end = text.length
  while (end > 1 && ' \t\r\n\f'.includes(text[end - 1] as string)) end--
  return end
}

/** strdelim of misc.c: a word, and where what follows it begins; null where its quote is not closed. */
function wordAt(text: string, at: number): { readonly word: string; readonly next: number | null } | null {
  let end = at
  while (end < text.length && !' \t\r\n"='.includes(text[end] as string)) end++
  if (end === text.length) return { word: text.slice(at), next: null }
  if (text[end] === '"') {
    const close = text.indexOf('"', end + 1)
    if (close < 0) return null
    return { word: text.slice(at, end) + text.slice(end + 1, close), next: behindSpace(text, close + 1) }
  }
  const next = behindSpace(text, end + 1)
  // One `=` is skipped, with white space on both its sides.
  const equals = text[end] !== '=' && text[next] === '='
  return { word: text.slice(at, end), next: equals ? behindSpace(text, next + 1) : next }
}

function behindSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && ' \t\r\n'.includes(text[at] as string)) at++
  return at
}

/** Arguments, where they stand in the text, and whether all their quotes are closed. */
export type Split = {
  readonly args: readonly string[]
  readonly from: number
  readonly to: number
  readonly closed: boolean
}

/** argv_split of misc.c: `'…'`, `"…"` and backslashes before quotes, backslashes and spaces; `#` begins a comment. */
export function splitArgs(text: string): Split {
  const args: string[] = []
  let from: number | null = null
  let to = 0
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    if (text[at] === ' ' || text[at] === '\t') continue
    if (text[at] === '#') {
      from ??= at
      break
    }
    from ??= at
    let arg = ''
    for (quote = ''; at < text.length; at++) {
      const char = text[at] as string
      const next = text[at + 1] ?? ''
      if (char === '\\' && next !== '' && (`'"\\`.includes(next) || (quote === '' && next === ' '))) {
        arg += next
        at++
      } else if (quote === '' && (char === ' ' || char === '\t')) break
      else if (quote === '' && (char === '"' || char === "'")) quote = char
      else if (quote !== '' && char === quote) quote = ''
      else arg += char
    }
    args.push(arg)
    to = at
  }
  const start = from ?? text.length
  return { args, from: start, to: Math.max(start, to), closed: quote === '' }
}
