import type { Address } from '../../model/addresses.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { type Match, type Matching, matchList } from './acl.ts'
import { booleanOf, settingOf, type Zone } from './config/named.ts'
import { blockOf, named } from './config/statements.ts'
import type { Block, NamedConfig, Place, Statement, View } from './facts.ts'

/** Who asks, at which address of the host. */
export type Asker = { readonly from: Address; readonly to: Address }

export type Answer = 'yes' | 'no' | 'unknown'

/** What named answers somebody, by which words, and where they stand; null: by what holds where nothing is said. */
export type Ruling = {
  readonly answer: Answer
  readonly because: Safe
  readonly at: Place | null
  readonly view: View | null
}

/** The configuration, and the host's own addresses. */
export type Named = Matching & { readonly config: NamedConfig }

/** A list that counts: one that is written, or the one that named has where none is. */
type List = { readonly statement: Statement | null; readonly block: Block | null; readonly words: Safe }

/** named's own `{ localnets; localhost; }`, made here of nothing that anybody wrote. */
const NOWHERE: Place = { file: '', line: 0, from: 0, to: 0 }
const listOf = (...words: readonly string[]): Block => ({
  kind: 'block',
  at: NOWHERE,
  statements: words.map((text) => ({ at: NOWHERE, items: [{ kind: 'word', text, at: NOWHERE }] })),
})
const BUILT_IN = { any: listOf('any'), none: listOf('none'), own: listOf('localnets', 'localhost') }

const builtIn = (which: keyof typeof BUILT_IN, words: Safe): List => ({
  statement: null,
  block: BUILT_IN[which],
  words,
})

function written(config: NamedConfig, view: View, keyword: string): List | null {
  const statement = settingOf(config, view, keyword)
  return statement && { statement, block: blockOf(statement), words: safe(keyword) }
}

/** A view's own word on recursion, that of the options, or yes. */
export function recursionOf(
  config: NamedConfig,
  view: View,
): { readonly on: boolean; readonly statement: Statement | null } {
  const statement = settingOf(config, view, 'recursion')
  return { on: statement ? booleanOf(statement) !== false : true, statement }
}

/**
 * The lists that decide about recursion in a view, each by what it inherits from where it is not written (configure_view()
 * in bin/named/server.c, since 9.4.1-P1): allow-recursion from allow-query-cache, else from allow-query; allow-query-cache
 * from allow-recursion, else from allow-query; else both are { localnets; localhost; }.
 */
export function listsOf(
  config: NamedConfig,
  view: View,
): { readonly recursion: List; readonly cache: List; readonly query: List } {
  const query = written(config, view, 'allow-query')
  const recursion = written(config, view, 'allow-recursion')
  const cache = written(config, view, 'allow-query-cache')
  const by = (list: List, keyword: string): List => ({
    ...list,
    words: say`${list.words}, which ${safe(keyword)} follows`,
  })
  const own = builtIn('own', say`what BIND does unless told otherwise: localnets and localhost`)
  const inherited = (keyword: string, first: List | null): List =>
    first ? by(first, keyword) : query ? by(query, keyword) : own
  const { on } = recursionOf(config, view)
  return {
    query: query ?? builtIn('any', say`no allow-query, so everybody`),
    recursion: recursion ?? inherited('allow-recursion', cache),
    cache: cache ?? (on ? inherited('allow-query-cache', recursion) : builtIn('none', say`recursion is off`)),
  }
}

const answerOf = (match: Match): Answer => (match === 'in' ? 'yes' : match === 'unknown' ? 'unknown' : 'no')

const askList = (list: List, address: Address, by: Matching): Answer =>
  list.block ? answerOf(matchList(list.block, address, by)) : 'unknown'

/** The view that somebody's recursive question belongs to; null where none takes it, or that can't be told. */
export function viewFor(by: Named, { from, to }: Asker): { readonly view: View | null; readonly sure: boolean } {
  for (const view of by.config.views) {
    const asks = (keyword: string, address: Address): Answer => {
      const [statement] = named(view.statements, keyword)
      if (!statement) return 'yes'
      return askList({ statement, block: blockOf(statement), words: safe(keyword) }, address, by)
    }
    const [clients, destinations] = [asks('match-clients', from), asks('match-destinations', to)]
    if (clients === 'no' || destinations === 'no') continue
    return { view, sure: clients === 'yes' && destinations === 'yes' }
  }
  return { view: null, sure: true }
}

