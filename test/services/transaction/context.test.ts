import { describe, expect, test } from 'vitest'
import { LOST, onePlan, over, pending, scriptedServer, turn, waiting } from '../../support/scripted-server.ts'

describe('the login that proved a change', () => {
  test('is kept while the change waits or is in doubt, and closed with it', async () => {
    const server = await waiting()
    server.answer('confirm', LOST)
    server.answer('status', LOST)
    await server.transactions.confirm('unproven')
    expect(server.transactions.state().phase).toBe('in-doubt')
    expect(server.open()).toBe(1)
    server.answer('status', over('rolled-back-timer'))
    await server.transactions.look()
    expect(server.open()).toBe(0)
  })

  test('is also closed where it was in doubt whether anything was armed', async () => {
    const server = await waiting()
    expect(server.open()).toBe(1)
    await server.transactions.rollback()
    server.transactions.dismiss()
    expect(server.open()).toBe(0)
  })
})

describe('the port that sshd moves to', () => {
  test('is looked for later too, once the port that was dialled may be closed', async () => {
    const server = await waiting({}, onePlan({ newPorts: [2222] }))
    await server.transactions.confirm()
    server.transactions.dismiss()
    server.answer('arm', new Promise(() => {}))
    void server.transactions.apply(onePlan())
    await turn()
    expect(server.waysBack()).toEqual([{}, { port: 2222 }])
  })

  test('is looked for when the link is lost, from the moment the change begins', async () => {
    const server = scriptedServer()
    server.answer('arm', new Promise(() => {}))
    void server.transactions.apply(onePlan({ newPorts: [2222] }))
    await turn()
    expect(server.waysBack()).toEqual([{}, { port: 2222 }])
  })

  test('is kept by a confirm, and forgotten by a rollback or when nothing came of it', async () => {
    const confirmed = await waiting({}, onePlan({ newPorts: [2222] }))
    await confirmed.transactions.confirm()
    expect(confirmed.waysBack()).toEqual([{}, { port: 2222 }])
    const rolledBack = await waiting({}, onePlan({ newPorts: [2222] }))
    await rolledBack.transactions.rollback()
    expect(rolledBack.waysBack()).toEqual([{}])
    const aborted = scriptedServer()
    aborted.answer('arm', '@refused link no\n')
    await aborted.rest(aborted.transactions.apply(onePlan({ newPorts: [2222] })))
    expect(aborted.waysBack()).toEqual([{}])
  })
})

test('whoever listens hears each change until he stops', async () => {
  const server = scriptedServer()
  const heard: string[] = []
  const stop = server.transactions.subscribe(({ phase }) => heard.push(phase))
  await server.transactions.look()
  expect(heard).toEqual(['awaiting-confirm'])
  stop()
  server.answer('status', pending({ state: 'reverting' }))
  await server.transactions.look()
  expect(heard).toEqual(['awaiting-confirm'])
})

test('a change in doubt keeps its stages', async () => {
  const server = await waiting()
  const { stages } = server.transactions.state() as { readonly stages: unknown }
  server.answer('confirm', LOST)
  server.answer('status', LOST)
  await server.transactions.confirm('unproven')
  expect(server.transactions.state()).toMatchObject({ phase: 'in-doubt', stages })
})

describe('dismissing', () => {
  test('leaves an end behind', async () => {
    const server = await waiting()
    await server.transactions.rollback()
    server.transactions.dismiss()
    expect(server.transactions.state()).toEqual({ phase: 'idle' })
  })

  test('leaves nothing behind that is pending, or in doubt', async () => {
    const server = await waiting()
    server.transactions.dismiss()
    expect(server.transactions.state().phase).toBe('awaiting-confirm')
    const doubtful = scriptedServer()
    doubtful.answer('arm', LOST)
    await doubtful.rest(doubtful.transactions.apply(onePlan()))
    doubtful.transactions.dismiss()
    expect(doubtful.transactions.state()).toMatchObject({ phase: 'in-doubt', timer: null })
  })
})

test('the history and a record are asked of the server', async () => {
  const server = scriptedServer()
  server.answer('history', '@record a1 confirmed 2026-11-22T09:18:07+0000 - root 192.0.2.1 yes\n')
  expect(await server.transactions.history()).toMatchObject({ ok: true, value: [{ id: 'a1', undoable: true }] })
  server.answer('record', '@record a1 confirmed\n@end a1\n')
  expect(await server.transactions.record('a1')).toMatchObject({ ok: true, value: { id: 'a1' } })
  expect(server.words('record')).toEqual(['record', 'a1'])
  for (const answer of ['', '@record a1 confirmed\n', '@record a1 confirmed\n@end b2\n', '@note a1\n']) {
    server.answer('record', answer)
    expect(await server.transactions.record('a1')).toMatchObject({
      ok: false,
      error: { message: 'The server no longer has the record of a1.' },
    })
  }
  server.answer('record', LOST)
  server.answer('history', LOST)
  expect(await server.transactions.record('a1')).toEqual({ ok: false, error: LOST })
  expect(await server.transactions.history()).toEqual({ ok: false, error: LOST })
})
