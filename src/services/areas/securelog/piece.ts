import type { Probe, ProbeOutput } from '../../model/command.ts'
import { fail, ok, type Result } from '../../model/errors.ts'
import type { HostFacts } from '../../model/host.ts'
import { type Safe, say } from '../../model/safe.ts'
import type { LogEntry, LogPlace, LogSource } from '../../model/securelog.ts'
import { linesOf, partsOf } from '../parts.ts'
import { createReader } from './reader.ts'
import { pieceScript } from './scripts.ts'
import { offsetMinutes } from './zone.ts'

/** Older lines, oldest first, and where it goes on; null at the beginning of all that is kept. */
export type Piece = { readonly entries: readonly LogEntry[]; readonly before: LogPlace | null }

/** Asks for the lines before a place. */
export const pieceProbe = (place: LogPlace): Probe => ({
  id: 'securelog-piece',
  script: pieceScript(place),
  timeoutSeconds: 30,
  capBytes: 2 * 1024 * 1024,
})

/**
 * Reads what came of it. `first` is the oldest entry that is there already: what is not older is left out, for a file may
 * hold what the journal has told. The error says why it can't go on.
 */
export function readPiece(
  output: ProbeOutput | null,
  place: LogPlace,
  host: HostFacts,
  first: LogEntry,
): Result<Piece, Safe> {
  if (!output || output.cut !== null) return fail(say`the server did not come to the end of it; try again`)
  const part = partsOf(output)
  if (place.kind === 'file' && part('log') === '')
    return fail(say`the log was rotated meanwhile; l and a read all of it`)
  const lines = place.kind === 'journal' ? linesOf(part('entries')).toReversed() : linesOf(part('lines')).map(unplaced)
  const source: LogSource =
    place.kind === 'journal'
      ? { kind: 'journal', utcOffsetMinutes: offsetMinutes(part('zone')) }
      : { kind: 'file', path: part('log') }
  const written = Number(part('written')) * 1000
  const read = createReader(source, host, { id: first.id - lines.length - 1, at: written || first.at })
  const isOlder = ({ at, trusted }: LogEntry): boolean =>
    !(first.trusted && !trusted) || Number.isNaN(at) || Math.floor(at / 1000) < Math.floor(first.at / 1000)
  const entries = lines.map(read).filter((entry): entry is LogEntry => entry !== null && isOlder(entry))
  return ok({ entries, before: placeOf(part('place'), part('entries')) })
}

/** A line of a file without its place. */
const unplaced = (line: string): string => line.replace(/^\d+ /, '')

/** The place that a script printed; the journal's own is the cursor of the oldest entry, which came last. */
function placeOf(text: string, newestFirst: string): LogPlace | null {
  const [, inode, until] = /^file (\d{1,20}) (\d{1,15}|end)$/.exec(text.trim()) ?? []
  if (inode !== undefined) return { kind: 'file', inode: Number(inode), until: until === 'end' ? 'end' : Number(until) }
  const cursor = text.trim() === 'journal' ? cursorOf(linesOf(newestFirst).at(-1) ?? '') : null
  return cursor === null ? null : { kind: 'journal', cursor }
}

/** The cursor of an entry of the journal (sd_journal_get_cursor(3)); null for what is none. */
export function cursorOf(line: string): string | null {
  const [, cursor] = /"__CURSOR"\s*:\s*"([A-Za-z0-9=;]{1,300})"/.exec(line) ?? []
  return cursor ?? null
}

/** Where a file goes on before the lines that a probe has read of it, each with its place before it. */
export function placeBefore(lines: readonly string[], inode: string): LogPlace | null {
  const [, until] = /^(\d{1,15}) /.exec(lines[0] ?? '') ?? []
  if (until === undefined || !/^\d{1,20}$/.test(inode)) return null
  return { kind: 'file', inode: Number(inode), until: Number(until) }
}
