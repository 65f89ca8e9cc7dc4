import type { Address, Family } from '../../model/addresses.ts'
import { type DnsProof, ROOT_QUESTION } from '../../model/dns.ts'
import type { Seen } from '../../model/editing.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { clientOf, matchList } from './acl.ts'
import { isServed, zonesOf } from './config/named.ts'
import { blockOf, named, wordAt } from './config/statements.ts'
import type { DnsFacts, Statement, Understood } from './facts.ts'
import { type Answer, mayOf, mayRecurse } from './rulings.ts'

/** Zones that are asked for: enough to see that zones are still served. */
const MOST_ZONES = 3

/** One way from the operator's machine to the host: whose address comes, and to which. */
type Way = {
  readonly from: Address
  readonly to: Address
  readonly family: Family
  readonly who: Safe
  /** The host's address, where it is not the one that he came in by. */
  readonly address?: string
}

/**
 * What the operator's own machine is to be answered once BIND runs as it is staged, by each family that is known to lead
 * there: whether names are looked up for his address, and that zones which he may ask for still answer. Nothing where that
 * can't be told beforehand.
 */
export function proofsOf(before: DnsFacts, after: DnsFacts, { host }: Pick<Seen, 'host'>): readonly DnsProof[] {
  if (!before.named?.running) return []
  return waysOf(before, host).flatMap((way) => proofsBy(way, after))
}

/** His session's own way; and that of IPv6 where an answer came by it, for no address is translated there on its way. */
function waysOf({ outside }: DnsFacts, { session }: Seen['host']): readonly Way[] {
  const [from, to] = [clientOf(session.clientAddress), clientOf(session.serverAddress)]
  if (from === null || to === null) return []
  const family: Family = typeof from === 'number' ? 'v4' : 'v6'
  const own: Way = { from, to, family, who: safe(session.clientAddress, 80) }
  if (family === 'v6') return [own]
  const other = (outside?.asked ?? []).flatMap(({ family: by, address, answer }): readonly Way[] => {
    if (by !== 'v6' || address === undefined || answer.state !== 'answered' || answer.from === undefined) return []
    const [client, server] = [clientOf(answer.from), clientOf(address)]
    if (client === null || server === null || typeof client === 'number') return []
    return [{ from: client, to: server, family: 'v6', who: safe(answer.from, 80), address }]
  })
  return [own, ...other.slice(0, 1)]
}

function proofsBy({ from, to, family, who, address }: Way, after: DnsFacts): readonly DnsProof[] {
  const bind = after.named
  if (!bind) return []
  const by = { family, ...(address === undefined ? {} : { address }) }
  const closed: DnsProof = {
    ...by,
    question: ROOT_QUESTION,
    expects: 'no recursion',
    what: say`no recursion for ${who}`,
  }
  if (!bind.running) return [closed]
  if ('broken' in bind.understood) return []
  const { config } = bind.understood
  const sight = { config, own: after.own }
  const heard = listensAt(bind.understood, to, after)
  if (heard !== 'yes') return heard === 'no' ? [closed] : []
  const ruling = mayRecurse(sight, { from, to })
  const open: DnsProof = { ...closed, expects: 'recursion', what: say`recursion for ${who}` }
  const zones = zonesOf(config).filter(
    (zone) =>
      isServed(zone) &&
      (!ruling.view || ruling.view.name === zone.view.name) &&
      mayOf(sight, zone, 'allow-query', { from, to }, bind.release).answer === 'yes',
  )
  return [
    ...(ruling.answer === 'unknown' ? [] : [ruling.answer === 'yes' ? open : closed]),
    ...zones.slice(0, MOST_ZONES).map(
      ({ name }): DnsProof => ({
        ...by,
        question: { name, type: 'SOA', recursive: false },
        expects: 'its own answer',
        what:
          address === undefined
            ? say`${safe(name, 80)} answered`
            : say`${safe(name, 80)} answered over ${safe(family)}`,
      }),
    ),
  ]
}

/** Whether named listens at an address of the host's, on port 53: listen-on and listen-on-v6, which are any unless written. */
function listensAt({ config }: Understood, address: Address, { own }: DnsFacts): Answer {
  const all = named(config.options, typeof address === 'number' ? 'listen-on' : 'listen-on-v6')
  if (all.length === 0) return 'yes'
  const answers = all.filter(isPlain).map((statement) => {
    const block = blockOf(statement)
    const match = block ? matchList(block, address, { config, own }) : 'unknown'
    return match === 'unknown' ? 'unknown' : match === 'in' ? 'yes' : 'no'
  })
  return answers.includes('yes') ? 'yes' : answers.includes('unknown') ? 'unknown' : 'no'
}

/** On the port that everybody asks. */
function isPlain(statement: Statement): boolean {
  const at = statement.items.findIndex((_, index) => wordAt(statement, index) === 'port')
  return at < 0 || wordAt(statement, at + 1) === '53'
}
