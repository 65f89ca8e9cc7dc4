import { describe, expect, test } from 'vitest'
import { type Bench, cursorTo, openConsole } from '../support/console.tsx'
import { filePart } from '../support/file-part.ts'

/** What the probe prints on a server with these files. */
const textsOf = (allow?: string, deny?: string) => ({
  allow: filePart(allow),
  deny: filePart(deny),
  sshd: 'asks /usr/sbin/sshd',
  daemons: 'without /usr/sbin/vsftpd\nall',
  ondemand: 'end',
})

/** The pane of TCP wrappers there. */
async function onFiles(allow?: string, deny?: string, size: Parameters<typeof openConsole>[0] = {}): Promise<Bench> {
  const bench = await openConsole({ ...size, texts: { tcpwrappers: textsOf(allow, deny) } })
  await bench.press('5')
  return bench
}

describe('t asks who may talk to whom', () => {
  test.each([
    [80, 24],
    [120, 40],
  ])('and begins with the operator and sshd, at %i × %i', async (columns, rows) => {
    const bench = await onFiles('sshd: 198.51.100.\n', 'ALL: ALL\n', { columns, rows })
    await bench.press('t')
    await bench.sees(
      'sshd 198.51.100.20',
      'let in by /etc/hosts.allow, sshd: 198.51.100.',
      'sshd asks these files at every connection.',
    )
  })

  test('and answers while it is typed; nothing is staged by Enter', async () => {
    const bench = await onFiles('sshd: 198.51.100.\n', 'ALL: ALL\n')
    await bench.press('t', 'Ctrl-u')
    await bench.sees('Type a daemon and an address')
    await bench.type('vsftpd 203.0.113.5')
    await bench.sees('kept out by /etc/hosts.deny, ALL: ALL', 'vsftpd is built without libwrap')
    await bench.press('Enter')
    await bench.sees('a question stages nothing')
    await bench.press('Esc')
    await bench.lacks('vsftpd is built without libwrap')
    expect(bench.console.store.getState().staging.changes).toEqual([])
  })

  test('and shows what is staged beside what is', async () => {
    const bench = await onFiles()
    await bench.press('Space')
    await bench.sees('3 staged')
    await bench.press('t', 'Ctrl-u')
    await bench.type('sshd 203.0.113.5')
    await bench.sees('now: let in: no rule matches', 'staged: kept out by /etc/hosts.deny, ALL: ALL')
  })
})

const ALLOW = '# who may\nsshd: 198.51.100.20\n\n# the office\nALL: 192.0.2.0/24, \\\n  [2001:db8::]/64\n'
const DENY = 'vsftpd: ALL: spawn (/usr/bin/logger %c) &\nsshd 203.0.113.5\nALL: ALL\n'
/** The difference of the plan, as the staged screen shows it. */
const difference = (bench: Bench): readonly string[] =>
  bench
    .screen()
    .split('\n')
    .map((line) => line.replace(/^[│ ]+|[│ ]+$/g, ''))
    .filter((line) => /^[+-] /.test(line))

describe('the rules of both files are rows', () => {
  test.each([
    [80, 24],
    [120, 40],
  ])('in the order in which they are asked, with their lines, at %i × %i', async (columns, rows) => {
    const bench = await onFiles(ALLOW, DENY, { columns, rows })
    await bench.sees(
      /\/etc\/hosts\.allow ─+ 2 rules/,
      /2 sshd +198\.51\.100\.20 +← lets you in/,
      /5 ALL +192\.0\.2\.0\/24 \[2001:db8::\]\/64/,
      /\/etc\/hosts\.deny ─+ 2 rules/,
      /1 vsftpd +ALL : spawn .*runs a command/,
      /2 sshd 203\.0\.113\.5 +skipped/,
      /3 ALL +ALL/,
      /✓ own-login +let in/,
    )
    cursorTo(bench, 'sshd 203.0.113.5', 'tcpwrappers')
    await bench.sees('This line: no colon stands between daemons and clients')
  })

  test('and their detail tells what they run, and whether anybody asks', async () => {
    const bench = await onFiles(ALLOW, DENY)
    cursorTo(bench, 'vsftpd: ALL', 'tcpwrappers')
    await bench.press('Enter')
    await bench.sees('spawn (/usr/bin/logger %c) &: whoever matches starts it', 'vsftpd is built without libwrap')
  })

  test('and of files that are not there are none', async () => {
    await (await onFiles()).sees(/\/etc\/hosts\.allow ─+ no such file/, /\/etc\/hosts\.deny ─+ no such file/)
  })
})

