// Ports of a real server as others see them, beside what its rules say.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { upstreamPorts } from '../../src/services/areas/firewall/upstream/ports.ts'
import { factsOf } from '../../src/services/model/reading.ts'
import { listenersOfUnits } from '../../src/state/slices/readings.ts'
import { audit } from './auditor.ts'
import type { Client } from './client.ts'
import { up, whyNoLab } from './lab.ts'
import { logIn } from './operator.ts'
import { netnsPath } from './paths.ts'
import { must, until } from './run.ts'
import type { Server } from './server.ts'
import { openPane } from './steps.ts'
import { KEYS, type Terminal } from './terminal.ts'

const PORTS = [8081, 8082, 8083, 8084, 8085, 8086]

const rulesFor = (friend: string, icmp: string): string => `*filter
:INPUT DROP [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p ${icmp} -j ACCEPT
-A INPUT -p tcp --dport 22 -j ACCEPT
-A INPUT -p tcp --dport 8081 -j ACCEPT
-A INPUT -s ${friend} -p tcp --dport 8083 -j ACCEPT
-A INPUT -p tcp --dport 8084 -j REJECT
-A INPUT -p tcp --dport 8085 -j ACCEPT
COMMIT
`

/** Opens a connection to each of these ports; prints those that were open. */
const SCAN = `
const { connect } = require('node:net')
const [host, ...ports] = process.argv.slice(1)
const open = []
const look = (port) => new Promise((resolve) => {
  const socket = connect({ host, port })
  const end = () => { socket.destroy(); resolve() }
  setTimeout(end, 3000)
  socket.on('error', end)
  socket.on('connect', () => { open.push(Number(port)); end() })
})
const work = async () => { for (let port = ports.shift(); port; port = ports.shift()) await look(port) }
Promise.all(Array.from({ length: 400 }, work)).then(() => console.log(JSON.stringify(open.sort((a, b) => a - b))))`

async function scan(from: Client, address: string): Promise<readonly number[]> {
  const ports = [
    ...Array.from({ length: 1100 }, (_, at) => at + 1),
    ...Array.from({ length: 101 }, (_, at) => 8000 + at),
  ]
  return JSON.parse(await must(from.argv([process.execPath, '-e', SCAN, address, ...ports.map(String)])))
}

/** A filter above the server, as a provider has one. */
async function above(server: Server, rule: string | null): Promise<void> {
  await must(['nsenter', `--net=${netnsPath(server.name, 'wire')}`, 'nft', '-f', '-'], {
    input: `add table bridge above\ndelete table bridge above\n${
      rule === null
        ? ''
        : `add table bridge above
add chain bridge above forward { type filter hook forward priority 1; policy accept; }
add rule bridge above forward ${rule}\n`
    }`,
  })
}

describe.skipIf(whyNoLab() !== null)('the ports of a server', () => {
  let server: Server
  let on: Terminal
  beforeAll(async () => {
    server = await up()
    await server.must(
      PORTS.map((port) => `systemd-run -q --unit=port-${port} systemd-socket-activate -a -l ${port} /bin/true`).join(
        '; ',
      ),
    )
    await server.sh('iptables-restore', { input: rulesFor(server.client.address, 'icmp') })
    await server.sh('ip6tables-restore', { input: rulesFor(server.client.address6, 'ipv6-icmp') })
    expect(await server.must('iptables -S; ip6tables -S')).toMatch(/8085[\s\S]*8085/)
  })
  afterAll(() => server?.down())

  test('are for a stranger those that are said to be open to everybody', async () => {
    const { host, close } = await logIn(server, 'root')
    const firewall = await audit(host, 'firewall')
    const units = factsOf((await audit(host, 'units')).reading)
    const facts = factsOf(firewall.reading)
    close()
    const listeners = units && listenersOfUnits(units)
    const said = facts && upstreamPorts(facts, firewall.host, { listeners })
    for (const [family, address] of [
      ['v4', server.address],
      ['v6', server.address6],
    ] as const) {
      const open = said?.flatMap((one) =>
        one.family === family && one.protocol === 'tcp' && one.sources === 'everybody' ? [one.port] : [],
      )
      expect([family, await scan(server.bystander, address)]).toEqual([family, open])
      expect(open).toEqual([22, 8081, 8085])
    }
  })

  test('answer otherwise than the rules say where something above filters, or somebody else answers', async () => {
    await above(server, 'ip protocol tcp tcp dport 8085 drop')
    // Whoever connects to this port from here gets to another one.
    await must(
      server.client.argv(
        `iptables -t nat -A OUTPUT -d ${server.address} -p tcp --dport 8086 -j DNAT --to-destination ${server.address}:8081`.split(
          ' ',
        ),
      ),
    )
    on = await openPane(server, '2', 'INPUT', { columns: 120, rows: 40 })
    on.press('L')
    await on.waitFor('Y yes, look')
    on.press('Y')
    await on.waitFor('2 ports are otherwise than the rules say', 60_000)
    expect(on.screen()).toMatch(/✗ v4 tcp 8086 \S* +dropped +open +filter INPUT policy DROP/)
    expect(on.screen()).toMatch(/⚠ v4 tcp 8085 \S* +let in +no answer/)
    // It knows nothing of its own address of the other family, which a rule is about.
    expect(on.screen()).toMatch(/\? v6 tcp 8083 \S* +unsure +open/)
    on.press(KEYS.escape)
    await on.waitFor(/Ports answer from here that the rules drop/)
    await on.waitFor(/Ports do not answer from here that the rules/)
  })

  test('are as the rules say once nothing stands between, whether those let in, drop or reject', async () => {
    await above(server, null)
    await must(server.client.argv(['iptables', '-t', 'nat', '-F', 'OUTPUT']))
    on.press('L')
    await on.waitFor('Y yes, look')
    on.press('Y')
    await on.waitFor('As the rules say, but for 1 port not known', 60_000)
    expect(on.screen()).toMatch(/✓ v4 tcp 8081 \S* +let in +open/)
    expect(on.screen()).toMatch(/✓ v4 tcp 8082 \S* +dropped +no answer/)
    expect(on.screen()).toMatch(/✓ v4 tcp 8083 \S* +let in +open/)
    expect(on.screen()).toMatch(/✓ v4 tcp 8084 \S* +dropped +refused/)
    on.press(KEYS.escape)
    await until('the findings to go', async () => !on.screen().includes('Ports answer from here'))
  })
})
