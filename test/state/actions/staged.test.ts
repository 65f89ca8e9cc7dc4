import { describe, expect, test } from 'vitest'
import { ok } from '../../../src/services/model/errors.ts'
import { cursorTo, type Keys, keysOf } from '../../support/headless.ts'
import { somePast, someRecord } from '../../support/past.ts'
import { someTexts } from '../../support/probe-texts.ts'

const staging = ({ console }: Keys) => console.store.getState().staging

/** A server without iptables on which the stopping of avahi-daemon is staged, and the steps and blockers of its plan. */
async function withUnit() {
  const { firewall } = someTexts()
  const bench = await keysOf({
    texts: { firewall: { ...firewall, 'iptables-status': 'absent', 'ip6tables-status': 'absent' } },
    facts: { tools: { timeout: '/usr/bin/timeout' } },
  })
  const units = [{ unit: 'cups.service', run: 'stop', boot: null, was: { run: 'active', boot: 'disabled' } } as const]
  bench.transactions.past = ok([somePast('7f3a')])
  bench.transactions.records = { '7f3a': someRecord('7f3a', { units }) }
  await bench.press('H', 'U')
  return bench
}

describe('what is staged', () => {
  test('is taken back one by one on its screen, and u brings it back there', async () => {
    const bench = await keysOf()
    await bench.press('2')
    for (const text of ['3306', 'dports 80,443']) {
      cursorTo(bench, text)
      await bench.press('x')
    }
    await bench.press('s', 'j', 'x')
    expect([bench.staged(), bench.said()]).toEqual([[expect.stringContaining('3306')], 'Unstaged; u undoes that.'])
    await bench.press('u')
    expect([bench.staged().length, bench.said()]).toEqual([2, 'Undone; Ctrl-r does it again.'])
    await bench.press('Ctrl-r')
    expect([bench.staged().length, bench.said()]).toEqual([1, 'Done again.'])
    await bench.press('Space', 'Space')
    expect([bench.staged(), bench.said()]).toEqual([[], 'Space (unstage): nothing is staged.'])
  })

  test('takes what stands on it along', async () => {
    const bench = await keysOf()
    await bench.press('2')
    bench.console.actions.putCursor('firewall', 'chain:v4:filter:INPUT')
    for (const line of ['-N web', '-A web -j DROP', '-A INPUT -j web']) {
      await bench.press('a')
      await bench.type(line)
      await bench.press('Enter')
    }
    expect(bench.staged()).toHaveLength(3)
    await bench.press('s', 'x')
    expect(bench.staged()).toEqual([])
  })

  test('is kept over boots or not, by p', async () => {
    const bench = await keysOf()
    await bench.press('2')
    cursorTo(bench, '3306')
    await bench.press('x', 's', 'p')
    expect(staging(bench).persistence).toBe('loader')
    await bench.press('p')
    expect(staging(bench).persistence).toBe('none')
  })
})

describe('a unit staged on a host without rules', () => {
  test('can be armed, and nothing is said of rules', async () => {
    const bench = await withUnit()
    expect(bench.staged()).toEqual(['cups.service start'])
    await bench.press('A')
    expect([bench.shows(), bench.said()]).toEqual(['staged arm', ''])
    await bench.press('Y')
    expect(bench.transactions.plan()).toMatchObject({
      steps: [{ kind: 'unit', unit: 'cups.service' }],
      blockers: [],
      whatIf: [],
      persistence: null,
    })
  })

  test('whose pane can’t be read any more is refused until it is, or is unstaged', async () => {
    const bench = await withUnit()
    const { units } = bench.server.texts
    bench.console.store.setState(({ readings }) => ({
      readings: { ...readings, byArea: { ...readings.byArea, units: { state: 'unread' } } },
    }))
    await bench.press('A')
    expect([bench.shows(), bench.said()]).toEqual([
      'staged',
      "A (arm and apply): What is staged for cups.service can't be read on the server now. Press R to read it again, or unstage it with u.",
    ])
    bench.server.texts = { ...bench.server.texts, units }
    await bench.press('R', 'A')
    expect(bench.shows()).toBe('staged arm')
  })
})
