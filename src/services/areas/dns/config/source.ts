import { fail, ok, type Result } from '../../../model/errors.ts'
import type { FileBytes } from '../../../model/file-bytes.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { networkOf } from '../acl.ts'
import type { Block, NamedConfig, Statement } from '../facts.ts'
import { configOf, zonesOf } from './named.ts'
import { blockOf, named, statementsOf, wordAt } from './statements.ts'

/** What a file holds, by the name that named calls it; null: it was not read. */
export type Files = (called: string) => readonly { readonly called: string; readonly bytes: FileBytes | null }[]

/**
 * The configuration as it is written: the statements of a file, with those of the files that it includes in the place of
 * each `include`. A file that was not read has none, which `sameRights` then finds out. Fails where a file is broken.
 */
export function writtenConfig(conf: string, files: Files): Result<NamedConfig, Safe> {
  const read = (called: string, depth: number): Result<readonly Statement[], Safe> => {
    const all: Statement[] = []
    for (const file of files(called)) {
      if (file.bytes === null) continue
      const statements = statementsOf(file.called, file.bytes)
      if (!statements.ok) return statements
      for (const one of statements.value) {
        const included = one.items[1]
        if (wordAt(one, 0) !== 'include' || included?.kind !== 'word') {
          all.push(one)
          continue
        }
        if (depth > 10) return fail(say`${safe(called)} includes files without end`)
        const inner = read(included.text, depth + 1)
        if (!inner.ok) return inner
        all.push(...inner.value)
      }
    }
    return ok(all)
  }
  const statements = read(conf, 0)
  return statements.ok ? ok(configOf(statements.value)) : statements
}

const RIGHTS = [
  ...['allow-query', 'allow-query-cache', 'allow-recursion', 'allow-transfer', 'allow-update', 'recursion'],
  ...['allow-recursion-on', 'allow-query-cache-on', 'match-clients', 'match-destinations', 'query-source'],
  ...['query-source-v6', 'version', 'rate-limit', 'listen-on', 'listen-on-v6'],
]

const BOOLEANS: Readonly<Record<string, string>> = { true: 'yes', 1: 'yes', false: 'no', 0: 'no' }

/** A list's elements, alike however they are spelled: `10/8` is `10.0.0.0/8`. */
function alike(block: Block): unknown {
  return block.statements.map(({ items }) =>
    items.map((item) => {
      if (item.kind === 'block') return alike(item)
      const network = networkOf(item.text)
      return network ? [network.address, network.bits] : item.text.toLowerCase()
    }),
  )
}

/** The words that matter of a statement: of a list all, of the rest the first. */
function meaning(statement: Statement): unknown {
  const block = blockOf(statement)
  if (block && wordAt(statement, 0) !== 'rate-limit') return alike(block)
  const word = wordAt(statement, 1)
  // Written in several ways, and printed in one.
  if (wordAt(statement, 0).startsWith('query-source')) return fixedPort(statement)
  return block ? '' : (BOOLEANS[word] ?? word)
}

/** The port that query-source(-v6) pins, or null. */
export function fixedPort({ items }: Statement): string | null {
  const words = items.map((item) => (item.kind === 'word' ? item.text.toLowerCase() : ''))
  const at = words.indexOf('port')
  const port = at < 0 ? undefined : words[at + 1]
  return port === undefined || port === '*' || port === '0' ? null : port
}

const rightsIn = (statements: readonly Statement[]): unknown =>
  RIGHTS.map((keyword) => named(statements, keyword).slice(0, 1).map(meaning))

/** Whether two readings say the same of who may do what: one of what named-checkconf printed, one of the files. */
export function sameRights(a: NamedConfig, b: NamedConfig): boolean {
  const of = (config: NamedConfig): string =>
    JSON.stringify([
      rightsIn(config.options),
      config.views.map((view) => [view.name, rightsIn(view.statements)]),
      [...config.acls].map(([name, block]) => [name, alike(block)]).toSorted(),
      zonesOf(config).map((zone) => [
        zone.view.name,
        zone.name.toLowerCase(),
        zone.type,
        rightsIn(blockOf(zone.statement)?.statements ?? []),
      ]),
    ])
  return of(a) === of(b)
}
