import { fail, ok, type Result } from '../../../model/errors.ts'
import { type FileBytes, textOf } from '../../../model/file-bytes.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import type { Block, Place, Statement, Word } from '../facts.ts'

/** Deeper than any named.conf; so that braces without end can't exhaust the stack. */
const DEEPEST = 40

type Token = { readonly kind: 'word' | 'string' | '{' | '}' | ';'; readonly text: string; readonly at: Place }

/** White space and comments; then one token. By the byte, for one is a character here. */
const GAP = /(?:[\s\0]+|\/\*[\s\S]*?\*\/|\/\/[^\n]*|#[^\n]*)+/y
const TOKEN = /[{};!]|"((?:[^"\\]|\\[\s\S])*)"|(?:[^\s\0{};!"#/]|\/(?![/*]))+/y

class Broken extends Error {}

function* tokensOf(file: string, text: string): Generator<Token> {
  let line = 1
  let at = 0
  const pass = (to: number): void => {
    for (; at < to; at++) if (text.charCodeAt(at) === 10) line++
  }
  for (;;) {
    GAP.lastIndex = at
    if (GAP.test(text)) pass(GAP.lastIndex)
    if (at >= text.length) return
    TOKEN.lastIndex = at
    const found = TOKEN.exec(text)
    if (!found) throw new Broken(`line ${line}`)
    const place = { file, line, from: at, to: TOKEN.lastIndex }
    const [whole, quoted] = found
    pass(TOKEN.lastIndex)
    if (quoted !== undefined) yield { kind: 'string', text: quoted.replaceAll('\\"', '"'), at: place }
    else if (whole === '{' || whole === '}' || whole === ';') yield { kind: whole, text: whole, at: place }
    else yield { kind: 'word', text: whole, at: place }
  }
}

/**
 * Reads a file of named.conf(5), or what named-checkconf(8) prints of all of them, as statements with their places. What a
 * statement means is not looked at. Fails where its braces, quotes or semicolons don't fit, as named does.
 */
export function statementsOf(file: string, bytes: FileBytes | string): Result<readonly Statement[], Safe> {
  try {
    const tokens = tokensOf(file, bytes)
    const read = (depth: number, open: Place | null): { statements: Statement[]; end: Place | null } => {
      if (depth > DEEPEST) throw new Broken('blocks too deep')
      const statements: Statement[] = []
      let items: (Word | Block)[] = []
      for (let next = tokens.next(); !next.done; next = tokens.next()) {
        const { kind, text, at } = next.value
        const first = items[0]?.at ?? at
        if (kind === ';') {
          if (items.length > 0) statements.push({ items, at: { ...first, to: at.to } })
          items = []
        } else if (kind === '{') {
          const { statements: inner, end } = read(depth + 1, at)
          items.push({ kind: 'block', statements: inner, at: { ...at, to: end?.to ?? at.to } })
        } else if (kind === '}') {
          if (!open || items.length > 0) throw new Broken(`line ${at.line}`)
          return { statements, end: at }
        } else items.push({ kind: 'word', text: textOf(text as FileBytes), at })
      }
      if (open || items.length > 0) throw new Broken(`line ${(open ?? items[0]?.at)?.line ?? 1}, which has no end`)
      return { statements, end: null }
    }
    return ok(read(0, null).statements)
  } catch (error) {
    if (!(error instanceof Broken)) throw error
    return fail(say`${safe(file)} could not be read at ${safe(error.message)}`)
  }
}

/** The word at a place of a statement, in small letters; empty where there is none. */
export const wordAt = ({ items }: Statement, index: number): string => {
  const item = items[index]
  return item?.kind === 'word' ? item.text.toLowerCase() : ''
}

/** The first block of a statement. */
export const blockOf = ({ items }: Statement): Block | null =>
  items.find((item): item is Block => item.kind === 'block') ?? null

/** Statements of a name, in their order. */
export const named = (statements: readonly Statement[], name: string): readonly Statement[] =>
  statements.filter((one) => wordAt(one, 0) === name)

/** What named-checkconf -p printed, without the warnings that come before it on the same stream (`/etc/…:12: …`). */
export const printedOf = (output: string): string => {
  const at = output.search(/^[a-z][a-z-]*( [^\n]*)?[{;]$/m)
  return at < 0 ? '' : output.slice(at)
}
