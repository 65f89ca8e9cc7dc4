import { type FileBytes, textOf } from '../../../model/file-bytes.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import type { SshdFiles } from '../../../model/sshd.ts'
import { pathsOf } from './glob.ts'
import { lastWins, mayBeMatched } from './keywords.ts'
import { type ConfigLine, linesOf, splitArgs } from './lines.ts'

/** Where sshd starts, but for its option -f. */
export const MAIN = '/etc/ssh/sshd_config'

/** What stands around a line, however many files are between. */
type Place = {
  readonly path: string
  readonly line: ConfigLine
  /**
   * Criteria of every Match it stands below, the outermost first, as text; all of them have to hold. Those of a file end
   * with it, and hold for what it includes.
   */
  readonly blocks: readonly string[]
  /** The line of the main file that it is, or that brings its file in. */
  readonly from: number
}

/** A line that sets something, at the moment sshd reads it. A file that is included twice has each of its lines twice. */
export type Statement = Place & {
  /** Criteria of the innermost Match in force, as the file has them behind the word; null where there is none. */
  readonly match: string | null
}

/** A Match line; `blocks` ends with its own criteria. */
export type MatchBlock = Place

/** What sshd reads, in order. */
export type Config = {
  readonly statements: readonly Statement[]
  readonly blocks: readonly MatchBlock[]
  /** Why sshd takes none of it, or why it was not read to its end; null: nothing in its form speaks against it. */
  readonly refused: Safe | null
}

/** SERVCONF_MAX_DEPTH of servconf.c. */
const DEEPEST = 16
/** More than any server has; files that include each other many times over come to more in no time. */
const MOST = 50_000

/**
 * Reads sshd's configuration as sshd does: every line of the main file, and at each Include those of the files that its
 * patterns stand for, of the given ones (sshd_config(5)). A file that is not given is read as if it were not there. Values
 * are not judged. Never throws.
 */
export function readConfig(files: SshdFiles, main: string = MAIN): Config {
  const statements: Statement[] = []
  const blocks: MatchBlock[] = []
  const known = new Map<string, readonly ConfigLine[]>()
  const included = new Map<string, readonly string[]>()
  let left = MOST
  let refused: Safe | null = null

  const linesIn = (path: string): readonly ConfigLine[] => {
    const lines = known.get(path) ?? linesOf(files.get(path) ?? ('' as FileBytes))
    known.set(path, lines)
    return lines
  }
  // A file that includes itself asks for the same ones again, as deep as that goes.
  const includedBy = (pattern: string): readonly string[] => {
    const paths = included.get(pattern) ?? pathsOf(pattern, files.keys())
    included.set(pattern, paths)
    return paths
  }
  const read = (path: string, outer: readonly string[], depth: number, root: number | null): void => {
    let inner: readonly string[] = []
    for (const line of linesIn(path)) {
      if (refused) return
      if (left-- <= 0) refused = say`${safe(main)} comes to more than ${MOST} lines with what it includes`
      if (line.refused) refused = say`${safe(path)} line ${line.number}: ${safe(line.refused)}`
      const around = [...outer, ...inner]
      const from = root ?? line.number
      if (line.kind === 'keyword') statements.push({ path, line, blocks: around, match: around.at(-1) ?? null, from })
      if (line.kind === 'match') {
        inner = [criteriaOf(line)]
        blocks.push({ path, line, blocks: [...outer, ...inner], from })
      }
      if (line.kind !== 'include') continue
      const paths = line.args.flatMap(includedBy)
      if (paths.length > 0 && depth === DEEPEST)
        refused = say`${safe(path)} line ${line.number}: files include each other more than ${DEEPEST} deep`
      for (const one of paths) if (!refused) read(one, around, depth + 1, from)
    }
  }
  read(main, [], 0, null)
  return { statements, blocks, refused }
}

/** What stands behind the word Match, as text. */
export const criteriaOf = ({ raw, argsAt: [from, to] }: ConfigLine): string => textOf(raw.slice(from, to) as FileBytes)

const NAMES_WITH_VALUES = /^(user|group|host|address|localaddress|localport|rdomain|version)=(.*)$/is

/**
 * Criteria of a Match as one text that is the same for all spellings of them: names in lower case, `user=x` as `user x`,
 * quotes and comments gone. `all` is ''.
 */
export function sameCriteria(criteria: string): string {
  const words = splitArgs(criteria).args.flatMap((word) => {
    const [, name, value] = NAMES_WITH_VALUES.exec(word) ?? []
    return name === undefined ? [word] : [name, ...(value ? [value] : [])]
  })
  const met: string[] = []
  const rest = words.filter((word) => word !== '=')
  for (let at = 0; at < rest.length; at++) {
    const name = (rest[at] as string).toLowerCase()
    met.push(name)
    if (name !== 'all' && name !== 'invalid-user' && at + 1 < rest.length)
      met.push((rest[++at] as string).replace(/^=/, ''))
  }
  return met.length === 1 && met[0] === 'all' ? '' : JSON.stringify(met)
}

/** The conditions of a line, without `Match all`, and the same for all spellings. */
export const scopeOf = (blocks: readonly string[]): readonly string[] => [
  ...new Set(blocks.map(sameCriteria).filter((criteria) => criteria !== '')),
]

/** The lines that decide, and those of the same keyword for the same people that come to nothing. */
export type Deciding = { readonly deciding: readonly Statement[]; readonly shadowed: readonly Statement[] }

/**
 * Which lines decide a keyword for everybody whom no block says otherwise for (`match` null), or by themselves for those
 * whom a block holds for. The first does; all of them where each adds to the others (`several`); the last where sshd has it
 * so. What stands below `Match all` is read with the other blocks as well, and so overrules what stands before any Match.
 *
 * @param keyword one keyword, or every name that sshd takes as the same one
 */
export function decidingOf(
  statements: readonly Statement[],
  keyword: string | readonly string[],
  several: boolean,
  match: string | null,
): Deciding {
  const names = [keyword].flat().map((name) => name.toLowerCase())
  const wanted = match === null ? [] : scopeOf([match])
  const all = statements.filter(({ line, blocks }) => {
    if (!names.includes(line.keyword) || (match !== null && blocks.length === 0)) return false
    const scope = scopeOf(blocks)
    return scope.length === wanted.length && scope.every((one, at) => one === wanted[at])
  })
  const late = all.filter(({ line, blocks }) => blocks.length > 0 && mayBeMatched(line.keyword))
  const counting = match === null && late.length > 0 ? late : all
  const last = names.some(lastWins)
  const deciding = several ? counting : last ? counting.slice(-1) : counting.slice(0, 1)
  return { deciding, shadowed: all.filter((one) => !deciding.includes(one)) }
}
