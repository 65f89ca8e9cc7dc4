import { describe, expect, test } from 'vitest'
import { say } from '../../../src/services/model/safe.ts'
import { type Transaction, timerOf } from '../../../src/services/model/transaction.ts'
import { awaiting, someTimer, stagesUpTo } from '../../support/fake-transactions.ts'
import { cursorTo, type Keys, keysOf, type Options, settled } from '../../support/headless.ts'
import { someTexts } from '../../support/probe-texts.ts'

const timer = ({ clock }: Keys, more = {}) => someTimer(clock.now() + 161_000, more)
const ALICE = { mine: false, owner: say`alice`, from: say`203.0.113.50` }
const PENDING = { outcome: 'pending' } as const

/** A console with one rule staged for deletion. */
async function withStaged(options: Options = {}): Promise<Keys> {
  const bench = await keysOf(options)
  await bench.press('2')
  cursorTo(bench, '3306')
  await bench.press('x')
  return bench
}
/** A console with a change that waits for its confirm. */
async function waiting(more = {}, proof?: Parameters<typeof awaiting>[1]): Promise<Keys> {
  const bench = await keysOf()
  bench.transactions.set(awaiting(timer(bench, more), proof))
  return bench
}
const asked = ({ transactions }: Keys) => transactions.calls.filter((call) => call !== 'look')
const kept = { ...someTexts().firewall, persistence: 'netfilter-persistent' }

