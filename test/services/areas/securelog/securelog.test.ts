import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { securelog } from '../../../../src/services/areas/securelog/area.ts'
import { createLogReader } from '../../../../src/services/areas/securelog/reader.ts'
import { followScript } from '../../../../src/services/areas/securelog/scripts.ts'
import { factsOf } from '../../../../src/services/model/reading.ts'
import { outputOf, someHost } from '../some-host.ts'
import { runProbe, SHELLS } from '../stand-in-host.ts'

const FILE = { source: { kind: 'file', path: '/var/log/auth.log' }, entries: [] } as const
const JOURNAL = { source: { kind: 'journal', zone: { minutes: 90, name: null } }, entries: [] } as const
/** When it is read: the end of November. */
const NOW = Date.parse('2026-11-27T00:00:00Z')
const OWN = 'Accepted publickey for ops from 198.51.100.20 port 50022 ssh2: ED25519 SHA256:x'

const entry = (fields: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({
    __REALTIME_TIMESTAMP: '1763898060000000',
    SYSLOG_IDENTIFIER: 'sshd',
    _COMM: 'sshd',
    _EXE: '/usr/sbin/sshd',
    _UID: '0',
    MESSAGE: OWN,
    ...fields,
  })

const probed = (parts: Readonly<Record<string, string>>): string =>
  Object.entries({ zone: '+0000', journal: 'absent', files: '', file: '', ...parts })
    .map(([name, text]) => `\n@@${name}\n${text}\n`)
    .join('')
const read = (stdout: string, host = someHost()) => securelog.parse(outputOf('securelog', stdout), host, 1)

describe('lines of a file', () => {
  test.each([
    ['Nov 23 11:41:00 web1 sshd[812]: Invalid user a from 192.0.2.1 port 7', 'Nov 23 11:41:00 sshd invalid'],
    [
      'Nov  3 01:02:03 web1 sshd-session[8]: Invalid user a from 192.0.2.1 port 7',
      'Nov 3 01:02:03 sshd-session invalid',
    ],
    ['2026-11-23T11:41:00.123456+01:00 web1 sshd[812]: x', 'Nov 23 11:41:00 sshd other'],
    ['2026-11-23 11:41:00 web1 sudo: x', 'Nov 23 11:41:00 sudo other'],
    ['Nov 23 11:41:00 web1 CRON[9]: pam_unix(cron:session): session opened for user root', 'null'],
    ['Nov 23 11:41:00 web1 evil: sshd[1]: Accepted password for root from 6.6.6.6 port 1 ssh2', 'null'],
    ['Nov 23 11:41:00 web1 sshdx[1]: Accepted password for root from 6.6.6.6 port 1 ssh2', 'null'],
    ['Jul  1 00:00:00 alpine1 auth.info sshd[2]: Invalid user a from 192.0.2.1 port 7', 'Jul 1 00:00:00 sshd invalid'],
    ['Jul  1 00:00:03 alpine1 authpriv.notice sudo:  ops : TTY=x', 'Jul 1 00:00:03 sudo other'],
    ['Jul  1 00:00:03 sshd-session[8]: Invalid user a from 192.0.2.1', 'Jul 1 00:00:03 sshd-session invalid'],
    ['Jul  1 00:00:03 sshd[8]: error: kex_exchange_identification: read: x', 'Jul 1 00:00:03 sshd other'],
    ['Jul  1 00:00:03 web1 sshd-auth[8]: Invalid user a from 192.0.2.1', 'Jul 1 00:00:03 sshd-auth invalid'],
    ['Jul  1 00:00:03 web1 sudo-rs[8]: ops :  PWD=/ ; USER=root ; COMMAND=/usr/bin/id', 'Jul 1 00:00:03 sudo-rs root'],
    ['Jul  1 00:00:03 evil auth.info cron[1]: sshd[1]: Invalid user a from 192.0.2.1', 'null'],
    [
      '<38>1 2026-07-01T00:00:00.12+02:00 web1 sshd 812 - - Invalid user a from 192.0.2.1 port 7',
      'Jul 1 00:00:00 sshd invalid',
    ],
    [
      '<86>1 2026-07-01T00:00:00Z web1 sshd-session - ID47 [a@32473 k="x\\"] y"][b c="-"] \ufeffInvalid user a from 192.0.2.1',
      'Jul 1 00:00:00 sshd-session invalid',
    ],
    ['1 2026-07-01T00:00:00Z web1 cron 812 - - sshd 1 - - Invalid user a from 192.0.2.1', 'null'],
    [
      'Jun 14 15:16:01 combo sshd(pam_unix)[19939]: authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=192.0.2.1 ',
      'Jun 14 15:16:01 sshd(pam_unix) failed',
    ],
    ['Jun 14 15:16:01 combo ftp(pam_unix)[9]: authentication failure; logname= uid=0', 'null'],
    ['', 'null'],
  ])('%s', (line, expected) => {
    const found = createLogReader(FILE, someHost(), NOW)(line)
    expect(found ? `${found.day} ${found.time} ${found.program} ${found.kind}` : 'null').toBe(expected)
  })

  test('that tell of several count as many, and none twice', () => {
    const read = createLogReader(FILE, someHost(), NOW)
    const lines = [
      'Failed password for root from 192.0.2.1 port 7 ssh2',
      'message repeated 4 times: [ Failed password for root from 192.0.2.1 port 7 ssh2]',
      'error: PAM: Authentication failure for root from 192.0.2.1',
      'error: PAM: Authentication failure for root from 192.0.2.1',
      'Failed keyboard-interactive/pam for root from 192.0.2.1 port 7 ssh2',
      'Failed keyboard-interactive/pam for root from 192.0.2.1 port 7 ssh2',
    ].map((message) => read(`Nov 23 11:41:00 web1 sshd[9]: ${message}`))
    expect(lines.map((one) => [one?.kind, one?.times ?? 1, one?.address])).toEqual([
      ['failed', 1, '192.0.2.1'],
      ['failed', 4, '192.0.2.1'],
      ['failed', 1, '192.0.2.1'],
      ['failed', 1, '192.0.2.1'],
      ['failed', 0, '192.0.2.1'],
      ['failed', 1, '192.0.2.1'],
    ])
  })

  test('say how often the line before came again, where that was one of ours', () => {
    const read = createLogReader(FILE, someHost(), NOW)
    const again = 'Nov 23 11:41:09 web1 last message repeated 3 times'
    expect(read(again)).toBeNull()
    read('Nov 23 11:41:00 web1 sshd[9]: Failed password for root from 192.0.2.1 port 7 ssh2')
    expect(read(again)).toMatchObject({ id: 2, kind: 'failed', user: 'root', address: '192.0.2.1', times: 3 })
    read('Nov 23 11:41:00 web1 cron[9]: x')
    expect(read(again)).toBeNull()
    expect(read('Nov 23 11:41:09 web1 evil: last message repeated 3 times')).toBeNull()
  })

  test('are never trusted, because any local user can write them', () => {
    expect(createLogReader(FILE, someHost(), NOW)(`Nov 23 11:41:00 web1 sshd[1]: ${OWN}`)).toMatchObject({
      trusted: false,
    })
  })
})

describe('entries of the journal', () => {
  const reader = () => createLogReader(JOURNAL, someHost(), NOW)

  test('carry the server’s own time', () => {
    expect(reader()(entry({}))).toMatchObject({ day: 'Nov 23', time: '13:11:00', trusted: true, own: true })
  })

  test.each([
    ['from sshd', {}, true],
    [
      'from sshd-session of OpenSSH 9.8',
      { _COMM: 'sshd-session', _EXE: '/usr/lib/openssh/sshd-session', SYSLOG_IDENTIFIER: 'sshd-session' },
      true,
    ],
    ['from logger, under sshd’s name', { _COMM: 'logger', _EXE: '/usr/bin/logger', _UID: '1000' }, false],
    ['from root’s logger', { _COMM: 'logger', _EXE: '/usr/bin/logger' }, false],
    ['from a user’s own program called sshd', { _EXE: '/home/eve/sshd', _UID: '1000' }, false],
    ['from a user’s program at sshd’s place', { _UID: '1000' }, false],
    ['from a process that was gone before journald looked', { _COMM: undefined, _EXE: undefined }, true],
    ['from a user’s process that was gone', { _COMM: undefined, _EXE: undefined, _UID: '1000' }, false],
    [
      'from the half of sshd that runs as the user, about no login',
      { _UID: '1000', MESSAGE: 'Disconnected from user ops 198.51.100.20 port 50022' },
      true,
    ],
    [
      'from sudo as its caller',
      { SYSLOG_IDENTIFIER: 'sudo', _COMM: 'sudo', _EXE: '/usr/bin/sudo', _UID: '1000' },
      true,
    ],
    ['from a user’s own sudo', { SYSLOG_IDENTIFIER: 'sudo', _COMM: 'sudo', _EXE: '/tmp/sudo', _UID: '1000' }, false],
    ['from root’s useradd', { SYSLOG_IDENTIFIER: 'useradd', _COMM: 'useradd', _EXE: '/usr/sbin/useradd' }, true],
    ['from a user, under useradd’s name', { SYSLOG_IDENTIFIER: 'useradd', _UID: '1000' }, false],
  ])('%s', (_case, fields, trusted) => {
    expect(reader()(entry(fields))?.trusted).toBe(trusted)
  })

  test.each([
    ['bytes', [65, 27, 91, 50, 74, 255], 'A␛[2J\ufffd'],
    ['several values', ['one', 'two'], 'one'],
    ['several values of bytes', [[65, 66], [67]], 'AB'],
    ['null', null, '(too long for the journal to print)'],
    ['nothing', undefined, '(too long for the journal to print)'],
    [
      'lines',
      'a\nAccepted password for root from 6.6.6.6 port 1 ssh2',
      'a␊Accepted password for root from 6.6.6.6 port 1 ssh2',
    ],
    ['an object', { a: 1 }, '(too long for the journal to print)'],
  ])('a message of %s is one row', (_case, message, text) => {
    expect(reader()(entry({ MESSAGE: message }))).toMatchObject({ text, kind: 'other' })
  })

  test.each(['', '{', 'null', '[]', '{}', '"x"', entry({ SYSLOG_IDENTIFIER: 'cron' })])(
    '%j is none of ours',
    (line) => {
      expect(reader()(line)).toBeNull()
    },
  )
})

describe('a reader', () => {
  test.each([
    ['another port', OWN.replace('50022', '50023')],
    ['another address', OWN.replace('198.51.100.20', '192.0.2.99')],
    ['another user', OWN.replace('for ops', 'for root')],
    ['a failure', 'Failed password for ops from 198.51.100.20 port 50022 ssh2'],
  ])('does not take %s for this session’s login', (_case, message) => {
    expect(createLogReader(JOURNAL, someHost(), NOW)(entry({ MESSAGE: message }))?.own).toBe(false)
  })

  test('goes on with the ids where the first entries end', () => {
    const facts = factsOf(read(probed({ journal: 'present', entries: `${entry({})}\n${entry({})}` })))
    if (!facts) throw new Error('no facts')
    expect(facts.entries.map((one) => one.id)).toEqual([1, 2])
    expect(createLogReader(facts, someHost(), NOW)(entry({}))?.id).toBe(3)
  })

  test('never throws, whatever the line', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json().map((json) => json),
      fc.json().map((json) => entry({ MESSAGE: JSON.parse(json), __REALTIME_TIMESTAMP: json })),
    )
    fc.assert(
      fc.property(hostile, (line) => {
        for (const facts of [FILE, JOURNAL]) {
          const found = createLogReader(facts, someHost(), NOW)(line)
          expect(found?.text ?? '').not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
          createLogReader(facts, someHost(), NOW)(`Nov 23 11:41:00 web1 sshd[1]: ${line}`)
        }
      }),
    )
  })
})

