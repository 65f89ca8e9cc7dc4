import { describe, expect, test } from 'vitest'
import { hostFacts } from '../../support/plans.ts'
import {
  LOST,
  NOTHING_PENDING,
  over,
  pending,
  REFUSED,
  scriptedServer,
  TIMED_OUT,
  waiting,
} from '../../support/scripted-server.ts'

const UNREACHABLE = { ...LOST, kind: 'unreachable' as const }

/** A console whose change waits; nothing of how it came there is kept. */
async function asked(...given: Parameters<typeof waiting>) {
  const server = await waiting(...given)
  server.asked.length = 0
  server.states.length = 0
  return server
}

/** A console that met somebody else's change. */
async function beside() {
  const server = scriptedServer()
  server.answer('status', pending({ holder: 'other', owner: 'ops' }))
  await server.transactions.look()
  server.asked.length = 0
  return server
}

describe('confirming', () => {
  test('goes over the login that proved the change, and makes it last', async () => {
    const server = await asked()
    server.answer('confirm', '@confirmed tx1\n@kept netfilter-persistent\n')
    await server.transactions.confirm()
    expect(server.asked).toEqual(['login: confirm'])
    expect(server.words('confirm')).toEqual(['confirm', 'tx1', '-', 'console'])
    expect(server.states.map(({ phase }) => phase)).toEqual(['confirming', 'confirmed'])
    expect(server.transactions.state()).toMatchObject({
      id: 'tx1',
      lasts: true,
      notes: [expect.stringContaining('saved for the next boot')],
    })
    expect(server.open()).toBe(0)
  })

  test('claims nothing about the next boot where the server does not say', async () => {
    const server = await asked()
    await server.transactions.confirm()
    expect(server.transactions.state()).toMatchObject({ phase: 'confirmed', lasts: null, notes: [] })
  })

  test('against another console’s proof rests on a login all the same', async () => {
    const server = await asked()
    await server.transactions.confirm('heard')
    expect(server.asked).toEqual(['login: confirm'])
    expect(server.words('confirm')).toContain('heard')
  })

  test('without a proof goes over the console’s own connection and says so', async () => {
    const server = await asked()
    await server.transactions.confirm('unproven')
    expect(server.asked).toEqual(['confirm'])
    expect(server.words('confirm')).toContain('unproven')
  })

  test('is done only where a change waits for it', async () => {
    const server = scriptedServer()
    await server.transactions.confirm()
    expect(server.asked).toEqual([])
    expect(server.transactions.state().phase).toBe('idle')
  })

  test.each([LOST, TIMED_OUT, UNREACHABLE])(
    'that is not answered leaves doubt, and the server is asked: %j',
    async (error) => {
      const server = await asked()
      server.answer('confirm', error)
      server.answer('status', LOST)
      await server.transactions.confirm('unproven')
      expect(server.transactions.state()).toMatchObject({
        phase: 'in-doubt',
        timer: { id: 'tx1' },
        doubt: expect.stringContaining(`No answer while confirming: ${error.message}`),
      })
      expect(server.asked).toEqual(['confirm', 'status'])
      server.answer('status', over('confirmed', '@kept files'))
      await server.transactions.look()
      expect(server.transactions.state()).toMatchObject({ phase: 'confirmed', id: 'tx1', lasts: true })
    },
  )

  test('for which no login can be had waits on, with the reason', async () => {
    const server = await asked()
    server.answer('confirm', LOST)
    server.login = REFUSED
    await server.transactions.confirm()
    expect(server.transactions.state()).toMatchObject({
      phase: 'awaiting-confirm',
      proof: { outcome: 'works' },
      notice: `${REFUSED.message} ${REFUSED.next}`,
    })
    expect(server.asked).toEqual(['login: confirm', 'login'])
  })

  test.each(['old', 'early', 'failed'])('that the server refuses as “%s” waits on, with its words', async (word) => {
    const server = await asked()
    server.answer('confirm', `@${word} not with this login\n`)
    await server.transactions.confirm()
    expect(server.transactions.state()).toMatchObject({
      phase: 'awaiting-confirm',
      timer: { id: 'tx1', mine: true, first: null },
      notice: 'not with this login',
    })
    expect(server.asked).toEqual(['login: confirm'])
  })

  test('that another console’s proof stands against waits on, and keeps what it said', async () => {
    const server = await asked()
    server.answer('confirm', '@first root could not log in anew\n')
    await server.transactions.confirm()
    expect(server.transactions.state()).toMatchObject({
      phase: 'awaiting-confirm',
      timer: { first: 'root could not log in anew' },
      notice: 'root could not log in anew',
    })
    expect(server.asked).toEqual(['login: confirm'])
  })

  test('of a change that another console took over says who, and is no longer this console’s', async () => {
    const server = await asked()
    server.answer('confirm', '@taken ops 203.0.113.9 09:18:20\n')
    server.answer('status', LOST)
    await server.transactions.confirm()
    expect(server.transactions.state()).toMatchObject({
      phase: 'awaiting-confirm',
      timer: { id: 'tx1', mine: false },
      notice: 'ops (from 203.0.113.9) took this change over at 09:18:20: it is his to end, or take it back.',
    })
    expect(server.asked).toEqual(['login: confirm', 'status'])
  })

  test('that is answered with nothing known is decided by what the server says is pending', async () => {
    const server = await asked()
    server.answer('confirm', 'noise\n')
    server.answer('status', over('rolled-back-timer'))
    await server.transactions.confirm()
    expect(server.states.map(({ phase }) => phase)).toEqual(['confirming', 'awaiting-confirm', 'rolled-back'])
    expect(server.transactions.state()).toMatchObject({ by: 'timer' })
  })
})

