import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Host } from '../../../src/services/model/host.ts'
import { type ServerOptions, startServer, type TestServer } from '../../support/ssh-server.ts'
import { connect, operator, sh, sudoer, value } from './answers.ts'

let server: TestServer
let host: Host
let log: string

async function up(options: ServerOptions = {}, ask = operator()): Promise<void> {
  server = await startServer(options)
  host = await connect(server.target(), ask)
  log = join(server.folder, 'log')
  writeFileSync(log, 'old\n')
}

afterEach(async () => {
  host?.close()
  await server?.close()
})

/** Follows the log and collects what comes. */
function follow(script = `exec tail -n 1 -f ${log}`) {
  const lines: string[] = []
  const ends: string[] = []
  const following = host.follow(
    script,
    (more) => lines.push(...more),
    (reason) => ends.push(reason),
  )
  return { lines, ends, stop: following.stop }
}

const tails = async (): Promise<string> =>
  value(await host.exec(sh(`ps -eo args | grep "^tail -n 1 -f ${log}$" | wc -l`))).stdout.trim()

describe('a follow', () => {
  it('brings lines as they are written, the last one too', async () => {
    await up({ sudo: 'free' })
    const { lines, stop } = follow()
    await vi.waitFor(() => expect(lines).toEqual(['old']))
    appendFileSync(log, 'new\n\nnewest\n')
    await vi.waitFor(() => expect(lines).toEqual(['old', 'new', '', 'newest']))
    stop()
  })

  it('ends on the server when it is stopped, without telling', async () => {
    await up({ sudo: 'free' })
    const { lines, ends, stop } = follow()
    await vi.waitFor(() => expect(lines).toEqual(['old']))
    expect(await tails()).toBe('1')
    stop()
    await vi.waitFor(async () => expect(await tails()).toBe('0'), { timeout: 5_000 })
    expect(ends).toEqual([])
  })

  it('ends on the server when we vanish', async () => {
    await up({ sudo: 'free' })
    const { lines, ends } = follow()
    await vi.waitFor(() => expect(lines).toEqual(['old']))
    server.drop()
    await vi.waitFor(() => expect(ends).toHaveLength(1))
    host.close()
    host = await connect(server.target())
    await vi.waitFor(async () => expect(await tails()).toBe('0'), { timeout: 5_000 })
  })

  it('says when the server’s side ends', async () => {
    await up({ sudo: 'free' })
    const { lines, ends } = follow('echo one; printf "open end"; exit 3')
    await vi.waitFor(() => expect(ends).toHaveLength(1))
    expect(lines).toEqual(['one', 'open end'])
    expect(ends[0]).toContain('3')
  })

  it('cuts lines that have no end', async () => {
    await up({ sudo: 'free' })
    const { lines, ends } = follow('head -c 300000 /dev/zero | tr "\\0" x; echo; echo next')
    await vi.waitFor(() => expect(ends).toHaveLength(1))
    expect(lines.map((line) => line.length)).toEqual([65_536, 4])
  })

  it('makes room for a command where the server takes one session, and goes on', async () => {
    await up({ sudo: 'free', maxSessions: 1 })
    const { lines, ends, stop } = follow()
    await vi.waitFor(() => expect(lines).toEqual(['old']))
    expect(value(await host.exec(sh('echo fine'))).stdout).toBe('fine\n')
    await vi.waitFor(() => expect(lines.length).toBeGreaterThan(1))
    appendFileSync(log, 'after\n')
    await vi.waitFor(() => expect(lines.at(-1)).toBe('after'))
    expect(ends).toEqual([])
    stop()
  })

  it('runs as root with the password that is known', async () => {
    await up({ sudo: 'asks' }, sudoer())
    value(await host.exec(sh('true', { privilege: 'root' })))
    const { lines, stop } = follow('id -u; exec sleep 60')
    await vi.waitFor(() => expect(lines).toEqual(['0']))
    stop()
  })

  it('ends later, not at once, where there is no link', async () => {
    await up()
    host.close()
    const { ends } = follow()
    expect(ends).toEqual([])
    await vi.waitFor(() => expect(ends).toHaveLength(1))
  })
})