describe('where the log is', () => {
  const none = someHost({ escalation: 'none' })
  const journal = { zone: '-0330', journal: 'present', entries: entry({}) }
  const file = { file: '/var/log/auth.log' }
  const fileEntry = (time: string, program = 'sshd') => `${time} web1 ${program}[1]: ${OWN}`

  test.each([
    ['in both at the same time', fileEntry('Nov 23 08:11:00'), 'journal', 'file'],
    ['later in the file, which was rotated', fileEntry('Nov 23 09:00:00'), 'journal', 'file'],
    ['earlier in the file, by sudo alone', fileEntry('Nov 20 09:00:00', 'sudo'), 'journal', undefined],
    ['earlier in the file, for the journal lives in memory', fileEntry('Nov 22 08:11:00'), 'file', 'journal'],
    ['last year in the file', fileEntry('Dec 30 08:11:00'), 'file', 'journal'],
  ])('sshd’s first line is %s', (_case, lines, source, other) => {
    const facts = factsOf(
      securelog.parse(
        outputOf('securelog', probed({ ...journal, ...file, lines })),
        someHost(),
        Date.parse('2025-11-23T12:00:00Z'),
      ),
    )
    expect([facts?.source.kind, facts?.other?.kind]).toEqual([source, other])
    expect(facts?.entries[0]?.trusted).toBe(source === 'journal')
  })

  test('the journal where there is no file, with the server’s zone', () => {
    expect(factsOf(read(probed(journal)))).toMatchObject({
      source: { kind: 'journal', zone: { minutes: -210, name: null } },
    })
  })
  test('a file where the journal has nothing of sshd', () => {
    const stdout = probed({ journal: 'empty', file: '/var/log/secure', lines: `Nov 23 11:41:00 web1 sshd[1]: ${OWN}` })
    expect(factsOf(read(stdout))).toMatchObject({
      source: { kind: 'file', path: '/var/log/secure' },
      entries: [{ id: 1 }],
    })
  })
  test('only files that were asked for', () => {
    expect(read(probed({ file: '/etc/shadow', lines: OWN })).state).toBe('absent')
  })
  test.each([
    [
      'a file that only others may read',
      probed({ files: '/var/log/auth.log' }),
      '/var/log/auth.log: root or the group adm may read it, you may not',
    ],
    [
      'a journal that shows nothing',
      probed({ journal: 'empty' }),
      'the journal shows its entries to root and the group systemd-journal alone',
    ],
  ])('%s is unreadable with the reason', (_case, stdout, reason) => {
    expect(read(stdout, none)).toEqual({ state: 'unreadable', reason })
  })
  test('a host without any is absent, a probe that has not come unread', () => {
    expect(read(probed({}), none).state).toBe('absent')
    expect(securelog.parse(() => null, none, 1)).toEqual({ state: 'unread' })
    expect(securelog.parse(outputOf('securelog', '', { timedOut: true }), none, 1).state).toBe('unreadable')
  })
})

