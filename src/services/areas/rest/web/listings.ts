import type { Verdict } from '../../../model/area.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import type { ApacheFacts, Directive } from '../facts.ts'
import { lineOf, named } from '../tree.ts'
import { type ApacheHost, apacheHosts, deciding } from './apache.ts'

/** What `Options` makes of Indexes: with a sign it changes what was before, without it takes its place (core of Apache). */
function indexes(before: boolean, { words }: Directive): boolean {
  const signed = words.some((word) => /^[+-]/.test(word))
  let on = signed ? before : false
  for (const word of words) {
    const [, sign = '', name = ''] = /^([+-]?)(.*)$/.exec(word) ?? []
    if (/^(?:indexes|all)$/i.test(name)) on = sign !== '-'
  }
  return on
}

const partsOf = (path: string): readonly string[] => path.split('/').filter((part) => part !== '')
const isUnder = (path: string, folder: string): boolean => {
  const [all, first] = [partsOf(path), partsOf(folder)]
  return first.every((part, at) => all[at] === part)
}

/** A section for one folder by its name, and not by a pattern. */
const isPlain = ({ name, words: [path = ''] }: Directive): boolean => name === 'directory' && /^\/[^*?[]*$/.test(path)

type Folder = { readonly path: string; readonly on: Directive | null; readonly overridden: Directive | null }

/** What holds in a folder: what is said of all, then sections from the shortest path on, a host's own behind the others'. */
function folderOf(path: string, { own, main }: ApacheHost): Folder {
  const sections = [main, own]
    .flatMap((all) => named(all, 'directory').filter((one) => isPlain(one) && isUnder(path, one.words[0] ?? '')))
    .map((section) => ({ section, depth: partsOf(section.words[0] ?? '').length }))
    .sort((a, b) => a.depth - b.depth)
  let on: Directive | null = null
  let overridden: Directive | null = null
  for (const all of [main, own, ...sections.map(({ section }) => section.inside ?? [])]) {
    for (const one of named(all, 'options'))
      if (indexes(on !== null, one)) on ??= one
      else on = null
    for (const one of named(all, 'allowoverride', 'allowoverridelist'))
      overridden = /\b(?:all|options)\b/i.test(one.words.join(' ')) ? one : null
  }
  return { path, on, overridden }
}

/** Folders that a host answers from, with those below them that have sections of their own. */
function foldersOf(facts: ApacheFacts, host: ApacheHost): readonly Folder[] {
  const root = deciding(host, 'documentroot')?.words[0] ?? facts.documentRoot
  const aliases = [...named(host.main, 'alias'), ...named(host.own, 'alias')].flatMap(({ words }) => words[1] ?? [])
  const roots = [...(root === null ? [] : [root]), ...aliases]
  const below = [...named(host.main, 'directory'), ...named(host.own, 'directory')]
    .filter(isPlain)
    .flatMap(({ words }) => words[0] ?? [])
    .filter((path) => roots.some((one) => isUnder(path, one)))
  return [...new Set([...roots, ...below])].map((path) => folderOf(path, host))
}

/** Sections that hold for more than one folder by its name, and what of `Options` stands in them. */
function* vague(all: readonly Directive[]): Generator<{ readonly section: Directive; readonly options: Directive }> {
  for (const one of all) {
    if (!one.inside || one.name === 'virtualhost') continue
    if (!isPlain(one)) for (const options of named(one.inside, 'options')) yield { section: one, options }
    yield* vague(one.inside)
  }
}

export function apacheListing(facts: ApacheFacts): Verdict {
  if (!facts.modules.has('autoindex_module')) return { outcome: 'pass', observed: say`mod_autoindex is not loaded` }
  const open: Folder[] = []
  const overridden: Folder[] = []
  const byPattern: { readonly section: Directive; readonly options: Directive }[] = []
  let doubt = false
  for (const host of apacheHosts(facts)) {
    const folders = foldersOf(facts, host)
    const found = [...vague(host.main), ...vague(host.own)]
    open.push(...folders.filter(({ on }) => on))
    overridden.push(...folders.filter((one) => one.overridden))
    byPattern.push(...found.filter(({ options }) => indexes(false, options)))
    doubt ||= found.some(({ options }) => !indexes(true, options))
    if (named(host.main, 'aliasmatch').length + named(host.own, 'aliasmatch').length > 0) doubt = true
  }
  const details: readonly Safe[] = [
    ...new Set([
      ...open.flatMap(({ path, on }) => (on ? [say`${safe(path, 120)} by ${lineOf(on)}`] : [])),
      ...byPattern.flatMap(({ section, options }) => [lineOf(section), lineOf(options)]),
    ]),
  ]
  const [first] = open
  if (byPattern[0]) return { outcome: 'fail', observed: say`by ${lineOf(byPattern[0].section)}`, details }
  if (first && doubt) return { outcome: 'unknown', observed: say`a section by pattern may take it back`, details }
  if (first)
    return {
      outcome: 'fail',
      observed: safe([...new Set(open.map(({ path }) => path))].slice(0, 3).join(', '), 120),
      details,
    }
  if (doubt) return { outcome: 'unknown', observed: say`which folders it answers from is not known`, details }
  const [by] = overridden
  if (by?.overridden)
    return {
      outcome: 'unknown',
      observed: say`files .htaccess below ${safe(by.path, 80)} may, and are not read`,
      details: [lineOf(by.overridden)],
    }
  return { outcome: 'pass', observed: say`none` }
}
