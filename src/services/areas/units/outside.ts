import { isOwnOnly } from '../../model/addresses.ts'
import type { Severity } from '../../model/area.ts'
import type { FileEdit, UnitEdit } from '../../model/areas.ts'
import { fail } from '../../model/errors.ts'
import { type Safe, say } from '../../model/safe.ts'
import type { Unit, UnitsFacts } from '../../model/units.ts'
import { type Bind, hearV6 } from './binds/bind.ts'
import { type DatabaseId, databaseBind } from './binds/databases.ts'
import { eximBind } from './binds/exim.ts'
import { postfixBind } from './binds/postfix.ts'
import { rpcbindBind } from './binds/rpcbind.ts'
import { baseName, judgeNeed, ROWS, runs, usedOf } from './needless.ts'
import { wasOf } from './off.ts'

/** A service that a host may well need, but for itself: it counts where it listens outside. */
export type OutsideRow = {
  readonly id: string
  readonly severity: Severity
  readonly title: string
  /** By unit or script name without its suffix. */
  readonly names: RegExp
  /** Ports that it has as a rule: a listener of nobody's there may be its own. */
  readonly ports: ReadonlySet<number>
  readonly rationale: string
  readonly references: readonly string[]
  /** Where the units that listen outside are told so. */
  readonly bind: (facts: UnitsFacts, units: readonly Unit[]) => readonly Bind[]
  /** The units that take it up when they are started again, in that order; left out: those that listen outside. */
  readonly restarts?: readonly string[]
  /** Whether another row says already that it goes altogether. */
  readonly isNeedless?: (facts: UnitsFacts) => boolean
}

const KEEPS_DATA =
  'Whoever reaches its port is one password away from the data, or none: many of these ask for no password by themselves. Where other hosts need it, let the firewall name them.'

const database = (id: DatabaseId, what: string, names: RegExp, ...ports: readonly number[]): OutsideRow => ({
  id,
  severity: 'high',
  title: `${what} listens outside`,
  names,
  ports: new Set(ports),
  rationale: KEEPS_DATA,
  references: ['CIS 2.1', 'ss(8)'],
  bind: (facts) => [databaseBind(id, facts)],
})

const RPCBIND = ROWS.find(({ id }) => id === 'rpcbind')

export const OUTSIDE_ROWS: readonly OutsideRow[] = [
  {
    id: 'mail',
    severity: 'medium',
    title: 'The mail server listens outside',
    names: /^(?:exim4?|postfix|postfix@-|sendmail|opensmtpd)$/,
    ports: new Set([25, 465, 587]),
    rationale: 'A host that only sends its own mail needs to hear its own address alone.',
    references: ['CIS 2.1', 'update-exim4.conf(8)', 'postconf(5)'],
    bind: ({ binds }, units) =>
      units.map((unit) => {
        const name = baseName(unit)
        if (!binds) return { at: [], change: fail(say`its files were not read`) }
        if (/^exim/.test(name)) return eximBind(binds, hearV6(units))
        if (/^postfix/.test(name)) return postfixBind(binds)
        return { at: [], change: fail(say`bind it to loopback in its own configuration; x stops it`) }
      }),
  },
  {
    id: 'rpcbind-outside',
    severity: 'medium',
    title: 'The RPC port mapper listens outside',
    names: /^(?:rpcbind|portmap)$/,
    ports: new Set([111]),
    rationale: 'Open to the world it tells what runs here and amplifies floods. NFS 4 needs nobody to reach it.',
    references: ['rpcbind(8)', 'systemd.socket(5)'],
    bind: (facts) => [rpcbindBind(facts)],
    restarts: ['rpcbind.socket', 'rpcbind.service'],
    isNeedless: (facts) =>
      RPCBIND !== undefined && judgeNeed(RPCBIND, usedOf(RPCBIND, facts), facts).verdict !== 'needed',
  },
  database(
    'mysql',
    'MySQL or MariaDB',
    /^(?:mysql|mysqld|mariadb|mariadbd|percona-server|mysqld?@.*|mariadb@.*)$/,
    3306,
  ),
  database('postgresql', 'PostgreSQL', /^postgresql(?:@.*|-\d+(?:\.\d+)?)?$/, 5432),
  database('redis', 'Redis', /^(?:redis|redis-server|valkey|valkey-server|keydb-server|redis(?:-server)?@.*)$/, 6379),
  database('memcached', 'memcached', /^memcached(?:@.*)?$/, 11211),
  database('mongodb', 'MongoDB', /^(?:mongod|mongodb|mongos|ferretdb)$/, 27017),
  database('elasticsearch', 'Elasticsearch or OpenSearch', /^(?:elasticsearch|opensearch)$/, 9200, 9300),
]

export const isOutside = ({ listeners }: Unit): boolean => listeners.some(({ address }) => !isOwnOnly(address))

/** The units of a row that listen outside. */
export const outsideOf = (row: OutsideRow, facts: UnitsFacts): readonly Unit[] =>
  facts.units.filter((unit) => row.names.test(baseName(unit)) && isOutside(unit))

/**
 * The edits that make units listen on loopback alone: their files first, then the units that read them. Null where one of
 * them is not changed from here, or does not run.
 */
export function bindFor(row: OutsideRow, facts: UnitsFacts): readonly (UnitEdit | FileEdit)[] | null {
  const used = outsideOf(row, facts)
  const changes = row.bind(facts, used).map(({ change }) => change)
  const { restarts } = row
  const again = restarts
    ? restarts.flatMap((name) => facts.units.filter((unit) => unit.name === name && runs(unit)))
    : used
  if (changes.length === 0 || again.length === 0 || !again.every(runs)) return null
  const files: FileEdit[] = []
  for (const change of changes) {
    if (!change.ok) return null
    if (!files.some(({ path }) => path === change.value.file.path)) files.push(change.value.file)
  }
  return [
    ...files,
    ...again.map((unit): UnitEdit => ({ kind: 'unit', unit: unit.name, run: 'restart', boot: null, was: wasOf(unit) })),
  ]
}

/** What a file edit does for a service, in words; null for one that is none of these, such as an undoing. */
export function bindSummary({ path, text }: FileEdit, facts: UnitsFacts): Safe | null {
  for (const row of OUTSIDE_ROWS)
    for (const { change } of row.bind(facts, outsideOf(row, facts)))
      if (change.ok && change.value.file.path === path && change.value.file.text === text) return change.value.summary
  return null
}
