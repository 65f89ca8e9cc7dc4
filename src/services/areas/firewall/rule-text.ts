import { splitWords } from './words.ts'

/** Where a rule sends what it matches (-j or -g), or null where it only counts. */
export function targetOf(text: string): string | null {
  // Most rules say nothing else between a space, the option and the end.
  const quick = /^[^"']* ?-[jg] (\S+)/.exec(text)
  if (quick && !text.includes('"') && !text.includes("'")) return quick[1] as string
  const split = splitWords(text)
  if (!split.ok) return null
  const at = split.value.findIndex((word) => word === '-j' || word === '-g')
  return at < 0 ? null : (split.value[at + 1] ?? null)
}