describe('following', () => {
  test('names the file’s path from our own list only', () => {
    expect(followScript(FILE)).toBe(`exec tail -n 200 -F "\${HARDTUI_ROOT:-}/var/log/auth.log"\n`)
    expect(followScript({ source: { kind: 'file', path: '/x; reboot' } })).not.toContain('reboot')
  })
})

describe.each(SHELLS)('the probe and the follower of the log under %s', (_name, shell) => {
  const script = securelog.probes[0]?.script ?? ''
  const line = entry({ MESSAGE: 'args' })
  const journalctl = (knows: string) =>
    `case "$1" in --help) echo '${knows}';; *) printf '%s\\n' '${line.replace('args', '\'"$*"\'')}';; esac`

  test('asks the journal for the fields it needs', async () => {
    const facts = factsOf(read(await runProbe(shell, script, { journalctl: journalctl('--output-fields=LIST') })))
    expect(facts?.entries[0]?.text).toMatch(/^-q --no-pager -o json --output-fields=\S+ -n 500 SYSLOG_IDENTIFIER=sshd /)
  })

  test('asks an older journal for all of them', async () => {
    const facts = factsOf(read(await runProbe(shell, script, { journalctl: journalctl('') })))
    expect(facts?.entries[0]?.text).toMatch(/^-q --no-pager -o json -n 500 SYSLOG_IDENTIFIER=sshd /)
  })

  test('follows the journal, the last lines once more', async () => {
    const stdout = await runProbe(shell, followScript(JOURNAL), { journalctl: journalctl('') })
    expect(createLogReader(JOURNAL, someHost(), NOW)(stdout.trim())?.text).toMatch(/ -f -n 200 /)
  })

  test('gives up old lines, not new ones, where somebody writes long ones', async () => {
    const long = `Nov 23 11:41:00 web1 sshd[1]: ${'x'.repeat(7_000)}`
    const many = `for i in $(awk 'BEGIN { for (i = 0; i < 400; i++) print i }'); do echo "${long}"; done >test.log`
    const stdin = script.replace(
      /^log_files=.*$/m,
      `log_files=./test.log\ncd "$(dirname "$0")"; ${many}; echo 'Nov 23 11:41:00 web1 sshd[9]: the newest' >>test.log`,
    )
    const stdout = await runProbe(shell, stdin, {})
    expect(stdout.length).toBeLessThan(1_000_000)
    expect(stdout.trimEnd().endsWith('sshd[9]: the newest')).toBe(true)
  })

  test('takes the lines of sshd, sudo and su from a file', async () => {
    const file = [
      'Nov 23 11:41:00 web1 CRON[9]: x',
      'Nov 23 11:41:00 web1 sshd-session[9]: a',
      'Nov 23 11:41:00 web1 sudo:  ops : TTY=x',
      'Nov 23 11:41:00 web1 su[4]: \u001b]0;x',
      'Nov 23 11:41:00 web1 last message repeated 2 times',
      'Nov 23 11:41:00 web1 sudoku[4]: x',
      'Nov 23 11:41:00 web1 last message repeated 2 times',
      'Nov 23 11:41:00 web1 auth.info sshd(pam_unix)[4]: x',
      '<38>1 2026-07-01T00:00:00Z w sshd 8 - - x',
    ].join('\n')
    // The area's list of log files comes first in the script; this one takes its place.
    const stdin = script.replace(
      /^log_files=.*$/m,
      `log_files=./test.log\ncd "$(dirname "$0")"; cat >test.log <<'E'\n${file}\nE`,
    )
    const stdout = await runProbe(shell, stdin, {})
    const lines = stdout.slice(stdout.indexOf('@@lines')).trim().split('\n').slice(1)
    expect(lines.map((one) => one.replace(/^\d+ /, '').slice(21))).toEqual([
      'sshd-session[9]: a',
      'sudo:  ops : TTY=x',
      'su[4]: \u001b]0;x',
      'last message repeated 2 times',
      'auth.info sshd(pam_unix)[4]: x',
      '0:00Z w sshd 8 - - x',
    ])
  })
})
