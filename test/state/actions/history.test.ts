import { describe, expect, test } from 'vitest'
import { fail, ok } from '../../../src/services/model/errors.ts'
import { say } from '../../../src/services/model/safe.ts'
import { type Keys, keysOf, settled } from '../../support/headless.ts'
import { somePast, someRecord } from '../../support/past.ts'
import { INPUT } from '../../support/plans.ts'

const history = ({ console }: Keys) => console.store.getState().history
const calls = ({ transactions }: Keys, name: string) =>
  transactions.calls.filter((call) => call.startsWith(name)).length

/** A change that set the policy of OUTPUT, which was DROP before. */
const RECORD = someRecord('7f3a', {
  rules: [
    {
      family: 'v4',
      touches: [{ ...INPUT, chain: 'OUTPUT' }],
      before: '*filter OUTPUT DROP\n',
      after: '*filter OUTPUT ACCEPT\n',
    },
  ],
})
const GONE = fail({ kind: 'disconnected', message: say`The link is gone.`, next: say`Wait for it.` } as const)

async function opened(): Promise<Keys> {
  const bench = await keysOf()
  bench.transactions.past = ok([somePast('7f3a'), somePast('6e29')])
  bench.transactions.records = { '7f3a': RECORD, '6e29': someRecord('6e29') }
  return bench
}

/** Holds one answer of the server back; gives what lets it go. */
function held(bench: Keys, name: 'history' | 'record'): () => Promise<void> {
  const real = bench.transactions[name] as (...of: never[]) => Promise<unknown>
  const waiting: (() => void)[] = []
  Object.assign(bench.transactions, {
    [name]: async (...of: never[]) => {
      await new Promise<void>((resolve) => waiting.push(resolve))
      return real(...of)
    },
  })
  return async () => {
    Object.assign(bench.transactions, { [name]: real })
    for (const go of waiting) go()
    await settled()
  }
}

describe('the history', () => {
  test('is read once at a time, and says while it is', async () => {
    const bench = await opened()
    const go = held(bench, 'history')
    await bench.press('H', 'R', 'R')
    expect(history(bench).list).toMatchObject({ reading: true, value: null })
    await go()
    expect([history(bench).list.reading, history(bench).list.value?.length, calls(bench, 'history')]).toEqual([
      false,
      2,
      1,
    ])
  })

  test('that comes after its screen was left is kept, and opens nothing', async () => {
    const bench = await opened()
    const go = held(bench, 'history')
    await bench.press('H', 'Esc')
    await go()
    expect([bench.shows(), bench.said(), history(bench).list.value?.length]).toEqual(['dashboard', '', 2])
  })

  test('keeps what was read before where it can’t be read again, with the reason', async () => {
    const bench = await opened()
    await bench.press('H')
    bench.transactions.past = GONE
    await bench.press('R')
    expect(history(bench).list).toMatchObject({ reading: false, error: { message: 'The link is gone.' } })
    expect(history(bench).list.value).toHaveLength(2)
    bench.transactions.past = ok([])
    await bench.press('R')
    expect(history(bench).list).toEqual({ reading: false, value: [], error: null })
  })

  test('that is opened from one past change takes its place', async () => {
    const bench = await opened()
    await bench.press('H', 'Enter', '?')
    bench.console.actions.openHistory()
    expect(bench.console.store.getState().view.screens.map(({ kind }) => kind)).toEqual([
      'dashboard',
      'help',
      'history',
    ])
  })

  test('without anything in it says so', async () => {
    const bench = await keysOf()
    await bench.press('H', 'Enter')
    expect([bench.shows(), bench.said()]).toEqual(['history', 'There is nothing under the cursor.'])
    await bench.press('U')
    expect(bench.said()).toBe('U (undo this change): there is nothing under the cursor.')
    await bench.console.actions.undoPast()
    expect(calls(bench, 'record')).toBe(0)
  })
})

describe('one past change', () => {
  test('is read once, and anew with R, with the list', async () => {
    const bench = await opened()
    await bench.press('H', 'Enter')
    expect([bench.shows(), history(bench).records['7f3a']?.value]).toEqual(['past', RECORD])
    await bench.press('Enter', 'Enter')
    expect([calls(bench, 'record 7f3a'), calls(bench, 'history')]).toEqual([1, 1])
    await bench.press('R')
    expect([calls(bench, 'record 7f3a'), calls(bench, 'history')]).toEqual([2, 2])
  })

  test('that comes after its screen was left is kept, and opens nothing', async () => {
    const bench = await opened()
    const go = held(bench, 'record')
    await bench.press('H', 'Enter')
    expect(history(bench).records['7f3a']).toMatchObject({ reading: true, value: null })
    await bench.press('R', 'Esc', 'Esc')
    await go()
    expect([bench.shows(), bench.said(), calls(bench, 'record')]).toEqual(['dashboard', '', 1])
    expect(history(bench).records['7f3a']).toEqual({ reading: false, value: RECORD, error: null })
  })

  test('that can’t be read says so, and is asked for again', async () => {
    const bench = await opened()
    bench.transactions.records = {}
    await bench.press('H', 'Enter')
    expect(bench.said()).toBe('The server no longer has that record. Change it back by hand.')
    expect(history(bench).records['7f3a']).toMatchObject({
      reading: false,
      value: null,
      error: { kind: 'unsupported-host' },
    })
    await bench.press('Enter', 'Enter')
    expect(calls(bench, 'record')).toBe(2)
  })
})

