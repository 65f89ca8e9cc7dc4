import { letInWords } from '../../../services/areas/firewall/let-in.ts'
import { groupByNetwork } from '../../../services/areas/securelog/networks.ts'
import type { FirewallFacts } from '../../../services/model/firewall.ts'
import type { HostFacts } from '../../../services/model/host.ts'
import { type Safe, say } from '../../../services/model/safe.ts'
import type { Survey, Tries } from '../../../services/model/securelog.ts'

/** Sessions without a login that are named here. */
const UNLOGGED = 10
/** Rows of a table that are shown. */
const SHOWN = 200

/** One column of a chart: when it begins, on the server's wall clock, and how many tries it has. */
export type Bucket = { readonly at: number; readonly tries: number }

export type PressureRow =
  | { readonly what: 'sum'; readonly survey: Survey }
  | { readonly what: 'chart'; readonly unit: 'hour' | 'day'; readonly buckets: readonly Bucket[] }
  | { readonly what: 'head'; readonly title: Safe; readonly count: number }
  | {
      readonly what: 'address' | 'network' | 'user' | 'method'
      readonly of: Tries
      readonly addresses?: number
      /** What the rules do to an address now; asked when somebody looks closely. */
      readonly letIn?: () => Safe | null
    }
  | { readonly what: 'note'; readonly text: Safe; readonly bad: boolean }

/** A row of who tried, of all of the log. */
export type PressureItem = {
  readonly kind: 'pressure'
  readonly id: string
  readonly search: () => string
  readonly row: PressureRow
}

const HOUR = 3_600_000

/** The last so many hours or days with the tries of each, those without any too. */
export function bucketsOf(hours: Survey['pressure']['hours'], unit: 'hour' | 'day', most: number): readonly Bucket[] {
  const size = unit === 'hour' ? 1 : 24
  const counts = new Map<number, number>()
  for (const [hour, tries] of hours) {
    const bucket = Math.floor(hour / size)
    counts.set(bucket, (counts.get(bucket) ?? 0) + tries)
  }
  const all = [...counts.keys()]
  const last = all.at(-1)
  if (last === undefined) return []
  const first = Math.max(all[0] ?? last, last - most + 1)
  return Array.from({ length: last - first + 1 }, (_, at) => ({
    at: (first + at) * size * HOUR,
    tries: counts.get(first + at) ?? 0,
  }))
}

/** All of the log as rows: how much, when, from where, as whom, and by what; and what the rules do to who tried. */
export function pressureItems(
  survey: Survey | null,
  firewall: FirewallFacts | null,
  host: HostFacts | null,
): readonly PressureItem[] {
  if (!survey) return []
  const { pressure, unread, gaps } = survey
  const rows: PressureItem[] = []
  const add = (id: string, row: PressureRow, search = ''): void =>
    void rows.push({ kind: 'pressure', id: `pressure:${id}`, row, search: () => search })
  add('sum', { what: 'sum', survey }, 'all')
  for (const unit of ['day', 'hour'] as const) {
    const buckets = bucketsOf(pressure.hours, unit, unit === 'day' ? 366 : 72)
    if (buckets.length > 1) add(`chart:${unit}`, { what: 'chart', unit, buckets }, unit)
  }
  for (const [at, text] of unread.entries()) add(`unread:${at}`, { what: 'note', text, bad: true }, text)
  if (survey.wtmp.state === 'read')
    for (const [at, { user, address }] of survey.wtmp.unlogged.slice(0, UNLOGGED).entries())
      add(`unlogged:${at}`, {
        what: 'note',
        text: say`wtmp has a session of ${user} from ${address}, the log has no login for it`,
        bad: true,
      })
  for (const [at, text] of gaps.entries()) add(`gap:${at}`, { what: 'note', text, bad: false }, text)
  const table = (
    what: 'address' | 'network' | 'user' | 'method',
    title: Safe,
    all: readonly (Tries & { readonly addresses?: number })[],
    beyond = 0,
  ): void => {
    if (all.length === 0) return
    add(`head:${what}`, { what: 'head', title, count: all.length }, title)
    for (const of of all.slice(0, SHOWN)) {
      const { addresses } = of
      const letIn = what === 'address' && firewall && host ? () => letInWords(firewall, host, of.name) : undefined
      const row = { what, of, ...(addresses !== undefined && { addresses }), ...(letIn && { letIn }) } as const
      add(`${what}:${of.name}`, row, `${what} ${of.name} ${of.others.join(' ')}`)
    }
    const rest = all.slice(SHOWN).reduce((sum, { tries }) => sum + tries, beyond)
    if (rest > 0)
      add(`more:${what}`, { what: 'note', text: say`… and ${rest} tries of others, not shown one by one`, bad: false })
  }
  table('address', say`addresses`, pressure.addresses, pressure.beyond.addresses)
  table('network', say`networks with several of them`, groupByNetwork(pressure.addresses))
  table('user', say`users they tried`, pressure.users, pressure.beyond.users)
  table('method', say`ways they tried`, pressure.methods)
  return rows
}
