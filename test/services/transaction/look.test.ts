import { describe, expect, test } from 'vitest'
import {
  LOST,
  NOTHING_PENDING,
  onePlan,
  over,
  pending,
  scriptedServer,
  turn,
  waiting,
} from '../../support/scripted-server.ts'

describe('what is read of a server', () => {
  test('is nothing where nothing is pending and nothing was', async () => {
    const server = scriptedServer()
    server.answer('status', NOTHING_PENDING)
    expect(await server.transactions.look()).toBe(true)
    expect(server.states).toEqual([])
    expect(server.transactions.state().phase).toBe('idle')
  })

  test('asks what became of the change that this console knows', async () => {
    const server = scriptedServer()
    await server.transactions.look()
    expect(server.words('status')).toEqual([''])
    await server.transactions.look()
    expect(server.words('status')).toEqual(['tx1'])
  })

  test('is a change that somebody else made, to be proved and ended from here', async () => {
    const server = scriptedServer()
    server.answer('status', pending({ holder: 'other', owner: 'ops' }))
    expect(await server.transactions.look()).toBe(true)
    expect(server.transactions.state()).toMatchObject({
      phase: 'awaiting-confirm',
      timer: { id: 'tx1', owner: 'ops', mine: false },
      proof: { outcome: 'pending' },
      notice: null,
    })
  })

  test('says so where the timer runs and nothing was applied', async () => {
    const server = scriptedServer()
    server.answer('status', pending({ applied: 'no' }))
    await server.transactions.look()
    expect(server.transactions.state()).toMatchObject({ notice: expect.stringContaining('nothing was applied') })
  })

  test('keeps the proof and the notice of a change that waits, with the timer as it is now', async () => {
    const server = await waiting()
    server.answer('extend', '@old too old\n')
    await server.transactions.extend()
    const before = server.transactions.state()
    server.answer('status', pending({ left: '2000', deadline: '09:20:00' }))
    await server.transactions.look()
    expect(server.transactions.state()).toEqual({
      ...before,
      timer: expect.objectContaining({ deadlineAt: '09:20:00', firesAt: server.clock.now() + 20_000 }),
    })
  })

  test.each([
    [{ state: 'reverting' }, 'timer'],
    [{ state: 'reverted' }, 'timer'],
    [{ state: 'reverting', failed: 'rules are not as planned' }, 'failure'],
  ])('is a rollback under way where it says %j', async (told, cause) => {
    const server = await waiting()
    server.answer('status', pending(told))
    await server.transactions.look()
    expect(server.transactions.state()).toMatchObject({ phase: 'rolling-back', cause, timer: { id: 'tx1' } })
  })

  test.each(['confirmed', 'preparing', 'prepared'])('is in doubt where the change is %s', async (state) => {
    const server = await waiting()
    server.answer('status', pending({ state }))
    await server.transactions.look()
    expect(server.transactions.state()).toMatchObject({ phase: 'in-doubt', doubt: expect.stringContaining(state) })
  })
})

describe('a reading beside a step whose own answer is still to come', () => {
  test('does not overtake arming, applying, proving or confirming', async () => {
    const server = scriptedServer()
    const held: ((answer: string) => void)[] = []
    const hold = () => new Promise<string>((resolve) => held.push(resolve))
    const unmoved = async (phase: string): Promise<void> => {
      const before = server.transactions.state()
      expect(before.phase).toBe(phase)
      await server.transactions.look()
      expect(server.transactions.state()).toBe(before)
    }
    server.answer('arm', hold())
    server.answer('start-apply', hold())
    server.answer('confirm', hold())
    const applying = server.transactions.apply(onePlan())
    await unmoved('checking')
    held[0]?.('@checked\n@armed tx1 3000 a b\n')
    await turn()
    await unmoved('applying')
    held[1]?.('@applied yes\n')
    await turn()
    await unmoved('proving')
    await server.rest(applying)
    const confirming = server.transactions.confirm()
    await unmoved('confirming')
    held[2]?.('@confirmed tx1\n')
    await confirming
    expect(server.transactions.state().phase).toBe('confirmed')
  })
})

