import { describe, expect, test } from 'vitest'
import { LOG_AGAIN } from '../../../src/services/model/securelog.ts'
import { type Headless, headless, keysOf, type Options, settled } from '../../support/headless.ts'
import { someTexts } from '../../support/probe-texts.ts'

const SSHD = 'Nov 25 09:20:00 web1 sshd[9]: Failed password for root from 203.0.113.9 port 40022 ssh2'
const GUARD = 'Nov 25 09:18:07 web1 hardtui: armed 7f3a'

const log = ({ console }: Headless) => console.store.getState().log
const looks = ({ transactions }: Headless) => transactions.calls.filter((call) => call === 'look').length

/** A console that follows, with every follow that was begun and whether it was stopped. */
async function following(options: Options = {}) {
  const follows: {
    stopped: boolean
    readonly lines: (lines: readonly string[]) => void
    readonly end: (reason: never) => void
  }[] = []
  const bench = await keysOf({
    ...options,
    connect: async (_ask, host) => {
      Object.assign(host, {
        follow: (_script: string, lines: (lines: readonly string[]) => void, end: (reason: never) => void) => {
          const one = { stopped: false, lines, end }
          follows.push(one)
          return {
            stop: () => {
              one.stopped = true
            },
          }
        },
      })
      return { ok: true, value: host }
    },
  })
  const say = async (...lines: readonly string[]): Promise<void> => {
    follows.at(-1)?.lines(lines)
    bench.clock.advance(100)
    await settled()
  }
  return { ...bench, follows, say }
}

describe('following the log', () => {
  test('begins with what was read, once, however often it is read again', async () => {
    const bench = await following()
    expect([log(bench).follow, log(bench).entries.length, bench.follows.length]).toEqual(['following', 5, 1])
    await bench.press('R', 'R')
    expect([bench.follows.length, log(bench).entries.length]).toEqual([1, 5])
  })

  test('takes lines in groups, and says nothing of lines that are no entries', async () => {
    const bench = await following()
    const [follow] = bench.follows
    follow?.lines([SSHD, 'no entry at all'])
    follow?.lines([SSHD])
    expect(log(bench).entries).toHaveLength(5)
    bench.clock.advance(99)
    expect(log(bench).entries).toHaveLength(5)
    bench.clock.advance(1)
    expect(log(bench).entries.length).toBeGreaterThan(5)
    const { length } = log(bench).entries
    bench.clock.advance(1000)
    expect(log(bench).entries).toHaveLength(length)
    await bench.say(SSHD.replace('root', 'eve'))
    expect(log(bench).entries).toHaveLength(length + 1)
  })

  test('that was stopped can be begun again, and asks as before', async () => {
    const bench = await following()
    await bench.say(GUARD)
    await bench.say(GUARD)
    bench.console.actions.stopFollow()
    bench.clock.advance(60_000)
    await settled()
    expect([looks(bench), log(bench).follow]).toEqual([2, 'off'])
    bench.console.actions.follow()
    await bench.say(GUARD)
    expect([bench.follows.length, looks(bench)]).toEqual([2, 3])
  })

  test('that ends says why, and is begun again by the next reading', async () => {
    const bench = await following()
    bench.follows[0]?.end('its channel was closed' as never)
    expect([log(bench).follow, log(bench).reason]).toEqual(['stopped', 'its channel was closed'])
    bench.follows[0]?.end('twice' as never)
    expect(log(bench).reason).toBe('its channel was closed')
    await bench.say(SSHD)
    expect(log(bench).entries).toHaveLength(5)
    await bench.press('R')
    expect([bench.follows.length, log(bench).follow, log(bench).reason]).toEqual([2, 'following', null])
    await bench.say(SSHD)
    expect(log(bench).entries).toHaveLength(6)
  })

  test('is stopped when the console is left, and nothing that waited is taken', async () => {
    const bench = await following()
    bench.follows[0]?.lines([SSHD, GUARD])
    await bench.press('q')
    expect([bench.follows[0]?.stopped, log(bench).follow]).toEqual([true, 'off'])
    bench.clock.advance(60_000)
    bench.follows[0]?.lines([GUARD])
    bench.follows[0]?.end('late' as never)
    bench.clock.advance(60_000)
    expect([log(bench).entries.length, log(bench).reason, looks(bench)]).toEqual([5, null, 1])
  })

  test('is not begun where there is no log to read', async () => {
    const bench = await following({ texts: { securelog: { ...someTexts().securelog, file: '', lines: '' } } })
    expect([bench.follows.length, log(bench).follow]).toEqual([0, 'off'])
    const alone = headless()
    alone.console.actions.follow()
    alone.console.actions.stopFollow()
    expect(log(alone).follow).toBe('off')
  })

  test('takes what came at once in parts, each in its turn, and keys come in between', async () => {
    const bench = await following()
    const [follow] = bench.follows
    const steps: number[] = []
    bench.console.store.subscribe((state, before) => {
      const added = state.log.entries.length - before.log.entries.length
      if (added > 0) steps.push(added)
    })
    follow?.lines(Array.from({ length: 2_500 }, () => SSHD))
    bench.clock.after(100, () => steps.push(0))
    bench.clock.advance(100)
    expect(steps).toEqual([400, 0, 400, 400, 400, 400, 400, 100])
    await bench.say(SSHD)
    expect(steps.at(-1)).toBe(1)
  })

  test('keeps the newest of a flood, and no more than the log holds', async () => {
    const bench = await following()
    const flood = Array.from({ length: 25_000 }, (_, at) => SSHD.replace('root', `u${at}`))
    await bench.say(...flood)
    const { entries } = log(bench)
    expect(entries).toHaveLength(10_000)
    expect([entries[0]?.text, entries.at(-1)?.text].map((text) => /u\d+/.exec(text ?? '')?.[0])).toEqual([
      'u15000',
      'u24999',
    ])
  })
})

