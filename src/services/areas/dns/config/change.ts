import type { FileBytes } from '../../../model/file-bytes.ts'
import { bytesOf } from '../../../model/file-bytes.ts'
import type { Block, Place, Statement } from '../facts.ts'
import { blockOf, wordAt } from './statements.ts'

/** Other text in the place of some bytes of a file. */
export type TextChange = { readonly file: string; readonly from: number; readonly to: number; readonly text: string }

const at = ({ file, from, to }: Place, text: string): TextChange => ({ file, from, to, text })

/** A statement in the place of another one. */
export const instead = (old: Statement, text: string): TextChange => at(old.at, text)

/** A statement at the end of a block, on a line of its own where its end has one. */
export function atEnd(block: Block, bytes: FileBytes, text: string): TextChange {
  const { file, to } = block.at
  const brace = to - 1
  const line = bytes.lastIndexOf('\n', brace) + 1
  const alone = line > block.at.from && /^[ \t]*$/.test(bytes.slice(line, brace))
  return alone
    ? { file, from: line, to: line, text: `\t${text}\n` }
    : { file, from: brace, to: brace, text: ` ${text} ` }
}

/** Nothing in the place of a statement; its line goes with it where nothing else stands there. */
export function without(old: Statement, bytes: FileBytes): TextChange {
  const { file, from, to } = old.at
  const start = bytes.lastIndexOf('\n', from - 1) + 1
  const end = bytes.indexOf('\n', to)
  const alone = /^[ \t]*$/.test(bytes.slice(start, from)) && /^[ \t]*$/.test(bytes.slice(to, end < 0 ? undefined : end))
  return alone ? { file, from: start, to: end < 0 ? bytes.length : end + 1, text: '' } : at(old.at, '')
}

/** A line of its own before a statement. */
export const before = (statement: Statement, text: string): TextChange => ({
  file: statement.at.file,
  from: statement.at.from,
  to: statement.at.from,
  text: `${text}\n\n`,
})

/** A statement without a pair of its words (`port 53`), or nothing where no other word is left. */
export function withoutPair(statement: Statement, name: string, bytes: FileBytes): TextChange {
  const index = statement.items.findIndex((_, place) => wordAt(statement, place) === name)
  const [first, second] = [statement.items[index], statement.items[index + 1]]
  if (!first || !second || statement.items.length <= 3) return without(statement, bytes)
  const previous = statement.items[index - 1]
  return { file: statement.at.file, from: previous?.at.to ?? first.at.from, to: second.at.to, text: '' }
}

/** A file's bytes with changes made to it; those of one place in their order. */
export function changed(bytes: FileBytes, changes: readonly TextChange[]): FileBytes {
  let made = bytes as string
  for (const { from, to, text } of changes.toReversed().toSorted((a, b) => b.from - a.from))
    made = made.slice(0, from) + bytesOf(text) + made.slice(to)
  return made as FileBytes
}

/** The block of a statement that has one; throws where it has none, which its caller has seen. */
export function blockIn(statement: Statement): Block {
  const block = blockOf(statement)
  if (!block) throw new Error('a statement without a block')
  return block
}
