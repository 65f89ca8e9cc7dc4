import type { Safe } from '../../../model/safe.ts'

/** A value with a meaning of its own. */
export type Choice = { readonly value: string; readonly means: string }

/** What kind of value a keyword takes, for whoever asks a person for one. */
export type ValueKind =
  | 'choice'
  | 'number'
  | 'time'
  /** Names of algorithms between commas, perhaps behind `+`, `-` or `^`. */
  | 'algorithms'
  /** Words between blanks. */
  | 'list'
  /** Patterns of names between blanks; users may be `name@from` (ssh_config(5), PATTERNS). */
  | 'users'
  | 'groups'
  | 'addresses'
  | 'path'
  | 'paths'
  | 'command'
  | 'text'
  /** What a Match block holds for. */
  | 'criteria'

/** How the values of a keyword look, what sshd takes, and how it prints them. */
export type Format = {
  readonly of: ValueKind
  /** Values with a meaning of their own; where it is a `choice` there are no others. */
  readonly choices: readonly Choice[]
  /** For numbers: the least and the most that sshd takes. */
  readonly least?: number
  readonly most?: number
  /** Why this is no value, in words that end a sentence; null where sshd takes it. */
  readonly check: (value: string) => Safe | null
  /**
   * The values of the lines that `sshd -T` prints once this is set, by that release; none for what it never prints.
   * Null: only sshd can tell (it depends on its defaults, or on the server).
   */
  readonly printed: (value: string, version?: string | null) => readonly string[] | null
}

/** A keyword of sshd_config(5). */
export type Keyword = {
  /** As sshd_config(5) spells it. */
  readonly name: string
  /** Other names that sshd takes for it: older ones. */
  readonly also: readonly string[]
  /** The release in which it came, or this name of it. */
  readonly since?: string
  /** Its name before `since`; without one, releases before have no such keyword. */
  readonly before?: string
  /** The first release that reads past it. */
  readonly until?: string
  /** Who has it besides OpenSSH itself: it is in these builds alone. */
  readonly builds?: string
  /** True where each line adds to those before; elsewhere the first line counts, but see `firstSince`. */
  readonly several: boolean
  /** The release from which the first line counts; the last one does before it, and always where it is `never`. */
  readonly firstSince?: string
  /** Whether it may stand in a Match block. */
  readonly inMatch: boolean
  /** The release from which it may, where that came later than the keyword. */
  readonly inMatchSince?: string
  /** What it is about, in one sentence. */
  readonly about: string
  readonly kind: Pick<Format, 'of' | 'choices' | 'least' | 'most'>
  readonly check: Format['check']
  readonly printed: Format['printed']
}

type Traits = Partial<
  Pick<
    Keyword,
    'also' | 'since' | 'before' | 'until' | 'builds' | 'several' | 'firstSince' | 'inMatch' | 'inMatchSince'
  >
>

/** One row of the tables: a keyword that stands once, outside Match blocks, where nothing else is said of it. */
export function keyword(name: string, about: string, format: Format, traits: Traits = {}): Keyword {
  const { check, printed, ...kind } = format
  return { name, also: [], several: false, inMatch: false, ...traits, about, kind, check, printed }
}

/** It may stand in a Match block. */
export const IN_MATCH = { inMatch: true } as const
/** Each of its lines adds to those before. */
export const SEVERAL = { several: true } as const