/**
 * Whether named would look up for somebody what it has no zone for, and say so by the RA bit of every answer: recursion is
 * on in his view, and allow-recursion, allow-query-cache and their -on lists all let him in (ns_client_request() in
 * lib/ns/client.c).
 */
export function mayRecurse(by: Named, asker: Asker): Ruling {
  const { view, sure } = viewFor(by, asker)
  if (!view) return { answer: 'no', because: say`no view takes that address`, at: null, view }
  const ruled = inView(by, view, asker)
  return sure
    ? ruled
    : { ...ruled, answer: 'unknown', because: say`it can’t be told whether view ${safe(view.name)} takes it` }
}

function inView(by: Named, view: View, { from, to }: Asker): Ruling {
  const { config } = by
  const { on, statement } = recursionOf(config, view)
  const rule = (answer: Answer, because: Safe, at: Place | null): Ruling => ({ answer, because, at, view })
  if (!on) return rule('no', say`recursion no`, statement?.at ?? null)
  const { recursion, cache } = listsOf(config, view)
  const everybody = builtIn('any', say`everybody`)
  const asked = [
    { list: recursion, address: from },
    { list: cache, address: from },
    { list: written(config, view, 'allow-recursion-on') ?? everybody, address: to },
    { list: written(config, view, 'allow-query-cache-on') ?? everybody, address: to },
  ].map(({ list, address }) => ({ list, answer: askList(list, address, by) }))
  const decides =
    asked.find(({ answer }) => answer === 'no') ?? asked.find(({ answer }) => answer === 'unknown') ?? asked[0]
  if (!decides) return rule('unknown', say`nothing`, null)
  return rule(decides.answer, decides.list.words, decides.list.statement?.at ?? null)
}

/** Whether named answers somebody from a zone of its own, and lets him have it whole or change it. */
export type ZoneRight = 'allow-query' | 'allow-transfer' | 'allow-update'

/** What holds where nothing is written. A transfer is everybody's up to 9.18, and nobody's from 9.20 on. */
const DEFAULTS = { 'allow-query': 'any', 'allow-transfer': 'any', 'allow-update': 'none' } as const

/** The list that decides about a zone: its own, that of its view, of the options, or named's. */
export function zoneList(config: NamedConfig, zone: Zone, right: ZoneRight, release: string | null): List {
  const [own] = named(blockOf(zone.statement)?.statements ?? [], right)
  if (own) return { statement: own, block: blockOf(own), words: safe(right) }
  const above = written(config, zone.view, right)
  if (above) return above
  const nobody = right === 'allow-transfer' && isFrom(release, 9, 19)
  return builtIn(nobody ? 'none' : DEFAULTS[right], say`no ${safe(right)}`)
}

/** Whether somebody has a right to a zone: he comes to its view, and the list that counts lets him in. */
export function mayOf(by: Named, zone: Zone, right: ZoneRight, asker: Asker, release: string | null): Ruling {
  const list = zoneList(by.config, zone, right, release)
  const { view, sure } = viewFor(by, asker)
  if (sure && view !== zone.view)
    return { answer: 'no', because: say`another view is his`, at: zone.view.at ?? null, view }
  // With a port or a transport the list counts for those alone.
  const plain = !list.statement || list.statement.items.length === 2
  return {
    answer: plain && sure ? askList(list, asker.from, by) : 'unknown',
    because: list.words,
    at: list.statement?.at ?? null,
    view: zone.view,
  }
}

/** Whether a release as `9.18.49` is at least another one. */
export function isFrom(release: string | null, major: number, minor: number): boolean {
  const [, first, second] = /^(\d+)\.(\d+)/.exec(release ?? '') ?? []
  return first !== undefined && (Number(first) > major || (Number(first) === major && Number(second) >= minor))
}

/** The first word of a list's element, for what is said of it. */
export const elementsOf = (block: Block): readonly string[] =>
  block.statements.map((one) => one.items.map((item) => (item.kind === 'word' ? item.text : '{…}')).join(' '))
