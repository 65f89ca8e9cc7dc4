import type { Address, Family } from '../../model/addresses.ts'
import { type DnsProof, ROOT_QUESTION } from '../../model/dns.ts'
import type { Seen } from '../../model/editing.ts'
import { safe, say } from '../../model/safe.ts'
import { clientOf, matchList } from './acl.ts'
import { isServed, zonesOf } from './config/named.ts'
import { blockOf, named, wordAt } from './config/statements.ts'
import type { DnsFacts, Statement, Understood } from './facts.ts'
import { type Answer, mayOf, mayRecurse } from './rulings.ts'

/** Zones that are asked for: enough to see that zones are still served. */
const MOST_ZONES = 3

/**
 * What the operator's own machine is to be answered once BIND runs as it is staged: whether names are looked up for his
 * address, and that zones which he may ask for still answer. Nothing where that can't be told beforehand.
 */
export function proofsOf(before: DnsFacts, after: DnsFacts, { host }: Pick<Seen, 'host'>): readonly DnsProof[] {
  const { clientAddress, serverAddress } = host.session
  const [from, to] = [clientOf(clientAddress), clientOf(serverAddress)]
  const bind = after.named
  if (from === null || to === null || !bind || !before.named?.running) return []
  const family: Family = typeof from === 'number' ? 'v4' : 'v6'
  const you = safe(clientAddress, 80)
  const closed: DnsProof = {
    question: ROOT_QUESTION,
    expects: 'no recursion',
    family,
    what: say`no recursion for ${you}`,
  }
  if (!bind.running) return [closed]
  if ('broken' in bind.understood) return []
  const { config } = bind.understood
  const by = { config, own: after.own }
  const heard = listensAt(bind.understood, to, after)
  if (heard !== 'yes') return heard === 'no' ? [closed] : []
  const ruling = mayRecurse(by, { from, to })
  const open: DnsProof = { ...closed, expects: 'recursion', what: say`recursion for ${you}` }
  const zones = zonesOf(config).filter(
    (zone) =>
      isServed(zone) &&
      (!ruling.view || ruling.view.name === zone.view.name) &&
      mayOf(by, zone, 'allow-query', { from, to }, bind.release).answer === 'yes',
  )
  return [
    ...(ruling.answer === 'unknown' ? [] : [ruling.answer === 'yes' ? open : closed]),
    ...zones.slice(0, MOST_ZONES).map(
      ({ name }): DnsProof => ({
        question: { name, type: 'SOA', recursive: false },
        expects: 'its own answer',
        family,
        what: say`${safe(name, 80)} answered`,
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
