import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { surveyScript } from '../../../../src/services/areas/securelog/scripts.ts'
import { createSurvey } from '../../../../src/services/areas/securelog/survey.ts'
import type { Survey } from '../../../../src/services/model/securelog.ts'
import { someHost } from '../some-host.ts'
import { SHELLS } from '../stand-in-host.ts'

const NOW = Date.parse('2026-11-27T12:00:00Z')

function surveyOf(lines: readonly string[]): Survey {
  const survey = createSurvey(someHost(), NOW)
  for (const line of lines) survey.feed(line)
  return survey.result()
}

/** The moment of a time in November, on the server's wall clock. */
const at = (day: number, time = '09:00:00'): number => Date.parse(`2026-11-${String(day).padStart(2, '0')}T${time}Z`)
const line = (day: number, message: string, pid: number, time = '09:00:00'): string =>
  `Nov ${String(day).padStart(2)} ${time} web1 sshd[${pid}]: ${message}`
const failed = (address: string, user = 'root'): string => `Failed password for ${user} from ${address} port 4 ssh2`
const inFile = (...lines: readonly string[]): readonly string[] => [
  '= zone +0000',
  `= file ${NOW / 1000} /var/log/auth.log`,
  ...lines.map((one) => `+${one}`),
  '= done 0',
]
const inJournal = (moment: number, message: string, pid: number): string =>
  JSON.stringify({
    __REALTIME_TIMESTAMP: String(moment * 1000),
    ...{ SYSLOG_IDENTIFIER: 'sshd', _COMM: 'sshd', _EXE: '/usr/sbin/sshd', _UID: '0', _PID: String(pid) },
    MESSAGE: message,
  })

