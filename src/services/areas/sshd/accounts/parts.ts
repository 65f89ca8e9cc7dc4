import type { Known } from '../../../model/account-facts.ts'
import type { ProbeOutput } from '../../../model/command.ts'
import { fromBase64, textOf } from '../../../model/file-bytes.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { isWhole, linesOf } from '../../parts.ts'

export const known = <T>(value: T): Known<T> => ({ state: 'known', value })
export const unknown = (why: Safe): Known<never> => ({ state: 'unknown', why })

/**
 * The lines of a part of probe.sh, and why they are not all; null: they are. Such a part ends with `end`, or `cut N` where
 * there are more; one that is `endless` with what it says.
 */
export function listOf(
  output: ProbeOutput | null,
  name: string,
  { endless = false }: { readonly endless?: boolean } = {},
): { readonly lines: readonly string[]; readonly why: Safe | null } {
  const all = linesOf(output?.parts.get(name) ?? '')
  if (!output?.parts.has(name)) return { lines: [], why: say`${safe(name)} could not be read` }
  const unreadable = all[0] === 'unreadable'
  const lines = unreadable ? all.slice(1) : all
  const last = lines.at(-1) ?? ''
  const rest = endless ? lines : lines.slice(0, -1)
  if (!isWhole(output, name)) return { lines: rest, why: say`${safe(name)} was cut off` }
  if (unreadable) return { lines: rest, why: say`/etc/${safe(name)} can’t be read (it needs root)` }
  if (endless || last === 'end') return { lines: rest, why: null }
  const [, count] = /^cut (\d+)$/.exec(last) ?? []
  if (count !== undefined)
    return { lines: rest, why: say`${safe(name)} has ${safe(count)} lines, of which ${rest.length} were read` }
  return { lines, why: say`${safe(name)} could not be read` }
}

/** Whether a line begins with a word. */
export const isWord = (line: string, word: string): boolean => line.startsWith(`${word} `)

/** What probe.sh prints as one word: `=` and itself, `:` and base64; null where it is none. */
export function textOfWord(word: string | undefined): string | null {
  if (word?.startsWith('=')) return word.slice(1)
  const bytes = word?.startsWith(':') ? fromBase64(word.slice(1)) : null
  return bytes === null ? null : textOf(bytes)
}

/** A whole number that is not negative; null for anything else. */
export const numberOf = (text: string | undefined): number | null =>
  /^\d{1,15}$/.test(text ?? '') ? Number(text) : null
