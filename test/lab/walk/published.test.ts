// Packets that a DNAT rule sends on, against the kernel: whether strangers reach what is published past INPUT.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseRuleSet } from '../../../src/services/areas/firewall/parse.ts'
import { walk } from '../../../src/services/areas/firewall/walk/walk.ts'
import { whyNoLab } from '../lab.ts'
import { HOST_ADDRESSES, LOCAL_ADDRESSES } from './people.ts'
import { createRandom, type Random } from './random.ts'
import { OPEN } from './rule-sets.ts'
import { hasBackend, installWorld, makeWorld, type World } from './world.ts'

const RULE_SETS = Math.ceil(Number(process.env.HARDTUI_PAIRS ?? 1500) / 30)
const SEED = Number(process.env.HARDTUI_SEED ?? 1)

/** The container: a station behind eth1, which is published at port 8080 of the host. */
const CONTAINER = '198.51.100.51'
const HOST = HOST_ADDRESSES.v4.east
const STRANGERS = ['192.0.2.20', '192.0.2.99', '203.0.113.7'] as const

const NAT = [
  '-m addrtype --dst-type LOCAL -j DOCKER',
  '-m addrtype --dst-type LOCAL -j DOCKER',
  '-m addrtype --dst-type LOCAL -j DOCKER',
  '-s 192.0.2.0/24 -m addrtype --dst-type LOCAL -j DOCKER',
  '! -i eth1 -j DOCKER',
  '-d 192.0.2.10/32 -p tcp -m tcp --dport 8000:9000 -j DOCKER',
  '-d 198.51.100.10/32 -j DOCKER',
  '-s 192.0.2.99/32 -p tcp -m tcp --dport 8080 -j REDIRECT --to-ports 22',
  '-s 203.0.113.0/24 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 198.51.100.50:80',
  '-p tcp -m tcp --dport 8080 -j ACCEPT',
]
const BEFORE = ['-d 198.51.100.51/32 ! -i eth1 -j DROP', '-d 192.0.2.10/32 -s 203.0.113.7/32 -j DROP', '-p udp -j DROP']
const MATCHES = [
  '-o eth1',
  '-i eth0 -o eth1',
  '-i eth1',
  '-o eth0',
  '-d 198.51.100.51/32 -p tcp -m tcp --dport 80',
  '-p tcp -m tcp --dport 8080',
  '-d 192.0.2.10/32',
  '-s 192.0.2.20/31',
  '-m conntrack --ctstate DNAT',
  '-m conntrack ! --ctstate DNAT',
  '-m conntrack --ctstate NEW,DNAT',
  '-m conntrack --ctstate RELATED,ESTABLISHED',
  '-m conntrack --ctorigdstport 8080 --ctdir ORIGINAL',
  '-m conntrack --ctorigdstport 80',
  '-m conntrack --ctorigdst 192.0.2.10',
  '-m conntrack --ctorigdst 198.51.100.51',
  '-m conntrack --ctorigsrc 203.0.113.0/24',
  '-m addrtype --dst-type LOCAL',
  '-m addrtype --dst-type UNICAST',
  '-m mark --mark 0x0',
  '',
]

function someRules(random: Random): string {
  const some = <T>(from: readonly T[], most: number): readonly T[] =>
    Array.from({ length: random.number(most + 1) }, () => random.pick(from))
  const filter = some(MATCHES, 5).map((match) => `-A FORWARD ${match} -j ${random.pick(['ACCEPT', 'DROP', 'USER'])}`)
  const user = some(MATCHES, 3).map((match) => `-A USER ${match} -j ${random.pick(['RETURN', 'DROP', 'ACCEPT'])}`)
  return [
    '*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]',
    ...(random.chance(0.3) ? some(BEFORE, 1).map((rule) => `-A PREROUTING ${rule}`) : []),
    'COMMIT\n*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n:DOCKER - [0:0]',
    ...[...some(NAT, 1), random.pick(NAT)].map((rule) => `-A PREROUTING ${rule}`),
    `-A DOCKER ${random.pick(['! -i docker0 ', '', '-s 192.0.2.0/24 '])}-p tcp -m tcp --dport 8080 -j DNAT --to-destination ${CONTAINER}:80`,
    'COMMIT\n*filter\n:INPUT ACCEPT [0:0]',
    `:FORWARD ${random.pick(['ACCEPT', 'DROP'])} [0:0]\n:OUTPUT ACCEPT [0:0]\n:USER - [0:0]`,
    ...filter,
    ...user,
    'COMMIT\n',
  ]
    .join('\n')
    .replace(/ +/g, ' ')
}

describe.skipIf(whyNoLab() !== null)('published ports and the kernel', () => {
  let world: World | null = null
  beforeAll(installWorld, 10 * 60_000)
  afterAll(() => world?.stop())

  it('agree wherever the walk is sure', { timeout: 120_000 + 3000 * RULE_SETS }, async () => {
    const random = createRandom(SEED)
    const counts = { yes: 0, no: 0, unsure: 0 }
    const wrong: string[] = []
    for (const backend of ['nft', 'legacy'] as const) {
      if (!(await hasBackend(backend))) continue
      world = await makeWorld()
      for (let set = 0, port = 20_000; set < RULE_SETS / 2; set++) {
        const save = await world.load('v4', backend, someRules(random))
        const asked = STRANGERS.map((source, i) => ({ source, id: i + 1, port: port++ }))
        await world.send(
          asked.map(({ source, id, port }) => ({
            start: 'east' as const,
            source,
            destination: HOST,
            id,
            payload: {
              kind: 'tcp',
              sourcePort: port,
              destinationPort: 8080,
              flags: ['SYN'],
              sequence: 7,
              acknowledged: 0,
            },
          })),
        )
        const seen = await world.observe({ v4: asked.map(({ id }) => id), v6: [] })
        for (const { source, id, port } of asked) {
          const { answer, because } = walk(
            parseRuleSet('v4', save),
            'forward',
            {
              protocol: 'tcp',
              source,
              sourcePort: port,
              destination: HOST,
              destinationPort: 8080,
              inInterface: 'eth0',
              outInterface: 'eth1',
              state: 'NEW',
              sentOnTo: { option: `${CONTAINER}:80`, address: CONTAINER, port: 80 },
            },
            random.chance(0.5) ? { localAddresses: LOCAL_ADDRESSES.v4 } : { localAddresses: null },
          )
          counts[answer]++
          const passed = seen.left.v4.has(id)
          if (answer !== 'unsure' && (answer === 'yes') !== passed)
            wrong.push(`${backend}: ${answer} (${because}), but ${passed ? 'passed' : 'not'}: ${source}\n${save}`)
        }
      }
      await world.load('v4', backend, OPEN)
      world.stop()
    }
    process.stdout.write(
      `published ports against kernel (seed ${SEED}): ${JSON.stringify(counts)}, wrong ${wrong.length}\n`,
    )
    expect(wrong.slice(0, 2).join('\n')).toBe('')
    expect(Math.min(counts.yes, counts.no)).toBeGreaterThan(RULE_SETS / 4)
    expect(counts.unsure).toBeLessThan(RULE_SETS)
  })
})
