import type { NftChain, NftRule } from '../../../model/firewall.ts'
import { BUILTIN_CHAINS, isBuiltin } from '../builtin-chains.ts'
import { isObject, type Json } from './json.ts'

type Statement = NftRule['statements'][number]

/**
 * Where iptables hooks the chains of its tables, by table, and by chain where that makes a difference
 * (netfilter_ipv4.h, enum nf_ip_hook_priorities; iptables-nft has its security table at 150 where the kernel's own is at 50).
 */
const PRIORITIES: Readonly<Record<string, number>> = {
  raw: -300,
  mangle: -150,
  nat: -100,
  'nat INPUT': 100,
  'nat POSTROUTING': 100,
  filter: 0,
  security: 150,
}

/** The priority at which iptables, of either backend, hooks a chain of one of its tables; null for a chain that it hooks nowhere. */
export const ownPriority = (table: string, chain: string): number | null =>
  isBuiltin(table, chain) ? (PRIORITIES[`${table} ${chain}`] ?? PRIORITIES[table] ?? null) : null

/** Whether a table of nft(8) is one of those that iptables-nft keeps its rules in. */
export const isOwnTable = (family: string, name: string): boolean =>
  /^ip6?$/.test(family) && Object.hasOwn(BUILTIN_CHAINS, name)

/** Whether a chain of such a table is as iptables-nft makes it: others filter and are never printed by iptables-save(8). */
export function isOwnChain(table: string, { name, hook }: Pick<NftChain, 'name' | 'hook'>): boolean {
  if (!hook) return true
  return hook.hook === name.toLowerCase() && hook.priority === ownPriority(table, name)
}

/**
 * Whether a rule is made of nothing but what iptables-nft makes rules of. iptables-save(8) leaves out what it does not
 * know of any other rule, with exit status 0: of `tcp dport { 80, 443 } accept` it prints `-p tcp -j ACCEPT`.
 */
export const isOwnRule = (statements: readonly Statement[]): boolean =>
  statements.every((statement) => {
    const [kind = '', body] = Object.entries(statement)[0] ?? []
    return kind === 'match' ? isObject(body) && isOwnMatch(body) : KINDS.has(kind)
  })

/** Everything else goes through `xt`, which stands for a match or target of iptables' own. */
const KINDS: ReadonlySet<string> = new Set('xt counter accept drop return jump goto limit log comment'.split(' '))

const FIELDS: ReadonlySet<string> = new Set([
  ...['ip saddr', 'ip daddr', 'ip protocol', 'ip frag-off', 'ip6 saddr', 'ip6 daddr', 'ip6 nexthdr'],
  ...['tcp sport', 'tcp dport', 'tcp flags', 'udp sport', 'udp dport', 'ether saddr'],
  ...['meta iif', 'meta oif', 'meta iifname', 'meta oifname', 'meta l4proto', 'meta mark'],
])

const OPERATORS: ReadonlySet<unknown> = new Set(['==', '!=', '<=', '>=', 'in', '!'])

const isOwnMatch = ({ op, left, right }: Json): boolean =>
  OPERATORS.has(op) && FIELDS.has(fieldOf(left)) && isOwnValue(right)

function fieldOf(left: unknown): string {
  if (!isObject(left)) return ''
  if (Array.isArray(left['&'])) return fieldOf(left['&'][0])
  if (isObject(left.payload)) return `${String(left.payload.protocol)} ${String(left.payload.field)}`
  return isObject(left.meta) ? `meta ${String(left.meta.key)}` : ''
}

/** A value, a network, a range, or several flags of one byte: no set, and none by name. */
const isOwnValue = (right: unknown): boolean =>
  typeof right === 'number' ||
  (typeof right === 'string' && !right.startsWith('@')) ||
  (Array.isArray(right) && right.every((one) => typeof one === 'string')) ||
  (isObject(right) && ['prefix', 'range', '|', '&'].includes(Object.keys(right)[0] ?? ''))