describe('the lines that a follow begins with', () => {
  // Before the moment of the reading: lines name no year, and both readings have to give them the same.
  const tried = (user: string): string => SSHD.replace('Nov 25', 'Nov 22').replace('root', user)
  const READ = [tried('root'), tried('eve')]
  const came = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => tried(`u${at}`))

  /** Who got in by all of the log, which is followed from its end on. */
  async function judged() {
    const bench = await following({
      texts: { securelog: { ...someTexts().securelog, lines: READ.join('\n') } },
      survey: ['= file 1795426800 /var/log/auth.log', ...READ.map((line) => `+${line}`), '= done 0 0', '= end'],
    })
    await bench.press('4', 'l')
    await settled()
    const brokenIn = () => {
      const [finding] = bench.console.store.getState().readings.findings.securelog
      return `${finding?.outcome} ${finding?.observed}`
    }
    expect(brokenIn()).toBe('pass nobody')
    return { ...bench, brokenIn }
  }

  test('leave a gap where none of them was read before, and who got in is no longer everybody', async () => {
    const { say, brokenIn } = await judged()
    await say(...came(LOG_AGAIN - 1))
    expect(brokenIn()).toBe('pass nobody')
    await say(...came(1))
    expect(brokenIn()).toBe('unknown nobody so far: lines came that were not read, l reads all of it')
  })

  test('leave none where they reach back to what was read', async () => {
    const { say, brokenIn } = await judged()
    await say(...READ.slice(1), ...came(LOG_AGAIN))
    await say(...came(LOG_AGAIN))
    expect(brokenIn()).toBe('pass nobody')
  })
})

describe('a line that tells of a change', () => {
  test('asks what waits on the server, and any other does not', async () => {
    const bench = await following()
    await bench.say(SSHD)
    expect(looks(bench)).toBe(1)
    await bench.say(SSHD, GUARD)
    expect(looks(bench)).toBe(2)
  })

  test('soon after another waits for its turn, and for one answer at a time', async () => {
    const bench = await following()
    await bench.say(GUARD)
    await bench.say(GUARD)
    await bench.say(GUARD)
    expect(looks(bench)).toBe(2)
    bench.clock.advance(4700)
    expect(looks(bench)).toBe(2)
    bench.clock.advance(200)
    await settled()
    expect(looks(bench)).toBe(3)
    bench.clock.advance(60_000)
    await settled()
    expect(looks(bench)).toBe(3)
    await bench.say(GUARD)
    expect(looks(bench)).toBe(4)
  })

  test('while an answer is awaited asks after it', async () => {
    const bench = await following()
    let answer = (): void => {}
    const { look } = bench.transactions
    Object.assign(bench.transactions, {
      look: async () => {
        bench.transactions.calls.push('look')
        await new Promise<void>((resolve) => {
          answer = resolve
        })
        return true
      },
    })
    await bench.say(GUARD)
    bench.clock.advance(20_000)
    await bench.say(GUARD)
    bench.clock.advance(20_000)
    expect(looks(bench)).toBe(2)
    Object.assign(bench.transactions, { look })
    answer()
    await settled()
    bench.clock.advance(5000)
    await settled()
    expect(looks(bench)).toBe(3)
  })

  test('is left alone while this console changes something', async () => {
    const bench = await following()
    bench.transactions.set({ phase: 'arming', stages: [] })
    await bench.say(GUARD)
    expect(looks(bench)).toBe(1)
    bench.transactions.set({ phase: 'confirmed', id: 'x', notes: [], lasts: true })
    await bench.say(GUARD)
    expect(looks(bench)).toBe(2)
  })

  test('that fails leaves things as they are', async () => {
    const bench = await following()
    Object.assign(bench.transactions, { look: () => Promise.reject(new Error('the link is gone')) })
    await bench.say(GUARD)
    Object.assign(bench.transactions, { look: async () => bench.transactions.calls.push('look') > 0 })
    bench.clock.advance(5000)
    await bench.say(GUARD)
    expect(looks(bench)).toBe(2)
  })
})
