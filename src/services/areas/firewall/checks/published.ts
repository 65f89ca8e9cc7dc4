import { isLoopback, readEnd } from '../../../model/addresses.ts'
import type { Around } from '../../../model/area.ts'
import { FAMILIES, type Family, type FirewallFacts, type Table } from '../../../model/firewall.ts'
import type { HostFacts } from '../../../model/host.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { ownerOf } from '../foreign-chains.ts'
import { interfaceOf } from '../network.ts'
import { splitWords } from '../words.ts'
import { type FirewallCheck, fails, listWords, notApplicable, pass, ruleSetOf, unknown, upTo } from './about.ts'
import { decidedBy } from './rest.ts'
import { CLIENT_PORT, type Sight, sightOf } from './sight.ts'

/** A port that is sent on to a container: a DNAT rule, as far as it says so. */
type Published = {
  readonly family: Family
  readonly protocol: 'tcp' | 'udp'
  readonly port: number
  /** The host's address that it is published at; null for all of them. */
  readonly at: string | null
  readonly option: string
  readonly to: { readonly address: string; readonly port: number | null }
  /** The containers' bridge, where the rule leaves it out (`! -i docker0`). */
  readonly bridge: string | null
}

/** Docker's chains, and those of podman (netavark) and CNI. */
const PUBLISHERS: ReadonlySet<string> = new Set(['docker', 'container network'])

const publishedIn = (family: Family, nat: Table): readonly Published[] =>
  nat.chains
    .filter((chain) => PUBLISHERS.has(ownerOf(chain.name, nat) ?? ''))
    .flatMap((chain) => chain.rules.flatMap(({ text }) => readPublished(family, text) ?? []))

function readPublished(family: Family, text: string): Published | null {
  if (!text.includes('-j DNAT')) return null
  const split = splitWords(text)
  if (!split.ok) return null
  const after = (option: string): string | null => split.value[split.value.indexOf(option) + 1] ?? null
  const has = (option: string): boolean => split.value.includes(option)
  const protocol = has('-p') ? after('-p') : null
  const ports = has('--dport') ? after('--dport') : has('--dports') ? after('--dports') : null
  const port = Number(/^\d+/.exec(ports ?? '')?.[0] ?? Number.NaN)
  const option = has('--to-destination') ? (after('--to-destination') ?? '') : ''
  // `172.17.0.2:80`, `[fd00::2]:80`, `10.88.0.2:8000-8002/8000`, or an address alone.
  const [, bracketed, bare, to] = /^(?:\[([^\]]+)\]|([\d.]+|[\da-f:]+?))(?::(\d+)(?:-.*)?)?$/i.exec(option) ?? []
  const address = bracketed ?? bare
  const at = has('-d') ? (after('-d')?.replace(/\/(32|128)$/, '') ?? null) : null
  // Nobody outside comes to the loopback addresses.
  if (at !== null && isLoopback(at)) return null
  if ((protocol !== 'tcp' && protocol !== 'udp') || !Number.isInteger(port) || address === undefined) return null
  const not = split.value.findIndex((word, i) => word === '!' && split.value[i + 1] === '-i')
  return {
    family,
    protocol,
    port,
    at: at !== null && readEnd(at) !== null ? at : null,
    option,
    to: { address, port: to === undefined ? port : Number(to) },
    bridge: not < 0 ? null : (split.value[not + 2] ?? null),
  }
}

/** How a stranger's packet to a published port fares on its way through. */
type Through = { readonly published: Published; readonly state: 'open' | 'closed' | 'unsure'; readonly line: Safe }

/** Null where it is not sent on at all: published for the host itself, or by a chain that nothing leads to. */
function through(facts: FirewallFacts, sight: Sight, published: Published): Through | null {
  const { family, protocol, port, at, option, to, bridge } = published
  const answers = sight.strangers(family).map((from) =>
    sight.ask(family, 'forward', {
      ...sight.flow(family, from, port, protocol, at).first,
      sourcePort: CLIENT_PORT,
      outInterface: interfaceOf(facts.network, to.address) ?? bridge,
      sentOnTo: { option, ...to },
    }),
  )
  const walked = answers.find((one) => one?.answer !== 'no') ?? answers.find((one) => one?.at) ?? null
  if (answers.every((one) => one?.answer === 'no' && one.at === null)) return null
  const state = walked?.answer === 'yes' ? 'open' : walked?.answer === 'no' ? 'closed' : 'unsure'
  const where = decidedBy(facts, family, 'forward', walked?.at ?? null)
  const words = { open: say`open by`, closed: say`closed by`, unsure: say`depends on` }[state]
  return { published, state, line: say`${nameOf(published)}, ${words} FORWARD ${where}` }
}

const nameOf = ({ protocol, port, option }: Published): Safe => say`${safe(protocol)} ${port} → ${safe(option, 60)}`

const allThrough = (facts: FirewallFacts, host: HostFacts, around: Around): readonly Through[] =>
  FAMILIES.flatMap((family) => {
    const nat = ruleSetOf(facts, family)?.tables.find((table) => table.name === 'nat')
    const found = nat ? publishedIn(family, nat) : []
    const sight = sightOf(
      facts,
      host,
      around,
      found.flatMap(({ port, to }) => [port, to.port ?? port]),
    )
    return found.flatMap((one) => through(facts, sight, one) ?? [])
  })

/** Ports that Docker, podman or CNI publish past INPUT. */
export const publishedPorts: FirewallCheck = {
  id: 'FW-docker-ports',
  severity: 'medium',
  title: 'Published container ports bypass INPUT',
  expected: 'closed to strangers, or meant for them',
  rationale:
    'Docker and podman send published ports on to containers before INPUT is asked: they go through FORWARD, and no rule of INPUT closes them. DOCKER-USER is the chain that Docker asks first and leaves to you; for podman and CNI rules at the top of FORWARD do.',
  references: ['docs.docker.com, packet filtering and firewalls', 'podman-network(1)'],
  judge: (facts, host, around) => {
    const all = allThrough(facts, host, around)
    if (all.length === 0) return notApplicable(say`none is published`)
    const lines = upTo(
      40,
      all.map(({ line }) => line),
    )
    const of = (state: Through['state']) => all.filter((one) => one.state === state).map((one) => nameOf(one.published))
    if (of('open').length > 0) return fails(listWords(of('open'), 3), lines)
    if (of('unsure').length > 0) return unknown(listWords(of('unsure'), 3), lines)
    return pass(say`closed to strangers: ${listWords(of('closed'), 3)}`, lines)
  },
  noFix: 'who may use them only you know: rules belong at the top of DOCKER-USER, or publish at 127.0.0.1 only',
}
