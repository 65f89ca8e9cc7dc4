// The walk's answers against what the kernel did.
import { readNftTable } from '../../../src/services/areas/firewall/nft/read.ts'
import { parseRuleSet } from '../../../src/services/areas/firewall/parse.ts'
import { NOTHING_KNOWN } from '../../../src/services/areas/firewall/walk/packet.ts'
import { type Walked, walk } from '../../../src/services/areas/firewall/walk/walk.ts'
import { FAMILIES, type Family, type Layer, type RuleSet } from '../../../src/services/model/firewall.ts'
import { LabError } from '../run.ts'
import { type Flow, opening, someFlows } from './flows.ts'
import { NFT_TABLE, someNftTable } from './nft-tables.ts'
import type { Seen } from './observer.ts'
import { LOCAL_ADDRESSES } from './people.ts'
import { createRandom, type Random } from './random.ts'
import { OPEN, someRuleSet } from './rule-sets.ts'
import type { Sample } from './sample.ts'
import { createSampler } from './samples.ts'
import { fillSets } from './sets.ts'
import type { Backend, World } from './world.ts'

/** What came of a number of (rule set, packet) pairs. */
export type Tally = {
  pairs: number
  yes: number
  no: number
  unsure: number
  /** Definite answers that the kernel did not bear out, with all that is needed to look into them. */
  readonly wrong: string[]
  /** Packets that conntrack did not see as the question said: no pair, for the question was another. */
  readonly misjudged: string[]
  /** How often each kind of thing was what an answer depended on. */
  readonly causes: Map<string, number>
}

export const newTally = (): Tally => ({
  pairs: 0,
  yes: 0,
  no: 0,
  unsure: 0,
  wrong: [],
  misjudged: [],
  causes: new Map(),
})

/** So many packets per rule set and family. */
const PER_RULE_SET = 25
const FLOWS = 60

/** Compares at least so many pairs on one backend, half of them in either family, and adds to the tally. */
export async function compare(
  world: World,
  backend: Backend,
  seed: number,
  pairs: number,
  tally: Tally,
  { native = false }: { readonly native?: boolean } = {},
): Promise<void> {
  const random = createRandom(seed)
  const flows = { v4: someFlows(random, 'v4', FLOWS), v6: someFlows(random, 'v6', FLOWS) }
  await Promise.all(FAMILIES.map((family) => world.load(family, backend, OPEN)))
  for (const step of [0, 1, 2]) await open(world, flows, step)
  const samplers = {
    v4: createSampler(random, 'v4', flows.v4),
    v6: createSampler(random, 'v6', flows.v6),
  }
  const enough = tally.pairs + pairs
  while (tally.pairs < enough) await round({ world, backend, random, native }, samplers, tally)
  await Promise.all(FAMILIES.map((family) => world.load(family, backend, OPEN)))
}

/** Sends one step of the opening of all connections, and waits until it has been seen. */
async function open(world: World, flows: Readonly<Record<Family, readonly Flow[]>>, step: number): Promise<void> {
  const packets = FAMILIES.flatMap((family) =>
    flows[family].flatMap((flow, i) => {
      const { reply, payload } = opening(flow)[step] ?? {}
      if (!payload) return []
      const [from, to] = reply ? [flow.other, flow.opener] : [flow.opener, flow.other]
      return [{ family, start: from.start, source: from.address, destination: to.address, id: i + 1, payload }]
    }),
  )
  await world.send(packets)
  await world.observe(idsOf(packets))
}

const idsOf = (packets: readonly { readonly family: Family; readonly id: number }[]) => {
  const of = (family: Family) => packets.filter((packet) => packet.family === family).map((packet) => packet.id)
  return { v4: of('v4'), v6: of('v6') }
}

type Around = {
  readonly world: World
  readonly backend: Backend
  readonly random: Random
  /** Whether a table of nft's own stands beside, and iptables' rules are few. */
  readonly native: boolean
}