describe('a rule', () => {
  test('is added before the one under the cursor, in its file, and nothing else of it changes', async () => {
    const bench = await onFiles(ALLOW, DENY)
    cursorTo(bench, '192.0.2.0/24', 'tcpwrappers')
    await bench.press('a')
    await bench.sees('new rule in /etc/hosts.allow, before the one under the cursor')
    await bench.type('vsftpd: 192.0.2.9')
    await bench.sees('vsftpd is built without libwrap')
    await bench.press('Enter')
    await bench.sees(/\+ +5 vsftpd +192\.0\.2\.9 +staged/, /6 ALL +192/, '1 staged')
    await bench.press('s')
    await bench.sees('+ vsftpd: 192.0.2.9', /✓ let in +your next login/)
    expect(difference(bench).slice(-1)).toEqual(['+ vsftpd: 192.0.2.9'])
    await bench.press('Esc', 'x')
    await bench.lacks('192.0.2.9  ')
    expect(bench.console.store.getState().staging.changes).toEqual([])
  })

  test('that can’t be one is refused in a sentence, and nothing is staged', async () => {
    const bench = await onFiles(ALLOW, DENY)
    await bench.press('a')
    await bench.type('sshd: 2001:db8::7')
    await bench.press('Enter')
    await bench.sees('✗ No: an IPv6 address stands in brackets: [2001:db8::7].')
    await bench.press('Esc')
    expect(bench.console.store.getState().staging.changes).toEqual([])
  })

  test('is edited where it stands, over the lines that it has, and is taken back by Space', async () => {
    const bench = await onFiles(ALLOW, DENY)
    cursorTo(bench, '192.0.2.0/24', 'tcpwrappers')
    await bench.press('e')
    await bench.sees('rule of /etc/hosts.allow, line 5', '> ALL: 192.0.2.0/24,   [2001:db8::]/64')
    await bench.press('Enter')
    await bench.sees('That is the rule as it is.')
    await bench.type(' : severity auth.info')
    await bench.press('Enter')
    await bench.sees(/~ +5 ALL +192.* : severity auth\.info +edit staged/)
    await bench.press('s')
    await bench.sees(/ - +\[2001:db8::\]\/64 /, / \+ +\[2001:db8::\]\/64 : severity auth\.info/)
    expect(difference(bench).slice(-2)).toEqual(['- [2001:db8::]/64', '+ [2001:db8::]/64 : severity auth.info'])
    await bench.press('Esc', 'Space')
    await bench.lacks('edit staged')
  })

  test('is deleted, and x again keeps it; what keeps the operator out is blocked, as t says before', async () => {
    const bench = await onFiles(ALLOW, DENY)
    cursorTo(bench, 'sshd: 198.51.100.20', 'tcpwrappers')
    await bench.press('x')
    await bench.sees(/- +sshd +198\.51\.100\.20 +delete staged/, /ALL +ALL +← keeps you out/)
    await bench.press('t')
    await bench.sees('now: let in by /etc/hosts.allow', 'staged: kept out by /etc/hosts.deny, ALL: ALL')
    await bench.press('Esc', 's')
    await bench.sees('This locks you out: sshd would refuse 198.51.100.20', '- sshd: 198.51.100.20')
    await bench.press('Esc', 'J')
    await bench.sees('This rule is staged for deletion')
    await bench.press('x')
    await bench.lacks('delete staged')
    await bench.sees(/198\.51\.100\.20 +← lets you in/)
  })

  test('is added at the end of the file whose name the cursor is on, be there such a file or not', async () => {
    const bench = await onFiles(ALLOW)
    await bench.press('j', 'j', 'j', 'j')
    await bench.sees(/▸ +\/etc\/hosts\.deny/)
    await bench.press('a')
    await bench.sees('new rule at the end of /etc/hosts.deny')
    await bench.type('vsftpd: ALL')
    await bench.press('Enter')
    await bench.sees(/\/etc\/hosts\.deny ─+ 1 rule/, /\+ +1 vsftpd +ALL/)
    await bench.press('s')
    await bench.sees('/etc/hosts.deny (new)', '+ vsftpd: ALL')
  })

  test('that somebody else changed meanwhile is not hit, and the plan says why', async () => {
    const bench = await onFiles(ALLOW, DENY)
    cursorTo(bench, '192.0.2.0/24', 'tcpwrappers')
    await bench.press('x')
    await bench.sees('delete staged')
    const tcpwrappers = textsOf(ALLOW.replace('192.0.2.0/24', '192.0.2.0/25'), DENY)
    bench.server.texts = { ...bench.server.texts, tcpwrappers }
    await bench.press('R')
    await bench.sees(/5 ALL +192\.0\.2\.0\/25/)
    await bench.press('s')
    await bench.sees('no longer fits: the line is gone, or changed since')
  })

  test('that is none is deleted as well, and kept again', async () => {
    const bench = await onFiles(ALLOW, DENY)
    cursorTo(bench, 'sshd 203.0.113.5', 'tcpwrappers')
    await bench.press('x')
    await bench.sees(/- +sshd 203\.0\.113\.5 +skipped +delete staged/)
    await bench.press('x')
    await bench.lacks('delete staged')
    await bench.sees(/2 sshd 203\.0\.113\.5 +skipped/)
  })

  test('moves over the next rule of its file and back, and no further', async () => {
    const bench = await onFiles('ALL: 192.0.2.1\nsshd: 198.51.100.20\n', DENY)
    cursorTo(bench, '192.0.2.1', 'tcpwrappers')
    await bench.press('K')
    await bench.sees('The rule is at the top of its file.')
    await bench.press('J')
    await bench.sees(/1 sshd/, /~ +2 ALL +192\.0\.2\.1 +move staged/)
    await bench.press('J')
    await bench.sees('The rule is at the end of its file.')
    await bench.press('K')
    await bench.sees('nothing is staged for it')
    expect(bench.console.store.getState().staging.changes).toEqual([])
  })
})
