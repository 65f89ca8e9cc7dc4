// Who may recurse: what is said of a configuration, and what a real named does for whoever asks it.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientOf } from '../../src/services/areas/dns/acl.ts'
import { configOf } from '../../src/services/areas/dns/config/named.ts'
import { printedOf, statementsOf } from '../../src/services/areas/dns/config/statements.ts'
import { ownAddresses } from '../../src/services/areas/dns/own.ts'
import { mayRecurse } from '../../src/services/areas/dns/rulings.ts'
import type { Address } from '../../src/services/model/addresses.ts'
import { bytesOf } from '../../src/services/model/file-bytes.ts'
import { type Asker, askerIn, makeStranger, STRANGER } from './dns-asker.ts'
import { namedConfs } from './dns-configs.ts'
import { up, whyNoLab } from './lab.ts'
import { ADDRESSES } from './paths.ts'
import type { Server } from './server.ts'

const COUNT = Number(process.env.HARDTUI_CONFIGS ?? 60)
const SEED = Number(process.env.HARDTUI_SEED ?? 1)
const { client, server: host } = ADDRESSES

/** Two who are in the server's own networks, and two who are in none of them. */
const ASKED = [
  { from: client.v4, to: host.v4 },
  { from: client.v6, to: host.v6 },
  { from: STRANGER.v4, to: host.v4 },
  { from: STRANGER.v6, to: host.v6 },
]

const addressOf = (text: string): Address => clientOf(text) as Address

describe.skipIf(whyNoLab() !== null)('who may recurse, as named has it', () => {
  let server: Server
  let asker: Asker
  beforeAll(async () => {
    server = await up({ packages: ['bind9'] })
    await makeStranger(server)
    asker = askerIn(server.client)
  })
  afterAll(async () => {
    asker?.end()
    await server?.down()
  })

  test(`${COUNT} configurations made at random: the same answer for four addresses each`, async () => {
    const own = ownAddresses((await server.must('ip -o address show up')).split('\n'))
    const seen = { yes: 0, no: 0, unknown: 0, refused: 0 }
    for (const [index, text] of fc.sample(namedConfs, { numRuns: COUNT, seed: SEED }).entries()) {
      const coded = Buffer.from(text).toString('base64')
      const { status, stdout, stderr } = await server.sh(
        `echo ${coded} | base64 -d >/etc/bind/named.conf; named-checkconf -px && rndc reconfig`,
      )
      expect([status, text, stderr]).toEqual([0, text, stderr])
      const [printed, source] = [statementsOf('printed', printedOf(stdout)), statementsOf('source', bytesOf(text))]
      if (!printed.ok || !source.ok) throw new Error(`${index} could not be read:\n${text}`)
      const truth = await Promise.all(
        ASKED.map(({ from, to }) =>
          asker.ask(
            { name: '10.in-addr.arpa', type: 'SOA', recursive: true },
            { address: to, from, transport: 'udp', timeoutMs: 10_000 },
          ),
        ),
      )
      const real = truth.map((answer) =>
        answer.state === 'answered' ? (answer.recursion ? 'yes' : 'no') : answer.state,
      )
      for (const statements of [printed.value, source.value]) {
        const by = { config: configOf(statements), own }
        const ours = ASKED.map(({ from, to }) => mayRecurse(by, { from: addressOf(from), to: addressOf(to) }).answer)
        if (`${ours}` !== `${real}`) throw new Error(`${ours} is said, ${real} is true of:\n${text}`)
      }
      for (const answer of real) if (answer === 'yes' || answer === 'no') seen[answer] += 1
    }
    console.log(seen)
    // Both answers, often, or nothing was compared.
    expect(seen.yes).toBeGreaterThan(COUNT / 2)
    expect(seen.no).toBeGreaterThan(COUNT / 2)
  })
})
