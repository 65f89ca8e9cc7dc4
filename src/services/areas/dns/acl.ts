import { type Address, inPrefix, readAddress, readEnd, same } from '../../model/addresses.ts'
import { wordAt } from './config/statements.ts'
import type { Block, NamedConfig, OwnAddress } from './facts.ts'

/** Whom an address match list is held against; `own` null: the host's addresses are not known. */
export type Matching = {
  readonly config: Pick<NamedConfig, 'acls'>
  readonly own: readonly OwnAddress[] | null
}

/** What a list says of an address: let in, kept out, nothing of it, or what it depends on can't be told from here. */
export type Match = 'in' | 'out' | 'none' | 'unknown'

/** One prefix of a list: which place it has there, and whether it lets in. */
type Entry = { readonly address: Address; readonly bits: number; readonly place: number; lets: boolean }
/** What is no prefix; `own` by the host's addresses, `unknown` what can't be told from here. */
type Element = { readonly place: number; readonly lets: boolean } & (
  | { readonly kind: 'localhost' | 'localnets' | 'key' | 'unknown' }
  | { readonly kind: 'list'; readonly list: Compiled }
)
/**
 * A list as named keeps it: prefixes by family and length, each once, and what is no prefix; `place` says which of them is
 * asked first. A list inside of it that says no is an element; of any other the content is taken in.
 */
type Compiled = {
  readonly entries: Map<string, Entry>
  readonly elements: Element[]
  /** How many places are given away. */
  places: number
  /** It keeps somebody out. */
  negatives: boolean
}

const keyOf = (address: Address, bits: number): string =>
  typeof address === 'number' ? `4 ${bits} ${address}` : `6 ${bits} ${address.join(':')}`
const ALL = [0, [0, 0, 0, 0, 0, 0, 0, 0]] as const

/**
 * Asks an address match list as named does (named.conf(5), address_match_list): the first element that matches decides; of
 * a list inside of a list only being let in counts. Nobody's key signs what is asked. In one thing named is not what its
 * manual says, and is followed: a prefix that stood in a list before is turned round where it comes again in a list that is
 * negated (dns_iptable_merge() in lib/dns/iptable.c).
 */
export const matchList = (list: Block, address: Address, by: Matching): Match =>
  matchCompiled(compiled(list, by.config), address, by)

function matchCompiled({ entries, elements }: Compiled, address: Address, by: Matching): Match {
  let first: Entry | null = null
  for (const entry of entries.values())
    if ((!first || entry.place < first.place) && inPrefix(entry.address, entry.bits, address)) first = entry
  const otherwise: Match = first ? (first.lets ? 'in' : 'out') : 'none'
  const before = elements.filter(({ place }) => !first || place < first.place)
  const from = (index: number): Match => {
    const element = before[index]
    if (!element) return otherwise
    const matches = matchElement(element, address, by)
    const decides = element.lets ? 'in' : 'out'
    if (matches === 'yes') return decides
    const rest = from(index + 1)
    return matches === 'no' || rest === decides ? rest : 'unknown'
  }
  return from(0)
}

function matchElement(element: Element, address: Address, { config, own }: Matching): 'yes' | 'no' | 'unknown' {
  const answer = (matches: boolean): 'yes' | 'no' => (matches ? 'yes' : 'no')
  switch (element.kind) {
    case 'key':
      return 'no'
    case 'unknown':
      return 'unknown'
    case 'list': {
      const match = matchCompiled(element.list, address, { config, own })
      return match === 'unknown' ? match : answer(match === 'in')
    }
    case 'localhost':
      return own ? answer(own.some((one) => same(one.address, address))) : 'unknown'
    case 'localnets':
      return own ? answer(own.some((one) => one.bits > 0 && inPrefix(one.address, one.bits, address))) : 'unknown'
  }
}

/** Lists that were made already, by the configuration that they are of: each is asked about many addresses. */
const MADE = new WeakMap<Matching['config']['acls'], Map<Block, Compiled>>()

