import { describe, expect, test } from 'vitest'
import type { Host } from '../../../../src/services/model/host.ts'
import { say } from '../../../../src/services/model/safe.ts'
import { surveyOf } from '../../../../src/state/slices/log.ts'
import { keysOf, settled } from '../../../support/headless.ts'

const failed = (nth: number): string =>
  `Nov 20 09:00:0${nth} web1 sshd[${nth}1]: Failed password for root from 203.0.113.7 port ${nth} ssh2`
/** What a server prints of a log with so many tries that failed. */
const tries = (count: number): readonly string[] => [
  ...['= zone +0000', '= file 1795426800 /var/log/auth.log'],
  ...Array.from({ length: count }, (_, at) => `+${failed(at)}`),
  ...['= done 0 0', '= end'],
]
const cutOff = (count: number): readonly string[] => tries(count).slice(0, -2)

async function log(survey: readonly string[]) {
  const bench = await keysOf({ survey })
  await bench.press('4')
  const whole = () => bench.console.store.getState().log.whole
  return {
    ...bench,
    whole,
    counted: () => surveyOf(whole())?.pressure.tries,
    /** Asks who tried, and is back at the lines once that is known. */
    ask: async (): Promise<void> => {
      await bench.press('a')
      await settled()
      await bench.press('a')
    },
  }
}

describe('all of the log', () => {
  test('is shown again as it is for half a minute, and then read anew', async () => {
    const { ask, counted, server, clock } = await log(tries(2))
    await ask()
    expect(counted()).toBe(2)
    server.survey = tries(3)
    clock.advance(29_999)
    await ask()
    expect(counted()).toBe(2)
    clock.advance(1)
    await ask()
    expect(counted()).toBe(3)
  })

  test('stays known as it was where a later reading is cut off, which is said', async () => {
    const { ask, counted, whole, server, clock } = await log(tries(4))
    await ask()
    clock.advance(30_000)
    server.survey = cutOff(3)
    await ask()
    expect(whole()).toMatchObject({
      ...{ state: 'read', cutOff: expect.stringContaining('ended') },
      survey: { ended: true, lines: 4 },
    })
    expect(counted()).toBe(4)
  })

  test('is known in part where nothing but a part was ever read, and read anew as soon as it is asked for', async () => {
    const { ask, whole, server } = await log(cutOff(2))
    await ask()
    server.survey = cutOff(3)
    await ask()
    expect(whole()).toMatchObject({ cutOff: expect.anything(), survey: { ended: false, lines: 3 } })
    server.survey = tries(5)
    await ask()
    expect(whole()).toMatchObject({ cutOff: null, survey: { ended: true, lines: 5 } })
  })

  test('is counted once where the server had to begin anew in the middle of it', async () => {
    const { ask, counted, whole, host } = await log([])
    const stream: Host['stream'] = (_script, on) => {
      setImmediate(() => {
        on.begin()
        on.lines(cutOff(2))
        on.begin()
        on.lines(tries(3))
        on.end(say`The log ended on the server with status 0.`)
      })
      return { stop: () => {} }
    }
    Object.assign(host, { stream })
    await ask()
    expect(counted()).toBe(3)
    expect(whole()).toMatchObject({ survey: { lines: 3, sources: ['/var/log/auth.log'] } })
  })

  test('stays known as far as it was read where p stops the reading', async () => {
    const { press, whole, host, said } = await log([])
    let isStopped = false
    const stream: Host['stream'] = (_script, on) => {
      setImmediate(() => {
        on.begin()
        on.lines(cutOff(2))
      })
      return {
        stop: () => {
          isStopped = true
        },
      }
    }
    Object.assign(host, { stream })
    await press('p')
    expect([isStopped, said()]).toEqual([false, 'Held: new lines wait. p lets them in.'])
    await press('p', 'a')
    await settled()
    expect(whole().state).toBe('reading')
    // Where the lines are shown it holds them, whatever is read.
    await press('a', 'p')
    expect([isStopped, whole().state]).toEqual([false, 'reading'])
    await press('p', 'a', 'p')
    expect([isStopped, whole()]).toEqual([
      true,
      expect.objectContaining({
        cutOff: 'you stopped it',
        survey: expect.objectContaining({ ended: false, lines: 2 }),
      }),
    ])
  })
})
