import { describe, expect, test } from 'vitest'
import { safe, say } from '../../src/services/model/safe.ts'
import type { LogEntry } from '../../src/services/model/securelog.ts'
import { countLog, createLogItems } from '../../src/state/areas/securelog/list.ts'
import { makeList, rememberLast } from '../../src/state/lists/list.ts'
import { placeOf } from '../../src/state/lists/place.ts'
import { appendEntries, initialLog, LOG_RING } from '../../src/state/slices/log.ts'

const items = ['a', 'b', 'c'].map((id) => ({ id, search: () => id }))
const at = (cursor: string | null, place = 0, words = '') => ({ cursor, words, at: place, top: 0, filter: '' })

const entry = (id: number, kind: LogEntry['kind'] = 'failed', own = false): LogEntry => ({
  id,
  time: say`09:00:00`,
  day: say`Nov 23`,
  kind,
  user: safe(`user${id}`),
  address: say`203.0.113.7`,
  at: 0,
  port: null,
  method: null,
  program: say`sshd`,
  pid: null,
  text: say`Failed`,
  trusted: true,
  own,
})

describe('a cursor', () => {
  test('stays on its item when others come and go', () => {
    const more = makeList([{ id: 'new', search: () => '' }, ...items], '')
    expect(placeOf(more, at('b', 1), false)).toBe(2)
  })

  test('stays at its place when its item has gone', () => {
    expect(placeOf(makeList(items.slice(0, 2), ''), at('c', 2), false)).toBe(1)
    expect(placeOf(makeList(items, ''), at('gone', 1), false)).toBe(1)
  })

  test('goes with its words when its item got another id', () => {
    expect(placeOf(makeList(items, ''), at('staged', 0, 'c'), false)).toBe(2)
    expect(placeOf(makeList(items, ''), at('evicted', 0, 'c'), true)).toBe(0)
  })

  test('begins at the first item, in a log at the newest', () => {
    expect(placeOf(makeList(items, ''), at(null), false)).toBe(0)
    expect(placeOf(makeList(items, ''), at(null), true)).toBe(2)
    expect(placeOf(makeList([], ''), at(null), true)).toBe(-1)
  })
})

test('a filter looks into the text without regard to case', () => {
  const list = makeList([{ id: '1', search: () => 'DROP tcp' }, ...items], 'drop')
  expect(list.items.map((item) => item.id)).toEqual(['1'])
  expect(list.total).toBe(4)
})

test('a remembered result is made again only for other inputs', () => {
  let made = 0
  const list = rememberLast((of: readonly number[]) => ({ of, made: ++made }))
  const input = [1]
  expect(list(input)).toBe(list(input))
  expect(list([1]).made).toBe(2)
})

describe('the log', () => {
  test('keeps the newest ten thousand entries', () => {
    const log = appendEntries(
      initialLog,
      Array.from({ length: LOG_RING + 5 }, (_, id) => entry(id)),
    )
    expect(log.entries).toHaveLength(LOG_RING)
    expect(log.entries[0]?.id).toBe(5)
  })

  test('takes over rows made before', () => {
    const rows = createLogItems()
    const some = [entry(1), entry(2), entry(3)]
    const first = rows(some)
    const next = rows([...some.slice(1), entry(4)])
    expect(next.map((item) => item.id)).toEqual(['log:2', 'log:3', 'log:4'])
    expect(next[0]).toBe(first[1])
  })

  test('starts anew with another log', () => {
    const rows = createLogItems()
    rows([entry(1), entry(2)])
    expect(rows([entry(7)]).map((item) => item.id)).toEqual(['log:7'])
    expect(rows([])).toEqual([])
  })

  test('counts failures, and logins that are not your own', () => {
    const rows = createLogItems()([entry(1), entry(2, 'invalid'), entry(3, 'accepted'), entry(4, 'accepted', true)])
    const counts = countLog(rows, new Set())
    expect(counts).toEqual({ failed: 2, accepted: 2, strangers: 1 })
  })
})
