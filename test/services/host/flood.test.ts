import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { LOGIN_CAP, UNREAD_CAP, watchFlood } from '../../../src/services/host/flood.ts'

const watched = () => {
  const stream = new PassThrough({ highWaterMark: 16 })
  const told: string[] = []
  const flood = watchFlood(stream, (words) => told.push(words))
  const receive = (bytes: number): void => void stream.emit('data', Buffer.alloc(bytes))
  return { stream, told, flood, receive }
}

it('a server may say so much before the login is over, and whatever it likes after it', () => {
  const one = watched()
  one.receive(LOGIN_CAP)
  expect(one.told).toEqual([])
  one.receive(1)
  one.receive(1)
  expect(one.told).toEqual(['it sends without end'])
  const other = watched()
  other.flood.loggedIn()
  other.receive(LOGIN_CAP * 3)
  expect(other.told).toEqual([])
})

it('a server that reads nothing of what it asks for is told of once', () => {
  const { stream, told, flood, receive } = watched()
  flood.loggedIn()
  Object.defineProperty(stream, 'writableLength', { value: UNREAD_CAP + 1 })
  receive(1)
  receive(1)
  expect(told).toEqual(['it asks without end and reads no answer'])
})

it('a piece with more behind it is answered at once, and then everybody else has a turn', async () => {
  const { stream, flood, receive } = watched()
  flood.loggedIn()
  receive(100)
  expect([stream.isPaused(), stream.writableCorked]).toEqual([false, 0])
  receive(65_536)
  expect([stream.isPaused(), stream.writableCorked]).toEqual([true, 1])
  await new Promise((resolve) => setImmediate(resolve))
  expect([stream.isPaused(), stream.writableCorked]).toEqual([false, 0])
})