describe('A', () => {
  test.each([
    [
      'a rule that no longer fits',
      (bench: Keys) => {
        const { firewall } = bench.server.texts
        const iptables =
          firewall.iptables
            ?.split('\n')
            .filter((line) => !line.includes('3306'))
            .join('\n') ?? ''
        bench.server.texts = { ...bench.server.texts, firewall: { ...firewall, iptables } }
      },
      'A staged change to INPUT no longer fits: the rule is gone. Unstage it with u',
    ],
    [
      'a tool that is missing',
      (bench: Keys) => {
        const { unshare: _, ...tools } = bench.server.facts.tools
        bench.server.facts = { ...bench.server.facts, tools }
      },
      'The server lacks unshare',
    ],
    [
      'rules that can’t be read any more',
      (bench: Keys) => {
        bench.server.texts = {
          ...bench.server.texts,
          firewall: { ...bench.server.texts.firewall, 'iptables-status': '1' },
        }
      },
      "The v4 rules can't be read",
    ],
  ])('with %s opens no dialog, and says why', async (_name, change, words) => {
    const bench = await withStaged()
    change(bench)
    await bench.press('R', 'A')
    expect([bench.shows(), bench.said().includes(words)]).toEqual(['dashboard', true])
    await bench.press('s', 'A', 'Y', 'Enter')
    expect(asked(bench)).toEqual([])
  })

  test('with a hard blocker beside a lock-out is not overridden by the host’s name', async () => {
    const bench = await keysOf()
    await bench.press('2', 'g', 'Space')
    cursorTo(bench, '--dport 22')
    await bench.press('x')
    const { timeout: _, ...tools } = bench.server.facts.tools
    bench.server.facts = { ...bench.server.facts, tools }
    await bench.press('R', 'A')
    expect([bench.shows(), bench.said()]).toEqual(['dashboard', expect.stringContaining('The server lacks timeout')])
  })

  test('with what changes nothing says so', async () => {
    const bench = await keysOf()
    const change = bench.console.scope.kit
    await bench.press('2')
    cursorTo(bench, '3306')
    await bench.press('x')
    const [staged] = change.get().staging.changes
    const same = { kind: 'policy', at: { family: 'v4', table: 'filter', chain: 'INPUT' }, policy: 'ACCEPT' } as const
    change.set(({ staging }) => ({ staging: { ...staging, changes: [{ ...staged, edit: same } as never] } }))
    await bench.press('A')
    expect([bench.shows(), bench.said()]).toEqual([
      'dashboard',
      'A (arm and apply): what is staged changes nothing: the server has it already.',
    ])
  })

  test('asks about boots once, on a host that loads no rules, and goes on to arming with the answer', async () => {
    for (const [key, kind] of [
      ['L', 'loader'],
      ['N', 'none'],
    ] as const) {
      const bench = await withStaged()
      await bench.press('A')
      expect(bench.shows()).toBe('dashboard boot')
      await bench.press(key)
      expect(bench.shows()).toBe('dashboard arm')
      await bench.press('Esc', 'A')
      expect(bench.shows()).toBe('dashboard arm')
      await bench.press('Y')
      expect(bench.transactions.plan()?.persistence?.kind).toBe(kind)
    }
  })

  test.each([
    ['that loads its rules by itself', kept],
    ['where something else loads them', { ...kept, persistence: 'none', loaders: '/etc/network/if-pre-up.d/fw' }],
  ])('does not ask so on a host %s', async (_name, firewall) => {
    const bench = await withStaged({ texts: { firewall } })
    await bench.press('A')
    expect(bench.shows()).toBe('dashboard arm')
  })

  test('does not ask so where no rules change', async () => {
    const bench = await withStaged()
    const { kit } = bench.console.scope
    const was = { run: 'active', boot: 'enabled' }
    const unit = { kind: 'unit', unit: 'avahi-daemon.service', run: 'stop', boot: null, was } as const
    const target = say`avahi-daemon.service`
    // A policy that the server has already is no change of rules.
    const same = { kind: 'policy', at: { family: 'v4', table: 'filter', chain: 'INPUT' }, policy: 'ACCEPT' } as const
    kit.set(({ staging }) => ({
      staging: {
        ...staging,
        changes: [
          { id: 'p', area: 'firewall', edit: same, target, summary: say`policy`, origin: 'operator' },
          { id: 'u', area: 'units', edit: unit, target, summary: say`stop`, origin: 'operator' },
        ],
      },
    }))
    await bench.press('A')
    expect(bench.shows()).toBe('dashboard arm')
    await bench.press('Y')
    expect(bench.transactions.plan()?.steps.map(({ kind }) => kind)).toEqual(['unit'])
  })

  test('shows the change on its way, with nothing below but the panes', async () => {
    const bench = await withStaged({ texts: { firewall: kept } })
    await bench.press('s', 'A', 'Y')
    expect(bench.console.store.getState().view.screens.map(({ kind }) => kind)).toEqual(['dashboard', 'transaction'])
    expect([bench.shows(), asked(bench)]).toEqual(['transaction', ['apply']])
  })

  test('of what would lock the operator out takes the name of the host, and nothing else', async () => {
    const bench = await keysOf({ texts: { firewall: kept } })
    await bench.press('2', 'g', 'Space')
    cursorTo(bench, '--dport 22')
    await bench.press('x', 'A')
    const dialog = () => bench.console.store.getState().view.dialog
    expect(bench.shows()).toBe('dashboard arm-typed')
    await bench.type('web1')
    await bench.press('Enter')
    expect(dialog()).toMatchObject({
      field: { text: '' },
      error: 'That is not its name. Type it, or Esc to go back.',
    })
    await bench.type('w')
    expect(dialog()).toMatchObject({ field: { text: 'w' }, error: null })
    await bench.press('Esc')
    expect([bench.shows(), asked(bench)]).toEqual(['dashboard', []])
    await bench.press('A', 'Space')
    await bench.type('web1.example.net ')
    await bench.press('Enter')
    expect([bench.shows(), asked(bench)]).toEqual(['transaction', ['apply']])
  })
})

describe('C', () => {
  test('confirms what was proved, and only from the screen that says so', async () => {
    const bench = await waiting()
    await bench.press('Esc', 'C')
    expect([bench.shows(), asked(bench)]).toEqual(['transaction', []])
    expect(bench.said()).toBe('Look at what was proved, then press C once more to confirm.')
    await bench.press('C')
    expect(asked(bench)).toEqual(['confirm'])
  })

  test.each([
    ['no login was proved yet', {}, PENDING, 'confirm unproven'],
    [
      'a login fails',
      {},
      { outcome: 'fails', why: { kind: 'timeout', message: say`no`, next: say`x` } } as const,
      'confirm unproven',
    ],
    ['the first console could not log in', { first: say`it could not` }, undefined, 'confirm heard'],
  ])('where %s takes the name of the host', async (_name, more, proof, call) => {
    const bench = await waiting(more, proof)
    await bench.press('C')
    expect([bench.shows(), asked(bench)]).toEqual(['transaction confirm-typed', []])
    await bench.press('Enter')
    await bench.type('web1.example.net')
    await bench.press('Enter')
    expect([bench.shows(), asked(bench)]).toEqual(['transaction', [call]])
  })

  test('pressed by the palette or in the last moment does nothing where nothing waits', async () => {
    const bench = await keysOf()
    bench.console.actions.confirm()
    expect([bench.shows(), asked(bench)]).toEqual(['dashboard', []])
    await bench.press('C')
    expect(bench.said()).toBe('C (confirm, keep it): no change is waiting on the server.')
  })
})

