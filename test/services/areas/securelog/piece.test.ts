import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { pieceProbe, readPiece } from '../../../../src/services/areas/securelog/piece.ts'
import { createReader } from '../../../../src/services/areas/securelog/reader.ts'
import { LOG_READ, type LogEntry, type LogPlace } from '../../../../src/services/model/securelog.ts'
import { outputFrom, readable, standalone } from '../../../support/probe-output.ts'
import { someHost } from '../some-host.ts'
import { SHELLS } from '../stand-in-host.ts'

const NOW = Date.parse('2026-11-27T12:00:00Z')
const line = (nth: number): string => {
  const at = new Date(NOW - 20 * 86_400_000 + nth * 60_000).toISOString().slice(0, 19)
  return `${at}+00:00 web1 sshd[${nth}]: Failed password for root from 203.0.113.7 port ${nth + 1} ssh2`
}
const noise = (nth: number): string => `2026-11-01T00:00:00+00:00 web1 CRON[${nth}]: (root) CMD (${'x'.repeat(120)})`
const text = (lines: readonly string[]): string => lines.map((one) => `${one}\n`).join('')
const lines = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, at) => line(from + at))

const entryOf = (one: string, source: 'file' | 'journal' = 'file'): LogEntry => {
  const where =
    source === 'file' ? ({ kind: 'file', path: '/var/log/auth.log' } as const) : ({ kind: 'journal' } as const)
  return createReader(where, someHost(), { id: 0, at: NOW })(one) as LogEntry
}

