import { fail, ok, type Result } from '../../../model/errors.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import type { KeywordEdit, SshdFiles } from '../../../model/sshd.ts'
import { lastWins } from './keywords.ts'
import { decides, type Ground, type Meant, meantBy } from './meant.ts'
import { inBlock, inBlockOfMain, inDropIn, inFirstBlock, inLastBlock, inMain, isMeant, type Placed } from './places.ts'
import { type Config, readConfig, type Statement, scopeOf } from './read.ts'
import { goingOf, onceEach, reused, without } from './reuse.ts'

export type { Ground } from './meant.ts'

/**
 * sshd's files with one keyword set, or taken out, for everybody or in one Match block (sshd_config(5)). Everything else
 * stays byte for byte; a file of ours that says nothing any more is no longer in the map.
 *
 * For everybody a value goes into our own file where that is read first; else into the line that decides; else into the
 * main file before what decides. In a block it goes into that block where it may be edited; else into a new one that is
 * read before all others of that keyword. Of a keyword whose lines add up (and of one whose last line wins in some
 * releases) exactly the lines given are left. Without values the line that decides goes, or all of them.
 *
 * What was made is read again: if it does not do what is meant, or does anything else, there is an error that names the
 * line in the way, and no change.
 */
export function setKeyword(files: SshdFiles, edit: KeywordEdit, ground: Ground): Result<SshdFiles, Safe> {
  const read = meantBy(files, edit, ground)
  if (!read.ok) return read
  const meant = read.value
  const now = decides(meant, meant.before)
  let reason: Safe | null = null
  for (const attempt of meant.values.length === 0 ? [() => without(meant)] : attemptsAt(meant, now)) {
    const made = attempt()
    if (made === null) continue
    const verdict = typeof made === 'string' ? no(made) : judge(meant, made)
    if (verdict.right && typeof made !== 'string') return ok(made)
    reason ??= verdict.reason
  }
  return fail(reason ?? inTheWay(meant, now[0]))
}

type Attempt = () => Placed | Safe

/** The ways to set it, the best first. */
function attemptsAt(meant: Meant, now: readonly Statement[]): readonly Attempt[] {
  const made = reused(meant, now)
  const here: Attempt = () => (made.kind === 'refused' ? made.reason : made.kind === 'done' ? made.files : null)
  const values = made.kind === 'missing' ? made.values : meant.values
  const lines = values.map((value) => `${meant.keyword} ${value}`)
  const [dropIn, main, ...blocks] = [inDropIn, inMain, inBlock, inLastBlock, inFirstBlock, inBlockOfMain].map(
    (place): Attempt =>
      () =>
        place(meant, lines),
  ) as [Attempt, Attempt, ...Attempt[]]
  if (made.kind === 'done' && (meant.several || isSame(made.files, meant.files))) return [here]
  // One that decides alone may be overruled from a better place; lines that add up stay together.
  if (meant.several) return made.kind === 'refused' ? [here] : meant.match === null ? [dropIn, main] : blocks
  return meant.match === null ? [dropIn, here, main] : [here, ...blocks]
}

/** Whether files that were made are what is meant; if not, why, where there is more to say than which line decides. */
type Verdict = { readonly right: boolean; readonly reason: Safe | null }

const no = (reason: Safe | null = null): Verdict => ({ right: false, reason })

function judge(meant: Meant, made: SshdFiles): Verdict {
  const { files, ground, before, keyword, names } = meant
  const odd = [...made].find(([path, text]) => text !== files.get(path) && files.get(path)?.includes('\0'))
  if (odd) return no(say`${safe(odd[0])} has a NUL byte in it: it is not changed from here.`)
  const after = readConfig(made, ground.main)
  const rest = (config: Config) => config.statements.filter((one) => !isTarget(meant, one)).map(inWords)
  if (after.refused || !same(rest(before), rest(after))) return no()
  if (meant.values.length === 0) {
    const gone = new Set(goingOf(meant))
    const stay = before.statements.filter((one) => isTarget(meant, one) && !gone.has(one))
    const left = after.statements.filter((one) => isTarget(meant, one))
    return { right: same(stay.map(argsOf), left.map(argsOf)), reason: null }
  }
  const wanted = meant.args.map((args) => JSON.stringify(args))
  if (!same(onceEach(decides(meant, after)).map(argsOf).sort(), wanted.sort())) return no()
  if (after.blocks.length === before.blocks.length) return { right: true, reason: null }
  // A block of our own making is for those as well whom others hold for: the first that is read decides, or some other one.
  const inBlocks = ({ statements }: Config) =>
    statements.filter(({ line, blocks }) => blocks.length > 0 && names.includes(line.keyword))
  const counting = names.some(lastWins) ? inBlocks(after) : inBlocks(after).slice(0, 1)
  const other = inBlocks(before).find((one) => !isTarget(meant, one))
  if (!other || ground.isSeveral(keyword.toLowerCase()) || counting.every((one) => isTarget(meant, one)))
    return { right: true, reason: null }
  return no(say`${safe(other.path)} line ${other.line.number} decides ${safe(keyword)} for some of those.`)
}

/** Whether a line sets this keyword for those meant, whether it decides or not. */
function isTarget(meant: Meant, one: Statement): boolean {
  if (!meant.names.includes(one.line.keyword)) return false
  return meant.match === null ? scopeOf(one.blocks).length === 0 : isMeant(meant, one)
}

const argsOf = ({ line }: Statement): string => JSON.stringify(line.args)

const inWords = ({ line, blocks }: Statement): string =>
  JSON.stringify([line.keyword, line.args, scopeOf(blocks), blocks.length > 0])

const same = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((one, at) => one === others[at])

const isSame = (some: SshdFiles, others: SshdFiles): boolean =>
  some.size === others.size && [...some].every(([path, text]) => others.get(path) === text)

const inTheWay = ({ keyword, ground }: Meant, first: Statement | undefined): Safe =>
  first
    ? say`${safe(first.path)} line ${first.line.number} decides ${safe(keyword)}, and nothing that may be changed is read before it.`
    : say`No line in ${safe(ground.main)} or ${safe(ground.dropIn)} would set ${safe(keyword)} alone.`
