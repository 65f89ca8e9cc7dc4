import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Privileges } from '../../../src/services/host/privilege.ts'
import { packing, startStream } from '../../../src/services/host/stream.ts'
import type { Wire } from '../../../src/services/host/wire.ts'
import { ok } from '../../../src/services/model/errors.ts'
import type { Host } from '../../../src/services/model/host.ts'
import { type ServerOptions, startServer, type TestServer } from '../../support/ssh-server.ts'
import { SHELLS } from '../areas/stand-in-host.ts'
import { connect, operator, sh, value } from './answers.ts'

let server: TestServer
let host: Host

async function up(options: ServerOptions = {}): Promise<void> {
  server = await startServer({ sudo: 'free', ...options })
  host = await connect(server.target(), operator())
}

afterEach(async () => {
  host?.close()
  await server?.close()
})

/** Streams what a script prints, and collects it. */
function stream(script: string) {
  const lines: string[] = []
  const [begun, ended] = [vi.fn<() => void>(() => void lines.splice(0)), vi.fn<(reason: string) => void>()]
  const { stop } = host.stream(script, { begin: begun, lines: (more) => lines.push(...more), end: ended })
  return { lines, begun, ended, stop }
}

const COUNT = 'awk \'BEGIN { for (i = 1; i <= 60000; i++) print "line " i " of a log" }\''
const expected = Array.from({ length: 60_000 }, (_, at) => `line ${at + 1} of a log`)

describe('a stream', () => {
  it('brings all lines that the script prints, and tells that it has ended after the last of them', async () => {
    await up()
    const { lines, begun, ended } = stream(COUNT)
    await vi.waitFor(() => expect(ended).toHaveBeenCalled(), { timeout: 20_000 })
    expect(begun).toHaveBeenCalledTimes(1)
    expect(lines).toEqual(expected)
    expect(ended.mock.calls).toEqual([['The log ended on the server with status 0.']])
  })

  it('hands over a last line without a newline, and lines that are empty', async () => {
    await up()
    const { lines, ended } = stream(String.raw`printf 'a\n\nb'`)
    await vi.waitFor(() => expect(ended).toHaveBeenCalled(), { timeout: 20_000 })
    expect(lines).toEqual(['a', '', 'b'])
  })

  it('brings nothing more once it was stopped, and ends on the server', async () => {
    await up()
    const { begun, ended, stop } = stream('exec sleep 987')
    const left = async (): Promise<string> =>
      value(await host.exec(sh('ps -eo args | grep -c "^[s]leep 987"; true'))).stdout.trim()
    await vi.waitFor(async () => expect(await left()).toBe('1'), { timeout: 10_000 })
    stop()
    await vi.waitFor(async () => expect(await left()).toBe('0'), { timeout: 10_000 })
    expect([begun.mock.calls.length, ended.mock.calls]).toEqual([1, []])
  })

  it('begins anew where it had to make room for another command', async () => {
    await up({ maxSessions: 1 })
    const { lines, begun, ended } = stream(`${COUNT}; sleep 1`)
    await vi.waitFor(() => expect(begun).toHaveBeenCalled(), { timeout: 10_000 })
    value(await host.exec(sh('true')))
    await vi.waitFor(() => expect(ended).toHaveBeenCalled(), { timeout: 20_000 })
    expect(begun).toHaveBeenCalledTimes(2)
    expect(lines).toEqual(expected)
  })

  it('tells why where the link goes, with what came until then', async () => {
    await up()
    const { begun, ended } = stream(`${COUNT}; exec sleep 986`)
    await vi.waitFor(() => expect(begun).toHaveBeenCalled(), { timeout: 10_000 })
    server.drop()
    await vi.waitFor(() => expect(ended).toHaveBeenCalledTimes(1), { timeout: 20_000 })
    expect(ended.mock.calls[0]?.[0]).not.toContain('status 0')
  })
})

