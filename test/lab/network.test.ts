// The lab's network, and the ways to be on it.
import { createConnection } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Server, up, whyNoLab } from './lab.ts'

const reason = whyNoLab()

/** The first line that an SSH server sends. */
async function bannerFrom(socket: NodeJS.ReadableStream): Promise<string> {
  for await (const chunk of socket) return String(chunk).split('\r\n')[0] ?? ''
  return ''
}

/** Frames that arrived on the server's interface and left it, as its own kernel counts them. */
async function counted(server: Server): Promise<{ received: number; sent: number }> {
  const read = (what: string) => server.must(`cat /sys/class/net/eth0/statistics/${what}_packets`).then(Number)
  return { received: await read('rx'), sent: await read('tx') }
}

describe.skipIf(reason !== null)(`the lab's network${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let server: Server
  beforeAll(async () => {
    server = await up()
  })
  afterAll(() => server?.down())

  it.each(['in', 'out', 'both'] as const)('can be cut in direction "%s", and healed', async (direction) => {
    expect(await server.canLogin()).toBe(true)
    await server.cut(direction)
    const before = await counted(server)
    expect(await server.login({ timeoutMs: 1500 })).toMatchObject({ ok: false })
    const after = await counted(server)
    // Only where the way out alone is cut does the server hear the client at all.
    expect(after.received > before.received).toBe(direction === 'out')
    await server.heal()
    expect(await server.canLogin()).toBe(true)
  })

  it('adds up cuts until it is healed', async () => {
    await server.cut('in')
    await server.cut('out')
    const before = await counted(server)
    expect(await server.canLogin({ timeoutMs: 1000 })).toBe(false)
    expect((await counted(server)).received).toBe(before.received)
    await server.heal()
    expect(await server.canLogin()).toBe(true)
  })

  it('can cut off the operator alone, while the bystander looks on', async () => {
    await server.cut('both', { party: 'client' })
    expect(await server.canLogin({ timeoutMs: 1000 })).toBe(false)
    expect(await server.bystander.canLogin()).toBe(true)
    await server.heal()
    expect(await server.canLogin()).toBe(true)
  })

  it('stays cut over a reboot', async () => {
    await server.cut('both')
    await server.reboot()
    expect(await server.canLogin({ timeoutMs: 1000 })).toBe(false)
    await server.heal()
    expect(await server.canLogin()).toBe(true)
  })

  it('can be slow by a round trip, also after a power cut and together with a cut', async () => {
    await server.delay(300)
    // A login takes at least five round trips.
    expect((await server.login()).ms).toBeGreaterThan(5 * 300)
    await server.powerCut()
    const [slow, fast] = await Promise.all([server.login({ timeoutMs: 10_000 }), server.bystander.login()])
    expect(slow.ms).toBeGreaterThan(5 * 300)
    // On a busy machine both are slower, and still only one of them waits for the line.
    expect(fast.ms).toBeLessThan(slow.ms)
    await server.cut('in', { party: 'client' })
    expect(await server.canLogin({ timeoutMs: 2000 })).toBe(false)
    await server.heal()
    await server.delay(0)
    const { ok, ms } = await server.login()
    expect([ok, ms < slow.ms]).toEqual([true, true])
  })

  it('carries large transfers through the slow line unharmed', async () => {
    await server.delay(20)
    const script = 'head -c 20000000 /dev/zero | tr "\\0" x'
    const { stdout } = await server.client.ssh(script)
    expect(stdout.length).toBe(20_000_000)
    await server.delay(0)
  })

  it('hands TCP connections from the client namespace to the test process', async () => {
    const socket = await server.client.connect()
    expect(socket.remoteAddress).toBe(server.address)
    expect(await bannerFrom(socket)).toMatch(/^SSH-2\.0-OpenSSH/)
    socket.destroy()
    const six = await server.bystander.connect({ host: server.address6 })
    expect(await bannerFrom(six)).toMatch(/^SSH-2\.0-OpenSSH/)
    six.destroy()
    await expect(server.client.connect({ port: 9 })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('dials for those who can only open a unix socket', async () => {
    const path = await server.dial()
    for (let round = 0; round < 3; round += 1) {
      const socket = createConnection(path)
      expect(await bannerFrom(socket)).toMatch(/^SSH-2\.0-OpenSSH/)
      socket.destroy()
    }
    const nobody = createConnection(await server.dial({ port: 9 }))
    await new Promise((resolve) => nobody.on('close', resolve).on('error', () => {}))
  })

  it('runs programs in the client namespace', async () => {
    const { stdout } = await server.client.run(['ip', '-brief', 'address', 'show', 'eth0'])
    expect(stdout).toContain('192.0.2.2/24')
    expect(stdout).toContain('2001:db8::2/64')
    expect(stdout).not.toContain('fe80')
    expect((await server.client.run(['ip', 'route', 'show', 'default'])).stdout).toBe('')
  })
})
