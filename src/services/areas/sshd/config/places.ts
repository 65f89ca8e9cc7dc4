import { bytesOf, type FileBytes } from '../../../model/file-bytes.ts'
import type { SshdFiles } from '../../../model/sshd.ts'
import { changed, countOf } from './change.ts'
import { type ConfigLine, linesOf } from './lines.ts'
import type { Meant } from './meant.ts'
import { type MatchBlock, scopeOf } from './read.ts'

/** What our own file begins with. */
export const HEADER = '# Written by hardtui; read before the other files here.'

/** Files with new lines at a place; null where there is no such place. Whether they do there what is meant is not asked. */
export type Placed = SshdFiles | null

/** In our own file, before its Match blocks. */
export function inDropIn({ files, ground: { dropIn } }: Meant, lines: readonly string[]): Placed {
  const text = files.get(dropIn)
  if (text === undefined) return new Map([...files, [dropIn, begun(lines)]])
  return withLines(files, dropIn, endOfGlobal(linesOf(text), countOf(text)), lines)
}

/**
 * In the main file, before its Match blocks and before what would decide otherwise: behind the comment that shows the
 * keyword's default, directly before the line that decides, or at the end of what is for everybody.
 */
export function inMain(meant: Meant, lines: readonly string[]): Placed {
  const { files, ground, before, names, several } = meant
  const text = files.get(ground.main)
  if (text === undefined || ground.isForeign(ground.main)) return null
  const all = linesOf(text)
  const firstMatch = all.findIndex(({ kind }) => kind === 'match')
  const end = firstMatch < 0 ? countOf(text) : firstMatch
  const setters = before.statements.filter(({ line, blocks }) => names.includes(line.keyword) && blocks.length === 0)
  const limit = several ? end : Math.min(end, ...setters.map(({ from }) => from - 1))
  const shown = all.slice(0, limit).findIndex(({ raw }) => isDefaultOf(names, raw))
  if (shown >= 0) return withLines(files, ground.main, shown + 1, lines)
  return withLines(files, ground.main, limit < end ? limit : endOfGlobal(all, end), lines)
}

/** As the first line of a block with these criteria, the first one that may be edited. */
export function inBlock(meant: Meant, lines: readonly string[]): Placed {
  const { files, ground, before } = meant
  const block = before.blocks.find((one) => !ground.isForeign(one.path) && isMeant(meant, one))
  const text = files.get(block?.path ?? '')
  if (!block || text === undefined) return null
  const at = block.line.number
  const below = linesOf(text).slice(at)
  const ends = below.findIndex(({ kind }) => kind === 'match')
  const next = below.slice(0, ends < 0 ? below.length : ends).find(({ kind }) => kind !== 'blank')
  const indent = next ? indentOf(next) : '\t'
  return withLines(
    files,
    block.path,
    at,
    lines.map((line) => indent + line),
  )
}

/** Below a Match line of their own, at the end of our own file. */
export function inLastBlock(meant: Meant, lines: readonly string[]): Placed {
  return inOwnBlock(meant, lines, countOf(meant.files.get(meant.ground.dropIn) ?? bytesOf('')))
}

/** Below a Match line of their own, before all others of our own file: where those would decide first. */
export function inFirstBlock(meant: Meant, lines: readonly string[]): Placed {
  const text = meant.files.get(meant.ground.dropIn) ?? bytesOf('')
  return inOwnBlock(meant, lines, endOfGlobal(linesOf(text), countOf(text)))
}

function inOwnBlock(meant: Meant, lines: readonly string[], behind: number): Placed {
  const { files, ground } = meant
  const block = blockOf(meant, lines)
  if (!files.has(ground.dropIn)) return new Map([...files, [ground.dropIn, begun(block)]])
  return withLines(files, ground.dropIn, behind, block)
}

/** Below a Match line of their own in the main file, before its other blocks. */
export function inBlockOfMain(meant: Meant, lines: readonly string[]): Placed {
  const { files, ground } = meant
  const text = files.get(ground.main)
  if (text === undefined || ground.isForeign(ground.main)) return null
  return withLines(files, ground.main, endOfGlobal(linesOf(text), countOf(text)), blockOf(meant, lines))
}

/** Whether a Match line is one of those meant. */
export const isMeant = ({ match }: Meant, { blocks }: Pick<MatchBlock, 'blocks'>): boolean =>
  match !== null && blocks.length > 0 && scopeOf(blocks).join('\n') === scopeOf([match]).join('\n')

export const indentOf = ({ raw }: ConfigLine): string => /^[ \t]*/.exec(raw)?.[0] ?? ''

const begun = (lines: readonly string[]): FileBytes => [HEADER, ...lines, ''].join('\n') as FileBytes

const blockOf = ({ match }: Meant, lines: readonly string[]): readonly string[] => [
  `Match ${bytesOf(match ?? '')}`,
  ...lines.map((line) => `\t${line}`),
]

/** New lines behind so many others. */
const withLines = (files: SshdFiles, path: string, behind: number, lines: readonly string[]): SshdFiles =>
  new Map([...files, [path, changed(files.get(path) ?? bytesOf(''), [{ kind: 'insert', at: behind + 1, lines }])]])

/** How many lines are before the first Match, without the comments that belong to it. */
function endOfGlobal(lines: readonly ConfigLine[], count: number): number {
  let at = lines.findIndex(({ kind }) => kind === 'match')
  if (at < 0) return count
  while (lines[at - 1]?.kind === 'comment') at--
  while (lines[at - 1]?.kind === 'blank') at--
  return at
}

/** `#Keyword value`, as the files of OpenSSH show their defaults; a sentence about the keyword has a space in front. */
function isDefaultOf(names: readonly string[], raw: string): boolean {
  const shown = /^[ \t]*#([a-z0-9]+)[ \t=]/i.exec(raw)?.[1]
  return shown !== undefined && names.includes(shown.toLowerCase())
}
