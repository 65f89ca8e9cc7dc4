import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFolder, type LogEvent } from '../../../../src/services/areas/securelog/events.ts'
import { createLogReader } from '../../../../src/services/areas/securelog/reader.ts'
import type { LogEntry } from '../../../../src/services/model/securelog.ts'
import { someHost } from '../some-host.ts'

const NOW = Date.parse('2026-11-27T12:00:00Z')

/** The lines of a file, `HH:MM:SS program[pid]: message`, as entries. */
function entriesOf(lines: readonly string[]): readonly LogEntry[] {
  const read = createLogReader({ source: { kind: 'file', path: '/var/log/auth.log' }, entries: [] }, someHost(), NOW)
  return lines.map((line) => read(`Nov 26 ${line.slice(0, 8)} web1 ${line.slice(9)}`) as LogEntry)
}

function eventsOf(entries: readonly LogEntry[]): readonly LogEvent[] {
  const fold = createFolder()
  const events = new Map<number, LogEvent>()
  for (const entry of entries) {
    const { event } = fold(entry)
    events.set(event.id, event)
  }
  return [...events.values()]
}

const words = (lines: readonly string[]): readonly string[] =>
  eventsOf(entriesOf(lines)).map(({ kind, user, address, tries, count, entries }) =>
    [kind, user ?? '-', address ?? '-', `tries ${tries}`, `×${count}`, `lines ${entries.length}`].join(' '),
  )

