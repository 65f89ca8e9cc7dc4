import { describe, expect, test } from 'vitest'
import { fail, type Result } from '../../../../src/services/model/errors.ts'
import { say } from '../../../../src/services/model/safe.ts'
import type { Rehearse } from '../../../../src/services/model/transaction.ts'
import { firewallLists } from '../../../../src/state/areas/firewall/lists.ts'
import { fakeRehearse } from '../../../support/fake-iptables.ts'
import { awaiting, someTimer } from '../../../support/fake-transactions.ts'
import { cursorTo, type Keys, keysOf, type Options, settled } from '../../../support/headless.ts'
import { printRuleSet } from '../../../support/print-rule-set.ts'
import { RULES_V4, someTexts } from '../../../support/probe-texts.ts'

const baseline = ({ console }: Keys) => {
  const now = firewallLists(console.lists).baseline(console.store.getState())
  if (!now) throw new Error('there is no baseline')
  return now
}
async function onBaseline(options: Options = {}): Promise<Keys> {
  const bench = await keysOf(options)
  await bench.press('2', 'B')
  return bench
}
/** Moves the cursor to an item. */
async function to(bench: Keys, id: string): Promise<void> {
  const at = baseline(bench).rows.indexOf(id)
  await bench.press('g', ...Array.from({ length: at }, () => 'j'))
}
const isOn = (bench: Keys, id: string) => baseline(bench).rows.items.find((row) => row.id === id)?.item.on
const slice = ({ console }: Keys) => console.store.getState().view.baseline

/** A baseline that the server's iptables tries until told. */
async function trying(options: Options = {}) {
  const go: (() => Promise<void>)[] = []
  const tried = fakeRehearse(() => RULES_V4)
  const asked: string[] = []
  const rehearse: Rehearse = (...of) => {
    asked.push(of[0])
    return new Promise((resolve) =>
      go.push(async () => {
        resolve(await tried(...of))
        await settled()
      }),
    )
  }
  const bench = await onBaseline({ ...options, createRehearse: () => rehearse })
  const answer = async (): Promise<void> => {
    for (let one = go.shift(); one; one = go.shift()) await one()
  }
  return { ...bench, answer, asked }
}

describe('a baseline that the server looks at', () => {
  test('is asked once a family, one after the other, and staged when both fit', async () => {
    const bench = await trying()
    await bench.press('S')
    expect([slice(bench).checking, bench.asked]).toEqual([true, ['v4']])
    await bench.press('S')
    expect(bench.said()).toBe("S (stage all): the server's iptables is looking at it.")
    await bench.answer()
    expect([bench.asked, slice(bench).checking, bench.shows()]).toEqual([['v4', 'v6'], false, 'staged'])
    expect(bench.staged().length).toBeGreaterThan(50)
    expect(bench.console.store.getState().view.screens.map(({ kind }) => kind)).toEqual(['dashboard', 'staged'])
  })

  test('is not staged when something else was meanwhile, which stays', async () => {
    const bench = await trying()
    await bench.press('S', 'Esc')
    cursorTo(bench, '3306')
    await bench.press('x', 'B')
    await bench.answer()
    expect([bench.staged().length, bench.shows(), slice(bench).checking]).toEqual([1, 'baseline', false])
    expect(bench.said()).toBe('Something else was staged meanwhile: press S again.')
    await bench.press('S')
    await bench.answer()
    expect(bench.staged().length).toBeGreaterThan(50)
    expect(bench.staged()[0]).toContain('3306')
  })

  test('is not staged when it was switched meanwhile', async () => {
    const bench = await trying()
    await to(bench, 'out-mail')
    await bench.press('S', 'Space')
    await bench.answer()
    expect([bench.staged(), bench.shows()]).toEqual([[], 'baseline'])
    expect(bench.said()).toBe('The baseline was switched meanwhile: press S again.')
  })

  test('is not staged when it was left meanwhile, and no screen comes up', async () => {
    const bench = await trying()
    await bench.press('S', 'Esc')
    await bench.answer()
    expect([bench.staged(), bench.shows(), slice(bench).checking]).toEqual([[], 'dashboard', false])
    expect(bench.said()).toBe('The baseline was left meanwhile: nothing of it was staged.')
  })

  test('is not staged once a change waits on the server', async () => {
    const bench = await trying()
    await bench.press('S')
    const timer = someTimer(bench.clock.now() + 100_000, { mine: false, owner: say`alice` })
    bench.transactions.set(awaiting(timer, { outcome: 'pending' }))
    await bench.answer()
    expect([bench.staged(), bench.shows()]).toEqual([[], 'transaction'])
    expect(bench.said()).toBe('Nothing was staged: a change that alice holds is waiting on the server: T shows it.')
  })

  test('is staged under the help that was opened meanwhile', async () => {
    const bench = await trying()
    await bench.press('S', '?')
    await bench.answer()
    expect(bench.shows()).toBe('staged')
  })

  test('that can’t be tried stages nothing, and says why', async () => {
    const gone: Result<never> = fail({ kind: 'disconnected', message: say`The link is gone.`, next: say`Wait for it.` })
    const bench = await onBaseline({ createRehearse: () => async () => gone })
    await bench.press('S')
    expect([bench.staged(), bench.shows()]).toEqual([[], 'baseline'])
    expect(bench.said()).toBe('Nothing was staged: The link is gone. Wait for it.')
  })
})

