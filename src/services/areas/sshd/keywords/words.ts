/** A line's arguments as sshd(8) splits them, and what is wrong with how they are written. */
export type Words = {
  readonly words: readonly string[]
  /** A quote is opened and not closed. */
  readonly open: boolean
  /** A word begins with `#`: sshd takes the rest of the line for a comment. */
  readonly comment: boolean
}

/**
 * Splits arguments at blanks as argv_split of sshd's source does: quotes of both kinds keep words together, `\` takes
 * the meaning from a quote, from itself and, outside quotes, from a blank.
 */
export function wordsOf(text: string): Words {
  const words: string[] = []
  let word: string | null = null
  let quote = ''
  for (let i = 0; i < text.length; i += 1) {
    const [char, next] = [text[i] as string, text[i + 1] ?? '']
    const blank = char === ' ' || char === '\t'
    if (word === null && blank) continue
    if (word === null && char === '#') return { words, open: false, comment: true }
    word ??= ''
    if (char === '\\' && (/['"\\]/.test(next) || (quote === '' && next === ' '))) {
      word += next
      i += 1
    } else if (quote === '' && blank) {
      words.push(word)
      word = null
    } else if (quote === '' && (char === '"' || char === "'")) quote = char
    else if (char === quote) quote = ''
    else word += char
  }
  if (word !== null) words.push(word)
  return { words, open: quote !== '', comment: false }
}

/** A word as it is written so that sshd reads it as one. */
export const quoted = (word: string): string =>
  word === '' || /[ \t'"\\]|^#/.test(word) ? `"${word.replace(/["\\]/g, '\\$&')}"` : word
