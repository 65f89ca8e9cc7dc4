import type { Layer, RuleSet, Table } from '../../../model/firewall.ts'

/** A port that hardly anybody has rules for. */
const ODD = 54321

/** Options that name ports, whatever their match. */
const NAMES_PORTS = / --(?:dport|dports|destination-port|destination-ports|ports) ([\d:,]+)/g

/** Numbers and ranges of them in the statements of nft(8), as libnftables-json(5) has them. */
const NUMBERS = /"range":\[(\d+),(\d+)\]|\b(\d{1,5})\b/g

/** What was found of a rule set last. Only speed hangs on it. */
const remembered = new WeakMap<RuleSet, number>()

/**
 * A port that no rule names: how a packet to it fares is what becomes of the rest, of all that nobody thought of. Where
 * rules name every port there is, one of them all the same.
 */
export function oddPort(ruleSet: RuleSet): number {
  const known = remembered.get(ruleSet)
  if (known !== undefined) return known
  const found = freePort(ruleSet)
  remembered.set(ruleSet, found)
  return found
}

function freePort(ruleSet: RuleSet): number {
  const named = new Uint8Array(65_536)
  const beside = ruleSet.beside ?? []
  for (const { chains } of [...ruleSet.tables, ...beside.flatMap(otherTables)])
    for (const { rules } of chains)
      for (const { text } of rules) {
        if (!text.includes('port')) continue
        for (const [, list = ''] of text.matchAll(NAMES_PORTS)) for (const range of list.split(',')) mark(named, range)
      }
  for (const layer of beside) {
    if (layer.kind !== 'nft') continue
    const { chains, sets } = layer.table
    const said = JSON.stringify([chains.map(({ rules }) => rules.map((rule) => rule.statements)), [...sets.values()]])
    // Whatever they stand for: a port too many costs nothing.
    for (const [, from, to, one] of said.matchAll(NUMBERS)) mark(named, from ? `${from}:${to}` : (one as string))
  }
  if (named[ODD] === 0) return ODD
  // From above, where no service has its place.
  const free = named.lastIndexOf(0)
  return free > 0 ? free : ODD
}

const otherTables = (layer: Layer): readonly Table[] => (layer.kind === 'iptables' ? layer.tables : [])

function mark(named: Uint8Array, range: string): void {
  const colon = range.indexOf(':')
  const first = Number(colon < 0 ? range : range.slice(0, colon) || 0)
  const last = colon < 0 ? first : Number(range.slice(colon + 1) || 65_535)
  // A range of all ports is about none of them.
  if (first > 1 || last < 65_535) named.fill(1, first, last + 1)
}
