import { describe, expect, test } from 'vitest'
import { say } from '../../src/services/model/safe.ts'
import { type Bench, openConsole } from '../support/console.tsx'
import { awaiting, someTimer } from '../support/fake-transactions.ts'

/** The terminal as a shell wants it back. */
function expectRestored({ terminal }: Bench): void {
  expect(terminal.alternate()).toBe(false)
  expect(terminal.raw()).toBe(false)
  const modes = terminal.written()
  expect(modes.lastIndexOf('\u001b[?25h')).toBeGreaterThan(modes.lastIndexOf('\u001b[?25l'))
  expect(modes.lastIndexOf('\u001b[?2004l')).toBeGreaterThan(modes.lastIndexOf('\u001b[?2004h'))
}

describe('the terminal', () => {
  test('is drawn on the alternate screen, and given back on quitting', async () => {
    const bench = await openConsole()
    expect(bench.terminal.alternate()).toBe(true)
    expect(bench.terminal.raw()).toBe(true)
    await bench.press('q')
    await bench.ended
    expectRestored(bench)
  })

  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
  ])('is given back on %s, which ends the console with %d and says that the timer goes on', async (signal, status) => {
    const bench = await openConsole()
    bench.transactions.set(awaiting(someTimer(bench.clock.now() + 60_000)))
    await bench.sees('ARMED')
    bench.signals.emit(signal)
    expect(await bench.ended).toBe(status)
    expectRestored(bench)
    await bench.sees('The timer goes on', 'hardtui confirm web1.example.net')
    expect(bench.host.closed()).toBe(true)
  })

  test.each(['uncaughtException', 'unhandledRejection'])(
    'is given back on %s, with the error made harmless',
    async (event) => {
      const bench = await openConsole()
      bench.signals.emit(event, new Error('boom \u001b]52;c;ZXZpbA==\u0007\u001b[2J'))
      expect(await bench.ended).toBe(1)
      expectRestored(bench)
      await bench.sees('hardtui failed: boom ␛]52')
      expect(bench.terminal.written()).not.toContain('\u001b]52')
    },
  )

  test('is given to the shell on SIGTSTP and taken back on SIGCONT', async () => {
    const bench = await openConsole()
    const stopped = new Promise((resolve) => bench.signals.once('stopped', resolve))
    bench.signals.emit('SIGTSTP')
    await stopped
    await bench.terminal.until(() => !bench.terminal.alternate(), 'left the alternate screen')
    expect(bench.terminal.raw()).toBe(false)
    bench.signals.emit('SIGCONT')
    await bench.sees('PermitRootLogin')
    expect(bench.terminal.alternate()).toBe(true)
    await bench.press('2')
    await bench.sees(/▸/)
  })

  test('survives being called back twice without having been stopped', async () => {
    const bench = await openConsole()
    bench.signals.emit('SIGCONT')
    bench.signals.emit('SIGCONT')
    await bench.press('2')
    await bench.sees(/▸ ✗ IPv4/)
    expect(bench.terminal.alternate()).toBe(true)
  })

  test('leaves no listener behind on the process', async () => {
    const bench = await openConsole()
    await bench.press('q')
    await bench.ended
    expect(bench.signals.eventNames()).toEqual([])
  })

  test('shows a fault of the console as text, and its keys go on working', async () => {
    const bench = await openConsole()
    const { connection } = bench.console.store.getState()
    const broken = { ...connection, target: null }
    bench.console.store.setState({ connection: broken as never })
    await bench.sees('hardtui has a fault')
    bench.transactions.set({ ...awaiting(someTimer(bench.clock.now() + 60_000)), notice: say`x` } as never)
    await bench.press('X')
    expect(bench.transactions.calls).toContain('rollback')
    bench.console.store.setState({ connection })
  })
})
