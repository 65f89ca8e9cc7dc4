import { fail } from '../../../model/errors.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import type { UnitsFacts } from '../../../model/units.ts'
import { type Bind, lineWords } from './bind.ts'

/** A service that keeps data, for which nothing is changed from here: what is set in which file, and what to set. */
export type DatabaseId = 'mysql' | 'postgresql' | 'redis' | 'memcached' | 'mongodb' | 'elasticsearch'

/** What to set, as its file has it, and what it does without a word. */
const SETTINGS: Readonly<Record<DatabaseId, readonly [set: Safe, unset: Safe]>> = {
  mysql: [say`bind-address = 127.0.0.1 below [mysqld]`, say`all addresses`],
  postgresql: [say`listen_addresses = 'localhost'`, say`localhost alone`],
  redis: [say`bind 127.0.0.1 -::1`, say`all addresses`],
  memcached: [say`-l 127.0.0.1`, say`all addresses`],
  mongodb: [say`bindIp: 127.0.0.1 below net:`, say`localhost alone`],
  elasticsearch: [say`network.host: _local_`, say`localhost alone`],
}

/** Where a database is told on which addresses to listen, as far as its files have it in so many words. */
export function databaseBind(id: DatabaseId, { binds }: UnitsFacts): Bind {
  const looked = binds?.looked.get(id)
  const [set, unset] = SETTINGS[id]
  const files = looked?.files ?? []
  const why = looked ? looked.why : say`its files were not read to their end`
  const none =
    files.length === 0
      ? say`no file of it stands where it is looked for`
      : say`nothing is set in ${safe(files.join(', '), 200)}, which means ${unset}`
  const at = looked && looked.lines.length > 0 ? looked.lines.map(lineWords) : why ? [] : [none]
  const unsure = why ? [say`where it is set is not all known: ${why}`] : []
  const first = looked?.lines[0]
  const place = first ? say`in ${safe(first.path, 120)}, line ${first.line}` : say`in its own file`
  return { at: [...at, ...unsure], change: fail(say`set ${set} ${place}, and restart it; x stops it`) }
}