describe.each(SHELLS)('older lines, under %s', (_name, [program = '', ...args]) => {
  function host(files: readonly (readonly [name: string, text: string | Buffer])[]) {
    const root = mkdtempSync(join(tmpdir(), 'piece-'))
    onTestFinished(() => rmSync(root, { recursive: true }))
    mkdirSync(join(root, 'var/log'), { recursive: true })
    for (const [at, [name, content]] of files.entries()) {
      const path = join(root, 'var/log', name)
      writeFileSync(path, content)
      utimesSync(path, NOW / 1000 - at * 604_800, NOW / 1000 - at * 604_800)
    }
    const inode = (name: string): number => statSync(join(root, 'var/log', name)).ino
    const piece = (place: LogPlace, first: LogEntry) => {
      const stdout = execFileSync(program, [...args, '-c', standalone(pieceProbe(place).script)], {
        env: { PATH: `${join(root, 'bin')}:${process.env.PATH}`, HARDTUI_ROOT: root, LC_ALL: 'C' },
        encoding: 'utf8',
      })
      return readPiece(outputFrom('securelog-piece', readable(stdout)), place, someHost(), first)
    }
    return { root, inode, piece }
  }
  const ports = (entries: readonly LogEntry[]): readonly (number | null)[] => entries.map(({ port }) => port)

  test('are those before a byte, as many as are asked for, without a gap and without a line twice', () => {
    const all = lines(0, 1200)
    const { inode, piece } = host([['auth.log', text(all)]])
    let place: LogPlace | null = { kind: 'file', inode: inode('auth.log'), until: text(all.slice(0, 1150)).length }
    let first = entryOf(line(1150))
    const seen: LogEntry[] = []
    while (place) {
      const found = piece(place, first)
      if (!found.ok) throw new Error(found.error)
      expect(found.value.entries.length).toBeLessThanOrEqual(LOG_READ)
      seen.unshift(...found.value.entries)
      first = seen[0] as LogEntry
      place = found.value.before
    }
    expect(ports(seen)).toEqual(Array.from({ length: 1150 }, (_, at) => at + 1))
    const ids = seen.map(({ id }) => id)
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b))
    expect(ids.at(-1)).toBeLessThan(1)
  })

  test('go on in what was rotated away and packed, back to the first of all', () => {
    const { inode, piece } = host([
      ['auth.log', text(lines(30, 40))],
      ['auth.log.1', text(lines(20, 30))],
      ['auth.log.2.gz', gzipSync(text(lines(10, 20)))],
      ['auth.log.3.gz', gzipSync(text(lines(0, 10)))],
    ])
    const seen: (number | null)[] = []
    let place: LogPlace | null = { kind: 'file', inode: inode('auth.log'), until: 'end' }
    let first = entryOf(line(40))
    const asked: string[] = []
    while (place) {
      asked.push(JSON.stringify(place))
      const found = piece(place, first)
      if (!found.ok) throw new Error(found.error)
      seen.unshift(...ports(found.value.entries))
      first = found.value.entries[0] ?? first
      place = found.value.before
    }
    expect(seen).toEqual(Array.from({ length: 40 }, (_, at) => at + 1))
    expect(asked).toHaveLength(4)
  })

  test('are found behind what other programs wrote in between', () => {
    const filler = text(Array.from({ length: 20_000 }, (_, at) => noise(at)))
    const { inode, piece } = host([['auth.log', `${text(lines(0, 3))}${filler}${text(lines(3, 4))}`]])
    const until = text(lines(0, 3)).length + filler.length
    const found = piece({ kind: 'file', inode: inode('auth.log'), until }, entryOf(line(3)))
    expect(found.ok && ports(found.value.entries)).toEqual([1, 2, 3])
  })

  test('of a packed file that is broken are named as missing, and it goes on behind it', () => {
    const packed = gzipSync(text(lines(0, 900)))
    const { inode, piece } = host([
      ['auth.log', text(lines(900, 901))],
      ['auth.log.1.gz', packed.subarray(0, packed.length - 400)],
      ['auth.log.2', text(lines(0, 2))],
    ])
    const found = piece({ kind: 'file', inode: inode('auth.log.1.gz'), until: 'end' }, entryOf(line(900)))
    expect(found.ok && found.value.broken).toBe('/var/log/auth.log.1.gz')
    const whole = piece({ kind: 'file', inode: inode('auth.log'), until: 'end' }, entryOf(line(901)))
    expect(whole.ok && whole.value.broken).toBeNull()
  })

  test.each([
    ['of this year', 'Nov 10 09:00:00', 'Nov  9 23:59:59', '20261110090000'],
    ['over the turn of a year', 'Jan  2 09:00:00', 'Dec 30 23:59:59', '20260102090000'],
    ['with the year', '2026-11-10T09:00:00.1+00:00', '2025-12-30T09:00:00+00:00', '20261110090000'],
    ['as RFC 5424 has them', '<38>1 2026-11-10T09:00:00Z', '<38>1 2026-11-10T08:59:59Z', '20261110090000'],
  ])('that the journal has told already are passed over: %s', (_, told, older, limit) => {
    const one = (time: string, nth: number): string =>
      time.startsWith('<')
        ? `${time} web1 sshd ${nth} - - Failed password for root from 203.0.113.7 port ${nth} ssh2`
        : `${time} web1 sshd[${nth}]: Failed password for root from 203.0.113.7 port ${nth} ssh2`
    const noisy = Array.from({ length: 700 }, (_one, at) => one(told, 100 + at))
    const { inode, piece } = host([['auth.log', text([one(older, 1), ...noisy])]])
    const [, year, month, day, hour] = /^(....)(..)(..)(..)/.exec(limit) ?? []
    const olderThan = Date.parse(`${year}-${month}-${day}T${hour}:00:00Z`)
    const found = piece({ kind: 'file', inode: inode('auth.log'), until: 'end', olderThan }, entryOf(line(900)))
    expect(found.ok && ports(found.value.entries)).toEqual([1])
  })

  test('of a log that was rotated in the meantime are known by the file, whatever it is called', () => {
    const { inode, piece } = host([
      ['auth.log', text(lines(5, 6))],
      ['auth.log.1', text(lines(0, 5))],
    ])
    const found = piece({ kind: 'file', inode: inode('auth.log.1'), until: text(lines(0, 4)).length }, entryOf(line(4)))
    expect(found.ok && ports(found.value.entries)).toEqual([1, 2, 3, 4])
    expect(piece({ kind: 'file', inode: 1, until: 9 }, entryOf(line(4)))).toEqual({
      ok: false,
      error: 'the log was rotated meanwhile; l and a read all of it',
    })
  })

  const entry = (nth: number): string =>
    JSON.stringify({
      __CURSOR: `s=abc;i=${nth}`,
      __REALTIME_TIMESTAMP: String((NOW - 20 * 86_400_000 + nth * 60_000) * 1000),
      ...{ SYSLOG_IDENTIFIER: 'sshd', _COMM: 'sshd', _EXE: '/usr/sbin/sshd', _UID: '0', _PID: String(nth) },
      MESSAGE: `Failed password for root from 203.0.113.7 port ${nth + 1} ssh2`,
    })
  const withJournal = (root: string, journalctl: string): void => {
    mkdirSync(join(root, 'bin'))
    writeFileSync(join(root, 'bin/journalctl'), `#!/bin/sh\n${journalctl}\n`, { mode: 0o755 })
  }

  test('of the journal come before its cursor, and then those of files that the journal has not', () => {
    const { root, piece, inode } = host([['auth.log', text(lines(0, 5))]])
    withJournal(root, `case "$*" in *'--after-cursor=s=abc;i=5'*) cat <<'E'\n${entry(4)}\n${entry(3)}\nE\nesac`)
    const first = entryOf(entry(5), 'journal')
    const found = piece({ kind: 'journal', cursor: 's=abc;i=5' }, first)
    expect(found.ok && ports(found.value.entries)).toEqual([4, 5])
    const next = found.ok ? found.value.before : null
    const olderThan = NOW - 20 * 86_400_000 + 3 * 60_000
    expect(next).toEqual({ kind: 'file', inode: inode('auth.log'), until: 'end', olderThan })
    const older = piece(next as LogPlace, found.ok ? (found.value.entries[0] as LogEntry) : first)
    expect(older.ok && [ports(older.value.entries), older.value.before]).toEqual([[1, 2, 3], null])
  })

  test('are found behind a file that was emptied, in what was rotated away of it', () => {
    const { root, piece, inode } = host([
      ...[['auth.log', ''] as const, ['auth.log.1', text(lines(0, 3))] as const],
      ['messages', 'Nov 27 09:00:00 web1 kernel: x\n'],
    ])
    withJournal(root, 'exit 0')
    const first = entryOf(entry(5), 'journal')
    const found = piece({ kind: 'journal', cursor: 's=abc;i=5' }, first)
    const next = found.ok ? found.value.before : null
    expect(next).toMatchObject({ kind: 'file', inode: inode('auth.log') })
    const older = piece(next as LogPlace, first)
    expect(older.ok && older.value.before).toMatchObject({ kind: 'file', inode: inode('auth.log.1') })
  })

  test('of a journal that fails in the middle are none: a gap would stand behind them', () => {
    const { root, piece } = host([['auth.log', text(lines(0, 5))]])
    withJournal(root, `cat <<'E'\n${entry(4)}\nE\nexit 1`)
    expect(piece({ kind: 'journal', cursor: 's=abc;i=5' }, entryOf(entry(5), 'journal'))).toEqual({
      ok: false,
      error: 'the journal gives nothing from there on; l and a read all of it',
    })
  })
})

test('a journal that gives nothing any more is no beginning of the log', () => {
  const output = outputFrom('securelog-piece', '@@zone\n+0000\n@@entries\n\n@@status\n1\n@@place\n')
  const place = { kind: 'journal', cursor: 's=1;i=2' } as const
  expect(readPiece(output, place, someHost(), entryOf(line(4)))).toEqual({
    ok: false,
    error: 'the journal gives nothing from there on; l and a read all of it',
  })
})

test('an answer that was cut off is none', () => {
  const place = { kind: 'file', inode: 7, until: 9 } as const
  expect(readPiece(null, place, someHost(), entryOf(line(4))).ok).toBe(false)
  expect(
    readPiece(outputFrom('securelog-piece', '', { cut: 'lines', timedOut: true }), place, someHost(), entryOf(line(4)))
      .ok,
  ).toBe(false)
})

test('a cursor reaches the shell quoted', () => {
  expect(pieceProbe({ kind: 'journal', cursor: 's=1;i=2' }).script).toContain("cursor='s=1;i=2'")
})
