import { KEYS } from './keys.ts'
import type { Keyword } from './keyword.ts'
import { KEY_SOURCES, LOGIN } from './login.ts'
import { isBefore } from './release.ts'
import { GONE, SERVER } from './server.ts'
import { FORWARDING, SESSIONS } from './sessions.ts'

export type { Choice, Format, Keyword, ValueKind } from './keyword.ts'

/** Every keyword of sshd_config(5), those of old files too. */
export const KEYWORDS: readonly Keyword[] = [
  ...LOGIN,
  ...KEY_SOURCES,
  ...KEYS,
  ...FORWARDING,
  ...SESSIONS,
  ...SERVER,
  ...GONE,
]

const BY_NAME: ReadonlyMap<string, Keyword> = new Map(
  KEYWORDS.flatMap((one) => [one.name, ...one.also].map((name) => [name.toLowerCase(), one] as const)),
)

/** A keyword by any of its names, in whatever case; null for what sshd_config(5) does not know. */
export const keywordOf = (name: string): Keyword | null => BY_NAME.get(name.toLowerCase()) ?? null

/** The name to write for a release (`OpenSSH_9.2p1 …`); one that is not known is taken for a present one. */
export const spelledFor = ({ name, since, before }: Keyword, version: string | null): string =>
  since !== undefined && before !== undefined && isBefore(version, since) ? before : name

/** A value that sshd prints, by the name that it is written with now: `prohibit-password` for `without-password`. */
export const writtenAs = ({ kind, printed }: Keyword, value: string, version: string | null): string =>
  [value, ...kind.choices.map((one) => one.value)].find(
    (one) =>
      kind.choices.some((choice) => choice.value === one) && (one === value || `${printed(one, version)}` === value),
  ) ?? value

/** Whether a release has a keyword, by this name or an older one; builds may still lack what is optional. */
export const isKnownTo = ({ since, before, until }: Keyword, version: string | null): boolean =>
  (since === undefined || before !== undefined || !isBefore(version, since)) &&
  (until === undefined || isBefore(version, until))

/** Whether a keyword may stand in a Match block of a release. */
export const standsInMatch = ({ inMatch, inMatchSince }: Keyword, version: string | null): boolean =>
  inMatch && (inMatchSince === undefined || !isBefore(version, inMatchSince))

/** Whether a release takes the last line of a keyword, where it takes the first of others (servconf.c). */
export const lastCounts = ({ firstSince }: Keyword, version: string | null): boolean =>
  firstSince !== undefined && (firstSince === 'never' || isBefore(version, firstSince))
