import type { Chain, Table } from '../../model/firewall.ts'
import { type Conditions, cutNet, type Net, readConditions } from './shadow/conditions.ts'
import { covers } from './shadow/covers.ts'

/** Rules that no packet reaches, by their index in the chain, with the index of the earlier rule that takes them all. */
export type Shadows = ReadonlyMap<number, number>

const NONE: Shadows = new Map()

/** Targets after which no packet goes on to the next rule of the chain. */
const TERMINAL: ReadonlySet<string> = new Set(['ACCEPT', 'DROP', 'REJECT', 'RETURN'])

/** How many earlier rules of one kind are looked at for one rule: a rule may be missed, none is accused falsely. */
const LOOKED_AT = 48

/**
 * Finds the rules of a chain that an earlier one leaves nothing to: it takes every packet that they match and lets none
 * go on. Sound and not complete: what can't be compared is never called shadowed. Near-linear in the number of rules.
 *
 * The raw table is left out: its rules change the connection state that later ones ask for.
 */
export function shadowsIn(table: Pick<Table, 'name' | 'chains'>, chain: Chain): Shadows {
  if (table.name === 'raw' || chain.rules.length < 2) return NONE
  // Which of the two is meant by a chain that is named like a target depends on the release.
  const ambiguous = new Set(table.chains.map((one) => one.name).filter((name) => TERMINAL.has(name)))
  const index = new EarlierRules()
  const shadows = new Map<number, number>()
  for (let at = 0; at < chain.rules.length; at++) {
    const rule = readConditions((chain.rules[at] as Chain['rules'][number]).text)
    const by = index.coverOf(rule)
    if (by !== null) shadows.set(at, by)
    else if (rule.able && ends(rule, ambiguous)) index.add(rule, at)
  }
  return shadows.size === 0 ? NONE : shadows
}

/** What was found in a chain already; the judgement and the list both ask. Only speed hangs on it. */
const remembered = new WeakMap<Chain, Shadows>()

/** As `shadowsIn`, remembered as long as the chain is the same object. */
export function shadowsOf(table: Pick<Table, 'name' | 'chains'>, chain: Chain): Shadows {
  const known = remembered.get(chain)
  if (known) return known
  const found = shadowsIn(table, chain)
  remembered.set(chain, found)
  return found
}

const ends = ({ target, goto }: Conditions, ambiguous: ReadonlySet<string>): boolean =>
  target !== null && (goto || (TERMINAL.has(target) && !ambiguous.has(target)))

type Earlier = { readonly rule: Conditions; readonly at: number }

/** Rules of one protocol, source and destination: those of a single destination port by it, all others in a row. */
type Bucket = { readonly byPort: Map<number, Earlier[]>; readonly others: Earlier[] }

/** Earlier rules by what they ask of protocol and addresses, so that only those that may fit are compared. */
class EarlierRules {
  private readonly buckets = new Map<string, Bucket>()
  /** Prefix lengths that occur, so that only those are tried. */
  private readonly sources = new Set<number>()
  private readonly destinations = new Set<number>()

  add(rule: Conditions, at: number): void {
    if (rule.source) this.sources.add(rule.source.bits)
    if (rule.destination) this.destinations.add(rule.destination.bits)
    const key = keyOf(rule.protocol, rule.source, rule.destination)
    const bucket: Bucket = this.buckets.get(key) ?? { byPort: new Map(), others: [] }
    this.buckets.set(key, bucket)
    const port = singlePort(rule)
    if (port === null) return void bucket.others.push({ rule, at })
    const same = bucket.byPort.get(port)
    if (same) same.push({ rule, at })
    else bucket.byPort.set(port, [{ rule, at }])
  }

  /** The first rule found that takes all that this one matches. */
  coverOf(rule: Conditions): number | null {
    if (this.buckets.size === 0) return null
    const port = singlePort(rule)
    const sources = wider(rule.source, this.sources)
    const destinations = wider(rule.destination, this.destinations)
    for (const protocol of rule.protocol === null ? [null] : [null, rule.protocol])
      for (const source of sources)
        for (const destination of destinations) {
          const bucket = this.buckets.get(keyOf(protocol, source, destination))
          const found = bucket && (firstIn(bucket.others, rule) ?? firstIn(bucket.byPort.get(port ?? -1) ?? [], rule))
          if (found !== undefined) return found
        }
    return null
  }
}

function firstIn(candidates: readonly Earlier[], rule: Conditions): number | undefined {
  const most = Math.min(candidates.length, LOOKED_AT)
  for (let i = 0; i < most; i++) {
    const { rule: earlier, at } = candidates[i] as Earlier
    if (covers(earlier, rule)) return at
  }
  return undefined
}

/** No network at all, and those around this one that some earlier rule may name. */
function wider(net: Net | null, lengths: ReadonlySet<number>): readonly (Net | null)[] {
  const nets: (Net | null)[] = [null]
  if (net)
    for (const bits of lengths) if (bits <= net.bits) nets.push(bits === net.bits ? net : cutNet(net.words, bits))
  return nets
}

const singlePort = ({ destinationPorts }: Conditions): number | null => {
  const only = destinationPorts?.length === 1 ? destinationPorts[0] : undefined
  return only && only[0] === only[1] ? only[0] : null
}

const keyOf = (protocol: string | null, source: Net | null, destination: Net | null): string =>
  `${protocol ?? ''} ${netKey(source)} ${netKey(destination)}`

const netKey = (net: Net | null): string => (net === null ? '' : `${net.words.join(':')}/${net.bits}`)
