import { fail, ok, type Result } from '../../model/errors.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import type { Directive } from './facts.ts'

/** Words of a line: parted by blanks, in quotes of either kind with `\` before those that are meant. */
export function wordsOf(text: string): readonly string[] {
  // Nearly all lines are without quotes.
  if (!/["']/.test(text)) return text.split(/\s+/).filter((word) => word !== '')
  const words: string[] = []
  let word: string | null = null
  let quote = ''
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? ''
    if (quote !== '') {
      if (char === '\\' && text[at + 1] === quote) {
        word += quote
        at += 1
      } else if (char === quote) quote = ''
      else word += char
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word)
      word = null
    } else if (word === null && (char === '"' || char === "'")) {
      quote = char
      word = ''
    } else word = (word ?? '') + char
  }
  return word === null ? words : [...words, word]
}

/** Sections lie in each other no deeper than that. */
const DEEPEST = 50

/** Directives and sections as Apache and proftpd write them, as probes hand them on: `in PATH`, `LINE TEXT`. */
export function sectionsOf(lines: readonly string[]): Result<readonly Directive[], Safe> {
  const stack: { readonly name: string; readonly inside: Directive[] }[] = [{ name: '', inside: [] }]
  let path = ''
  for (const raw of lines) {
    if (raw.startsWith('in ')) path = raw.slice('in '.length)
    const [, number, text = ''] = /^(\d{1,9}) (.*)$/.exec(raw) ?? []
    if (number === undefined || text === '') continue
    const top = stack.at(-1)
    const [, closed] = /^<\/([^\s>]+)>$/.exec(text) ?? []
    if (closed !== undefined) {
      if (stack.length < 2 || top?.name !== closed.toLowerCase()) return odd(text)
      stack.pop()
      continue
    }
    const opens = text.startsWith('<')
    const [name = '', ...words] = wordsOf(opens ? text.slice(1).replace(/>$/, '') : text)
    const one = { name: name.toLowerCase(), words, text, path, line: Number(number) }
    const inside: Directive[] = []
    top?.inside.push({ ...one, inside: opens ? inside : null })
    if (opens) stack.push({ name: one.name, inside })
    if (stack.length > DEEPEST) return odd(text)
  }
  const [whole] = stack
  return stack.length === 1 && whole ? ok(whole.inside) : fail(say`a section has no end`)
}

const odd = (text: string): Result<never, Safe> => fail(say`a line is not understood: ${safe(text, 80)}`)
