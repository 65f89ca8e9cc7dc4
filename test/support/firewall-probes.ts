import { firewall } from '../../src/services/areas/firewall/area.ts'
import type { FirewallFacts } from '../../src/services/model/firewall.ts'
import { factsOf } from '../../src/services/model/reading.ts'
import { hostFacts } from './plans.ts'
import { outputFrom } from './probe-output.ts'

/** What the firewall's probe prints on a host without any rules, part by part, with others in their place. */
export const probeText = (parts: Readonly<Record<string, string>>): string =>
  Object.entries({
    version: 'iptables v1.8.9 (nf_tables)',
    managers: '',
    native: '',
    'native-status': '0',
    ...parts,
    persistence: 'none',
    iptables: parts.iptables ?? '',
    'iptables-status': parts['iptables-status'] ?? '0',
    ip6tables: parts.ip6tables ?? '',
    'ip6tables-status': '0',
    'other-iptables-status': parts['other-iptables-status'] ?? 'none',
    'other-ip6tables-status': parts['other-ip6tables-status'] ?? 'none',
  })
    .map(([name, text]) => `\n@@${name}\n${text}\n`)
    .join('')

/** The facts of a host on which the probe prints that. */
export function factsOfProbe(stdout: string): FirewallFacts {
  const facts = factsOf(firewall.parse(() => outputFrom('firewall', stdout), hostFacts, 1))
  if (!facts) throw new Error('there are no facts in it')
  return facts
}

type Json = Readonly<Record<string, unknown>>

/** What `nft -j list table` prints of a table with these objects in it. */
export const nftJson = (family: string, name: string, objects: readonly Json[], table: Json = {}): string =>
  JSON.stringify({
    nftables: [{ metainfo: { json_schema_version: 1 } }, { table: { family, name, ...table } }, ...objects],
  })

/** A chain that the kernel calls. */
export const hooked = (name: string, hook: string, prio: number, policy: string, more: Json = {}): Json => ({
  chain: { name, type: 'filter', hook, prio, policy, ...more },
})

export const rule = (chain: string, ...expr: readonly Json[]): Json => ({ rule: { chain, handle: 1, expr } })
const payload = (protocol: string, field: string): Json => ({ payload: { protocol, field } })
export const match = (left: Json, right: unknown, op = '=='): Json => ({ match: { op, left, right } })
export const dport = (right: unknown, op = '=='): Json => match(payload('tcp', 'dport'), right, op)
export const saddr = (right: unknown, op = '=='): Json => match(payload('ip', 'saddr'), right, op)
export const ACCEPT: Json = { accept: null }
export const DROP: Json = { drop: null }
