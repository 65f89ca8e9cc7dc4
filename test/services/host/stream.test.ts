import { execFileSync } from 'node:child_process'
import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { packing } from '../../../src/services/host/stream.ts'
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