describe('all of a log', () => {
  test('is counted by address, user, method and hour, each try once', () => {
    const { pressure, lines, from, to, ended, sources } = surveyOf([
      ...inFile(
        line(3, 'Invalid user oracle from 203.0.113.7 port 4', 1),
        line(3, 'Failed password for invalid user oracle from 203.0.113.7 port 4 ssh2', 1),
        line(4, failed('203.0.113.7'), 2),
        line(4, failed('203.0.113.9'), 3, '09:59:59'),
        line(4, 'Connection closed by authenticating user root 198.51.100.9 port 7 [preauth]', 4, '10:00:00'),
      ),
      '= end',
    ])
    expect({ lines, from, to, ended, sources }).toEqual({
      ...{ lines: 5, from: at(3), to: at(4, '10:00:00'), ended: true },
      sources: ['/var/log/auth.log'],
    })
    expect(pressure).toMatchObject({ tries: 4, first: at(3), last: at(4, '10:00:00'), bans: 0 })
    const hour = (moment: number): number => Math.floor(moment / 3_600_000)
    expect(pressure.hours).toEqual([
      [hour(at(3)), 1],
      [hour(at(4)), 2],
      [hour(at(4, '10:00:00')), 1],
    ])
    const table = (rows: Survey['pressure']['users']): readonly string[] =>
      rows.map(({ name, tries, others }) => `${name} ${tries} ${others.join(',')}`)
    expect(table(pressure.addresses)).toEqual([
      '203.0.113.7 2 oracle,root',
      '198.51.100.9 1 root',
      '203.0.113.9 1 root',
    ])
    expect(table(pressure.users)).toEqual(['root 3 203.0.113.7,203.0.113.9,198.51.100.9', 'oracle 1 203.0.113.7'])
    expect(table(pressure.methods)).toEqual(['password 3 '])
  })

  test('tells who got in after how many failures, over all files', () => {
    const { logins } = surveyOf([
      ...inFile(line(3, failed('203.0.113.7'), 1), line(3, failed('203.0.113.7', 'shop'), 2)),
      ...inFile(
        line(5, 'Accepted password for shop from 203.0.113.7 port 9 ssh2', 3),
        line(6, 'Accepted password for shop from 203.0.113.7 port 9 ssh2', 4),
      ),
      '= end',
    ])
    expect(logins).toEqual([expect.objectContaining({ user: 'shop', count: 2, failuresBefore: 2 })])
  })

  test('is told by files until the journal begins, and by the journal from there on', () => {
    const both = [
      ['Failed password for root from 203.0.113.7 port 4 ssh2', 5],
      ['Failed password for root from 203.0.113.8 port 4 ssh2', 6],
    ] as const
    const { pressure, logins, sources } = surveyOf([
      `= first ${inJournal(at(10), both[0][0], 5)}`,
      ...inFile(
        line(3, 'Accepted password for shop from 203.0.113.7 port 9 ssh2', 1),
        ...both.map(([message, pid]) => line(10, message, pid)),
      ),
      '= journal',
      ...both.map(([message, pid]) => inJournal(at(10), message, pid)),
      '= done 0',
      '= end',
    ])
    expect([pressure.tries, sources]).toEqual([2, ['/var/log/auth.log', 'the journal']])
    expect(logins).toEqual([expect.objectContaining({ user: 'shop', trusted: false })])
  })

  test('says what could not be read, and that it was not read to its end', () => {
    const broken = surveyOf([`= file ${NOW / 1000} /var/log/auth.log.2.gz`, '= done 1', '= end'])
    expect(surveyOf(['= file 1 /var/log/auth.log', '= done 0 2', '= end']).unread).toHaveLength(1)
    expect(surveyOf(['= file 1 /var/log/auth.log', '= done 0 0', '= end']).unread).toEqual([])
    expect(broken).toMatchObject({
      ended: true,
      unread: ['/var/log/auth.log.2.gz: it could not be read to its end'],
    })
    expect(surveyOf(inFile(line(3, failed('203.0.113.7'), 1)))).toMatchObject({ ended: false, lines: 1 })
    expect(surveyOf(['= uid 1000', '= closed /var/log/auth.log', '= end']).unread).toEqual([
      'what only root may read',
      '/var/log/auth.log: only others may read it',
    ])
  })

  test('tells where lines are missing for long, and where the clock goes back', () => {
    const { gaps } = surveyOf(
      inFile(line(3, 'x', 1), line(4, 'x', 1), line(8, 'x', 1, '09:00:00'), line(8, 'x', 1, '04:00:00')),
    )
    expect(gaps).toEqual([
      'no line for 4 days until Nov 8 09:00:00',
      'the clock of the lines goes back by 5 h to Nov 8 04:00:00',
    ])
  })

  test('tells that it has no line for long until now, by the clock of the server', () => {
    const gapsAt = (zone: string, ...more: readonly string[]) =>
      surveyOf([`= zone ${zone}`, ...inFile(line(20, 'x', 1)).slice(1), ...more]).gaps
    const now = at(23, '08:00:00') / 1000
    expect(gapsAt(`+0100 ${now} Europe/Berlin`, '= end')).toEqual(['no line for 3 days until now'])
    expect(gapsAt(`+0100 ${now}`, '= empty /var/log/auth.log', '= end')).toEqual([
      '/var/log/auth.log is empty',
      'no line for 3 days until now',
    ])
    expect([gapsAt(`+0100 ${now}`), gapsAt('+0100', '= end')]).toEqual([[], []])
    expect(gapsAt(`+0000 ${at(21, '08:59:00') / 1000}`, '= end')).toEqual([])
  })

  test('takes no line of a log for one of its own', () => {
    const { ended, sources, pressure } = surveyOf(inFile('= end', '= file 1 /etc/passwd', line(3, '= end', 1)))
    expect([ended, sources, pressure.tries]).toEqual([false, ['/var/log/auth.log'], 0])
  })

  test('counts who knocks and says no name once, and not where it is the end of a try', () => {
    const { pressure } = surveyOf(
      inFile(
        line(3, 'banner exchange: Connection from 203.0.113.7 port 4: invalid format', 1),
        line(3, 'Connection closed by 203.0.113.7 port 4 [preauth]', 1),
        line(3, 'Connection closed by 203.0.113.8 port 4 [preauth]', 2),
        line(3, failed('203.0.113.9'), 3),
        line(3, 'Connection closed by 203.0.113.9 port 4 [preauth]', 3),
        line(3, 'Connection reset by 203.0.113.10 port 4', 4),
        line(3, 'Invalid user x from 203.0.113.10 port 4', 5),
      ),
    )
    expect([pressure.knocks, pressure.tries]).toEqual([3, 2])
  })

  test('takes back a knock whose connection turns out to have named somebody', () => {
    const { pressure } = surveyOf(
      inFile(
        line(3, 'Connection reset by 203.0.113.9 port 4', 1),
        line(3, 'Connection closed by 203.0.113.10 port 4', 2),
        line(3, 'Connection closed by authenticating user root 203.0.113.10 port 4 [preauth]', 3),
      ),
    )
    expect([pressure.knocks, pressure.tries]).toEqual([1, 1])
  })

  test('tells wrong passwords of those who are in apart from tries to get in', () => {
    const { pressure } = surveyOf(
      inFile(
        'Nov  3 09:00:00 web1 sudo: ops : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh',
        'Nov  3 09:00:00 web1 sudo: eve : 1 incorrect password attempt ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh',
        line(3, failed('203.0.113.7'), 1),
      ),
    )
    expect([pressure.local, pressure.tries, pressure.users.map(({ name }) => name)]).toEqual([4, 1, ['root']])
  })

  test('does not grow with addresses and users that are made up', () => {
    const survey = createSurvey(someHost(), NOW)
    survey.feed(`= file ${NOW / 1000} /var/log/auth.log`)
    for (let i = 0; i < 60_000; i++)
      survey.feed(`+${line(3, failed(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, `u${i}`), i)}`)
    const bad = 'boracle   ssh:notty    192.0.2.9    Tue Nov  3 08:00:00 2026 - Tue Nov  3 08:00:00 2026  (00:00)'
    for (const one of ['= done 0', '= btmp', bad, 'bbtmp begins Sun Nov  1 00:00:00 2026', '= end']) survey.feed(one)
    const { pressure, wtmp } = survey.result()
    // Whom it does not tell apart it can't say it has no try of.
    expect(wtmp).toEqual({ state: 'unread', why: 'there are more of them than are told apart here' })
    expect([pressure.tries, pressure.addresses.length, pressure.users.length, pressure.beyond]).toEqual([
      60_000,
      50_000,
      50_000,
      { addresses: 10_000, users: 10_000 },
    ])
  })

  test('names the accounts that changed', () => {
    const { accounts } = surveyOf(inFile('Nov  3 09:00:00 web1 useradd[7]: new user: name=toor, UID=0, GID=0, home=/'))
    expect(accounts).toEqual([expect.objectContaining({ kind: 'account', user: 'toor' })])
  })
})