describe('lines of one connection', () => {
  test('are one row, and a try is counted once however many lines tell of it', () => {
    expect(
      words([
        '09:00:00 sshd[7]: Invalid user oracle from 203.0.113.7 port 41002',
        '09:00:00 sshd[7]: pam_unix(sshd:auth): check pass; user unknown',
        '09:00:00 sshd[7]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.7',
        '09:00:02 sshd[7]: Failed password for invalid user oracle from 203.0.113.7 port 41002 ssh2',
        '09:00:03 sshd[7]: Connection closed by invalid user oracle 203.0.113.7 port 41002 [preauth]',
      ]),
    ).toEqual(['invalid oracle 203.0.113.7 tries 1 ×1 lines 5'])
  })

  test('count each wrong password, and not sshd’s word that it was enough of them', () => {
    expect(
      words([
        '09:00:00 sshd[7]: Failed password for root from 203.0.113.7 port 4 ssh2',
        '09:00:01 sshd[7]: message repeated 5 times: [ Failed password for root from 203.0.113.7 port 4 ssh2]',
        '09:00:02 sshd[7]: error: maximum authentication attempts exceeded for root from 203.0.113.7 port 4 ssh2 [preauth]',
        '09:00:02 sshd[7]: Disconnecting authenticating user root 203.0.113.7 port 4: Too many authentication failures [preauth]',
      ]),
    ).toEqual(['failed root 203.0.113.7 tries 6 ×1 lines 4'])
  })

  test.each([
    ['is not let in by sshd’s lists', 'User root from 203.0.113.7 not allowed because not listed in AllowUsers'],
    ['goes without an answer', 'Connection closed by authenticating user root 203.0.113.7 port 4 [preauth]'],
    ['names nobody of here', 'Invalid user root from 203.0.113.7 port 4'],
  ])('are one try where he %s', (_, line) => {
    expect(words([`09:00:00 sshd[7]: ${line}`])[0]).toMatch(/ root 203\.0\.113\.7 tries 1 /)
  })

  test('that ends in a login are that login, with the tries before it', () => {
    const [event, ...others] = eventsOf(
      entriesOf([
        '09:00:00 sshd[7]: Failed password for shop from 203.0.113.7 port 4 ssh2',
        '09:00:05 sshd[7]: Accepted password for shop from 203.0.113.7 port 4 ssh2',
        '09:00:05 sshd[7]: pam_unix(sshd:session): session opened for user shop(uid=1000) by (uid=0)',
        '11:30:00 sshd[7]: Disconnected from user shop 203.0.113.7 port 4',
      ]),
    )
    expect(event).toMatchObject({ kind: 'accepted', user: 'shop', method: 'password', tries: 1, count: 1 })
    expect(event?.told.text).toMatch(/^Accepted/)
    expect(others).toEqual([])
  })

  test('of another connection are another row, though a process id came again', () => {
    const line = (time: string, port: number, address = '203.0.113.7') =>
      `${time} sshd[7]: Failed password for root from ${address} port ${port} ssh2`
    expect(words([line('09:00:00', 4), line('09:00:01', 5)])).toHaveLength(2)
    expect(words([line('09:00:00', 4), line('09:00:01', 4, '203.0.113.8')])).toHaveLength(2)
    expect(words([line('09:00:00', 4), line('09:30:00', 4)])).toHaveLength(2)
    expect(
      words([line('09:00:00', 4), '09:00:01 sshd[7]: Connection closed by 203.0.113.7 port 4', line('09:00:02', 4)]),
    ).toHaveLength(2)
    expect(words([line('09:00:00', 4), line('09:00:01', 4)])).toHaveLength(1)
  })

  test('of sshd, its session and its login process are one connection', () => {
    expect(
      words([
        '09:00:00 sshd[7]: Connection from 203.0.113.7 port 4 on 192.0.2.1 port 22 rdomain ""',
        '09:00:00 sshd-session[7]: Failed password for root from 203.0.113.7 port 4 ssh2',
      ]),
    ).toHaveLength(1)
  })

  test('that several processes of sshd speak of are one connection', () => {
    expect(
      words([
        '09:00:00 sshd-session[7]: Accepted publickey for ops from 192.0.2.1 port 4 ssh2: ED25519 SHA256:abc',
        '09:30:00 sshd-session[9]: Received disconnect from 192.0.2.1 port 4:11: disconnected by user',
        '09:30:00 sshd-session[9]: Disconnected from user ops 192.0.2.1 port 4',
        '09:30:00 sshd-session[7]: pam_unix(sshd:session): session closed for user ops',
        '09:31:00 sshd-session[12]: Accepted publickey for ops from 192.0.2.1 port 4 ssh2: ED25519 SHA256:abc',
      ]),
    ).toEqual(['accepted ops 192.0.2.1 tries 0 ×1 lines 4', 'accepted ops 192.0.2.1 tries 0 ×1 lines 1'])
  })

  test('are not mixed with what anybody may have written', () => {
    const [one] = entriesOf(['09:00:00 sshd[7]: Accepted password for ops from 192.0.2.1 port 4 ssh2'])
    const fold = createFolder()
    fold({ ...(one as LogEntry), trusted: true })
    expect(fold({ ...(one as LogEntry), id: 2, kind: 'other', trusted: false }).joined).toBeNull()
  })

  /** So many other connections that came and went in the meantime. */
  const others = (count: number): readonly string[] =>
    Array.from({ length: count }, (_, nth) => [
      `09:00:01 sshd[${1000 + nth}]: Failed password for root from 203.0.113.8 port ${20_000 + nth} ssh2`,
      `09:00:01 sshd[${1000 + nth}]: Connection closed by authenticating user root 203.0.113.8 port ${20_000 + nth} [preauth]`,
    ]).flat()
  const began = '09:00:00 sshd[7]: Accepted publickey for ops from 192.0.2.1 port 4 ssh2: ED25519 SHA256:abc'
  const ended = '09:30:00 sshd[7]: Disconnected from user ops 192.0.2.1 port 4'

  test('that goes on are known after any number of others that are over', () => {
    expect(words([began, ...others(3_000), ended])[0]).toBe('accepted ops 192.0.2.1 tries 0 ×1 lines 2')
  })

  test('that goes on are known while a thousand more do, and memory does not grow with more', () => {
    const open = (count: number): readonly string[] => others(count).filter((_, nth) => nth % 2 === 0)
    expect(words([began, ...open(200), ended])[0]).toMatch(/lines 2$/)
    expect(words([began, ...open(2_000), ended])[0]).toMatch(/lines 1$/)
  })

  test('that is over are known for a while, and then no more', () => {
    const over = '09:00:02 sshd[7]: Connection closed by authenticating user root 192.0.2.1 port 4 [preauth]'
    const failed = '09:00:00 sshd[7]: Failed password for root from 192.0.2.1 port 4 ssh2'
    const more = '09:00:02 sshd[9]: Received disconnect from 192.0.2.1 port 4:11: bye'
    expect(words([failed, over, ...others(10), more])[0]).toMatch(/lines 3$/)
    expect(words([failed, over, ...others(100), more])[0]).toMatch(/lines 2$/)
    // A process id that came again meanwhile is somebody else's, and stays.
    const again = ['09:05:00 sshd[7]: Failed password for pi from 192.0.2.9 port 5 ssh2', ...others(100)]
    const end = '09:05:01 sshd[7]: Connection closed by authenticating user pi 192.0.2.9 port 5 [preauth]'
    expect(words([failed, over, ...again, end])).toContain('failed pi 192.0.2.9 tries 1 ×1 lines 2')
  })

  test('of many the first and the last are kept', () => {
    const lines = Array.from(
      { length: 100 },
      () => '09:00:00 sshd[7]: Failed password for root from 203.0.113.7 port 4 ssh2',
    )
    const [event] = eventsOf(entriesOf(lines))
    expect(event).toMatchObject({ tries: 100, leftOut: 60 })
    expect([event?.entries[0]?.id, event?.entries.at(-1)?.id, event?.entries.length]).toEqual([1, 100, 40])
  })
})

