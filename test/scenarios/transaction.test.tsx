import { describe, expect, test, vi } from 'vitest'
import { say } from '../../src/services/model/safe.ts'
import { type Bench, cursorTo, openConsole } from '../support/console.tsx'
import { awaiting, someTimer, stagesUpTo } from '../support/fake-transactions.ts'
import { note } from '../support/past.ts'

// Colours are looked at here; the library decides when it is loaded whether it draws any.
vi.hoisted(() => {
  process.env.FORCE_COLOR = '1'
})

/** Opens a console with one rule staged for deletion. */
async function withStaged(options: Parameters<typeof openConsole>[0] = {}): Promise<Bench> {
  const bench = await openConsole(options)
  await bench.press('2', 'g', 'j', 'j', 'j', 'j', 'j', 'j', 'j')
  await bench.press('x')
  await bench.sees('1 staged')
  return bench
}

/** Arms and lets the server apply; the change waits for its confirm. */
async function armed(options: Parameters<typeof openConsole>[0] = {}): Promise<Bench> {
  const bench = await withStaged(options)
  await bench.press('A', 'N', 'Y')
  bench.transactions.set({ phase: 'arming', stages: stagesUpTo(2) })
  bench.transactions.set({ phase: 'applying', timer: timer(bench), stages: stagesUpTo(3) })
  return bench
}

const timer = (bench: Bench, more = {}) => someTimer(bench.clock.now() + 161_000, more)

const FAILS = {
  outcome: 'fails',
  why: {
    kind: 'timeout',
    message: say`:22 timed out (packets dropped).`,
    next: say`Roll back with X.`,
  },
} as const

