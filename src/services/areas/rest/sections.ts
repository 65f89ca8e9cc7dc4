import { fail, ok, type Result } from '../../model/errors.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import type { Directive } from './facts.ts'

/** A word, with blanks before it: it may begin with a part in quotes, which a missing end lets go on to the end. */
const WORD = /\s*(?:"((?:[^"\\]+|\\"|\\)*)"?|'((?:[^'\\]+|\\'|\\)*)'?)?(\S*)/y

/** Words of a line: parted by blanks, in quotes of either kind with `\` before those that are meant. */
export function wordsOf(text: string): readonly string[] {
  // Nearly all lines are without quotes.
  if (!/["']/.test(text)) return text.split(/\s+/).filter((word) => word !== '')
  const words: string[] = []
  const end = text.trimEnd().length
  for (WORD.lastIndex = 0; WORD.lastIndex < end; ) {
    const [, double, single, rest = ''] = WORD.exec(text) ?? []
    words.push(`${double?.replaceAll('\\"', '"') ?? single?.replaceAll("\\'", "'") ?? ''}${rest}`)
  }
  return words
}

/** What a line of a file begins with: its number. */
const NUMBER = /^\d{1,9} /

/** Sections lie in each other no deeper than that. */
const DEEPEST = 50
/** More lines are no configuration that people write. */
const MOST = 50_000

/** Directives and sections as Apache and proftpd write them, as probes hand them on: `in PATH`, `LINE TEXT`. */
export function sectionsOf(lines: readonly string[]): Result<readonly Directive[], Safe> {
  const stack: { readonly name: string; readonly inside: Directive[] }[] = [{ name: '', inside: [] }]
  let path = ''
  let left = MOST
  for (const raw of lines) {
    if (raw.startsWith('in ')) path = raw.slice('in '.length)
    const blank = raw.indexOf(' ')
    const text = raw.slice(blank + 1)
    if (!NUMBER.test(raw)) continue
    if (left-- <= 0) return fail(say`it is too long to be read here`)
    const top = stack.at(-1)
    const closed = text.startsWith('</') ? /^<\/([^\s>]+)>$/.exec(text)?.[1] : undefined
    if (closed !== undefined) {
      if (stack.length < 2 || top?.name !== closed.toLowerCase()) return odd(text)
      stack.pop()
      continue
    }
    const opens = text.startsWith('<')
    const [name = '', ...words] = wordsOf(opens ? text.slice(1).replace(/>$/, '') : text)
    const one = { name: name.toLowerCase(), words, text, path, line: Number(raw.slice(0, blank)) }
    if (!opens) {
      top?.inside.push({ ...one, inside: null })
      continue
    }
    const inside: Directive[] = []
    top?.inside.push({ ...one, inside })
    stack.push({ name: one.name, inside })
    if (stack.length > DEEPEST) return odd(text)
  }
  const [whole] = stack
  return stack.length === 1 && whole ? ok(whole.inside) : fail(say`a section has no end`)
}

const odd = (text: string): Result<never, Safe> => fail(say`a line is not understood: ${safe(text, 80)}`)
