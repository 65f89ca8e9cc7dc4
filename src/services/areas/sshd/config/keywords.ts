import { keywordOf } from '../keywords/table.ts'

// What of the table of keywords matters where files are read and written. Names are in lower case.

/** Every name that sshd takes as this keyword, itself as well; in lower case. */
export function namesOf(keyword: string): readonly string[] {
  const known = keywordOf(keyword)
  return known ? [known.name, ...known.also].map((name) => name.toLowerCase()) : [keyword.toLowerCase()]
}

/** Whether each line of this keyword adds to those before, instead of the first one alone being taken. */
export const addsUp = (keyword: string): boolean => keywordOf(keyword)?.several ?? false

/** Whether sshd takes the last line of this keyword, at least in some releases, where it else takes the first. */
export const lastWins = (keyword: string): boolean => keywordOf(keyword)?.firstSince !== undefined

/** Whether a line of this keyword below a Match that holds counts for a connection; of those that are gone none counts. */
export function mayBeMatched(keyword: string): boolean {
  const known = keywordOf(keyword)
  return known === null || known.inMatch || known.until !== undefined
}
