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

/**
 * Earlier rules by what they ask of protocol, addresses and a single port, so that only those that may fit are compared.
 * Made for a hundred thousand of them: as few objects as can be.
 */
class EarlierRules {
  private readonly rules = new Map<number, Conditions>()
  /** Places of rules by key; most keys have one. */
  private readonly places = new Map<string, number | number[]>()
  /** Prefix lengths that occur, so that only those are tried. */
  private readonly sources = new Set<number>()
  private readonly destinations = new Set<number>()

  add(rule: Conditions, at: number): void {
    if (rule.source) this.sources.add(rule.source.bits)
    if (rule.destination) this.destinations.add(rule.destination.bits)
    this.rules.set(at, rule)
    const key = keyOf(rule.protocol, rule.source, rule.destination, singlePort(rule))
    const known = this.places.get(key)
    if (known === undefined) this.places.set(key, at)
    else if (typeof known === 'number') this.places.set(key, [known, at])
    else if (known.length < LOOKED_AT) known.push(at)
  }

  /** A rule that takes all that this one matches; the first of its kind. */
  coverOf(rule: Conditions): number | null {
    if (this.rules.size === 0) return null
    const port = singlePort(rule)
    const sources = wider(rule.source, this.sources)
    const destinations = wider(rule.destination, this.destinations)
    for (const protocol of rule.protocol === null ? ANY : [null, rule.protocol])
      for (const source of sources)
        for (const destination of destinations) {
          const found =
            this.firstAt(keyOf(protocol, source, destination, null), rule) ??
            (port === null ? null : this.firstAt(keyOf(protocol, source, destination, port), rule))
          if (found !== null) return found
        }
    return null
  }

  private firstAt(key: string, rule: Conditions): number | null {
    const places = this.places.get(key)
    if (places === undefined) return null
    if (typeof places === 'number') return this.fits(places, rule) ? places : null
    return places.find((at) => this.fits(at, rule)) ?? null
  }

  private fits(at: number, rule: Conditions): boolean {
    const earlier = this.rules.get(at)
    return earlier !== undefined && covers(earlier, rule)
  }
}

const ANY: readonly (string | null)[] = [null]

/** No network at all, and those around this one that some earlier rule may name. */
function wider(net: Net | null, lengths: ReadonlySet<number>): readonly (Net | null)[] {
  if (!net || lengths.size === 0) return NO_NET
  const nets: (Net | null)[] = [null]
  for (const bits of lengths) if (bits <= net.bits) nets.push(bits === net.bits ? net : cutNet(net.words, bits))
  return nets
}

const NO_NET: readonly null[] = [null]

const singlePort = ({ destinationPorts }: Conditions): number | null => {
  const only = destinationPorts?.length === 1 ? destinationPorts[0] : undefined
  return only && only[0] === only[1] ? only[0] : null
}

const keyOf = (protocol: string | null, source: Net | null, destination: Net | null, port: number | null): string =>
  `${protocol ?? ''} ${netKey(source)} ${netKey(destination)} ${port ?? ''}`

const netKey = (net: Net | null): string =>
  net === null ? '' : `${net.words.length === 1 ? net.words[0] : net.words.join(':')}/${net.bits}`
