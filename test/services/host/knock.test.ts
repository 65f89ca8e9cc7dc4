import { createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { addressFromHere } from '../../../src/services/host/from-here.ts'
import { knockAt, knocker } from '../../../src/services/host/knock.ts'

/** A port on which somebody listens; `met` are those who came. */
async function listening(): Promise<{
  readonly port: number
  readonly met: Socket[]
  readonly close: () => Promise<void>
}> {
  const met: Socket[] = []
  const server = createServer((socket) => {
    socket.on('error', () => {})
    met.push(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()))
  onTestFinished(() => {
    for (const socket of met) socket.destroy()
    server.close()
  })
  return { port: typeof address === 'object' && address ? address.port : 0, met, close }
}

test('a port that is open is open, and the connection is closed at once', async () => {
  const { port, met } = await listening()
  expect(await knocker({ host: '127.0.0.1' })(port, { family: 'v4' })).toEqual({ state: 'open' })
  const [socket] = met
  socket?.resume()
  if (socket && !socket.readableEnded && !socket.destroyed)
    await new Promise((resolve) => socket.once('close', resolve))
  expect(met).toHaveLength(1)
})

test('one that nobody holds is refused', async () => {
  const { port, close } = await listening()
  await close()
  expect(await knockAt('127.0.0.1', port)).toMatchObject({ state: 'refused', reason: 'refused (ECONNREFUSED)' })
})

test('where there is no way, nothing is known', async () => {
  // No connection is made to a group (RFC 9293, 3.9.2.3).
  expect(await knockAt('224.0.0.1', 80)).toMatchObject({ state: 'unknown' })
})

test('behind a proxy, and in a family that it has no address of, nothing is knocked at', async () => {
  const { port, met } = await listening()
  expect(await knocker({ host: '127.0.0.1', proxyCommand: 'nc %h %p' })(port, { family: 'v4' })).toMatchObject({
    state: 'unknown',
    reason: expect.stringContaining('by a proxy'),
  })
  expect(await knocker({ host: '127.0.0.1' })(port, { family: 'v6' })).toMatchObject({ state: 'unknown' })
  expect(met).toHaveLength(0)
})

test('a name that leads to several addresses leads to several hosts, for all that is known: nothing is knocked at', async () => {
  const from = (family: 'v4' | 'v6', addresses: readonly string[], given?: string) =>
    addressFromHere({ host: 'many.example' }, family, given, async () => addresses)
  expect(await from('v4', ['192.0.2.1', '192.0.2.2'])).toEqual({
    ok: false,
    error: 'its name leads to 2 addresses, which may be other hosts',
  })
  // The same one twice is one, and one that is given needs no name.
  expect(await from('v4', ['192.0.2.1', '192.0.2.1'])).toEqual({ ok: true, value: '192.0.2.1' })
  expect(await from('v6', ['2001:db8::2', '2001:db8::3'], '2001:db8::1')).toEqual({ ok: true, value: '2001:db8::1' })
  expect(await from('v6', ['192.0.2.1'])).toMatchObject({ ok: false })
})
