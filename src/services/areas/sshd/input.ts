import { fail, ok, type Result } from '../../model/errors.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import type { KeywordEdit, SshdFacts } from '../../model/sshd.ts'
import { isKnownTo, KEYWORDS, type Keyword, keywordOf, spelledFor, standsInMatch } from './keywords/table.ts'

/** A line as it is typed: `PermitRootLogin no`, or `[User bob] PermitRootLogin no` for a Match block. */
export type TypedLine = {
  /** Criteria of the block; null for everybody. */
  readonly match: string | null
  readonly keyword: string
  readonly value: string
}

const LINE = /^\s*(?:\[([^\]]*)\]?)?\s*([^\s=[\]]*)(?:\s*=\s*|\s*)(.*)$/s

/** Takes a typed line apart; whatever is typed has a reading. */
export function takeApart(text: string): TypedLine {
  const [, match, keyword = '', value = ''] = LINE.exec(text) ?? []
  return { match: match === undefined ? null : match.trim().replace(/^match\s+/i, ''), keyword, value: value.trim() }
}

/** The line of its parts. */
export const putTogether = ({ match, keyword, value }: TypedLine): string =>
  `${match === null || match === '' ? '' : `[${match}] `}${keyword}${value === '' ? '' : ` ${value}`}`

/** Keywords each of whose lines takes one word, so that several words are several lines. */
const ONE_WORD: ReadonlySet<string> = new Set(['Port', 'ListenAddress', 'HostKey', 'HostCertificate'])

/**
 * Reads a typed line for a server: the keyword as its release spells it, the values as they are written. Without a value
 * its lines are taken out. The error says what is wrong and what may stand there.
 */
export function readInput(text: string, { version }: Pick<SshdFacts, 'version'>): Result<KeywordEdit, Safe> {
  const { match, keyword, value } = takeApart(text)
  if (keyword === '') return fail(say`Type a keyword of sshd_config(5) and its value.`)
  const known = keywordOf(keyword)
  if (!known) return fail(say`sshd_config(5) has no keyword ${safe(keyword, 40)}.`)
  if (NOT_TO_SET.has(known.name)) return fail(say`${safe(known.name)} is written by hand: it is no setting of its own.`)
  if (!isKnownTo(known, version)) return fail(say`This release of sshd has no ${safe(known.name)}.`)
  if (match === '') return fail(say`Name whom the Match block is for, such as [User bob], or leave the brackets out.`)
  if (match !== null && !standsInMatch(known, version))
    return fail(say`${safe(known.name)} stands outside Match blocks: it can only be set for everybody.`)
  const values = value === '' ? null : ONE_WORD.has(known.name) ? value.split(/\s+/) : [value]
  const wrong = values?.map((one) => known.check(one)).find((one) => one !== null)
  if (wrong) return fail(say`${safe(known.name)}: ${wrong}.`)
  return ok({ kind: 'keyword', keyword: spelledFor(known, version), values, match })
}

const NOT_TO_SET: ReadonlySet<string> = new Set(['Match', 'Include'])

/** Keywords that begin as typed, of those that the release has. */
export const keywordsLike = (typed: string, version: string | null): readonly Keyword[] =>
  KEYWORDS.filter(
    (one) =>
      one.name.toLowerCase().startsWith(typed.toLowerCase()) && isKnownTo(one, version) && !NOT_TO_SET.has(one.name),
  )

/** Values of a keyword that begin as typed. */
export const choicesLike = (keyword: string, typed: string): readonly string[] =>
  (keywordOf(keyword)?.kind.choices ?? []).map(({ value }) => value).filter((one) => one.startsWith(typed))