describe('extending', () => {
  test('asks for one more window over a new login, and reads the new deadline', async () => {
    const server = await asked()
    server.answer('status', pending({ left: '6000', deadline: '09:19:07' }))
    await server.transactions.extend()
    expect(server.asked).toEqual(['login: extend', 'status'])
    expect(server.words('extend')).toEqual(['extend', 'tx1', '30', 'console'])
    expect(server.transactions.state()).toMatchObject({
      phase: 'awaiting-confirm',
      timer: { deadlineAt: '09:19:07' },
      notice: 'Extended by 30 s.',
    })
  })

  test('takes three minutes where the server did not tell the window', async () => {
    const server = scriptedServer()
    server.answer('status', pending({ window: '' }))
    await server.transactions.look()
    await server.transactions.extend()
    expect(server.words('extend')).toContain('180')
    expect(server.transactions.state()).toMatchObject({ notice: 'Extended by 180 s.' })
  })

  test('that fails says so, and the deadline stays', async () => {
    const server = await asked()
    const before = server.transactions.state()
    server.answer('extend', TIMED_OUT)
    await server.transactions.extend()
    expect(server.transactions.state()).toEqual({ ...before, notice: 'Not extended: :22 timed out.' })
    expect(server.asked).toEqual(['login: extend'])
  })

  test('that the server refuses says why', async () => {
    const server = await asked()
    server.answer('extend', '@old this login is older than the change\n')
    await server.transactions.extend()
    expect(server.transactions.state()).toMatchObject({ notice: 'this login is older than the change' })
    expect(server.asked).toEqual(['login: extend'])
  })

  test('is done only where a change waits', async () => {
    const server = scriptedServer()
    await server.transactions.extend()
    expect(server.asked).toEqual([])
  })
})

