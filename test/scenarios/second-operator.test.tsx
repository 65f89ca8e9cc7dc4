import { describe, expect, test } from 'vitest'
import { say } from '../../src/services/model/safe.ts'
import type { Transaction } from '../../src/services/model/transaction.ts'
import { type Bench, openConsole } from '../support/console.tsx'
import { awaiting, someTimer, stagesUpTo } from '../support/fake-transactions.ts'
import { someTexts } from '../support/probe-texts.ts'

const PENDING = { outcome: 'pending' } as const
const ALICE = { mine: false, owner: say`alice`, from: say`203.0.113.50` }
const timer = (bench: Bench, more = {}) => someTimer(bench.clock.now() + 161_000, more)

/** A console on a server where another operator's change waits. */
async function beside(more = {}, options: Parameters<typeof openConsole>[0] = {}): Promise<Bench> {
  const bench = await openConsole(options)
  bench.transactions.set(awaiting(timer(bench, { ...ALICE, ...more }), PENDING))
  await bench.sees(/T +take it over/)
  return bench
}

describe('a change that another console holds', () => {
  test.each([
    [80, 24],
    [120, 40],
  ])(
    'is shown with its holder, what it changes, until when, and what can be done, at %i × %i',
    async (columns, rows) => {
      await (await beside({}, { columns, rows })).sees(
        'alice (from 203.0.113.50)',
        '09:18:07',
        'ARMED 2:41',
        '09:21:07',
        'dport 3306',
        /T +take it over/,
        /X +roll it back now/,
        'or watch',
      )
    },
  )

  test.each(['C', '+', 'p'])(
    'is not answered to with %s before it is taken over, and the key says why',
    async (key) => {
      const bench = await beside()
      await bench.press(key)
      await bench.sees('alice from 203.0.113.50 holds it: take it over with T first')
      expect(bench.transactions.calls.filter((call) => call !== 'look')).toEqual([])
    },
  )

  test('is taken over only by another key than the one that asked, and then it is this console’s', async () => {
    const bench = await beside()
    await bench.press('T')
    await bench.sees('Take this change over?', 'alice (from 203.0.113.50)')
    await bench.press('T', 'Enter')
    expect(bench.transactions.calls).not.toContain('takeOver')
    await bench.press('Esc')
    await bench.lacks('Take this change over?')
    await bench.press('T', 'Y')
    expect(bench.transactions.calls).toContain('takeOver')
    const taken = { at: say`09:20:01`, from: say`alice (from 203.0.113.50)` }
    bench.transactions.set({ ...awaiting(timer(bench, { taken })), stages: stagesUpTo(-1) } as Transaction)
    await bench.sees('since 09:20:01', 'It changes:', 'dport 3306', 'C confirm, keep it')
    await bench.lacks('to come')
    await bench.press('C')
    expect(bench.transactions.calls.at(-1)).toBe('confirm')
  })

  test('is proved by a new login once it was taken over', async () => {
    const bench = await beside()
    bench.transactions.onTakeOver = () => bench.transactions.set(awaiting(timer(bench), PENDING))
    await bench.press('T', 'Y')
    await bench.sees('This console holds the change now')
    expect(bench.transactions.calls.slice(-2)).toEqual(['takeOver', 'prove'])
  })

  test('is rolled back only after a question', async () => {
    const bench = await beside()
    await bench.press('X')
    await bench.sees('not yours', 'alice')
    await bench.press('X', 'Enter')
    expect(bench.transactions.calls).not.toContain('rollback')
    await bench.press('Y')
    expect(bench.transactions.calls).toContain('rollback')
  })

  test('keeps staging closed, and says whose it is', async () => {
    const bench = await beside()
    await bench.press('Esc', '2', 'x')
    await bench.sees('a change that alice holds is waiting on the server: T shows it')
  })

  test.each([
    ['from the same address', {}, 'it is your login, from your address'],
    ['from elsewhere', { from: say`192.0.2.77` }, 'it is your login, from another address'],
  ])('may be one’s own from a console that ended: %s', async (_name, more, words) => {
    const bench = await beside({ owner: say`ops`, from: say`198.51.100.20`, ...more })
    await bench.sees('Perhaps that is you', words)
  })

  test('is not taken over by a console that may only look', async () => {
    const bench = await beside({}, { readOnly: true })
    await bench.press('T')
    await bench.sees('started with --read-only')
    await bench.lacks('Take this change over?')
  })
})

describe('a change that another console begins', () => {
  test('is asked about as soon as the server writes it down, and not while this console changes something', async () => {
    const bench = await openConsole()
    await bench.sees('following')
    const looks = () => bench.transactions.calls.filter((call) => call === 'look').length
    const before = looks()
    const log = (line: string): void => {
      bench.host.log(line)
      bench.clock.advance(100)
    }
    log('Nov 25 09:18:07 web1 hardtui: armed 7f3a by alice from 203.0.113.50: rolls back in 180 s unless confirmed')
    await bench.sees('armed 7f3a by alice')
    expect(looks()).toBe(before + 1)
    bench.transactions.set(awaiting(timer(bench, ALICE), PENDING))
    log('Nov 25 09:18:09 web1 hardtui: applied 7f3a')
    await bench.sees(/T +take it over/)
    expect(looks()).toBe(before + 1)
  })
})