describe('a change on its way to the server', () => {
  test('asks once, on a host that loads no rules at boot, whether it shall; Enter does not decide', async () => {
    const bench = await withStaged()
    await bench.press('A')
    await bench.sees('Shall these rules be loaded at boot?', 'L load them at boot')
    await bench.press('Enter', 'Y')
    await bench.sees('Shall these rules be loaded at boot?')
    await bench.press('L')
    await bench.sees('Arm the timer and apply?')
    await bench.press('Esc', 'A')
    await bench.sees('Arm the timer and apply?')
    await bench.press('Y')
    expect(bench.transactions.plan()?.persistence?.kind).toBe('loader')
  })

  test('arms only on Y, never on Enter or on the key that asked', async () => {
    const bench = await withStaged()
    await bench.press('A', 'N')
    await bench.sees('Arm the timer and apply?', '3:00')
    await bench.press('Enter')
    await bench.press('A')
    await bench.sees('Arm the timer and apply?')
    expect(bench.transactions.calls).not.toContain('apply')
    await bench.press('Esc')
    await bench.lacks('Arm the timer')
    await bench.press('A', 'N', 'Y')
    expect(bench.transactions.calls).toContain('apply')
    expect(bench.transactions.plan()?.changes).toHaveLength(1)
  })

  test('goes through its stages, waits, and is confirmed', async () => {
    const bench = await armed()
    await bench.sees('ARMED 2:41', /✓ checked/, /… applied/)
    await bench.lacks('1 staged')
    bench.transactions.set(awaiting(timer(bench)))
    await bench.sees(/everything you need still working/, /✓ new login/, 'C confirm, keep it')
    await bench.press('C')
    expect(bench.transactions.calls.at(-1)).toBe('confirm')
    bench.transactions.set({
      phase: 'confirmed',
      id: '7f3a',
      notes: [note(say`Saved for the next boot.`)],
      lasts: true,
    })
    await bench.sees('CONFIRMED', 'Saved for the next boot')
    await bench.lacks('ARMED')
    await bench.press('Enter')
    await bench.sees('1 SSH')
    expect(bench.console.store.getState().staging.changes).toEqual([])
  })

  test.each(['Enter', 'Esc'])('that was armed from the staged screen ends on the panes, by %s', async (key) => {
    const bench = await withStaged()
    await bench.press('s')
    await bench.sees('one transaction')
    await bench.press('A', 'N', 'Y')
    bench.transactions.set({ phase: 'applying', timer: timer(bench), stages: stagesUpTo(3) })
    bench.transactions.set({ phase: 'confirmed', id: '7f3a', notes: [], lasts: true })
    await bench.sees('CONFIRMED')
    await bench.press(key)
    await bench.sees('1 SSH', '2 Firewall')
    expect(bench.transactions.calls).toContain('dismiss')
  })

  test('counts down on every screen, and turns red with the word in the last minute', async () => {
    const bench = await armed()
    bench.transactions.set(awaiting(timer(bench)))
    await bench.press('Esc')
    await bench.sees('ARMED 2:41', '1 SSH')
    const calm = bench.terminal.styleOf('ARMED')
    bench.clock.advance(1000)
    await bench.sees('ARMED 2:40')
    await bench.press('?')
    await bench.sees('ARMED 2:40', 'Help')
    bench.clock.advance(110_000)
    await bench.sees('ARMED 0:50')
    expect(bench.terminal.styleOf('ARMED')).not.toEqual(calm)
    expect(bench.terminal.styleOf('ARMED')).toMatchObject({ inverse: true, bold: true })
  })

  test('is confirmed from elsewhere only after the screen was looked at', async () => {
    const bench = await armed()
    bench.transactions.set(awaiting(timer(bench)))
    await bench.press('Esc', 'C')
    await bench.sees('press C once more', /everything you need still working/)
    expect(bench.transactions.calls).not.toContain('confirm')
    await bench.press('C')
    expect(bench.transactions.calls).toContain('confirm')
  })

  test('is not ended by Enter in the command palette', async () => {
    const bench = await armed()
    bench.transactions.set(awaiting(timer(bench)))
    for (const command of ['confirm, keep it', 'roll back now', 'one more window']) {
      await bench.press(':')
      await bench.type(command)
      await bench.sees(`▸ ${command}`)
      await bench.press('Enter')
      await bench.sees('itself: Enter runs nothing')
    }
    expect(bench.transactions.calls).not.toContain('confirm')
    expect(bench.transactions.calls).not.toContain('rollback')
    expect(bench.transactions.calls).not.toContain('extend')
  })

  test('is given one more window with +, and the server says why not where it will not', async () => {
    const bench = await armed()
    const waiting = awaiting(timer(bench))
    bench.transactions.set(waiting)
    await bench.press('+')
    expect(bench.transactions.calls.at(-1)).toBe('extend')
    bench.transactions.set({ ...waiting, notice: say`Not extended: the server is busy.` } as typeof waiting)
    await bench.sees('Not extended: the server is busy.')
  })

  test('offers to roll back first when the new login fails, and says why it failed', async () => {
    const bench = await armed()
    bench.transactions.set(awaiting(timer(bench), FAILS))
    await bench.sees('✗ A new login does not work', 'timed out')
    const screen = bench.screen()
    expect(screen.indexOf('X roll back now')).toBeLessThan(screen.indexOf('C confirm'))
    await bench.press('X')
    expect(bench.transactions.calls.at(-1)).toBe('rollback')
  })

  test("is confirmed without a proof only by typing the host's name", async () => {
    const bench = await armed()
    bench.transactions.set(awaiting(timer(bench), FAILS))
    await bench.press('C')
    await bench.sees('Confirm all the same?', 'does NOT work')
    await bench.press('Enter')
    await bench.type('web2')
    await bench.press('Enter')
    await bench.sees('not its name')
    expect(bench.transactions.calls.filter((one) => one.startsWith('confirm'))).toEqual([])
    await bench.type('web1.example.net')
    await bench.press('Enter')
    expect(bench.transactions.calls.at(-1)).toBe('confirm unproven')
  })

  test('asks for the name where no new login was tried yet, and p tries one', async () => {
    const bench = await openConsole()
    bench.transactions.set(awaiting(timer(bench), { outcome: 'pending' }))
    await bench.sees('No new login was proved')
    await bench.press('C')
    await bench.sees('Confirm all the same?', 'Name of the host')
    await bench.press('Esc', 'p')
    expect(bench.transactions.calls).toContain('prove')
    expect(bench.transactions.calls).not.toContain('confirm')
  })

  test('that would lock the operator out is armed only by typing the name of the host', async () => {
    const bench = await openConsole()
    await bench.press('2', 'g', 'Space')
    cursorTo(bench, '--dport 22')
    await bench.press('x')
    await bench.sees('2 staged')
    await bench.press('A', 'N')
    await bench.sees('This would lock you out', 'dropped by filter INPUT policy DROP')
    await bench.press('Y', 'Enter')
    expect(bench.transactions.calls).not.toContain('apply')
    await bench.type('web1.example.net')
    await bench.press('Enter')
    expect(bench.transactions.calls).toContain('apply')
  })

  test('comes back into staging when the server has rolled it back', async () => {
    const bench = await armed()
    bench.transactions.set(awaiting(timer(bench)))
    await bench.lacks('1 staged')
    const probes = bench.host.probes()
    bench.transactions.set({
      phase: 'rolled-back',
      id: '7f3a',
      by: 'timer',
      notes: [note(say`v4 rules restored and verified.`)],
      plan: bench.transactions.plan(),
    })
    await bench.sees('ROLLED BACK', 'nobody confirmed in time', 'v4 rules restored and verified', '1 staged')
    expect(bench.host.probes()).toBeGreaterThan(probes)
    await bench.press('Enter')
    await bench.sees('1 change, one transaction', '3306')
    await bench.press('Esc')
    await bench.sees('1 SSH')
  })

  test('that was aborted says that nothing was applied, why, and what to do', async () => {
    const bench = await withStaged()
    await bench.press('A', 'N', 'Y')
    bench.transactions.set({ phase: 'checking', stages: stagesUpTo(0) })
    await bench.sees('Nothing is changed yet')
    bench.transactions.set({
      phase: 'aborted',
      reason: say`the rules moved since they were read`,
      next: say`Press R and look again.`,
      stages: stagesUpTo(1),
      plan: bench.transactions.plan(),
    })
    await bench.sees('NOT APPLIED', 'the rules moved', 'Press R', '1 staged')
  })

  test('whose outcome is not known says so, and stages nothing meanwhile', async () => {
    const bench = await armed()
    bench.transactions.set({
      phase: 'in-doubt',
      timer: timer(bench),
      stages: stagesUpTo(4),
      doubt: say`No answer while applying.`,
    })
    await bench.sees('IN DOUBT', 'No answer while applying', 'ARMED 2:41')
    await bench.press('Esc', '2', 'x')
    await bench.sees('waiting on the server')
  })

  test('keeps q from leaving without a word: the timer goes on', async () => {
    const bench = await armed()
    bench.transactions.set(awaiting(timer(bench)))
    await bench.press('q')
    await bench.sees('Leave hardtui?', 'The timer goes on', '09:21:07')
    await bench.press('q', 'Enter')
    await bench.sees('Leave hardtui?')
    await bench.press('Y')
    expect(await bench.ended).toBe(0)
    await bench.sees('The timer goes on', 'hardtui confirm web1.example.net')
  })
})