describe('X', () => {
  test('rolls back at once what is the operator’s own', async () => {
    const bench = await waiting()
    await bench.press('Esc', 'X')
    expect([bench.shows(), asked(bench)]).toEqual(['transaction', ['rollback']])
  })

  test('asks first where it is somebody else’s', async () => {
    const bench = await waiting(ALICE, PENDING)
    await bench.press('X')
    expect([bench.shows(), asked(bench)]).toEqual(['transaction rollback', []])
    await bench.press('Esc')
    expect(bench.shows()).toBe('transaction')
    await bench.press('X', 'Y')
    expect([bench.shows(), asked(bench)]).toEqual(['transaction', ['rollback']])
  })
})

test('+ asks for a window and p for a proof', async () => {
  const bench = await waiting({}, PENDING)
  await bench.press('+', 'p')
  expect(asked(bench)).toEqual(['extend', 'prove'])
})

describe('taking a change over', () => {
  test('asks first, and proves a login once it is this console’s', async () => {
    const bench = await waiting(ALICE, PENDING)
    await bench.press('T')
    expect([bench.shows(), asked(bench)]).toEqual(['transaction takeover', []])
    await bench.press('Esc')
    expect(bench.shows()).toBe('transaction')
    bench.transactions.onTakeOver = () => bench.transactions.set(awaiting(timer(bench), PENDING))
    await bench.press('T', 'Y')
    expect(asked(bench)).toEqual(['takeOver', 'prove'])
    expect(bench.said()).toBe('This console holds the change now: C and + are yours.')
    await bench.press('T')
    expect(bench.said()).toBe('T (take it over): this console holds it already.')
  })

  test('that did not come about claims nothing', async () => {
    for (const next of [
      (bench: Keys) => awaiting(timer(bench, ALICE), PENDING),
      (): Transaction => ({ phase: 'confirmed', id: '7f3a', notes: [], lasts: true }),
    ]) {
      const bench = await waiting(ALICE, PENDING)
      bench.transactions.onTakeOver = () => bench.transactions.set(next(bench))
      await bench.press('T', 'Y')
      expect([asked(bench), bench.said(), bench.shows()]).toEqual([['takeOver'], '', 'transaction'])
    }
  })

  test('by somebody else is said once, with who it was', async () => {
    const bench = await waiting()
    const taken = { at: say`09:20:01`, from: say`ops (from 198.51.100.20)` }
    await bench.press('Esc')
    for (const _ of [1, 2]) bench.transactions.set(awaiting(timer(bench, { ...ALICE, taken }), PENDING))
    expect(bench.shows()).toBe('transaction')
    const told = bench.console.store.getState().messages.all.map(({ text }) => text)
    expect(told.filter((text) => text.includes('took'))).toEqual([
      'alice (from 203.0.113.50) took this change over at 09:20:01. T takes it back.',
    ])
  })
})

