import type { Connection } from 'ssh2'
import { describe, expect, test } from 'vitest'
import { PATIENCE } from '../lab/run.ts'
import { type ServerOptions, startServer } from '../support/ssh-server.ts'
import { type Ended, runCommand } from './client.ts'
import { flood, inner, MESSAGES, send } from './messages.ts'

/** A console on a quiet server takes some 90 MB. */
const MOST_MB = 300
/** Longer than every limit of a login, and than that of a command that hears nothing. */
const LIMIT = 60_000 * PATIENCE

async function status(options: ServerOptions): Promise<Ended> {
  const server = await startServer(options)
  try {
    return await runCommand('status', server, LIMIT)
  } finally {
    await server.close()
  }
}

/** It ends by itself, in time, in bounds, and whatever it says is one row that no terminal acts on. */
function expectSound(ended: Ended): void {
  expect(ended.status, `after ${ended.seconds} s: ${ended.stderr.slice(0, 500)}`).not.toBeNull()
  expect(ended.memoryMb, `of ${ended.seconds} s`).toBeLessThan(MOST_MB)
  for (const text of [ended.stdout, ended.stderr]) expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
  expect(ended.stderr).not.toMatch(/^\s+at /m)
  if (process.env.HARDTUI_FIGURES)
    console.log(
      Math.round(ended.memoryMb),
      'MB',
      ended.seconds.toFixed(1),
      's',
      ended.status,
      ended.stdout.slice(0, 200),
      ended.stderr.slice(0, 200),
    )
  if (ended.status !== 0) expect(`${ended.stdout}${ended.stderr}`).toMatch(/^(hardtui: )?[^\n]+\.\n$/)
}

type Moment = 'handshake' | 'ready'
const at = (moment: Moment, act: (client: Connection) => void): ServerOptions => ({
  tamper: (client) => void client.once(moment as 'ready', () => act(client)),
})
const each = Object.entries(MESSAGES)
const UNTIL_KILLED = LIMIT + 20_000

/** Floods and answers nobody's login. */
const before = (client: Connection, payload: Buffer): void => {
  client.removeAllListeners('authentication').on('authentication', () => {})
  flood(client, () => send(client, payload))
}

describe.concurrent('a server', () => {
  test.each(each)(
    'sends %s, before and after the login',
    async (_name, payload) => {
      for (const moment of ['handshake', 'ready'] as const)
        expectSound(await status(at(moment, (client) => send(client, payload))))
    },
    UNTIL_KILLED,
  )

  test.each(each)(
    'sends %s without end and lets nobody in',
    async (_name, payload) => expectSound(await status(at('handshake', (client) => before(client, payload)))),
    UNTIL_KILLED,
  )

  test.each(each)(
    'sends %s without end once it has let us in',
    async (_name, payload) =>
      expectSound(await status(at('ready', (client) => void flood(client, () => send(client, payload))))),
    UNTIL_KILLED,
  )

  test.each(each.filter(([name]) => /global|to us|x11|host keys/.test(name)))(
    'sends %s without end and reads no answer',
    async (_name, payload) => {
      const deaf = (client: Connection): void => {
        inner(client)._sock.pause()
        flood(client, () => send(client, payload))
      }
      const ended = await status(at('ready', deaf))
      expectSound(ended)
      expect(ended.stdout).toMatch(/asks without end and reads no answer|no request for a session/)
    },
    UNTIL_KILLED,
  )
})

/** The boundary of the run, from what the client sends; the hostile server knows it as any server does. */
const boundaryIn = (sent: string): string => /\bb='?([0-9a-zA-Z]+)'?/.exec(sent)?.[1] ?? 'none'

/** What a command's stream may hold without end, given its boundary. */
const STREAMS: Readonly<Record<string, (boundary: string) => string>> = {
  'one byte at a time': () => 'x',
  'empty lines': () => '\n',
  'one endless line': () => 'x'.repeat(30_000),
  'frames that begin': (boundary) => `\n${boundary} begin facts\n`,
  'frames that begin and end': (boundary) => `\n${boundary} begin facts\nuser=x\n\n${boundary} end facts 0\n`,
  'parts of one probe': (boundary) =>
    `\n${boundary} begin probe:x\n\n${boundary} part ${Math.random().toString(36).slice(2)}\nx`,
  'marks that are none': (boundary) => `\n${boundary} \n${boundary} begin ${'x'.repeat(300)}\n`,
  'what sudo says': () => 'sudo: a password is required\n',
}

describe.concurrent('a server whose commands print', () => {
  test.each(
    Object.entries(STREAMS).flatMap(([name, text]) =>
      (/frames|parts|marks/.test(name) ? ['stdout'] : ['stdout', 'stderr']).map(
        (stream) => [name, stream, text] as const,
      ),
    ),
  )(
    '%s without end on %s',
    async (_name, stream, text) => {
      const ended = await status({
        onExec: (channel, client) => {
          let sent = ''
          channel.on('error', () => {})
          channel.on('data', (chunk: Buffer) => {
            if (sent === '') {
              sent = chunk.toString()
              const boundary = boundaryIn(sent)
              const out = stream === 'stdout' ? channel : channel.stderr
              const running = flood(client, () => {
                if (out.writableLength < 1 << 20) out.write(text(boundary))
              })
              channel.once('close', running.stop)
            }
          })
        },
      })
      expectSound(ended)
      expect(ended.status).not.toBe(0)
    },
    UNTIL_KILLED,
  )
})
