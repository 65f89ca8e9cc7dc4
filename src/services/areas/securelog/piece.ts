import type { Probe, ProbeOutput } from '../../model/command.ts'
import { fail, ok, type Result } from '../../model/errors.ts'
import type { HostFacts } from '../../model/host.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { LOG_READ, type LogEntry, type LogPlace, type LogSource } from '../../model/securelog.ts'
import { linesOf, partsOf } from '../parts.ts'
import { createReader } from './reader.ts'
import { pieceScript } from './scripts.ts'
import { readZone } from './zone.ts'

/**
 * Older lines, oldest first, and where it goes on; null at the beginning of all that is kept. `broken` names a file that
 * could not be unpacked to its end: lines are missing.
 */
export type Piece = {
  readonly entries: readonly LogEntry[]
  readonly before: LogPlace | null
  readonly broken: Safe | null
}

/** Asks for the lines before a place. */
export const pieceProbe = (place: LogPlace): Probe => ({
  id: 'securelog-piece',
  script: pieceScript(place),
  timeoutSeconds: 30,
  capBytes: 2 * 1024 * 1024,
})

/** Reads what came of it. `first` is the oldest entry that is there already. The error says why it can't go on. */
export function readPiece(
  output: ProbeOutput | null,
  place: LogPlace,
  host: HostFacts,
  first: LogEntry,
): Result<Piece, Safe> {
  if (!output || output.cut !== null) return fail(say`the server did not come to the end of it; try again`)
  const part = partsOf(output)
  const isSound = part('status') === '0'
  const id = first.id - LOG_READ - 1
  if (place.kind === 'journal') {
    if (!isSound) return fail(say`the journal gives nothing from there on; l and a read all of it`)
    const newestFirst = linesOf(part('entries'))
    const source: LogSource = { kind: 'journal', zone: readZone(part('zone')) }
    const entries = newestFirst
      .toReversed()
      .map(createReader(source, host, { id, at: first.at }))
      .filter(isEntry)
    const before = placeOf(part('place'), newestFirst.at(-1) ?? '', entries[0]?.at ?? first.at)
    return ok({ entries, before, broken: null })
  }
  if (part('log') === '') return fail(say`the log was rotated meanwhile; l and a read all of it`)
  const source: LogSource = { kind: 'file', path: part('log') }
  const read = createReader(source, host, { id, at: Number(part('written')) * 1000 || first.at })
  const entries = linesOf(part('lines')).map(unplaced).map(read).filter(isEntry)
  return ok({
    entries,
    before: placeOf(part('place'), '', place.olderThan),
    broken: isSound ? null : safe(part('log')),
  })
}

const isEntry = (entry: LogEntry | null): entry is LogEntry => entry !== null

/** A line of a file without its place. */
const unplaced = (line: string): string => line.replace(/^\d+ /, '')

/** The place that a script printed; that of the journal is the cursor of its oldest line. */
function placeOf(text: string, oldest: string, olderThan?: number): LogPlace | null {
  const [, inode, until] = /^file (\d{1,20}) (\d{1,15}|end)$/.exec(text.trim()) ?? []
  if (inode !== undefined) {
    const place = { kind: 'file', inode: Number(inode), until: until === 'end' ? until : Number(until) } as const
    return olderThan === undefined ? place : { ...place, olderThan }
  }
  const cursor = text.trim() === 'journal' ? cursorOf(oldest) : null
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