describe('what the server says of a change', () => {
  test('is read again when it waits and when it ends, and not in between', async () => {
    const bench = await keysOf()
    const probes = async (next: Transaction) => {
      const before = bench.host.probes()
      bench.transactions.set(next)
      await settled()
      return bench.host.probes() - before
    }
    const stages = stagesUpTo(3)
    expect(await probes({ phase: 'arming', stages })).toBe(0)
    expect(await probes({ phase: 'applying', timer: timer(bench), stages })).toBe(0)
    expect(await probes(awaiting(timer(bench)))).toBe(1)
    expect(await probes(awaiting(timer(bench), PENDING))).toBe(0)
    expect(await probes({ phase: 'rolled-back', id: 'x', by: 'timer', notes: [], plan: null })).toBe(1)
    expect(await probes({ phase: 'idle' })).toBe(0)
  })

  test('moves the clock once a second as long as a timer runs, with the second that is left', async () => {
    const bench = await keysOf()
    const now = () => bench.console.store.getState().now - start
    const start = bench.clock.now()
    bench.clock.advance(5000)
    expect(now()).toBe(0)
    bench.transactions.set(awaiting(someTimer(bench.clock.now() + 2300)))
    expect(now()).toBe(5000)
    const seen: number[] = []
    bench.console.store.subscribe((state, before) => {
      if (state.now !== before.now) seen.push(state.now - start)
    })
    bench.clock.advance(4000)
    expect(seen).toEqual([5300, 6300, 7300, 8300])
    bench.transactions.set({ phase: 'confirmed', id: '7f3a', notes: [], lasts: true })
    bench.clock.advance(9000)
    expect(now()).toBe(9000)
  })

  test('moves it while the link is lost too, and never twice a second', async () => {
    const bench = await keysOf()
    const seen: number[] = []
    bench.console.store.subscribe((state, before) => {
      if (state.now !== before.now) seen.push(state.now)
    })
    const start = bench.clock.now()
    for (const _ of [1, 2, 3]) bench.host.setLink({ state: 'lost', since: 0, reason: say`x`, nextTryAt: 9 })
    bench.clock.advance(3000)
    expect(seen.map((one) => one - start)).toEqual([1000, 2000, 3000])
    await bench.press('q')
    bench.clock.advance(3000)
    expect(seen).toHaveLength(3)
  })
})

describe('q', () => {
  test.each([
    ['something is staged', (bench: Keys) => bench.press('2', 'g', 'Space')],
    ['a change waits', (bench: Keys) => bench.transactions.set(awaiting(timer(bench)))],
    ['somebody else’s change waits', (bench: Keys) => bench.transactions.set(awaiting(timer(bench, ALICE), PENDING))],
    ['one is on its way', (bench: Keys) => bench.transactions.set({ phase: 'checking', stages: stagesUpTo(0) })],
    ['one is being armed', (bench: Keys) => bench.transactions.set({ phase: 'arming', stages: stagesUpTo(1) })],
    [
      'what became of one is not known',
      (bench: Keys) =>
        bench.transactions.set({ phase: 'in-doubt', timer: null, stages: stagesUpTo(1), doubt: say`No answer.` }),
    ],
  ])('asks while %s, and leaves with Y', async (_name, begin) => {
    const bench = await keysOf()
    await begin(bench)
    await bench.press('q')
    expect(bench.shows()).toMatch(/ quit$/)
    await bench.press('q', 'Enter')
    expect(bench.console.store.getState().view.exitCode).toBeNull()
    await bench.press('Y')
    expect([bench.console.store.getState().view.exitCode, bench.host.closed()]).toEqual([0, true])
    await bench.press('?')
    expect(bench.shows()).not.toContain('help')
  })

  test.each([
    ['nothing is', { phase: 'idle' }],
    ['a change has ended', { phase: 'confirmed', id: '7f3a', notes: [], lasts: true }],
  ] as const)('leaves at once where %s', async (_name, transaction) => {
    const bench = await keysOf()
    bench.transactions.set(transaction as Transaction)
    await bench.press('q')
    expect(bench.console.store.getState().view).toMatchObject({ exitCode: 0, dialog: null })
    bench.console.actions.leave(1)
    expect(bench.console.store.getState().view.exitCode).toBe(0)
  })
})

test('an end is left behind with Enter and with Esc', async () => {
  for (const key of ['Enter', 'Esc']) {
    const bench = await keysOf()
    bench.transactions.set({ phase: 'confirmed', id: '7f3a', notes: [], lasts: true })
    expect(bench.shows()).toBe('transaction')
    await bench.press(key)
    expect([bench.shows(), asked(bench), timerOf(bench.transactions.state())]).toEqual(['dashboard', ['dismiss'], null])
  }
})