describe('a change that is over', () => {
  test('ended as the server’s record says, and its plan is given back where it was rolled back', async () => {
    const plan = onePlan()
    const server = await waiting({}, plan)
    server.answer('status', over('rolled-back-boot', '@note v4 rules as they were'))
    await server.transactions.look()
    expect(server.transactions.state()).toEqual({
      phase: 'rolled-back',
      id: 'tx1',
      by: 'boot',
      notes: ['v4 rules as they were'],
      plan,
    })
  })

  test('was confirmed elsewhere, with what boots make of it before the other notes', async () => {
    const server = await waiting()
    server.answer('status', over('confirmed', '@kept none', '@note by ops'))
    await server.transactions.look()
    expect(server.transactions.state()).toEqual({
      phase: 'confirmed',
      id: 'tx1',
      lasts: false,
      notes: [expect.stringContaining('loads no rules at boot'), 'by ops'],
    })
  })

  test('has only the server’s notes where it does not say what boots make of it', async () => {
    const server = await waiting()
    server.answer('status', over('confirmed', '@note by ops'))
    await server.transactions.look()
    expect(server.transactions.state()).toMatchObject({ lasts: null, notes: ['by ops'] })
  })

  test('is lost where the server keeps no record of it', async () => {
    const server = await waiting()
    server.answer('status', NOTHING_PENDING)
    await server.transactions.look()
    expect(server.transactions.state()).toMatchObject({ phase: 'lost', id: 'tx1' })
  })

  test('was never armed where arming was not answered and there is no record', async () => {
    const plan = onePlan()
    const server = scriptedServer()
    server.answer('arm', LOST)
    server.answer('status', NOTHING_PENDING)
    await server.rest(server.transactions.apply(plan))
    await server.transactions.look()
    expect(server.transactions.state()).toMatchObject({
      phase: 'aborted',
      reason: expect.stringContaining('nothing was armed'),
      plan,
    })
  })

  test('ended also where another one is pending, which is what is seen next', async () => {
    const server = await waiting()
    server.answer('status', pending({ id: 'other', ended: 'rolled-back-operator' }))
    await server.transactions.look()
    expect(server.states.at(-2)).toMatchObject({ phase: 'rolled-back', id: 'tx1', by: 'operator' })
    expect(server.transactions.state()).toMatchObject({ phase: 'awaiting-confirm', timer: { id: 'other' } })
  })

  test('is not ended again by a reading of itself', async () => {
    const server = await waiting()
    await server.transactions.look()
    expect(server.states.filter(({ phase }) => phase === 'rolled-back' || phase === 'lost')).toEqual([])
  })

  test('does not come back by an answer of its time, and another change is seen all the same', async () => {
    const server = await waiting()
    await server.transactions.rollback()
    const before = server.transactions.state()
    server.answer('status', pending())
    await server.transactions.look()
    expect(server.transactions.state()).toBe(before)
    server.answer('status', pending({ id: 'other' }))
    await server.transactions.look()
    expect(server.transactions.state()).toMatchObject({ phase: 'awaiting-confirm', timer: { id: 'other' } })
  })
})

describe('silence', () => {
  test('changes nothing before the deadline, and after it leaves doubt', async () => {
    const server = await waiting()
    server.answer('status', LOST)
    const before = server.transactions.state()
    server.clock.advance(30_000 - 1_500)
    await turn()
    expect(await server.transactions.look()).toBe(false)
    expect(server.transactions.state()).toBe(before)
    server.clock.advance(1)
    await turn()
    await server.transactions.look()
    expect(server.transactions.state()).toMatchObject({
      phase: 'in-doubt',
      timer: { id: 'tx1' },
      doubt: expect.stringContaining('The deadline has passed'),
    })
  })

  test('keeps the doubt that was there', async () => {
    const server = await waiting()
    server.answer('confirm', LOST)
    server.answer('status', LOST)
    await server.transactions.confirm('unproven')
    const before = server.transactions.state()
    server.clock.advance(60_000)
    await turn()
    await server.transactions.look()
    expect(server.transactions.state()).toBe(before)
  })

  test('says nothing where nothing is pending', async () => {
    const server = scriptedServer()
    server.answer('status', LOST)
    expect(await server.transactions.look()).toBe(false)
    expect(server.states).toEqual([])
  })
})