describe.each(SHELLS)('what prints it, under %s', (_name, [program = '', ...args]) => {
  function logs(files: Readonly<Record<string, readonly [text: string | Buffer, day: number]>>) {
    const root = mkdtempSync(join(tmpdir(), 'survey-'))
    onTestFinished(() => rmSync(root, { recursive: true }))
    mkdirSync(join(root, 'var/log'), { recursive: true })
    mkdirSync(join(root, 'bin'))
    for (const [name, [text, day]] of Object.entries(files)) {
      const path = join(root, 'var/log', name)
      writeFileSync(path, text)
      utimesSync(path, at(day) / 1000, at(day) / 1000)
    }
    return root
  }
  const run = (root: string, before = ''): readonly string[] =>
    execFileSync(program, [...args, '-c', `${before}${surveyScript}`], {
      env: { PATH: `${join(root, 'bin')}:${process.env.PATH}`, HARDTUI_ROOT: root },
      encoding: 'utf8',
    }).split('\n')
  /** A machine's own journal is none of the test's. */
  const withoutJournal = (root: string): string => {
    writeFileSync(join(root, 'bin/journalctl'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    return root
  }
  const text = (...lines: readonly string[]): string => `${lines.join('\n')}\n`

  test('comes to its end behind a hosts file whose last line has none', () => {
    const root = withoutJournal(logs({ 'auth.log': [text(line(27, failed('203.0.113.4'), 4)), 27] }))
    mkdirSync(join(root, 'etc'))
    writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost\n192.0.2.7 bastion')
    const { ended, names } = surveyOf(run(root))
    expect([ended, [...names.keys()]]).toEqual([true, ['127.0.0.1', '192.0.2.7']])
  })

  test('reads what was rotated away where the file itself was emptied, and says so', () => {
    const root = withoutJournal(
      logs({
        ...{ 'auth.log': ['', 27], 'auth.log.1': [text(line(20, failed('203.0.113.3'), 3)), 20] },
        messages: [text('Nov 27 09:00:00 web1 kernel: x'), 27],
      }),
    )
    const { pressure, sources, gaps } = surveyOf(run(root))
    expect([pressure.tries, sources]).toEqual([1, ['/var/log/auth.log.1', '/var/log/auth.log']])
    expect(gaps).toContain('/var/log/auth.log is empty')
  })

  test('reads what was rotated away and packed, the oldest first', () => {
    const root = withoutJournal(
      logs({
        'auth.log': [text(line(27, failed('203.0.113.4'), 4), 'Nov 27 09:00:00 web1 CRON[9]: x'), 27],
        'auth.log.1': [text(line(20, failed('203.0.113.3'), 3)), 20],
        'auth.log.2.gz': [gzipSync(text(line(13, failed('203.0.113.2'), 2))), 13],
        'auth.log-20261106': [text(line(6, failed('203.0.113.1'), 1)), 6],
        'auth.log.bak': [text(line(20, failed('203.0.113.99'), 3)), 20],
        'auth.log.d': ['', 1],
      }),
    )
    const survey = surveyOf(run(root))
    expect(survey).toMatchObject({ ended: true, unread: [], lines: 4 })
    expect(survey.sources).toEqual([
      '/var/log/auth.log-20261106',
      '/var/log/auth.log.2.gz',
      '/var/log/auth.log.1',
      '/var/log/auth.log',
    ])
    expect(survey.pressure.addresses.map(({ name }) => name).toSorted()).toEqual(
      [1, 2, 3, 4].map((last) => `203.0.113.${last}`),
    )
  })

  test('a packed file that is broken is named, and the others are read', () => {
    const whole = gzipSync(text(line(13, failed('203.0.113.2'), 2)))
    const root = withoutJournal(
      logs({
        'auth.log': [text(line(27, failed('203.0.113.4'), 4)), 27],
        'auth.log.2.gz': [whole.subarray(0, whole.length - 9), 13],
      }),
    )
    expect(surveyOf(run(root))).toMatchObject({
      unread: ['/var/log/auth.log.2.gz: it could not be read to its end'],
      ended: true,
    })
  })

  test('a file whose lines could not be picked out to its end is named', () => {
    const root = withoutJournal(logs({ 'auth.log': [text(line(27, failed('203.0.113.4'), 4)), 27] }))
    // A function, for busybox looks at its own awk first. It reads all: whoever writes to it ends well.
    const unpicked = run(root, 'awk() { cat >/dev/null; return 2; }\n')
    expect(surveyOf(unpicked)).toMatchObject({
      ...{ ended: true, lines: 0 },
      unread: ['/var/log/auth.log: it could not be read to its end'],
    })
  })

  test('lines without a year are of the year that their file was written in', () => {
    const root = withoutJournal(logs({ secure: [text('Dec 30 09:00:00 web1 sshd[1]: x'), 2] }))
    utimesSync(join(root, 'var/log/secure'), 1_767_225_600, 1_767_225_600)
    expect(surveyOf(run(root)).from).toBe(Date.parse('2025-12-30T09:00:00Z'))
  })

  test('reads the journal after the files, from its first entry on', () => {
    const root = logs({ 'auth.log': [text(line(3, failed('203.0.113.4'), 4), line(20, failed('203.0.113.5'), 5)), 27] })
    const entries = [inJournal(at(20), failed('203.0.113.5'), 5), inJournal(at(21), failed('203.0.113.6'), 6)]
    writeFileSync(join(root, 'bin/journalctl'), `#!/bin/sh\ncat <<'E'\n${entries.join('\n')}\nE\n`, { mode: 0o755 })
    const survey = surveyOf(run(root))
    expect(survey).toMatchObject({ ended: true, unread: [], lines: 3, sources: ['/var/log/auth.log', 'the journal'] })
    expect(survey.pressure.tries).toBe(3)
  })

  test('a host without any log ends at once', () => {
    expect(surveyOf(run(withoutJournal(logs({}))))).toMatchObject({ ended: true, lines: 0, sources: [] })
  })
})
