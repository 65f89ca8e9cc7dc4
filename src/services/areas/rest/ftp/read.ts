import type { ProbeOutput } from '../../../model/command.ts'
import { fail, ok, type Result } from '../../../model/errors.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { endedLines, isWhole, linesOf, partsOf } from '../../parts.ts'
import type { Directive, FtpFacts, ProftpdFacts, PureFtpdFacts } from '../facts.ts'
import { sectionsOf } from '../sections.ts'
import { anywhere } from '../tree.ts'

/** Reads what the probe printed of proftpd and pure-ftpd. */
export function parseFtp(output: ProbeOutput): Result<FtpFacts, Safe> {
  if (!isWhole(output, 'proftpd') || !isWhole(output, 'pure-ftpd')) return fail(say`it was not read to its end`)
  const is = (name: string): boolean => linesOf(partsOf(output)(name)).length > 0
  return ok({
    proftpd: is('proftpd') ? proftpdOf(endedLines(output, 'proftpd')) : null,
    pureFtpd: is('pure-ftpd') ? pureFtpdOf(endedLines(output, 'pure-ftpd')) : null,
  })
}

/** Files include each other no deeper, and no more lines than that. */
const DEEPEST = 10
const MOST = 20_000

function proftpdOf(lines: readonly string[] | null): Result<ProftpdFacts, Safe> {
  if (!lines) return fail(say`its files were not read to their end`)
  if (lines.includes('many')) return fail(say`it has too many files to be read here`)
  if (lines.includes('odd')) return fail(say`a line of its files is written in a way that is not followed`)
  const files = new Map<string, string[]>()
  const included = new Map<string, string[]>()
  const modules = new Set<string>()
  let [main, path] = ['', '']
  for (const line of lines) {
    const [word = '', first = '', second] = line.split(' ')
    if (word === 'unread' || word === 'closed') return fail(say`${safe(first, 120)} can't be read`)
    if (word === 'main') main = first
    else if (word === 'in') path = first
    else if (word === 'module') modules.add(first.toLowerCase())
    else if (word === 'whole') files.set(first, files.get(first) ?? [])
    else if (word === 'of') {
      const paths = included.get(first) ?? []
      included.set(first, paths)
      if (second !== undefined) paths.push(second)
    } else if (/^\d+$/.test(word)) {
      const of = files.get(path) ?? []
      files.set(path, of)
      of.push(line)
    }
  }
  const trees = new Map<string, readonly Directive[]>()
  for (const [at, of] of files) {
    const tree = sectionsOf([`in ${at}`, ...of])
    if (!tree.ok) return fail(say`${safe(at, 120)}: ${tree.error}`)
    trees.set(at, tree.value)
  }
  const state = { left: MOST }
  const tree = laid(trees.get(main), { trees, included, state }, 0)
  if (!tree) return fail(say`what it includes was not read whole`)
  for (const { words } of anywhere(tree, 'loadmodule')) if (words[0]) modules.add(words[0].toLowerCase())
  return ok({ tree, modules })
}

type Laying = {
  readonly trees: ReadonlyMap<string, readonly Directive[]>
  readonly included: ReadonlyMap<string, readonly string[]>
  readonly state: { left: number }
}

/** With what is included in its place; null where some of it is not there. */
function laid(all: readonly Directive[] | undefined, laying: Laying, depth: number): readonly Directive[] | null {
  if (!all || depth > DEEPEST) return null
  const found: Directive[] = []
  for (const one of all) {
    laying.state.left -= 1
    if (laying.state.left < 0) return null
    if (one.name === 'include') {
      const paths = laying.included.get(one.words[0] ?? '')
      if (!paths) return null
      for (const path of paths) {
        const inner = laid(laying.trees.get(path), laying, depth + 1)
        if (!inner) return null
        for (const each of inner) found.push(each)
      }
    } else if (one.inside) {
      const inside = laid(one.inside, laying, depth)
      if (!inside) return null
      found.push({ ...one, inside })
    } else found.push(one)
  }
  return found
}

const YES = /^(?:yes|1|on)$/i

function pureFtpdOf(lines: readonly string[] | null): Result<PureFtpdFacts, Safe> {
  if (!lines) return fail(say`how it is started was not read to its end`)
  const account = lines.includes('account ftp')
  const unread = lines.find((line) => line.startsWith('unread '))
  if (unread) return fail(say`${safe(unread.slice('unread '.length), 120)} can't be read`)
  if (lines.includes('wrapped')) {
    const words = lines.flatMap((line) => (line.startsWith('option ') ? [line.slice('option '.length)] : []))
    const tls = words.findIndex((word) => /^(?:-Y|--tls)/.test(word))
    const level = /^(?:-Y|--tls=)(\d)$/.exec(words[tls] ?? '')?.[1] ?? (tls < 0 ? '0' : words[tls + 1])
    return ok({
      anonymous: account && !words.some((word) => word === '-E' || word === '--noanonymous'),
      tls: Number(level),
      said: [say`pure-ftpd-wrapper starts it with ${safe(words.join(' '), 200)}`],
    })
  }
  if (!lines.some((line) => line.startsWith('read '))) return fail(say`what it is started with was not found`)
  const found = new Map<string, string>()
  const said: Safe[] = []
  for (const line of lines) {
    const [, path = '', number = '', text = ''] = /^line ([^:]+):(\d+):(.*)$/.exec(line) ?? []
    if (path === '') continue
    const [name = '', value = ''] = text.trim().split(/\s+/)
    found.set(name.toLowerCase(), value)
    said.push(say`${safe(path, 120)}, line ${safe(number)}: ${safe(text.trim(), 80)}`)
  }
  return ok({
    anonymous: account && !YES.test(found.get('noanonymous') ?? ''),
    tls: Number(found.get('tls') ?? 0),
    said,
  })
}
