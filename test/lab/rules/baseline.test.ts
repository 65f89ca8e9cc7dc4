// The baseline on a fresh server, through the console's own rooms, and what is left of the network afterwards.
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { make } from '../../support/baseline.ts'
import { kindsFor } from '../kinds.ts'
import { type Server, up, whyNoLab } from '../lab.ts'
import { closeOperators, logIn, phase } from '../operator.ts'
import { LAB_DIR } from '../paths.ts'
import { until } from '../run.ts'

const OUTSIDE = ['/usr/bin/python3', join(LAB_DIR, 'rules', 'outside.py')]
const PORTS = [...Array.from({ length: 150 }, (_, i) => i + 1), 443, 3306, 5432, 8080, 8443, 10022]
const CONNECTIONS = 20

/** Sends back whatever comes, on 80 and 8080; perl and bash are what every Debian has. */
const ECHO = `
  for my $port (80, 8080) {
    next if fork;
    my $listening = IO::Socket::INET->new(LocalPort => $port, Listen => 64, ReuseAddr => 1) or die;
    while (my $peer = $listening->accept) {
      next if fork;
      while (sysread($peer, my $text, 65536)) { syswrite($peer, $text) }
      exit;
    }
  }`

/** A connection that says a line every so often and counts what comes back. */
function talk(socket: Socket) {
  let sent = 0
  let heard = 0
  let ended = false
  socket.on('data', (data) => {
    heard += data.length
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    ended = true
  })
  const timer = setInterval(() => {
    if (!ended) socket.write('x'.repeat(100))
    sent += 100
  }, 50)
  return {
    isWhole: () => !ended && heard === sent && sent > 0,
    stop: () => clearInterval(timer),
    end: () => socket.destroy(),
  }
}

/** Asks from the server itself: a name by its resolver, bytes by a socket of bash. */
const ask = {
  name: (server: Server, name: string, resolver: string) =>
    server.sh(`echo nameserver ${resolver} > /etc/resolv.conf; timeout 8 getent ahostsv4 ${name}`),
  http: (server: Server, to: string, port = 80) =>
    server.sh(
      `timeout 4 bash -c 'exec 3<>/dev/tcp/${to}/${port} && printf "GET / HTTP/1.0\\r\\n\\r\\n" >&3 && cat <&3'`,
    ),
  ntp: (server: Server, to: string) =>
    server.sh(`timeout 4 bash -c 'exec 3<>/dev/udp/${to}/123 && printf x >&3 && head -c 1 <&3'`),
}

const KINDS = kindsFor('the baseline on %s', ['debian12', 'debian13'] as const)

describe.skipIf(whyNoLab() !== null).each(KINDS)('the baseline on %s', (flavour) => {
  let server: Server
  let world: ReturnType<Server['client']['spawn']>
  beforeAll(async () => {
    server = await up({ flavour })
    world = server.client.spawn([...OUTSIDE, 'serve'], { stdio: ['pipe', 'pipe', 'inherit'] })
    const gone = once(world, 'exit').then(() => Promise.reject(new Error('there is nobody outside')))
    gone.catch(() => {})
    if (world.stdout) await Promise.race([once(world.stdout, 'data'), gone])
    await server.must(`setsid perl -MIO::Socket::INET -e '${ECHO}' </dev/null >/dev/null 2>&1 &`)
    await until('the echo', () => server.listens(80) && server.listens(8080))
  })
  afterEach(closeOperators)
  afterAll(async () => {
    world?.kill()
    await server?.down()
  })
  const outside = (...words: readonly string[]) => server.client.run([...OUTSIDE, ...words])
  const openPorts = async (address: string): Promise<readonly number[]> =>
    (await outside('scan', address, ...PORTS.map(String))).stdout.split('\n').filter(Boolean).map(Number)

  test('goes in without dropping one of the connections that are open', async () => {
    expect((await openPorts(server.address)).toSorted((a, b) => a - b)).toEqual([22, 80, 8080])
    expect((await ask.http(server, server.client.address, 8080)).stdout).toContain('hello')
    const operator = await logIn(server)
    const { facts, firewall, listeners } = await operator.read()
    const { v4, v6 } = firewall.families
    if (v4.state !== 'present' || v6.state !== 'present') throw new Error('the rules could not be read')
    const made = make({ firewall, host: facts, listeners, sets: { v4: v4.ruleSet, v6: v6.ruleSet } })
    const plan = await operator.plan(() => made.edits, { windowSeconds: 60 })
    expect(plan.blockers).toEqual([])
    expect(plan.whatIf.slice(0, 2).map((one) => one.answer)).toEqual(['yes', 'yes'])
    const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => server.client.connect({ port: 80 })))
    const talks = sockets.map(talk)
    await operator.transactions.apply(plan)
    expect(await phase(operator, 'awaiting-confirm', 40_000)).toMatchObject({ proof: { outcome: 'works' } })
    await operator.transactions.confirm()
    await phase(operator, 'confirmed')
    for (const one of talks) one.stop()
    await until('all that was said to come back', () => talks.every((one) => one.isWhole()), { timeoutMs: 5000 })
    for (const one of talks) one.end()
    const now = await operator.read()
    const sets = Object.values(now.firewall.families).map((one) => (one.state === 'present' ? one.ruleSet : null))
    const again = make({ ...now, host: now.facts, sets: { v4: sets[0] ?? null, v6: sets[1] ?? null } })
    expect(again.edits).toEqual([])
  })

  test('lets the operator in over both families, also when nobody knows his neighbour’s address', async () => {
    await server.must('ip -6 neigh flush dev eth0; ip neigh flush dev eth0')
    await server.client.run(['ip', '-6', 'neigh', 'flush', 'dev', 'eth0'])
    expect(await server.login()).toMatchObject({ ok: true })
    expect(await server.login({ address: server.address6 })).toMatchObject({ ok: true })
  })

  test('answers ping, and shows only what is meant for everybody', async () => {
    expect((await outside('ping', server.address)).status).toBe(0)
    expect((await outside('ping', server.address6)).status).toBe(0)
    expect((await openPorts(server.address)).toSorted((a, b) => a - b)).toEqual([22, 80])
    expect(await openPorts(server.address6)).toEqual([22])
  })

  test('lets apt fetch its indexes, by name', async () => {
    const source = 'deb [trusted=yes allow-insecure=yes] http://short.example.test/ ./'
    await server.must(`echo nameserver ${server.client.address} > /etc/resolv.conf; echo '${source}' > /root/apt.list`)
    const apt = 'apt-get update -o Dir::Etc::sourcelist=/root/apt.list -o Dir::Etc::sourceparts=/dev/null'
    const { status, stdout, stderr } = await server.sh(`${apt} -o Acquire::Retries=0`, { timeoutMs: 60_000 })
    expect(status, stderr).toBe(0)
    expect(stdout).toContain('Get:')
  })

  test('lets names, time and the web out over both families, and nothing else', async () => {
    const { address, address6 } = server.client
    for (const to of [address, address6]) {
      expect((await ask.name(server, 'short.example.test', to)).stdout, to).toContain('192.0.2.2')
      expect((await ask.name(server, 'long.example.test', to)).stdout, `${to} by tcp`).toContain('192.0.2.2')
      expect((await ask.http(server, to)).stdout, to).toContain('hello')
      expect((await ask.ntp(server, to)).stdout, to).toBe('x')
      expect((await ask.http(server, to, 8080)).status, `${to} 8080`).not.toBe(0)
    }
  })
})
