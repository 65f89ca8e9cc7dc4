// What filters beside iptables' own rules: the console's sure answers against what packets from outside do.
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { firewall } from '../../../src/services/areas/firewall/area.ts'
import { besideReasons } from '../../../src/services/areas/firewall/beside.ts'
import { ask, readQuestion } from '../../../src/services/areas/firewall/walk/question.ts'
import { worst } from '../../../src/services/areas/firewall/walk/walk.ts'
import { FAMILIES, type FirewallFacts } from '../../../src/services/model/firewall.ts'
import { factsOf } from '../../../src/services/model/reading.ts'
import { hostFacts } from '../../support/plans.ts'
import { outputFrom, readable, standalone } from '../../support/probe-output.ts'
import type { Client } from '../client.ts'
import { kindsFor } from '../kinds.ts'
import { type Server, up, whyNoLab } from '../lab.ts'
import { LAB_DIR } from '../paths.ts'
import { type LayerSet, layerSets } from './layer-sets.ts'

const OUTSIDE = ['/usr/bin/python3', join(LAB_DIR, 'rules', 'outside.py')]
/** What `outside.py serve` listens on; nobody listens on others. */
const PORTS = [53, 80, 8080]

const RESET = `nft flush ruleset
for t in iptables-legacy ip6tables-legacy; do
  for table in filter raw; do $t -t $table -F; $t -t $table -X; done
  for chain in INPUT FORWARD OUTPUT; do $t -P $chain ACCEPT; done
done\n`

/** Reads the rules by the console's own probe, run inside the server so that no rule is in its way. */
async function read(server: Server): Promise<FirewallFacts> {
  const probe = firewall.probes[0]
  const { stdout, status } = await server.sh(`LC_ALL=C; export LC_ALL\n${standalone(probe?.script ?? '')}`)
  const facts = factsOf(
    firewall.parse(() => outputFrom('firewall', readable(stdout), { status: status ?? -1 }), hostFacts, 1),
  )
  if (!facts) throw new Error(`the rules could not be read: ${stdout}`)
  return facts
}

/** Starts listeners in the server's network. */
async function serveIn(server: Server): Promise<Disposable> {
  const inside = server.client.spawn(['nsenter', `--net=${server.netns}`, '--', ...OUTSIDE, 'serve'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  if (inside.stdout) await once(inside.stdout, 'data')
  return { [Symbol.dispose]: () => void inside.kill() }
}

/** The ports of an address that somebody gets a connection to. */
const reached = async (from: Client, address: string): Promise<ReadonlySet<number>> => {
  const { stdout } = await from.run([...OUTSIDE, 'scan', address, ...PORTS.map(String)])
  return new Set(stdout.split('\n').filter(Boolean).map(Number))
}

type Compared = { readonly wrong: readonly string[]; readonly sure: number; readonly all: number }

const load = async (server: Server, set: LayerSet): Promise<Compared> => {
  await server.must(RESET + set.load)
  return compare(server, set.name)
}

/** What is said of connections from outside, by what becomes of them. */
async function compare(server: Server, name: string): Promise<Compared> {
  const facts = await read(server)
  const asked = [server.client, server.bystander].flatMap((from) => [
    { from, source: from.address, address: server.address },
    { from, source: from.address6, address: server.address6 },
  ])
  const wrong: string[] = []
  let [sure, all] = [0, 0]
  await Promise.all(
    asked.map(async ({ from, source, address }) => {
      const happened = await reached(from, address)
      for (const port of PORTS) {
        const around = { ...facts, session: { ...hostFacts.session, serverAddress: server.address } }
        const question = readQuestion(`from ${source} to ${address} tcp ${port}`, around)
        if (!question.ok) throw new Error(question.error)
        const one = facts.families[question.value.family]
        if (one.state !== 'present') throw new Error(one.reason)
        const { answer, because } = worst(ask(one.ruleSet, question.value, facts.network).map((part) => part.walked))
        all++
        if (answer === 'unsure') continue
        sure++
        if ((answer === 'yes') !== happened.has(port))
          wrong.push(`${name}: ${source} tcp ${port} said ${answer} (${because})`)
      }
    }),
  )
  return { wrong, sure, all }
}

const KINDS = kindsFor('layers', [
  ['debian12', 'nft'],
  ['debian12', 'legacy'],
  ['debian13', 'nft'],
  ['debian13', 'legacy'],
] as const)

describe.skipIf(whyNoLab() !== null).each(KINDS)(
  'what filters beside iptables on %s, with the %s backend',
  (flavour, backend) => {
    let server: Server
    let inside: Awaited<ReturnType<typeof serveIn>>
    beforeAll(async () => {
      server = await up({ flavour, packages: flavour === 'debian12' ? ['nftables'] : [] })
      await server.must(`update-alternatives --set iptables /usr/sbin/iptables-${backend}
      update-alternatives --set ip6tables /usr/sbin/ip6tables-${backend}`)
      inside = await serveIn(server)
    })
    afterAll(async () => {
      inside?.[Symbol.dispose]()
      await server?.down()
    })

    test('no sure answer is wrong', { timeout: 600_000 }, async () => {
      const results: Compared[] = []
      for (const set of layerSets(backend)) results.push(await load(server, set))
      expect(results.flatMap((one) => one.wrong)).toEqual([])
      const sum = (of: (one: Compared) => number) => results.reduce((all, one) => all + of(one), 0)
      // Otherwise there would be nothing in it.
      expect(sum((one) => one.sure) / sum((one) => one.all)).toBeGreaterThan(0.75)
    })

    test('the rules that were not read are told of', async () => {
      await server.must(`${RESET}nft add table inet mine; nft add chain inet mine in '{ type filter hook input priority 0; policy drop; }'
      mount --bind /bin/false "$(command -v nft)"`)
      const facts = await read(server).finally(() => server.must('umount "$(command -v nft)"; nft flush ruleset'))
      expect(facts.warnings.join()).toContain('nft(8) failed')
      for (const family of FAMILIES) {
        const one = facts.families[family]
        expect(one.state === 'present' && one.ruleSet.beside?.map((layer) => layer.kind)).toEqual(['unknown'])
      }
    })
  },
)

describe.skipIf(whyNoLab() !== null)('firewalld with its nftables backend', () => {
  test('is read by the library of nft(8), and unknown without it', { timeout: 240_000 }, async () => {
    await using server = await up({ packages: ['ufw', 'firewalld', 'shorewall'] })
    using inside = await serveIn(server)
    expect(inside).toBeDefined()
    await server.must('systemctl start firewalld; firewall-cmd --add-port=80/tcp; firewall-cmd --add-port=53/tcp')
    const shown = await compare(server, 'firewalld')
    expect(shown.wrong).toEqual([])
    const facts = await read(server)
    expect(facts.warnings).toEqual([])
    expect(besideReasons(facts).join()).toContain('nft inet firewalld')
    await server.must('! command -v nft; mount --bind /bin/false /usr/bin/python3')
    const hidden = await compare(server, 'firewalld that nothing can show')
    expect(hidden.sure).toBe(0)
    expect(shown.sure).toBeGreaterThan(0)
    expect((await read(server)).warnings.join()).toContain('firewalld filters with nftables')
  })
})
