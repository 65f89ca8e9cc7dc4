import { familyOf } from '../../../model/addresses.ts'
import type { FileEdit } from '../../../model/areas.ts'
import type { Result } from '../../../model/errors.ts'
import { type FileBytes, textOf } from '../../../model/file-bytes.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import type { Binds, ConfigLine, Unit } from '../../../model/units.ts'

/** What makes a service listen on loopback alone, where that is one keyword of a file that is understood. */
export type BindChange = { readonly file: FileEdit; readonly summary: Safe }

/** Where it is written on which addresses a service listens, and what changes it, or half a sentence on why nothing does. */
export type Bind = { readonly at: readonly Safe[]; readonly change: Result<BindChange, Safe> }

/** `/etc/my.cnf, line 4: bind-address = 0.0.0.0` */
export const lineWords = ({ path, line, text }: ConfigLine): Safe => say`${safe(path, 120)}, line ${line}: ${text}`

/** A line as it is drawn. */
export const drawn = (path: string, at: number, raw: string): Safe =>
  lineWords({ path, line: at + 1, text: safe(textOf(raw.trim() as FileBytes), 160) })

/** Why a file was not read, or null where it was; a file that was not asked for was not read either. */
export const whyUnread = ({ files }: Binds, path: string): Safe | null => {
  const file = files.get(path)
  return file?.ok ? null : (file?.error ?? say`${safe(path)} was not read`)
}

export const bytesIn = ({ files }: Binds, path: string): FileBytes | null => {
  const file = files.get(path)
  return file?.ok ? file.value : null
}

/** A text with one line (bytes) put in the place of another, or behind all of them; every other byte stays. */
export function withLine(bytes: FileBytes, at: number | null, line: string): FileBytes {
  const lines = bytes.split('\n')
  if (at !== null) return lines.with(at, line).join('\n') as FileBytes
  return `${bytes}${bytes === '' || bytes.endsWith('\n') ? '' : '\n'}${line}\n` as FileBytes
}

/** Whether units hear IPv6: where they don't, there may be no ::1 to listen on. */
export const hearV6 = (units: readonly Unit[]): boolean =>
  units.some(({ listeners }) => listeners.some(({ address }) => familyOf(address) !== 'v4'))

export const ALREADY = say`its file says loopback alone already: it was not restarted since, or something else decides`
