import type { NftChain, NftHook, NftRule, NftSet, NftTable } from '../../../model/firewall.ts'
import { isObject, type Json } from './json.ts'
import { nftText } from './text.ts'

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** The objects of what `nft -j list …` prints (libnftables-json(5)), each with its kind; null for anything else. */
function nftObjects(text: string): readonly (readonly [kind: string, body: Json])[] | null {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    return null
  }
  const list = isObject(read) ? read.nftables : null
  if (!Array.isArray(list)) return null
  const objects: (readonly [string, Json])[] = []
  for (const one of list) {
    const [kind, body] = isObject(one) ? (Object.entries(one)[0] ?? []) : []
    if (kind === undefined || !isObject(body)) return null
    objects.push([kind, body])
  }
  return objects
}

type Building = { readonly chain: NftChain; readonly rules: NftRule[] }

/**
 * Reads what `nft -j list table FAMILY NAME` prints: the table with its chains, rules, sets and maps. A second line may
 * have its flags as plain nft(8) prints them. Null where that is cut off, is about another table, or has a chain or rule
 * of a form that is not known: half a table is none.
 */
export function readNftTable(family: string, name: string, section: string): NftTable | null {
  const [text = '', flags = ''] = section.split('\n')
  const objects = nftObjects(text)
  if (objects) return tableOf(family, name, objects, flags, text)
  // nft 1.0.6 may break off at the flags of a dormant table, of which nothing else matters.
  return wordsOf(flags).includes('dormant') ? { family, name, dormant: true, chains: [], sets: new Map() } : null
}

function tableOf(
  family: string,
  name: string,
  objects: readonly (readonly [kind: string, body: Json])[],
  flags: string,
  text: string,
): NftTable | null {
  const chains = new Map<string, Building>()
  const sets = new Map<string, NftSet>()
  let dormant: boolean | null = null
  for (const [kind, body] of objects) {
    if (kind === 'table') {
      if (body.family !== family || body.name !== name) return null
      dormant = isDormant(body, flags)
    } else if (kind === 'chain') {
      const chain = readChain(body)
      if (!chain) return null
      chains.set(chain.chain.name, chain)
    } else if (kind === 'rule') {
      const chain = chains.get(String(body.chain))
      const rule = readRule(`nft/${family}/${name}`, body)
      if (!chain || !rule) return null
      chain.rules.push(rule)
    } else if (kind === 'set' || kind === 'map') sets.set(String(body.name), readSet(body, text))
  }
  if (dormant === null) return null
  return { family, name, dormant, sets, chains: [...chains.values()].map(({ chain, rules }) => ({ ...chain, rules })) }
}

const listOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string')

const flagsOf = ({ flags }: Json): readonly string[] => listOf(flags)

const wordsOf = (text: string): readonly string[] => text.split(/[\s,]+/)

/** nft 1.0.6 prints anything for a table's flags in JSON, so they are believed only where they are words that there are. */
function isDormant(body: Json, plain: string): boolean | null {
  if (body.flags === undefined) return false
  const flags = plain === '' ? flagsOf(body) : wordsOf(plain)
  if (plain === '' && !flags.every((flag) => /^(dormant|owner|persist)$/.test(flag))) return null
  return flags.includes('dormant')
}

/** Packets may put elements into a dynamic set, and into one that a rule adds to. */
const readSet = (body: Json, table: string): NftSet => ({
  elements: Array.isArray(body.elem) ? body.elem : [],
  changing: flagsOf(body).includes('dynamic') || table.includes(`"set": "@${String(body.name)}"`),
})

function readChain(body: Json): Building | null {
  const name = textOf(body.name)
  const base = readHook(body)
  if (name === null || base === undefined) return null
  const policy = base ? (textOf(body.policy) ?? 'accept').toUpperCase() : null
  return { chain: { name, policy, packets: 0, bytes: 0, rules: [], hook: base }, rules: [] }
}

/** Null for a chain without a hook, undefined for one that can't be read. */
function readHook(body: Json): NftHook | null | undefined {
  if (body.hook === undefined) return null
  const [type, hook] = [textOf(body.type), textOf(body.hook)]
  if (type === null || hook === null || typeof body.prio !== 'number') return undefined
  return { type, hook, priority: body.prio, devices: listOf(body.dev) }
}

function readRule(where: string, body: Json): NftRule | null {
  if (!Array.isArray(body.expr) || !body.expr.every(isObject)) return null
  const statements: readonly Json[] = body.expr
  const counter = statements.map((one) => one.counter).find(isObject)
  const comment = textOf(body.comment)
  return {
    id: `${where}/${String(body.chain)}/${String(body.handle)}`,
    text: nftText(comment === null ? statements : [...statements, { comment }]),
    packets: Number(counter?.packets ?? 0),
    bytes: Number(counter?.bytes ?? 0),
    statements,
  }
}

/**
 * Reads what the probe makes of a long table of iptables' own: chains, and each form of a rule once, without values and
 * under no chain. All rules stand in a chain of their own here.
 */
export function readNftForms(family: string, name: string, text: string): NftTable | null {
  const objects = nftObjects(text)
  if (!objects) return null
  const rules = objects.filter(([kind]) => kind === 'rule')
  const others = objects.filter(([kind]) => kind !== 'rule')
  const nowhere = ['chain', { name: '' }] as const
  return tableOf(family, name, [...others, nowhere, ...rules], '', text)
}
