import { describe, expect, test } from 'vitest'
import { createReader } from '../../../src/services/areas/securelog/reader.ts'
import type { LogEntry } from '../../../src/services/model/securelog.ts'
import { appendEntries, initialLog, LOG_RING, type LogSlice, release } from '../../../src/state/slices/log.ts'
import { hostFacts } from '../../support/plans.ts'

const read = createReader({ kind: 'file', path: '/var/log/auth.log' }, hostFacts, { id: 0, at: Date.UTC(2026, 10, 27) })
const line = 'Nov 25 09:20:00 web1 sshd[9]: Failed password for root from 203.0.113.9 port 40022 ssh2'
const [first, ...rest] = Array.from({ length: LOG_RING + 1 }, () => read(line) as LogEntry)
const full = [first as LogEntry, ...rest.slice(0, -1)]
const newest = rest.at(-1) as LogEntry

const before = { kind: 'file', inode: 7, until: 900 } as const
const slice = (more: Partial<LogSlice>): LogSlice => ({ ...initialLog, before, ...more })

describe('entries that come', () => {
  test('leave it known where the lines before the first one are, as long as all of them are kept', () => {
    const { entries, ...after } = appendEntries(slice({ entries: full.slice(1) }), [newest])
    expect([entries.length, after.before]).toEqual([LOG_RING, before])
  })

  test('push out the oldest, and what came before those can’t be read behind them any more', () => {
    const { entries, ...after } = appendEntries(slice({ entries: full }), [newest])
    expect([entries.length, entries[0]?.id, entries.at(-1)?.id]).toEqual([LOG_RING, 2, LOG_RING + 1])
    expect(after.before).toBeNull()
  })

  test('wait beside the others while they are held back, the oldest let go of where they are too many', () => {
    const held = appendEntries(slice({ entries: full.slice(0, 3), held: { entries: full, lost: 4 } }), [newest])
    expect([held.entries, held.before]).toEqual([full.slice(0, 3), before])
    expect([held.held?.entries.length, held.held?.entries[0]?.id, held.held?.lost]).toEqual([LOG_RING, 2, 5])
  })
})

describe('what was held back', () => {
  const [own, held] = [full.slice(0, 3), full.slice(5, 9)]

  test('comes in behind the entries that are there, where nothing of it was let go', () => {
    const after = release(slice({ entries: own, held: { entries: held, lost: 0 } }))
    expect(after).toMatchObject({ entries: [...own, ...held], before, held: null })
  })

  test('begins the list anew where some of it was let go: no entry stands before a gap', () => {
    const after = release(slice({ entries: own, held: { entries: held, lost: 1 } }))
    expect(after).toMatchObject({ entries: held, before: null, held: null })
  })

  test('pushes out the oldest where all of them are too many', () => {
    const after = release(slice({ entries: own, held: { entries: full, lost: 0 } }))
    expect([after.entries, after.before]).toEqual([full, null])
  })
})