describe('what is staged of it', () => {
  test('has the words of the kernel, in the rules and in what is shown of them', async () => {
    const rehearse = fakeRehearse(() => RULES_V4)
    const bench = await onBaseline({
      createRehearse: () => async (family, delta, touches) => {
        const tried = await rehearse(family, delta, touches)
        return tried.ok
          ? { ok: true, value: { after: tried.value.after.replaceAll('--dport 123 ', '--dport ntp ') } }
          : tried
      },
    })
    await bench.press('S')
    const edits = bench.console.store.getState().staging.changes.map(({ edit }) => edit)
    const texts = edits.flatMap((edit) => (edit.kind === 'insert' ? [edit.text] : []))
    expect(texts.filter((text) => text.includes('--dport ntp '))).toHaveLength(1)
    expect(bench.staged().filter((one) => one.includes('--dport ntp '))).toHaveLength(1)
    expect(bench.staged().filter((one) => one.includes('v4') && one.includes('--dport 123 '))).toEqual([])
  })

  test('keeps its own words where the kernel makes more or fewer rules of it', async () => {
    const rehearse = fakeRehearse(() => RULES_V4)
    const bench = await onBaseline({
      createRehearse: () => async (family, delta, touches) => {
        const tried = await rehearse(family, delta, touches)
        return tried.ok ? { ok: true, value: { after: tried.value.after.replaceAll('-A OUTPUT', '-A OTHER') } } : tried
      },
    })
    await bench.press('S')
    expect(bench.staged().filter((one) => one.includes('--dport 123 '))).toHaveLength(2)
  })

  test('takes the place of an earlier one among what else is staged', async () => {
    const bench = await keysOf()
    await bench.press('2')
    cursorTo(bench, '3306')
    await bench.press('x', 'B', 'S')
    const before = bench.staged().length
    await bench.press('Esc')
    cursorTo(bench, 'dports 80,443')
    await bench.press('x', 'B')
    await to(bench, 'out-mail')
    await bench.press('Space', 'S')
    expect(bench.said()).toMatch(/^Staged the baseline \(\d+ changes\); u takes all of it back, A arms and applies\.$/)
    const origins = bench.console.store.getState().staging.changes.map(({ origin }) => origin)
    expect(origins.slice(0, 2)).toEqual(['operator', 'operator'])
    expect(new Set(origins.slice(2))).toEqual(new Set(['baseline']))
    expect(bench.staged().join()).not.toContain('--dport 25 ')
    expect(bench.staged().length).not.toBe(before)
  })

  test('is only what is still switched on', async () => {
    const bench = await onBaseline()
    await bench.press('S', 'Esc', 'B')
    const before = bench.staged().length
    for (const { id, item } of baseline(bench).rows.items)
      if (item.on && !item.always) {
        await to(bench, id)
        await bench.press('Space')
      }
    const left = baseline(bench).changes.length
    await bench.press('S')
    expect(bench.staged()).toHaveLength(left)
    expect(left).toBeLessThan(before)
  })

  test('is nothing more once the server has it, and is said so', async () => {
    const bench = await onBaseline()
    await bench.press('S')
    const { families } = bench.console.lists.merged(bench.console.store.getState(), 'firewall')?.after ?? {}
    const printed = (family: 'v4' | 'v6'): string => {
      const one = families?.[family]
      return one?.state === 'present' ? printRuleSet(one.ruleSet, { counters: false }) : ''
    }
    bench.server.texts = {
      ...bench.server.texts,
      firewall: { ...bench.server.texts.firewall, iptables: printed('v4'), ip6tables: printed('v6') },
    }
    await bench.press('R', 'Esc', 'B', 'S')
    expect([bench.staged(), bench.shows(), bench.said()]).toEqual([
      [],
      'staged',
      'The baseline is no longer staged; u takes that back.',
    ])
    await bench.press('Esc', 'B', 'S')
    expect(bench.said()).toBe('All of it is in force already: there is nothing to stage.')
    await bench.press('Esc', 'u')
    expect(bench.staged().length).toBeGreaterThan(50)
  })
})

describe('the baseline as it is switched', () => {
  test('says what a part risks when it is switched on, and not when it is switched off', async () => {
    const bench = await onBaseline()
    await to(bench, 'ssh-mine')
    await bench.press('Space')
    expect([isOn(bench, 'ssh-mine'), bench.said()]).toEqual([true, expect.stringContaining('locks you out')])
    await bench.press('Space')
    expect([isOn(bench, 'ssh-mine'), bench.said()]).toEqual([false, ''])
    await to(bench, 'out-mail')
    await bench.press('Space', 'Space')
    expect([isOn(bench, 'out-mail'), bench.said()]).toEqual([true, ''])
  })

  test('opens as it was switched last, and never wide', async () => {
    const bench = await onBaseline()
    await to(bench, 'out-mail')
    await bench.press('Space', 'Enter')
    expect(slice(bench).wide).toBe(true)
    await bench.press('Enter')
    expect(slice(bench).wide).toBe(false)
    await bench.press('Enter', 'Esc', 'B')
    expect([slice(bench).wide, isOn(bench, 'out-mail')]).toEqual([false, false])
  })

  test('begins to read at the top of what is widened', async () => {
    const bench = await onBaseline()
    bench.console.actions.measured(100, 10)
    await bench.press('Ctrl-d', 'Ctrl-d')
    expect(bench.console.store.getState().view.scroll).toBe(10)
    await bench.press('Enter')
    expect(bench.console.store.getState().view.scroll).toBe(0)
  })

  test('asks nothing of a family that it has nothing for', async () => {
    const closed = (await onBaseline()).console
    expect(
      firewallLists(closed.lists)
        .baseline(closed.store.getState())
        ?.edits.some(({ at }) => at.family === 'v6'),
    ).toBe(true)
    const { firewall } = someTexts()
    const bench = await trying({ texts: { firewall: { ...firewall, 'ip6tables-status': 'absent' } } })
    await bench.press('S')
    await bench.answer()
    expect(bench.asked).toEqual(['v4'])
    expect(bench.staged().length).toBeGreaterThan(20)
  })
})
