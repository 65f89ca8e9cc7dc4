import { expect, test } from 'vitest'
import { say } from '../../../src/services/model/safe.ts'
import { pastOf, recordOf } from '../../../src/services/transaction/history.ts'
import { noteOf, readMessages } from '../../../src/services/transaction/protocol.ts'
import { note } from '../../support/past.ts'
import { textChange } from '../../support/plans.ts'

test('the history is read newest first, each with its summary and its notes', () => {
  const past = pastOf(
    readMessages(`noise
@record b2 rolled-back-timer 2026-11-23T09:18:07+0000 2026-11-23T09:21:07+0000 ops 198.51.100.20 no
@summary v4 filter INPUT + -j LOG
@note plain v4 rules as they were
@note lost /etc/x could NOT be put back
@note 
@record a1 confirmed 2026-11-22T09:18:07+0000 - root 2001:db8::1 yes
`),
  )
  expect(past).toMatchObject([
    {
      id: 'b2',
      outcome: 'rolled-back',
      cause: 'timer',
      endedAt: '2026-11-23 09:21:07',
      summary: ['v4 filter INPUT + -j LOG'],
      notes: [
        { grade: 'plain', text: 'v4 rules as they were' },
        { grade: 'lost', text: '/etc/x could NOT be put back' },
      ],
      undoable: false,
    },
    { id: 'a1', outcome: 'confirmed', owner: 'root', from: '2001:db8::1', undoable: true, notes: [] },
  ])
})

test('notes of the first release have no grade, and are plain but for what was not put back', () => {
  const notes = ['v4 rules as they were', 'taken over from ops', 'failed', '/etc/x could NOT be put back']
  expect(notes.map((words) => noteOf(words).grade)).toEqual(['plain', 'plain', 'plain', 'lost'])
  expect(noteOf('plain /etc/x could NOT be')).toEqual({ grade: 'plain', text: '/etc/x could NOT be' })
})

test('a record gives rules, files with every byte of their lines, and units', () => {
  const record = recordOf(
    'a1',
    readMessages(`@record a1 confirmed
@touch v4 filter INPUT
@base v4 *filter INPUT ACCEPT
@planned v4 *filter INPUT DROP
@planned v4 -A INPUT -m comment --comment "a  b" -j ACCEPT
@file 0 write /etc/motd
@was 0 one\r
@was 0 
@was 0   three
@now 0 new
@file 1 remove /etc/issue.net
@was 1 text
@file 2 write /etc/new.conf
@absent 2
@now 2 x
@unit cron.service stop disable active enabled
@end a1
`),
  )
  expect(record?.rules).toEqual([
    {
      family: 'v4',
      touches: [{ family: 'v4', table: 'filter', chain: 'INPUT' }],
      before: '*filter INPUT ACCEPT\n',
      after: '*filter INPUT DROP\n-A INPUT -m comment --comment "a  b" -j ACCEPT\n',
    },
  ])
  expect(record?.files).toEqual([
    textChange('/etc/motd', 'new\n', 'one\r\n\n  three\n'),
    textChange('/etc/issue.net', null, 'text\n'),
    textChange('/etc/new.conf', 'x\n', null),
  ])
  expect(record?.units).toEqual([
    { unit: 'cron.service', run: 'stop', boot: 'disable', was: { run: 'active', boot: 'enabled' } },
  ])
})

test.each([
  ['', 1],
  ['@version 2\n', 2],
  ['@version 3\n', 3],
  ['@version x\n', Number.POSITIVE_INFINITY],
  ['@version \n', Number.POSITIVE_INFINITY],
])('a record that says %j is of version %d', (said, version) => {
  expect(recordOf('a1', readMessages(`@record a1 confirmed\n${said}@end a1\n`))?.version).toBe(version)
})

test('a record gives files in whatever encoding they are, and none of it where one did not come whole', () => {
  const said = (now: string) => `@file 0 write /etc/x
@was-bytes 0 4Q==
@now-bytes 0 ${now}
@file 1 write /etc/y
@absent 1
`
  expect(recordOf('a1', readMessages(said('4Q0K')))?.files).toEqual([
    { path: '/etc/x', was: '\u00e1', text: '\u00e1\r\n' },
    { path: '/etc/y', was: null, text: '' },
  ])
  expect(recordOf('a1', readMessages(said('4Q0')))).toBe(null)
})

test('what boots make of a confirmed change is told with its notes, in the order in which they came', () => {
  const past = pastOf(
    readMessages(`@note of nobody
@summary of nobody
@kept files
@other of nobody
@record a1 confirmed 2026-11-22T09:18:07+0000 2026-11-22T09:19:07+0000 root 192.0.2.1 yes
@other line
@note one
@kept none
@record b2 confirmed 2026-11-22T09:18:07+0000 2026-11-22T09:19:07+0000 root 192.0.2.1 no
@kept
`),
  )
  expect(past.map(({ id, lasts, summary, notes }) => ({ id, lasts, summary, notes }))).toEqual([
    {
      id: 'a1',
      lasts: false,
      summary: [],
      notes: [note(say`one`), { grade: expect.any(String), text: expect.stringContaining('loads no rules at boot') }],
    },
    { id: 'b2', lasts: null, summary: [], notes: [] },
  ])
})
