import { EventEmitter } from 'node:events'
import type { Client, ClientChannel } from 'ssh2'
import { expect, it, vi } from 'vitest'
import { createChannels } from '../../../src/services/host/channels.ts'

type Opened = (error: undefined, channel: ClientChannel) => void

/** A client whose channels open when the test says so. */
function slowClient() {
  const opening: Opened[] = []
  const client = Object.assign(new EventEmitter(), { exec: (_command: string, done: Opened) => opening.push(done) })
  const channel = () => Object.assign(new EventEmitter(), { close: () => {} }) as unknown as ClientChannel
  return { client: client as unknown as Client, opening, next: () => opening.shift()?.(undefined, channel()) }
}

it('a command that comes while a follow is being opened gets its channel as soon as that is open', async () => {
  const { client, opening, next } = slowClient()
  const channels = createChannels(client, { most: 1, patience: 1_000, answer: 5_000 })
  const onYield = vi.fn()
  const follow = channels.open({ command: 'follow', onYield })
  const command = channels.open({ command: 'command' })
  await vi.waitFor(() => expect(opening).toHaveLength(1))
  expect(onYield).not.toHaveBeenCalled()
  next()
  const opened = await follow
  expect(onYield).toHaveBeenCalledOnce()
  if (opened.ok) opened.value.release()
  await vi.waitFor(() => expect(opening).toHaveLength(1))
  next()
  expect((await command).ok).toBe(true)
})
