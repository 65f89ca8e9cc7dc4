import { describe, expect, test } from 'vitest'
import { fail, ok, type Result } from '../../../src/services/model/errors.ts'
import type { Host, HostFacts } from '../../../src/services/model/host.ts'
import { say } from '../../../src/services/model/safe.ts'
import { fakeTransactions } from '../../support/fake-transactions.ts'
import { headless, keysOf, settled } from '../../support/headless.ts'

const REFUSED: Result<never> = fail({ kind: 'unreachable', message: say`web1 refuses.`, next: say`Is it on?` })

/** A console whose attempts to connect end when the test says so. */
async function connecting() {
  const ends: ((result: Result<Host>) => void)[] = []
  const signals: AbortSignal[] = []
  const bench = await keysOf({
    connect: (_ask, _host, signal) => {
      signals.push(signal)
      return new Promise((resolve) => ends.push(resolve))
    },
  })
  const connection = () => bench.console.store.getState().connection
  const end = async (result: Result<Host>): Promise<void> => {
    ends.at(-1)?.(result)
    await settled()
  }
  return { ...bench, connection, ends, signals, end }
}

describe('connecting', () => {
  test('opens what came about, with its banner, and reads it', async () => {
    const { connection, end, host, transactions } = await connecting()
    expect(connection()).toMatchObject({ attempt: 'connecting', link: { state: 'connecting' }, reading: false })
    await end(ok(Object.assign(host, { banner: () => [say`Mind the gap`] })))
    expect(connection()).toMatchObject({
      attempt: 'open',
      link: { state: 'up' },
      banner: ['Mind the gap'],
      error: null,
    })
    expect([host.probes(), transactions.calls]).toEqual([1, ['look']])
  })

  test('says why it failed, and is tried again with R and no other way', async () => {
    const { connection, end, ends, press } = await connecting()
    await end(REFUSED)
    expect(connection()).toMatchObject({ attempt: 'failed', link: { state: 'closed' }, error: { kind: 'unreachable' } })
    await press('R')
    expect(connection()).toMatchObject({ attempt: 'connecting', link: { state: 'connecting' }, error: null })
    await press('R', 'R')
    expect(ends).toHaveLength(2)
  })

  test('that was given up counts as failed, however late it comes about', async () => {
    const { connection, end, ends, host, press, signals } = await connecting()
    await press('Esc')
    expect(signals[0]?.aborted).toBe(true)
    await end(ok(host))
    expect(host.closed()).toBe(true)
    expect(host.probes()).toBe(0)
    expect(connection()).toMatchObject({
      attempt: 'failed',
      link: { state: 'closed' },
      error: { kind: 'cancelled', message: 'Connecting was given up.', next: 'Press R to try again.' },
    })
    await press('R')
    expect(ends).toHaveLength(2)
    expect(signals[1]?.aborted).toBe(false)
  })

  test('is given up when the console is left', async () => {
    const { console, end, host, press, signals } = await connecting()
    await press('q')
    expect([console.store.getState().view.exitCode, signals[0]?.aborted]).toEqual([0, true])
    await end(ok(host))
    expect(host.closed()).toBe(true)
  })

  test('lets transactions know of the host what was read last', async () => {
    const known: (() => HostFacts | null)[] = []
    const { press, server } = await keysOf({
      createTransactions: (_host, facts) => {
        known.push(facts)
        return fakeTransactions()
      },
    })
    expect(known.map((facts) => facts()?.hostname)).toEqual(['web1'])
    server.facts = { ...server.facts, hostname: say`web2` }
    await press('R')
    expect(known.map((facts) => facts()?.hostname)).toEqual(['web2'])
  })

  test('is not begun twice', async () => {
    const { console, end, ends, host } = await connecting()
    await console.actions.connect()
    expect(ends).toHaveLength(1)
    await end(ok(host))
    await console.actions.connect()
    expect(ends).toHaveLength(1)
  })
})