/** All that lists which stand in lists may come to together. */
const MOST = 20_000

function compiled(list: Block, { acls }: Matching['config']): Compiled {
  const made = MADE.get(acls) ?? new Map<Block, Compiled>()
  MADE.set(acls, made)
  return compile(list, { acls, made, left: MOST })
}

type Making = { readonly acls: Matching['config']['acls']; readonly made: Map<Block, Compiled>; left: number }

const unknownList = (): Compiled => ({
  entries: new Map(),
  elements: [{ kind: 'unknown', lets: true, place: 1 }],
  places: 1,
  negatives: false,
})

/** As cfg_acl_fromconfig() does in lib/isccfg/aclconf.c. A list that names itself, or comes to too much, says nothing. */
function compile(list: Block, making: Making): Compiled {
  const known = making.made.get(list)
  if (known) return known
  making.made.set(list, unknownList())
  const made: Compiled = { entries: new Map(), elements: [], places: 0, negatives: false }
  for (const statement of list.statements) {
    if (making.left-- <= 0) return unknownList()
    const negated = wordAt(statement, 0) === '!'
    if (negated) made.negatives = true
    const [first] = negated ? statement.items.slice(1) : statement.items
    const lets = !negated
    const word = first?.kind === 'word' ? first.text.toLowerCase() : ''
    const network = networkOf(word)
    if (first?.kind === 'block') take(made, compile(first, making), lets, making)
    else if (word === 'any') addPrefixes(made, ALL, 0, lets)
    else if (word === 'none') {
      addPrefixes(made, ALL, 0, !lets)
      made.negatives = true
    } else if (network) addPrefixes(made, [network.address], network.bits, lets)
    else if (word === 'key' || word === 'localhost' || word === 'localnets')
      made.elements.push({ kind: word, lets, place: ++made.places })
    else {
      const named = making.acls.get(word)
      if (named) take(made, compile(named, making), lets, making)
      else made.elements.push({ kind: 'unknown', lets, place: ++made.places })
    }
  }
  making.made.set(list, made)
  return made
}

function addPrefixes(made: Compiled, addresses: readonly Address[], bits: number, lets: boolean): void {
  const place = made.places + 1
  for (const address of addresses) {
    const key = keyOf(address, bits)
    if (made.entries.has(key)) continue
    made.entries.set(key, { address, bits, place, lets })
    made.places = place
  }
}

/** Takes in a list that stands in another one. */
function take(made: Compiled, inner: Compiled, lets: boolean, making: Making): void {
  if (inner.negatives) {
    made.elements.push({ kind: 'list', list: inner, lets, place: ++made.places })
    return
  }
  const before = made.places
  making.left -= inner.elements.length + inner.entries.size
  for (const one of inner.elements) made.elements.push({ ...one, place: before + one.place, lets: lets && one.lets })
  for (const [key, one] of inner.entries) {
    const there = made.entries.get(key)
    if (!there) made.entries.set(key, { ...one, place: before + one.place, lets: lets && one.lets })
    else if (!lets && one.lets) there.lets = false
  }
  made.places = before + inner.places
}

/** Reads `10.0.0.0/8`, `10/8`, `192.0.2.1`, `2001:db8::/32`; null for what is no network. */
export function networkOf(word: string): { readonly address: Address; readonly bits: number } | null {
  const [base = '', length, ...more] = word.split('/')
  if (more.length > 0) return null
  const short = length !== undefined && /^\d+(\.\d+){0,2}$/.test(base)
  const address = readAddress(short ? [...base.split('.'), '0', '0', '0'].slice(0, 4).join('.') : base)
  if (address === null) return null
  const most = typeof address === 'number' ? 32 : 128
  if (length === undefined) return { address, bits: most }
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN
  return bits <= most ? { address, bits } : null
}

/** Whom named sees: a v4 address in v6 clothes is a v4 one. */
export const clientOf = (text: string): Address | null => readEnd(text)
