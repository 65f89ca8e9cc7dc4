import type { Chain, Table } from '../../model/firewall.ts'
import { targetOf } from './rule-text.ts'

/** Programs that fill chains of their own while they run, and how the names of those chains begin (as awk(1) reads it). */
const OWNERS: readonly (readonly [owner: string, names: string])[] = [
  ['docker', 'DOCKER'],
  ['fail2ban', 'f2b-|fail2ban-'],
  ['kubernetes', 'KUBE-'],
  ['calico', 'cali-'],
  ['cilium', 'CILIUM|OLD_CILIUM'],
  ['container network', 'CNI-|FLANNEL|WEAVE|NETAVARK'],
  ['ufw', 'ufw6?-'],
  ['libvirt', 'LIBVIRT_'],
  ['firewalld', '(INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING)_(direct|ZONES|POLICIES|IN_|OUT_)'],
  ['sshguard', 'sshguard'],
  ['crowdsec', 'crowdsec|CROWDSEC'],
  ['tailscale', 'ts-'],
]

/** Names under which an administrator may well have chains too: firewalld's only beside one that is firewalld's for sure. */
const FIREWALLD_ZONE = /^(?:IN|FWD|FWDI|FWDO|POST|PRE)_/

/** The names of all those chains, as a regular expression that awk(1) and this program read alike. */
export const FOREIGN_CHAINS = `^(${OWNERS.map(([, names]) => names).join('|')})`

/** Rules that Docker writes outside its own chains, in FORWARD and POSTROUTING: they name a bridge that it has made. */
export const FOREIGN_INTERFACES = ` (-i|-o) (docker0|br-${'[0-9a-f]'.repeat(12)}) `

const INTERFACES = new RegExp(FOREIGN_INTERFACES)
const BY_NAME = OWNERS.map(([owner, names]) => [owner, new RegExp(`^(?:${names})`)] as const)
const ownerByName = (name: string): string | null => BY_NAME.find(([, names]) => names.test(name))?.[0] ?? null

/** The program that a chain belongs to, or null where it is the operator's; `table` is the one it stands in. */
export function ownerOf(name: string, table: Pick<Table, 'chains'>): string | null {
  const owner = ownerByName(name)
  if (owner || !FIREWALLD_ZONE.test(name)) return owner
  return table.chains.some((chain) => ownerByName(chain.name) === 'firewalld') ? 'firewalld' : null
}

/** A table without what belongs to other programs, and what that was: chain names by their owner, and rules beside. */
export type Parted = {
  readonly own: Table
  readonly foreign: readonly { readonly owner: string; readonly chains: readonly string[] }[]
  readonly rules: number
  /** What an administrator has put into the one chain that Docker makes for him: it comes back empty, if at all. */
  readonly dockerUser: readonly string[]
}

/** Parts a table into the operator's and other programs': their chains, the jumps into them, Docker's loose rules. */
export function part(table: Table): Parted {
  const owners = new Map(table.chains.map((chain) => [chain.name, ownerOf(chain.name, table)]))
  const isForeign = (chain: Chain, text: string): boolean => {
    const target = targetOf(text)
    if (target !== null && (owners.get(target) ?? ownerByName(target))) return true
    return /^(FORWARD|POSTROUTING)$/.test(chain.name) && INTERFACES.test(` ${unquoted(text)} `)
  }
  const mine = table.chains.filter((chain) => !owners.get(chain.name))
  const chains = mine.map((chain) => ({
    ...chain,
    rules: chain.rules.filter((rule) => !isForeign(chain, rule.text)),
  }))
  const names = [...new Set([...owners.values()].filter((owner) => owner !== null))]
  const count = (list: readonly Chain[]): number => list.reduce((sum, chain) => sum + chain.rules.length, 0)
  return {
    own: { ...table, chains },
    foreign: names.map((owner) => ({
      owner,
      chains: table.chains.map((chain) => chain.name).filter((name) => owners.get(name) === owner),
    })),
    rules: count(mine) - count(chains),
    dockerUser: (table.chains.find((chain) => chain.name === 'DOCKER-USER')?.rules ?? [])
      .map((rule) => rule.text)
      .filter((text) => text !== '-j RETURN'),
  }
}

/** A rule without its quoted text, which says nothing about packets. */
export const unquoted = (text: string): string => text.replace(/"(?:[^"\\]|\\.)*"/gs, '')

/** Whether a rule's quotes close: iptables-save(8) prints a line feed inside them as it is, and can't be restored. */
export const isWhole = (text: string): boolean => !unquoted(text).includes('"')
