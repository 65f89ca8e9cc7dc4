import { type KeptOut, keptOut, letInWords } from '../../../services/areas/firewall/let-in.ts'
import { groupByNetwork } from '../../../services/areas/securelog/networks.ts'
import type { FirewallFacts } from '../../../services/model/firewall.ts'
import type { HostFacts } from '../../../services/model/host.ts'
import { type Safe, safe, say } from '../../../services/model/safe.ts'
import type { Survey, Tries } from '../../../services/model/securelog.ts'
import { type Place, placeAt } from './place.ts'

/** Sessions and tries that the log does not know and that are named here. */
const UNLOGGED = 10
/** Rows of a table that are shown. */
const SHOWN = 200
/** Addresses of those that tried most, of which the firewall is asked: each is a walk through all of its rules. */
const ASKED = 50

/** One column of a chart: when it begins, on the server's wall clock, and how many tries it has. */
export type Bucket = { readonly at: number; readonly tries: number }

export type PressureRow =
  | { readonly what: 'sum'; readonly survey: Survey; readonly firewall: FirewallNotes | null }
  | { readonly what: 'chart'; readonly unit: 'hour' | 'day'; readonly buckets: readonly Bucket[] }
  | { readonly what: 'head'; readonly title: Safe; readonly count: number }
  | {
      readonly what: 'address' | 'network' | 'user' | 'method'
      readonly of: Tries
      readonly addresses?: number
      /** What is known of an address, beside its tries. */
      readonly address?: AddressNotes
    }
  | { readonly what: 'note'; readonly text: Safe; readonly bad: boolean }

/** What the rules do to those who tried most, asked when somebody looks closely. */
export type FirewallNotes = { readonly port: number; readonly all: boolean; readonly keptOut: () => KeptOut }

export type AddressNotes = {
  readonly place: Place
  /** The jails of fail2ban that keep it out. */
  readonly jails: readonly Safe[]
  /** What the rules do to it now; asked when somebody looks closely. */
  readonly letIn: (() => Safe | null) | null
}

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

function notesOfFirewall({ addresses }: Survey['pressure'], facts: FirewallFacts, host: HostFacts): FirewallNotes {
  const names = addresses.slice(0, ASKED).map(({ name }) => name)
  let found: KeptOut | null = null
  return {
    port: host.session.serverPort,
    all: addresses.length <= ASKED,
    keptOut: () => {
      found ??= keptOut(facts, host, names)
      return found
    },
  }
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
  add('sum', { what: 'sum', survey, firewall: firewall && host && notesOfFirewall(pressure, firewall, host) }, 'all')
  for (const unit of ['day', 'hour'] as const) {
    const buckets = bucketsOf(pressure.hours, unit, unit === 'day' ? 366 : 72)
    if (buckets.length > 1) add(`chart:${unit}`, { what: 'chart', unit, buckets }, unit)
  }
  for (const [at, text] of unread.entries()) add(`unread:${at}`, { what: 'note', text, bad: true }, text)
  if (survey.wtmp.state === 'read') {
    const { unlogged, unloggedTries } = survey.wtmp
    const notes = [
      ...unlogged.map(
        ({ user, address, by }) => say`${safe(by)} has a session of ${user} from ${address}, the log no login`,
      ),
      ...unloggedTries.map(({ address, tries }) => say`tries from ${address}: ${tries} by lastb(1), none by the log`),
    ]
    for (const [at, text] of notes.slice(0, UNLOGGED).entries())
      add(`unlogged:${at}`, { what: 'note', text, bad: true })
  }
  for (const [at, text] of gaps.entries()) add(`gap:${at}`, { what: 'note', text, bad: false }, text)
  const { bans } = survey
  const notesOf = (address: Safe): AddressNotes => ({
    place: placeAt(address, survey),
    jails:
      bans.state === 'read' ? bans.jails.filter((jail) => jail.addresses.has(address)).map(({ name }) => name) : [],
    letIn: firewall && host ? () => letInWords(firewall, host, address) : null,
  })
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
      const row = {
        ...{ what, of },
        ...(addresses !== undefined && { addresses }),
        ...(what === 'address' && { address: notesOf(of.name) }),
      } as const
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