/** A stream over a channel that the test sends through, as far as it is not held up. */
async function handFed() {
  const channel = Object.assign(new EventEmitter(), {
    paused: false,
    stderr: { resume: () => {} },
    write: () => true,
    pause: () => {
      channel.paused = true
    },
    resume: () => {
      channel.paused = false
      channel.emit('resumed')
    },
  })
  const release = vi.fn(() => channel.emit('close'))
  const [root, mark] = ['', 'mark']
  const wire = {
    channels: { open: async () => ok({ channel, release }) },
    root,
    boundary: () => mark,
    gone: () => null,
  }
  const lines: string[] = []
  const [begin, ended] = [vi.fn<() => void>(), vi.fn<(reason: string) => void>()]
  startStream(wire as unknown as Wire, { launch: () => null } as unknown as Privileges, 'true', {
    ...{ begin, end: ended },
    lines: (more) => {
      for (const line of more) lines.push(line)
    },
  })
  await vi.waitFor(() => expect(begin).toHaveBeenCalled())
  const send = (text: string | Buffer): void => void channel.emit('data', Buffer.from(text))
  send(`\n${mark} begin log\npacked\n`)
  return { channel, release, lines, ended, send, finish: () => send(`\n${mark} end log 0\n`) }
}

/** As base64(1) prints it. */
const inLines = (bytes: Buffer): string => bytes.toString('base64').replaceAll(/.{1,76}/g, '$&\n')

describe('what is packed', () => {
  it('is taken no faster than it is unpacked, and arrives whole', async () => {
    const { channel, lines, ended, send, finish } = await handFed()
    const log = Array.from({ length: 90_000 }, () => randomBytes(45).toString('base64'))
    const packed = Buffer.from(inLines(gzipSync(`${log.join('\n')}\n`)))
    const atOnce: number[] = []
    for (let at = 0; at < packed.length; ) {
      const from = at
      // Nothing is unpacked before this lets go of the processor.
      for (; at < packed.length && !channel.paused; at += 32_768) send(packed.subarray(at, at + 32_768))
      atOnce.push(at - from)
      if (channel.paused) await once(channel, 'resumed')
    }
    finish()
    await vi.waitFor(() => expect(ended).toHaveBeenCalled(), { timeout: 10_000 })
    expect(lines).toEqual(log)
    expect(packed.length).toBeGreaterThan(5_000_000)
    expect(Math.max(...atOnce)).toBeLessThan(1_500_000)
  })

  it('does not keep the server waiting where it is little', async () => {
    const { channel, lines, ended, send, finish } = await handFed()
    send(inLines(gzipSync('a\nb\n')))
    expect(channel.paused).toBe(false)
    finish()
    await vi.waitFor(() => expect(ended.mock.calls).toEqual([['The log ended on the server with status 0.']]))
    expect(lines).toEqual(['a', 'b'])
  })

  it('ends the stream, and says why, where it can’t be unpacked', async () => {
    const { release, lines, ended, send } = await handFed()
    const whole = gzipSync(`${expected.join('\n')}\n`)
    send(inLines(Buffer.concat([whole.subarray(0, whole.length / 2), Buffer.alloc(4096, 0xff)])))
    await vi.waitFor(() => expect(ended).toHaveBeenCalled())
    expect(ended.mock.calls).toEqual([['What came could not be unpacked.']])
    expect(release).toHaveBeenCalledOnce()
    const { length } = lines
    send(inLines(whole))
    expect([lines.length, ended.mock.calls.length]).toEqual([length, 1])
  })

  it('says so of a last piece as well, whose checksum is wrong', async () => {
    const { ended, send, finish } = await handFed()
    const whole = gzipSync('a\nb\n')
    whole.writeUInt32LE(whole.readUInt32LE(whole.length - 8) ^ 1, whole.length - 8)
    send(inLines(whole))
    finish()
    await vi.waitFor(() => expect(ended.mock.calls).toEqual([['What came could not be unpacked.']]))
  })
})

describe.each(SHELLS)('what packs it under %s', (_name, [program = '', ...args]) => {
  const run = (path: string): string =>
    execFileSync(program, [...args, '-c', packing("printf 'a\\nb'")], { env: { PATH: path }, encoding: 'utf8' })

  it('packs where gzip and base64 are there', () => {
    const [first, ...rest] = run(process.env.PATH ?? '').split('\n')
    expect(first).toBe('packed')
    expect(gunzipSync(Buffer.from(rest.join(''), 'base64')).toString()).toBe('a\nb')
  })

  // busybox has both inside.
  it.skipIf(program.endsWith('busybox'))('says so where they are not, and prints what is printed', () => {
    expect(run('/nonexistent')).toBe('plain\na\nb')
  })
})
