import { fail, ok, type Result } from '../../../model/errors.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import type { Directive } from '../facts.ts'

/** The files of a configuration by their paths, and which of them each pattern of an `include` stands for. */
export type NginxFiles = {
  readonly main: string
  readonly texts: ReadonlyMap<string, string>
  readonly included: ReadonlyMap<string, readonly string[]>
}

type Token = { readonly text: string; readonly line: number; readonly quoted: boolean }

/** What stands at a place, in runs, as most of a file is. A `{` behind a `$` is a variable's, escaped or not. */
const BLANK = /\s+/y
const COMMENT = /#[^\n]*/y
const BARE = /(?:[^\s;{\\$]+|\\\$\{?|\\[\s\S]?|\$\{?)+/y
const QUOTED: Readonly<Record<string, RegExp>> = { '"': /(?:[^"\\]+|\\[\s\S]?)*/y, "'": /(?:[^'\\]+|\\[\s\S]?)*/y }

/** Tokens as ngx_conf_read_token has them; null where a quote has no end. */
export function* tokensOf(text: string): Generator<Token | null> {
  let [at, line] = [0, 1]
  /** What an expression finds here, passed over. */
  const take = (expression: RegExp): string => {
    expression.lastIndex = at
    const found = expression.exec(text)?.[0] ?? ''
    at += found.length
    for (let end = found.indexOf('\n'); end >= 0; end = found.indexOf('\n', end + 1)) line += 1
    return found
  }
  while (at < text.length) {
    take(BLANK)
    take(COMMENT)
    const char = text[at] ?? ''
    const quoted = QUOTED[char]
    if (char === ';' || char === '{' || char === '}') {
      yield { text: char, line, quoted: false }
      at += 1
    } else if (quoted) {
      const start = line
      at += 1
      const found = take(quoted)
      if (at >= text.length) yield null
      at += 1
      yield { text: meant(found), line: start, quoted: true }
    } else if (char !== '' && char !== '#' && !/\s/.test(char)) {
      const start = line
      yield { text: meant(take(BARE)), line: start, quoted: false }
    }
  }
}

/** A token's text without its escapes. */
const meant = (found: string): string =>
  found.includes('\\') ? found.replace(/\\([\s\S]?)/g, (_, char: string) => unescaped(char)) : found

const textOf = (words: readonly Token[]): string => words.map(({ text }) => text).join(' ')

/** What `\` and a character stand for. */
const unescaped = (char: string): string =>
  ({ t: '\t', r: '\r', n: '\n', '"': '"', "'": "'", '\\': '\\' })[char] ?? `\\${char}`

/** More are no configuration that people write. */
const MOST = 50_000
const DEEPEST = 50

/** The whole configuration, with what is included in its place; or why that is not known. */
export function nginxTree(files: NginxFiles): Result<readonly Directive[], Safe> {
  const state = { left: MOST }
  return fileTree(files, files.main, 0, state)
}

function fileTree(
  files: NginxFiles,
  path: string,
  depth: number,
  state: { left: number },
): Result<readonly Directive[], Safe> {
  const text = files.texts.get(path)
  if (text === undefined) return fail(say`${safe(path, 120)} was not read`)
  const stack: Directive[][] = [[]]
  const blocks: (readonly Token[])[] = []
  let words: Token[] = []
  for (const token of tokensOf(text)) {
    if (token === null) return fail(say`${safe(path, 120)}: a quote has no end`)
    state.left -= 1
    if (state.left < 0 || depth + stack.length > DEEPEST) return fail(say`it is too long to be read here`)
    const [mark, first] = [token.quoted ? '' : token.text, words[0]]
    const here = { path, line: first?.line ?? token.line }
    if (mark === ';' && first) {
      const rest = words.slice(1).map((one) => one.text)
      if (first.text === 'include') {
        const inner = includedTree(files, rest[0] ?? '', depth + stack.length, state)
        if (!inner.ok) return inner
        for (const one of inner.value) stack.at(-1)?.push(one)
      } else stack.at(-1)?.push({ ...here, name: first.text, words: rest, text: textOf(words), inside: null })
      words = []
    } else if (mark === '{' && first) {
      // Programs of their own language, which may hold any mark.
      if (first.text.endsWith('_by_lua_block')) return fail(say`${safe(path, 120)} holds a program in Lua`)
      blocks.push(words)
      stack.push([])
      words = []
    } else if (mark === '}' && words.length === 0 && stack.length > 1) {
      const inside = stack.pop() ?? []
      const all = blocks.pop() ?? []
      const [name, ...rest] = all
      if (name)
        stack.at(-1)?.push({
          path,
          line: name.line,
          name: name.text,
          words: rest.map((one) => one.text),
          text: textOf(all),
          inside,
        })
    } else if (mark === ';' || mark === '{' || mark === '}')
      return fail(say`${safe(path, 120)}, line ${token.line}: ${safe(mark)} is not understood`)
    else words.push(token)
  }
  if (words.length > 0 || stack.length > 1) return fail(say`${safe(path, 120)} ends within a block`)
  return ok(stack[0] ?? [])
}

function includedTree(
  files: NginxFiles,
  pattern: string,
  depth: number,
  state: { left: number },
): Result<readonly Directive[], Safe> {
  const paths = files.included.get(pattern)
  if (!paths || (paths.length === 0 && !/[*?[]/.test(pattern)))
    return fail(say`what is included by ${safe(pattern, 120)} was not read`)
  const all: Directive[] = []
  for (const path of paths) {
    const inner = fileTree(files, path, depth + 1, state)
    if (!inner.ok) return inner
    for (const one of inner.value) all.push(one)
  }
  return ok(all)
}