/** One rule set of each family, and the packets that meet it. */
async function round(
  { world, backend, random, native }: Around,
  samplers: Readonly<Record<Family, () => Sample>>,
  tally: Tally,
): Promise<void> {
  const packets = (family: Family) =>
    Array.from({ length: PER_RULE_SET }, (_, i) => ({ ...samplers[family](), id: i + 1 }))
  const asked = { v4: packets('v4'), v6: packets('v6') }
  const texts = { v4: someRuleSet(random, 'v4', asked.v4), v6: someRuleSet(random, 'v6', asked.v6) }
  const sets = await world.fill(FAMILIES.map((family) => fillSets(random, family, asked[family])).join(''))
  const load = async (family: Family) => {
    try {
      return await world.load(family, backend, texts[family])
    } catch (error) {
      throw new LabError(`a rule set that the kernel does not take: ${error}\n${texts[family]}`)
    }
  }
  if (native && random.chance(0.6)) texts.v4 = texts.v6 = OPEN
  const [v4, v6] = await Promise.all([load('v4'), load('v6')])
  const table = native ? await besideOf(world, someNftTable(random, [...asked.v4, ...asked.v6])) : null
  await world.send([...asked.v4, ...asked.v6])
  const seen = await world.observe(idsOf([...asked.v4, ...asked.v6]))
  for (const [family, save] of Object.entries({ v4, v6 }) as [Family, string][]) {
    const ruleSet = { ...parseRuleSet(family, save), sets }
    const loaded: Loaded = table
      ? { backend, save: save + table.text, ruleSet: { ...ruleSet, beside: [table.layer] } }
      : { backend, save, ruleSet }
    for (const sample of asked[family]) judge(loaded, sample, seen, random, tally)
  }
}

/** A table of nft(8) as the kernel has it, read as the console reads it. */
async function besideOf(world: World, text: string): Promise<{ readonly text: string; readonly layer: Layer }> {
  const { family, name } = NFT_TABLE
  const json = await world.loadNft(text, NFT_TABLE).catch((error) => {
    throw new LabError(`a table that the kernel does not take: ${error}\n${text}`)
  })
  const table = readNftTable(family, name, json)
  if (!table) throw new LabError(`a table that can't be read: ${json}`)
  return { text, layer: { kind: 'nft', table, insteadOf: null } }
}

/** A rule set as the kernel has it. */
type Loaded = { readonly backend: Backend; readonly save: string; readonly ruleSet: RuleSet }

/** Asks the walk about one packet and compares, unless the packet turned out to be another than the one asked about. */
function judge(loaded: Loaded, sample: Sample & { id: number }, seen: Seen, random: Random, tally: Tally): void {
  const { family, id, packet, way } = sample
  const { backend, save, ruleSet } = loaded
  const zoned = save.includes('--zone')
  const states = seen.states[family].get(id) ?? []
  // What comes in over the loopback interface has first to go out, and to be what it was said to be.
  const within = way === 'in' && packet.inInterface === 'lo'
  if (within && (!seen.left[family].has(id) || zoned || states.some((state) => state !== packet.state))) return
  const others = states.filter((state) => state !== packet.state && state !== 'UNTRACKED')
  if (others.length > 0 && !zoned) {
    tally.misjudged.push(`${others} and not: ${describe(sample)}`)
    return
  }
  const known = random.chance(0.6)
    ? { localAddresses: LOCAL_ADDRESSES[family], localNetworks: networks(family) }
    : NOTHING_KNOWN
  const walked = walk(ruleSet, way, packet, known)
  count(tally, walked)
  const passed = (way === 'in' ? seen.arrived : seen.left)[family].has(id)
  if (walked.answer === 'unsure' || (walked.answer === 'yes') === passed) return
  const happened = passed ? 'passed' : 'was dropped'
  tally.wrong.push(`${backend}: ${walked.answer} (${walked.because}), but it ${happened}: ${describe(sample)}\n${save}`)
}

/** Each of the host's addresses is a network of its own there. */
const networks = (family: Family): readonly string[] =>
  LOCAL_ADDRESSES[family].map((address) => `${address}/${family === 'v4' ? 32 : 128}`)

const describe = ({ way, packet, payload }: Sample): string => JSON.stringify({ way, packet, payload })

function count(tally: Tally, { answer, because }: Walked): void {
  tally.pairs++
  tally[answer]++
  if (answer !== 'unsure') return
  const cause = causeOf(because)
  tally.causes.set(cause, (tally.causes.get(cause) ?? 0) + 1)
}

const UNSEEN =
  /-m (set|limit|mark|connmark|length|statistic|pkttype|string|hashlimit|recent|owner|policy|ipv6header|helper)\b/
const TRANSLATION = /-j (REDIRECT|DNAT|NFQUEUE)\b/

/** The kind of rule that an answer depends on: what can't be seen at all, or else something left unknown. */
function causeOf(because: string): string {
  return (
    UNSEEN.exec(because)?.[1] ??
    TRANSLATION.exec(because)?.[1] ??
    /-m addrtype|-i |-o |--[a-z]*ports? |--ct(?!state)[a-z]+|--icmp|-s |-d |--ctstate|--state/
      .exec(because)?.[0]
      .trim() ??
    'other'
  )
}