describe('lines of the log that tell of a change', () => {
  const GUARD = { SYSLOG_IDENTIFIER: 'hardtui', _COMM: 'logger', _UID: '0', _PID: '7', MESSAGE: 'armed 7f3a by alice' }
  const SSHD = { SYSLOG_IDENTIFIER: 'sshd', _COMM: 'sshd', _UID: '0', _PID: '6', MESSAGE: 'Server listening' }
  const entry = (fields: object): string => JSON.stringify({ __REALTIME_TIMESTAMP: '1795425487000000', ...fields })
  const journal = { ...someTexts().securelog, journal: 'present', entries: entry(SSHD), file: '', lines: '' }

  async function following(options: Parameters<typeof openConsole>[0] = {}) {
    const bench = await openConsole(options)
    await bench.sees('following')
    const looks = () => bench.transactions.calls.filter((call) => call === 'look').length
    const before = looks()
    return {
      bench,
      looks: () => looks() - before,
      /** So many lines, each a tenth of a second after the other, which is what the screen takes at once. */
      log: async (line: string, times = 1): Promise<void> => {
        for (let time = 0; time < times; time++) {
          bench.host.log(line)
          bench.clock.advance(100)
          await new Promise((resolve) => setImmediate(resolve))
        }
      },
    }
  }

  test('in the journal count as the guard’s only if root has written them', async () => {
    const { bench, looks, log } = await following({ texts: { securelog: journal } })
    for (const forged of [{ _UID: '1000' }, { _UID: undefined }, { _UID: undefined, UID: '0' }])
      await log(entry({ ...GUARD, ...forged }))
    expect(looks()).toBe(0)
    await log(entry(GUARD))
    expect(looks()).toBe(1)
    await bench.sees('armed 7f3a by alice')
  })

  test.each([
    ['a file, in which anybody may have written them', {}, 'Nov 25 09:18:07 web1 hardtui: armed 7f3a'],
    ['the journal', { texts: { securelog: journal } }, entry(GUARD)],
  ])(
    'in %s make the console ask at most every five seconds, and once more after the last',
    async (_case, options, line) => {
      const { bench, looks, log } = await following(options)
      await log(line, 100)
      expect(looks()).toBe(2)
      bench.clock.advance(60_000)
      expect(looks()).toBe(3)
    },
  )

  test('make it ask again after an answer that failed, and never twice at once', async () => {
    const { bench, looks, log } = await following()
    let fail = (_error: Error): void => {}
    const look = bench.transactions.look
    Object.assign(bench.transactions, {
      look: () => {
        bench.transactions.calls.push('look')
        return new Promise((_resolve, reject) => {
          fail = reject
        })
      },
    })
    await log('Nov 25 09:18:07 web1 hardtui: armed 7f3a', 200)
    expect(looks()).toBe(1)
    fail(new Error('the link is gone'))
    Object.assign(bench.transactions, { look })
    await new Promise((resolve) => setImmediate(resolve))
    bench.clock.advance(5_000)
    expect(looks()).toBe(2)
  })
})

describe('a change that another console takes over', () => {
  const ROOT = {
    mine: false,
    owner: say`root`,
    from: say`192.0.2.30`,
    taken: { at: say`09:20:01`, from: say`ops (from 198.51.100.20)` },
  }

  test('is lost loudly, wherever the operator is, and can be taken back', async () => {
    const bench = await openConsole()
    bench.transactions.set(awaiting(timer(bench)))
    await bench.press('Esc', '2')
    await bench.sees('ARMED 2:41', '▸')
    bench.transactions.set(awaiting(timer(bench, ROOT)))
    await bench.sees(
      'root (from 192.0.2.30) took this change over at 09:20:01. T takes it back.',
      'root (from 192.0.2.30) took this change over at 09:20:01 from ops (from 198.51.100.20)',
      'take it back',
    )
    await bench.press('C')
    await bench.sees('root from 192.0.2.30 holds it')
    expect(bench.transactions.calls).not.toContain('confirm')
    await bench.press('T', 'Y')
    expect(bench.transactions.calls).toContain('takeOver')
  })

  test('closes the question whether to confirm it', async () => {
    const bench = await openConsole()
    bench.transactions.set(awaiting(timer(bench), PENDING))
    await bench.press('C')
    await bench.sees('Confirm all the same?')
    bench.transactions.set(awaiting(timer(bench, ROOT), PENDING))
    await bench.lacks('Confirm all the same?')
  })

  test('is told once, not with every reading', async () => {
    const bench = await openConsole()
    bench.transactions.set(awaiting(timer(bench)))
    for (let reading = 0; reading < 3; reading++) bench.transactions.set(awaiting(timer(bench, ROOT)))
    await bench.sees('T takes it back')
    const told = bench.console.store.getState().messages.all.filter((one) => one.text.includes('took this change over'))
    expect(told).toHaveLength(1)
  })
})