describe('commands as root', () => {
  const ran = (time: string, user: string, pid = '') =>
    `${time} sudo${pid}: ${user} : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id`
  const opened = (time: string, pid = '') =>
    `${time} sudo${pid}: pam_unix(sudo:session): session opened for user root(uid=0) by (uid=1000)`

  test('are one row a person, whatever comes between, in a file without process ids', () => {
    expect(
      words([
        ran('09:00:00', 'ops'),
        opened('09:00:00'),
        '09:00:01 sshd[9]: Failed password for root from 203.0.113.7 port 4 ssh2',
        ran('09:00:02', 'ops'),
        opened('09:00:02'),
        ran('09:00:03', 'pat'),
        ran('09:00:04', 'ops'),
      ]),
    ).toEqual([
      'root ops - tries 0 ×3 lines 5',
      'failed root 203.0.113.7 tries 1 ×1 lines 1',
      'root pat - tries 0 ×1 lines 1',
    ])
  })

  test('are one row with process ids too, and begin anew after a silence', () => {
    expect(words([ran('09:00:00', 'ops', '[5]'), opened('09:00:00', '[5]'), ran('09:05:00', 'ops', '[6]')])).toEqual([
      'root ops - tries 0 ×2 lines 3',
    ])
    expect(words([ran('09:00:00', 'ops'), ran('09:30:00', 'ops')])).toHaveLength(2)
  })

  test('a wrong password of sudo is no command', () => {
    expect(
      words([
        ran('09:00:00', 'ops'),
        '09:00:02 sudo: eve : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh',
      ]),
    ).toEqual(['root ops - tries 0 ×1 lines 1', 'failed eve - tries 3 ×3 lines 1'])
  })
})

test('what the lines add is what the events hold, in whatever order they come', () => {
  const part = fc.constantFrom(
    'Invalid user x from 203.0.113.7 port 4',
    'Failed password for invalid user x from 203.0.113.7 port 4 ssh2',
    'Failed password for root from 203.0.113.8 port 5 ssh2',
    'message repeated 3 times: [ Failed password for root from 203.0.113.8 port 5 ssh2]',
    'Accepted password for ops from 192.0.2.1 port 6 ssh2',
    'Connection closed by authenticating user root 203.0.113.8 port 5 [preauth]',
    'Disconnected from user ops 192.0.2.1 port 6',
    'Server listening on 0.0.0.0 port 22.',
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(part, fc.integer({ min: 1, max: 4 })), { maxLength: 40 }), (parts) => {
      const entries = entriesOf(parts.map(([message, pid]) => `09:00:00 sshd[${pid}]: ${message}`))
      const fold = createFolder()
      const events = new Map<number, LogEvent>()
      let tried = 0
      for (const entry of entries) {
        const folded = fold(entry)
        tried += folded.tried
        expect(folded.tried).toBeGreaterThanOrEqual(0)
        expect(folded.joined === null).toBe(!events.has(folded.event.id))
        events.set(folded.event.id, folded.event)
      }
      const all = [...events.values()]
      expect(all.reduce((sum, { tries }) => sum + tries, 0)).toBe(tried)
      expect(all.reduce((sum, event) => sum + event.entries.length, 0)).toBe(entries.length)
      expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).toSorted((a, b) => a - b))
    }),
  )
})
