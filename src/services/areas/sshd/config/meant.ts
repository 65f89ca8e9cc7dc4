import { fail, ok, type Result } from '../../../model/errors.ts'
import { bytesOf, type FileBytes } from '../../../model/file-bytes.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import type { KeywordEdit, SshdFiles } from '../../../model/sshd.ts'
import { lastWins } from './keywords.ts'
import { type ConfigLine, linesOf } from './lines.ts'
import { type Config, decidingOf, readConfig, type Statement } from './read.ts'

/** What the server's files are to the one who writes. */
export type Ground = {
  /** The file that sshd starts with. */
  readonly main: string
  /** Our own file, included by the main one or not. */
  readonly dropIn: string
  /** A file that somebody else writes (the distribution, cloud-init): never edited. */
  isForeign(path: string): boolean
  /** Whether each line of the keyword adds to the others. */
  isSeveral(keyword: string): boolean
  /** Names that sshd takes as the same keyword. */
  namesOf(keyword: string): readonly string[]
}

/** An edit in the words of the files (bytes), and the configuration that it is made on. */
export type Meant = {
  readonly files: SshdFiles
  readonly ground: Ground
  readonly before: Config
  /** As it is written, and as sshd compares it. */
  readonly keyword: string
  readonly names: readonly string[]
  /** True where all lines count, or where no release would agree with another which of them does. */
  readonly several: boolean
  /** What stands behind the keyword on each line; none: its lines go. */
  readonly values: readonly string[]
  /** The same as sshd splits them. */
  readonly args: readonly (readonly string[])[]
  /** Criteria of the Match block, as text; null: for everybody. */
  readonly match: string | null
}

/**
 * What an edit means for these files; or why it can't be: a word that would be read as something else than what it is, or
 * files that sshd itself would not take.
 */
export function meantBy(files: SshdFiles, edit: KeywordEdit, ground: Ground): Result<Meant, Safe> {
  const { keyword, match } = edit
  const values = (edit.values ?? []).map(bytesOf)
  const called = safe(keyword)
  if (!/^[a-z][a-z0-9]*$/i.test(keyword) || /^(match|include)$/i.test(keyword))
    return fail(say`${called} is no keyword that can be set.`)
  const lines = values.map((value) => onlyLine(`${keyword} ${value}`))
  const wrong = lines.findIndex((line, at) => !line || line.raw.slice(...line.argsAt) !== values[at])
  if (wrong >= 0) return fail(say`${safe(edit.values?.[wrong] ?? '')} would not be read as a value of ${called}.`)
  if (match !== null && !isCriteria(bytesOf(match)))
    return fail(say`${safe(match)} would not be read as criteria of Match.`)
  const several = ground.isSeveral(keyword.toLowerCase())
  if (!several && values.length > 1) return fail(say`${called} takes one value, not ${values.length}.`)
  const before = readConfig(files, ground.main)
  if (before.refused) return fail(say`sshd would refuse its files as they are: ${before.refused}.`)
  if (!files.has(ground.main)) return fail(say`${safe(ground.main)} is not there.`)
  const names = [...new Set([keyword, ...ground.namesOf(keyword.toLowerCase())].map((name) => name.toLowerCase()))]
  return ok({
    files,
    ground,
    before,
    keyword,
    names,
    several: several || names.some(lastWins),
    values,
    args: lines.map((line) => line?.args ?? []),
    match,
  })
}

/** The one line that a text is; null where it is more, or none that sshd reads to its end. */
function onlyLine(text: string): ConfigLine | null {
  const [line, ...more] = linesOf(text as FileBytes)
  return line && more.length === 0 && !/[\0\r]/.test(text) && line.refused === null ? line : null
}

const isCriteria = (match: string): boolean => {
  const line = onlyLine(`Match ${match}`)
  return line !== null && line.args.length > 0
}

/** The lines that decide this keyword for those meant. */
export const decides = ({ names, several, match }: Meant, { statements }: Config): readonly Statement[] =>
  decidingOf(statements, names, several, match).deciding
