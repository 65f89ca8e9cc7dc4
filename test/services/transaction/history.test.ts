import { expect, test } from 'vitest'
import { pastOf, recordOf } from '../../../src/services/transaction/history.ts'
import { readMessages } from '../../../src/services/transaction/protocol.ts'

test('the history is read newest first, each with its summary and its notes', () => {
  const past = pastOf(
    readMessages(`noise
@record b2 rolled-back-timer 2026-11-23T09:18:07+0000 2026-11-23T09:21:07+0000 ops 198.51.100.20 no
@summary v4 filter INPUT + -j LOG
@note v4 rules as they were
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
      notes: ['v4 rules as they were'],
      undoable: false,
    },
    { id: 'a1', outcome: 'confirmed', owner: 'root', from: '2001:db8::1', undoable: true, notes: [] },
  ])
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
  expect(record.rules).toEqual([
    {
      family: 'v4',
      touches: [{ family: 'v4', table: 'filter', chain: 'INPUT' }],
      before: '*filter INPUT ACCEPT\n',
      after: '*filter INPUT DROP\n-A INPUT -m comment --comment "a  b" -j ACCEPT\n',
    },
  ])
  expect(record.files).toEqual([
    { path: '/etc/motd', was: 'one\r\n\n  three\n', text: 'new\n' },
    { path: '/etc/issue.net', was: 'text\n', text: null },
    { path: '/etc/new.conf', was: null, text: 'x\n' },
  ])
  expect(record.units).toEqual([
    { unit: 'cron.service', run: 'stop', boot: 'disable', was: { run: 'active', boot: 'enabled' } },
  ])
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
    { id: 'a1', lasts: false, summary: [], notes: ['one', expect.stringContaining('loads no rules at boot')] },
    { id: 'b2', lasts: null, summary: [], notes: [] },
  ])
})
