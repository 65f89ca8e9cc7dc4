import type { ProbeOutput } from '../../../model/command.ts'
import { fail, ok, type Result } from '../../../model/errors.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { endedLines, isWhole, linesOf, partsOf } from '../../parts.ts'
import type { ApacheFacts, NginxFacts, OpenSslFacts, WebFacts } from '../facts.ts'
import { sectionsOf } from '../sections.ts'
import { type NginxFiles, nginxTree } from './nginx-tree.ts'

/** Reads what the probe printed of web servers. */
export function parseWeb(output: ProbeOutput): Result<WebFacts, Safe> {
  // A server is absent only by the word of a probe that came that far.
  if (!isWhole(output, 'apache') || !isWhole(output, 'nginx')) return fail(say`it was not read to its end`)
  const pages = endedLines(output, 'pages')
  return ok({
    apache: apacheOf(output),
    nginx: nginxOf(output),
    pages: pages && new Map(pages.flatMap(pageOf)),
    openssl: openSslOf(endedLines(output, 'openssl')),
  })
}

function pageOf(line: string): readonly (readonly [string, 'stock' | 'own'])[] {
  const [, kind, path = ''] = /^page (stock|own) (\/.*)$/.exec(line) ?? []
  return kind === 'stock' || kind === 'own' ? [[path, kind]] : []
}

/** What follows a word in the first line that begins with it. */
const after = (lines: readonly string[], word: string): string | null =>
  lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1) ?? null

/** What a service is started with by the packages that there are: its files are what decides. */
const isUsual = (args: string): boolean =>
  /^(?:\s*(?:-k start|-D ?FOREGROUND|-g daemon (?:on|off); ?(?:master_process on;)?|daemon (?:on|off);))*\s*$/.test(
    args,
  )

function unusual(args: string | null): Safe | null {
  if (args === null) return null
  const rest = args.trim().replace(/^\S+/, '')
  return isUsual(rest) ? null : say`it was started with${safe(rest, 120)}`
}

function apacheOf(output: ProbeOutput): Result<ApacheFacts, Safe> | null {
  const lines = linesOf(partsOf(output)('apache'))
  if (lines.length === 0) return null
  if (lines.includes('without mod_info')) return fail(say`Apache has no mod_info here to print its configuration`)
  const odd = unusual(after(lines, 'args'))
  if (odd) return fail(odd)
  const status = after(lines, 'status')
  if (lines.at(-1) !== 'end' || status === null) return fail(say`Apache did not print its configuration to its end`)
  if (status !== '0') return fail(say`Apache says: ${safe(after(lines, 'said') ?? `status ${status}`, 200)}`)
  const tree = sectionsOf(lines)
  if (!tree.ok) return tree
  return ok({
    tree: tree.value,
    modules: new Set(lines.flatMap((line) => (line.startsWith('module ') ? [line.slice('module '.length)] : []))),
    documentRoot: /^"(.*)"$/.exec(after(lines, 'docroot') ?? '')?.[1] ?? null,
  })
}

function nginxOf(output: ProbeOutput): Result<NginxFacts, Safe> | null {
  if (linesOf(partsOf(output)('nginx')).length === 0) return null
  const [lines, texts] = [endedLines(output, 'nginx'), endedLines(output, 'nginx-lines')]
  if (!lines) return fail(say`what there is of nginx was not read to its end`)
  const odd = unusual(after(lines, 'args'))
  if (odd) return fail(odd)
  if (lines.includes('odd')) return fail(say`a file of its configuration has an odd name`)
  if (lines.includes('many') || texts?.includes('many')) return fail(say`it is too long to be read here`)
  for (const word of ['unread', 'closed']) {
    const path = after(lines, word)
    if (path !== null) return fail(say`${safe(path, 120)} can't be read`)
  }
  if (!texts) return fail(say`its files were not read to their end`)
  const files = filesOf(lines, texts)
  if (!files.ok) return files
  const tree = nginxTree(files.value)
  if (!tree.ok) return tree
  return ok({
    tree: tree.value,
    version: /nginx\/(\d+\.\d+\.\d+)/.exec(after(lines, 'version') ?? '')?.[1] ?? null,
    prefix: after(lines, 'prefix'),
    openssl: after(lines, 'tls'),
  })
}

function filesOf(lines: readonly string[], texts: readonly string[]): Result<NginxFiles, Safe> {
  const included = new Map<string, string[]>()
  const rows = new Map<string, string[]>()
  for (const line of lines) {
    const [word = '', first = '', second] = line.split(' ')
    if (word === 'file') rows.set(first, [])
    if (word !== 'of') continue
    const paths = included.get(first) ?? []
    included.set(first, paths)
    if (second !== undefined) paths.push(second)
  }
  // On the practice server its folder stands before each path.
  const main = after(lines, 'main') ?? ''
  const at = texts[0]?.indexOf(`${main}:1:`) ?? -1
  const root = at > 0 ? (texts[0]?.slice(0, at) ?? '') : ''
  for (const raw of texts) {
    const [, whole = '', number = '', text = ''] = /^([^:]+):(\d{1,9}):(.*)$/.exec(raw) ?? []
    const of = rows.get(whole.startsWith(root) ? whole.slice(root.length) : whole)
    // grep(1) says each line of a file, in their order; what it calls a binary file is none.
    if (!of || of.length + 1 !== Number(number)) return fail(say`a line of its files can't be placed`)
    of.push(text)
  }
  return ok({ main, included, texts: new Map([...rows].map(([path, of]) => [path, of.join('\n')])) })
}

function openSslOf(lines: readonly string[] | null): OpenSslFacts | null {
  if (!lines) return null
  return {
    libraries: lines.flatMap((line) => /^library libssl\.so\.(.+)$/.exec(line)?.[1] ?? []),
    levels: lines.flatMap((line) => {
      const [, path = '', number = '', text = ''] = /^level (\S+) (\d+) (.*)$/.exec(line) ?? []
      return path === '' ? [] : [say`${safe(path)}, line ${safe(number)}: ${safe(text, 120)}`]
    }),
    decided: lines.includes('policies')
      ? say`the host's crypto policy has its word too`
      : lines.some((line) => line.startsWith('unread '))
        ? say`openssl.cnf can't be read`
        : null,
  }
}