describe('rolling back', () => {
  test('goes over the connection that works, and tells what was restored', async () => {
    const server = await asked()
    server.answer('rollback', '@rolled-back tx1\n@note v4 rules as they were\n')
    await server.transactions.rollback()
    expect(server.asked).toEqual(['rollback'])
    expect(server.words('rollback')).toEqual(['rollback', 'operator', 'tx1'])
    expect(server.states).toMatchObject([
      { phase: 'rolling-back', cause: 'operator', timer: { id: 'tx1' } },
      { phase: 'rolled-back', id: 'tx1', by: 'operator', notes: ['v4 rules as they were'] },
    ])
    expect(server.transactions.state()).toMatchObject({ plan: { changes: [{}] } })
  })

  test('goes over the login that proved the change where the connection is cut', async () => {
    const server = await asked()
    server.answer('rollback', LOST, '@rolled-back tx1\n')
    await server.transactions.rollback()
    expect(server.asked).toEqual(['rollback', 'login: rollback'])
    expect(server.transactions.state()).toMatchObject({ phase: 'rolled-back' })
  })

  test('that nobody answers is in doubt, and the server is asked', async () => {
    const server = await asked()
    server.answer('rollback', LOST)
    server.answer('status', LOST)
    server.login = LOST
    await server.transactions.rollback()
    expect(server.asked).toEqual(['rollback', 'login: rollback', 'login', 'status'])
    expect(server.transactions.state()).toMatchObject({
      phase: 'in-doubt',
      doubt: expect.stringContaining('No answer while rolling back'),
    })
  })

  test('of a change in doubt is possible, and stays in doubt where it is refused', async () => {
    const server = await asked()
    server.answer('confirm', LOST)
    server.answer('status', LOST)
    await server.transactions.confirm('unproven')
    server.answer('rollback', REFUSED)
    server.login = REFUSED
    await server.transactions.rollback()
    expect(server.transactions.state()).toMatchObject({ phase: 'in-doubt', timer: { id: 'tx1' } })
  })

  test('that the server does not own to is decided by what it says is pending', async () => {
    const server = await asked()
    server.answer('rollback', '@gone\n')
    server.answer('status', over('confirmed'))
    await server.transactions.rollback()
    expect(server.asked).toEqual(['rollback', 'status'])
    expect(server.transactions.state()).toMatchObject({ phase: 'confirmed' })
  })

  test('is asked for once', async () => {
    const server = await asked()
    let answer = (_: string): void => {}
    server.answer('rollback', new Promise<string>((resolve) => (answer = resolve)))
    const first = server.transactions.rollback()
    await server.transactions.rollback()
    answer('@rolled-back tx1\n')
    await first
    expect(server.asked).toEqual(['rollback'])
  })

  test('is nothing where nothing is pending', async () => {
    const server = scriptedServer()
    await server.transactions.rollback()
    expect(server.asked).toEqual([])
    expect(server.transactions.state().phase).toBe('idle')
  })
})

describe('taking over', () => {
  test('makes this console the holder, by its own name', async () => {
    const server = await beside()
    server.answer('status', pending({ owner: 'root' }))
    await server.transactions.takeOver()
    expect(server.asked).toEqual(['takeover', 'status'])
    expect(server.words('takeover')).toEqual(['takeover', 'tx1', 'root', hostFacts.session.clientAddress, 'console'])
    expect(server.transactions.state()).toMatchObject({ phase: 'awaiting-confirm', timer: { mine: true } })
  })

  test('that is not answered leaves doubt', async () => {
    const server = await beside()
    server.answer('takeover', LOST)
    server.answer('status', LOST)
    await server.transactions.takeOver()
    expect(server.transactions.state()).toMatchObject({
      phase: 'in-doubt',
      doubt: expect.stringContaining('No answer while taking over'),
    })
  })

  test('that the server refuses says why, and nothing is this console’s', async () => {
    const server = await beside()
    server.answer('takeover', '@failed it is ending\n')
    await server.transactions.takeOver()
    expect(server.transactions.state()).toMatchObject({ timer: { mine: false }, notice: 'it is ending' })
    expect(server.asked).toEqual(['takeover'])
  })

  test('is nothing where nothing is pending, where it is being ended, or before the host is known', async () => {
    const idle = scriptedServer()
    await idle.transactions.takeOver()
    expect(idle.asked).toEqual([])
    const ending = await beside()
    ending.answer('rollback', '@gone\n')
    ending.answer('status', pending({ state: 'reverting' }))
    await ending.transactions.rollback()
    ending.asked.length = 0
    await ending.transactions.takeOver()
    expect(ending.asked).toEqual([])
    const unknown = scriptedServer({ facts: () => null })
    await unknown.transactions.look()
    unknown.asked.length = 0
    await unknown.transactions.takeOver()
    expect(unknown.asked).toEqual([])
  })

  test('of a change that ended meanwhile tells the end', async () => {
    const server = await beside()
    server.answer('takeover', '@gone\n')
    server.answer('status', NOTHING_PENDING)
    await server.transactions.takeOver()
    expect(server.transactions.state()).toMatchObject({ phase: 'lost', id: 'tx1' })
  })
})
