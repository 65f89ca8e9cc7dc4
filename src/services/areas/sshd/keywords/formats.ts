import { type Safe, safe, say } from '../../../model/safe.ts'
import type { Choice, Format } from './keyword.ts'
import { wordsOf } from './words.ts'

const INT_MAX = 2 ** 31 - 1
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

/** Why no line can have this as its value, whatever the keyword. */
export function badLine(value: string): Safe | null {
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) return say`it has a character that no line may have`
  if (value.trim() === '') return say`something must stand there`
  // sshd reads past one = behind the keyword.
  if (/^[ \t]*=/.test(value)) return say`it can't begin with =`
  return wordsOf(value).open ? say`a quote is not closed` : null
}

const badWords = (value: string): Safe | null =>
  badLine(value) ?? (wordsOf(value).comment ? say`a # begins a comment; quote the word` : null)

/** Exactly one word. */
export const word = (
  check: (word: string) => Safe | null,
  printed: (word: string, version: string | null) => string | null = (same) => same,
): Pick<Format, 'check' | 'printed'> => ({
  check: (value) => {
    const wrong = badWords(value)
    const { words } = wordsOf(value)
    if (wrong) return wrong
    if (words.length > 1) return say`it takes one word`
    return words[0] === '' ? say`something must stand there` : check(words[0] as string)
  },
  printed: (value, version = null) => {
    const line = printed(wordsOf(value).words[0] ?? '', version)
    return line === null ? null : [line]
  },
})

/** Words between blanks; one of `alone` has no others beside it. `each`: sshd -T prints every word on a line of its own. */
export const words = (
  check: (word: string) => Safe | null,
  { alone = [], each = false }: { readonly alone?: readonly string[]; readonly each?: boolean } = {},
  printed: (word: string) => string = (same) => same,
): Pick<Format, 'check' | 'printed'> => ({
  check: (value) => {
    const wrong = badWords(value)
    if (wrong) return wrong
    const all = wordsOf(value).words
    const single = all.find((one) => alone.includes(one.toLowerCase()))
    if (single !== undefined) return all.length > 1 ? say`${safe(single)} stands alone` : null
    for (const one of all) {
      const why = one === '' ? say`a word is empty` : check(one)
      if (why) return why
    }
    return null
  },
  printed: (value) => {
    const all = wordsOf(value).words.map(printed)
    return each ? all : [all.join(' ')]
  },
})

const listed = (choices: readonly Choice[]): Safe =>
  safe(
    choices
      .map(({ value }) => value)
      .join(', ')
      .replace(/, ([^,]*)$/, ' or $1'),
  )

/** A closed set of words, in whatever case unless `exactly`. `prints` says which are printed as another. */
export function choice(
  choices: readonly Choice[],
  more: {
    readonly exactly?: boolean
    readonly prints?: (value: string, version: string | null) => string | null
    /** Words that sshd takes besides, for the sake of old files. */
    readonly old?: readonly string[]
  } = {},
): Format {
  const { exactly = false, prints = (value: string) => value, old = [] } = more
  const known = [...choices.map(({ value }) => value), ...old]
  const found = (text: string): string | undefined =>
    known.find((one) => (exactly ? one === text : one.toLowerCase() === text.toLowerCase()))
  return {
    of: 'choice',
    choices,
    ...word(
      (text) => (found(text) === undefined ? say`it is ${listed(choices)}` : null),
      (text, version) => prints(found(text) ?? text, version),
    ),
  }
}

/** `yes` and `no`, and what each means. */
export const flag = (yes: string, no: string): Format =>
  choice([
    { value: 'yes', means: yes },
    { value: 'no', means: no },
  ])

/** A whole number; `none`, where it means something, stands for no limit. */
export const number = (least = 0, most = INT_MAX, none?: string): Format => ({
  of: 'number',
  choices: none === undefined ? [] : [{ value: 'none', means: none }],
  least,
  most,
  ...word(
    (text) => {
      if (none !== undefined && text === 'none') return null
      const fits = /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most
      return fits ? null : say`it is a number from ${least} to ${most}`
    },
    (text) => (text === 'none' ? text : String(Number(text))),
  ),
})

/** A time in seconds by sshd's TIME FORMATS (`90`, `2m`, `1h30m`); null for what is none. Seconds come once. */
export function secondsOf(text: string): number | null {
  if (!/^(?:\d+[smhdw]?)+$/i.test(text)) return null
  const parts = text.match(/\d+[smhdw]?/gi) ?? []
  if (parts.filter((part) => /[\ds]$/i.test(part)).length > 1) return null
  const sum = parts.reduce(
    (all, part) => all + Number.parseInt(part, 10) * (SECONDS[part.slice(-1).toLowerCase()] ?? 1),
    0,
  )
  return sum > INT_MAX ? null : sum
}

export const NO_TIME = say`it is a time: seconds, or like 90s, 2m or 1h30m`

/** A time; what stands for none of it (`none`, which -T prints for 0) is named. */
export const time = (none?: string): Format => ({
  of: 'time',
  choices: none === undefined ? [] : [{ value: 'none', means: none }],
  ...word(
    (text) => ((none !== undefined && text.toLowerCase() === 'none') || secondsOf(text) !== null ? null : NO_TIME),
    (text) => {
      const seconds = text.toLowerCase() === 'none' ? 0 : secondsOf(text)
      return none !== undefined && seconds === 0 ? 'none' : String(seconds ?? text)
    },
  ),
})

/** One file; `none`, where it means something, stands for no file. -T prints a path that is not absolute as sshd found it. */
export const path = (more: { readonly none?: string; readonly words?: readonly Choice[] } = {}): Format => {
  const choices = [...(more.none === undefined ? [] : [{ value: 'none', means: more.none }]), ...(more.words ?? [])]
  return {
    of: 'path',
    choices,
    ...word(
      () => null,
      (text) => (text.startsWith('/') || choices.some(({ value }) => value === text) ? text : null),
    ),
  }
}

/** A word or path that is printed as it stands. */
export const plain = (of: 'path' | 'text', none?: string): Format => ({
  of,
  choices: none === undefined ? [] : [{ value: 'none', means: none }],
  ...word(() => null),
})

/** The rest of the line, printed as it stands. */
export const rest = (of: 'command' | 'text', none: string, check: (text: string) => Safe | null): Format => ({
  of,
  choices: [{ value: 'none', means: none }],
  check: (value) => badLine(value) ?? check(value.trim()),
  printed: (value) => [value.trim()],
})