describe('R', () => {
  test('reads again, says so, and asks what waits on the server', async () => {
    const { host, press, said, transactions } = await keysOf()
    await press('R')
    expect(said()).toBe('Read again just now.')
    expect([host.probes(), transactions.calls]).toEqual([2, ['look', 'look']])
  })

  test('while the server is being read waits for that', async () => {
    const { console, host, press, said } = await keysOf()
    let go = (): void => {}
    host.probing = new Promise<void>((resolve) => {
      go = resolve
    })
    await press('R')
    expect([said(), console.store.getState().connection.reading]).toEqual(['Reading the server again…', true])
    await press('R')
    expect([said(), host.probes()]).toEqual(['Still reading.', 2])
    go()
    await settled()
    expect([said(), console.store.getState().connection.reading]).toEqual(['Read again just now.', false])
  })

  test('does not claim to have read what it could not', async () => {
    const { host, press, said } = await keysOf()
    host.setLink({ state: 'lost', since: 0, reason: say`It is gone.`, nextTryAt: 5 })
    await press('R')
    expect(said()).toBe('Reading the server failed: The connection is gone. It is tried again by itself.')
  })

  test('before there is a server does nothing', async () => {
    const { console, clock } = headless()
    console.press(['R'])
    await settled()
    expect(console.store.getState().messages.all).toEqual([])
    expect(clock.now()).toBe(console.store.getState().now)
  })
})

describe('a look at what waits on the server that was not answered', () => {
  test.each([
    ['root', true],
    ['sudo', true],
    ['password', false],
    ['none', false],
  ] as const)('as %s is told: %s', async (escalation, told) => {
    const login = { user: say`ops`, uid: 1000, escalation }
    const { console, press, transactions } = await keysOf({ facts: { login } })
    Object.assign(transactions, { look: async () => false })
    await press('R')
    const words = console.store.getState().messages.all.map(({ text }) => text)
    expect(words.includes(say`Whether a change waits on this server could not be read. R asks again.`)).toBe(told)
  })

  test('is not told where the link is gone, which says more', async () => {
    const { console, host, press, transactions } = await keysOf()
    Object.assign(transactions, {
      look: async () => {
        host.setLink({ state: 'lost', since: 0, reason: say`It is gone.`, nextTryAt: 5 })
        return false
      },
    })
    await press('R')
    expect(
      console.store
        .getState()
        .messages.all.map(({ text }) => text)
        .join(),
    ).not.toContain('could not be read')
  })
})

describe('the link', () => {
  const lost = (nextTryAt: number | null) => ({ state: 'lost', since: 0, reason: say`It broke.`, nextTryAt }) as const

  test('that is lost says so once, and counts the tries that failed', async () => {
    const { console, host } = await keysOf()
    const { store } = console
    const tries = () => store.getState().connection.tries
    const told = () =>
      store.getState().messages.all.filter(({ text }) => text.includes('The connection is lost: It broke.'))
    host.setLink(lost(5))
    expect([tries(), told().length]).toEqual([0, 1])
    host.setLink(lost(9))
    host.setLink(lost(14))
    expect([tries(), told().length]).toEqual([2, 1])
    host.setLink({ state: 'up', roundTripMs: 3 })
    expect(tries()).toBe(0)
    host.setLink(lost(20))
    expect([tries(), told().length]).toEqual([0, 2])
  })

  test('that only the operator can bring back tells him how', async () => {
    const { host, said } = await keysOf()
    host.setLink(lost(5))
    expect(said()).toBe('The connection is lost: It broke. Trying again by itself.')
    host.setLink(lost(null))
    expect(said()).toBe('It broke. Press R to try again.')
  })

  test('that is back is read anew, and one that is only measured is not', async () => {
    const { console, host, said } = await keysOf()
    host.setLink({ state: 'up', roundTripMs: 3 })
    await settled()
    expect([host.probes(), said()]).toEqual([1, ''])
    host.setLink(lost(5))
    host.setLink({ state: 'up', roundTripMs: 4 })
    await settled()
    expect(host.probes()).toBe(2)
    expect(console.store.getState().messages.all.map(({ text }) => text)).toContain('Connected again.')
    expect(console.store.getState().connection.link).toEqual({ state: 'up', roundTripMs: 4 })
  })
})

test('leaving closes the connection, and nothing is asked of it any longer', async () => {
  const { console, host, press, transactions } = await keysOf()
  await press('q')
  expect([console.store.getState().view.exitCode, host.closed()]).toEqual([0, true])
  expect(console.scope.kit.server()).toBeNull()
  expect(transactions.calls).toEqual(['look'])
  expect(console.store.getState().log.follow).toBe('off')
})
