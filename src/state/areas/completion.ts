import type { EditDialog } from '../slices/edit-dialog.ts'

const startsAs = (word: string, typed: string): boolean => word.toLowerCase().startsWith(typed.toLowerCase())

/** Words that begin as typed. */
export const likeTyped = (words: readonly string[], typed: string): readonly string[] =>
  words.filter((word) => startsAs(word, typed))

/** As much as all words begin with; null where there are none. */
export function agreed(words: readonly string[]): string | null {
  const [first, ...others] = words
  if (first === undefined) return null
  let length = first.length
  for (const word of others) while (!startsAs(word, first.slice(0, length))) length--
  return first.slice(0, length)
}

/** The line up to the cursor. */
export const typedSoFar = ({ field }: EditDialog): string => [...field.text].slice(0, field.cursor).join('')
