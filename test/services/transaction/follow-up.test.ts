import { describe, expect, test } from 'vitest'
import { LOST, over, pending, scriptedServer, turn, waiting } from '../../support/scripted-server.ts'

/** A console whose change waits, half a minute before its deadline; how it came there is not kept. */
async function asked() {
  const server = await waiting()
  server.answer('status', pending({ left: '3000' }))
  await server.transactions.look()
  server.asked.length = 0
  return server
}
const looks = (server: { readonly asked: readonly string[] }) => server.asked.filter((one) => one === 'status').length

describe('a change that waits', () => {
  test('is read again every five seconds', async () => {
    const server = await asked()
    for (let reads = 1; reads <= 3; reads++) {
      server.clock.advance(4_999)
      await turn()
      expect(looks(server)).toBe(reads - 1)
      server.clock.advance(1)
      await turn()
      expect(looks(server)).toBe(reads)
    }
  })

  test('is read right after its deadline, not five seconds later, and then soon again', async () => {
    const server = await asked()
    server.answer('status', pending({ left: '200' }))
    await server.transactions.look()
    server.answer('status', pending({ left: '0' }))
    server.asked.length = 0
    server.clock.advance(2_299)
    await turn()
    expect(looks(server)).toBe(0)
    server.clock.advance(1)
    await turn()
    expect(looks(server)).toBe(1)
    server.clock.advance(699)
    await turn()
    expect(looks(server)).toBe(1)
    server.clock.advance(1)
    await turn()
    expect(looks(server)).toBe(2)
  })

  test('is asked about once at a time, however long the answer takes', async () => {
    const server = await asked()
    let answer = (_: string): void => {}
    server.answer('status', new Promise<string>((resolve) => (answer = resolve)))
    server.clock.advance(5_000)
    await turn()
    server.setLink({ state: 'up', roundTripMs: 1 })
    server.clock.advance(60_000)
    await turn()
    expect(looks(server)).toBe(1)
    answer(pending())
    await turn()
    server.clock.advance(5_000)
    await turn()
    expect(looks(server)).toBe(2)
  })

  test('is no longer asked about once it is over', async () => {
    const server = await asked()
    await server.transactions.rollback()
    server.asked.length = 0
    server.clock.advance(60_000)
    await turn()
    expect(server.asked).toEqual([])
  })

  test('is read at once when the link is back', async () => {
    const server = await asked()
    server.setLink({ state: 'lost', since: 0, reason: LOST.message, nextTryAt: null })
    await turn()
    expect(server.asked).toEqual([])
    server.setLink({ state: 'up', roundTripMs: 1 })
    await turn()
    expect(server.asked).toEqual(['status'])
  })

  test('is asked about no more once the console has closed the connection', async () => {
    const server = await asked()
    server.setLink({ state: 'closed' })
    server.clock.advance(60_000)
    await turn()
    expect(server.asked).toEqual([])
  })
})

test('quitting in doubt asks the server nothing more', async () => {
  const server = await asked()
  server.answer('confirm', LOST)
  server.answer('status', LOST)
  await server.transactions.confirm('unproven')
  expect(server.transactions.state().phase).toBe('in-doubt')
  server.setLink({ state: 'closed' })
  server.asked.length = 0
  server.clock.advance(60_000)
  await turn()
  expect(server.asked).toEqual([])
  expect(server.transactions.state().phase).toBe('in-doubt')
})

test('what is in doubt is asked about again soon, until the server answers', async () => {
  const server = await asked()
  server.answer('confirm', LOST)
  server.answer('status', LOST)
  await server.transactions.confirm('unproven')
  for (let reads = 2; reads <= 4; reads++) {
    server.clock.advance(699)
    await turn()
    expect(looks(server)).toBe(reads - 1)
    server.clock.advance(1)
    await turn()
    expect(looks(server)).toBe(reads)
  }
  server.answer('status', over('confirmed'))
  server.clock.advance(700)
  await turn()
  expect(server.transactions.state().phase).toBe('confirmed')
})

test('a rollback under way is read soon, until it has ended', async () => {
  const server = await asked()
  server.answer('status', pending({ state: 'reverting' }), over('rolled-back-timer'))
  server.clock.advance(5_000)
  await turn()
  expect(server.transactions.state()).toMatchObject({ phase: 'rolling-back', cause: 'timer' })
  server.clock.advance(700)
  await turn()
  expect(server.transactions.state()).toMatchObject({ phase: 'rolled-back' })
})

test('where nothing is under way the server is not asked, whatever becomes of the link', async () => {
  const server = scriptedServer()
  server.setLink({ state: 'up', roundTripMs: 1 })
  server.clock.advance(60_000)
  await turn()
  expect(server.asked).toEqual([])
})
