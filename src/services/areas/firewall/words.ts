import { fail, ok, type Result } from '../../model/errors.ts'
import { type Safe, say } from '../../model/safe.ts'

/**
 * Splits a rule at its spaces as iptables-restore(8) does (double quotes, backslash escapes inside them) and, for
 * what a person types, as a shell would (single quotes, backslash outside quotes too).
 */
export function splitWords(line: string): Result<readonly string[], Safe> {
  // As most rules are.
  if (!/["'\\]/.test(line)) return ok(line.split(/[ \t]/).filter((word) => word !== ''))
  const words: string[] = []
  let word: string | null = null
  let quote: '"' | "'" | null = null
  for (let i = 0; i < line.length; i++) {
    const char = line[i] as string
    if (char === '\\' && quote !== "'" && i + 1 < line.length) {
      i++
      word = (word ?? '') + line[i]
    } else if (quote) {
      if (char === quote) quote = null
      else word += char
    } else if (char === '"' || char === "'") {
      quote = char
      word ??= ''
    } else if (char === ' ' || char === '\t') {
      if (word !== null) words.push(word)
      word = null
    } else word = (word ?? '') + char
  }
  if (quote) return fail(say`A quote is opened and never closed.`)
  if (word !== null) words.push(word)
  return ok(words)
}

/** Text of a match or target as iptables-save(8) prints it: bare only where nothing in it could be mistaken (xtables_save_string). */
export const quoteText = (text: string): string =>
  /^[\w-]+$/.test(text) ? text : `"${text.replace(/["'\\]/g, '\\$&')}"`

/** One word as iptables-save prints it: bare where that is safe, else in double quotes with `"` and `\` escaped. */
export const quoteWord = (word: string): string =>
  word !== '' && !/[\s"'\\]/.test(word) ? word : `"${word.replace(/(["\\])/g, '\\$1')}"`