describe('U', () => {
  test('reads the record where that was not done, stages and shows what undoes it', async () => {
    const bench = await opened()
    await bench.press('H', 'U')
    expect([bench.shows(), bench.staged()]).toEqual(['staged', ['v4 filter OUTPUT policy ACCEPT → DROP']])
    expect(bench.said()).toBe('Staged what undoes it (1 change); u takes that back.')
    await bench.press('H', 'Enter')
    expect(calls(bench, 'record')).toBe(1)
  })

  test('stages nothing when the record comes after the cursor moved on, or the screen was left', async () => {
    for (const keys of [['j'], ['Esc']]) {
      const bench = await opened()
      const go = held(bench, 'record')
      await bench.press('H', 'U', ...keys)
      await go()
      expect([bench.staged(), bench.shows()]).toEqual([[], keys[0] === 'j' ? 'history' : 'dashboard'])
      expect(history(bench).records['7f3a']?.value).toEqual(RECORD)
    }
  })

  test('while the record is being read says so, and stages it afterwards', async () => {
    const bench = await opened()
    const go = held(bench, 'record')
    await bench.press('H', 'Enter', 'U')
    expect([bench.staged(), bench.said()]).toEqual([[], 'Still reading what it changed.'])
    await go()
    await bench.press('R', 'U')
    expect([bench.staged().length, bench.shows()]).toEqual([1, 'staged'])
  })

  test('stages nothing where the record can’t be read', async () => {
    const bench = await opened()
    bench.transactions.records = {}
    await bench.press('H', 'U')
    expect([bench.staged(), bench.shows()]).toEqual([[], 'history'])
    expect(bench.said()).toBe('The server no longer has that record. Change it back by hand.')
  })

  test('says where nothing is left to undo, and shows the change with all that is to be said', async () => {
    const bench = await opened()
    await bench.press('H', 'j', 'U')
    expect([bench.shows(), bench.said()]).toEqual([
      'past',
      'Nothing is left to undo. The server is as it was before it.',
    ])
    const units = ['a', 'b'].map(
      (unit) => ({ unit, run: 'stop', boot: null, was: { run: 'active', boot: 'enabled' } }) as const,
    )
    bench.transactions.records = { '6e29': someRecord('6e29', { units }) }
    await bench.press('R', 'U')
    expect(bench.said()).toBe('Nothing is left to undo. a is no longer there.')
    const told = bench.console.store.getState().messages.all.map(({ tone, text }) => `${tone} ${text}`)
    expect(told).toContain('warn b is no longer there.')
  })

  test('says how much of it does not fit', async () => {
    const unit = (name: string) =>
      ({ unit: name, run: 'stop', boot: null, was: { run: 'active', boot: 'enabled' } }) as const
    for (const [units, words] of [
      [['a'], 'Staged what undoes it (1 change); u takes that back. NOT all of it: a is no longer there.'],
      [
        ['a', 'b', 'c'],
        'Staged what undoes it (1 change); u takes that back. NOT all of it: a is no longer there. And 2 more: see ?',
      ],
    ] as const) {
      const bench = await opened()
      bench.transactions.records = { '7f3a': { ...RECORD, units: units.map(unit) } }
      await bench.press('H', 'U')
      expect([bench.said(), bench.console.store.getState().messages.shown?.tone]).toEqual([words, 'warn'])
    }
  })

  test('counts what is staged in words', async () => {
    const bench = await opened()
    const units = [{ unit: 'cups.service', run: 'stop', boot: null, was: { run: 'active', boot: 'disabled' } } as const]
    bench.transactions.records = { '7f3a': { ...RECORD, units } }
    await bench.press('H', 'Enter', 'U')
    expect(bench.said()).toBe('Staged what undoes it (2 changes); u takes that back.')
    expect(bench.console.store.getState().messages.shown?.tone).toBe('good')
    await bench.press('u')
    expect(bench.staged()).toEqual([])
  })
})
