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

/**
 * Rules that Docker writes outside its own chains, in FORWARD and POSTROUTING: they name a bridge that it has made. Those
 * with a name of their own are known by its chains (`dockerBridges`); the rest by how they are called.
 */
export const FOREIGN_INTERFACES = ` (-i|-o) (docker0|br-${'[0-9a-f]'.repeat(12)}) `

/** Rules outside such chains that say whose they are, in their comment or by the set they name. */
export const FOREIGN_MARKS = ` --comment "?(wg-quick\\(8\\) rule for |generated for (LXD|Incus) network )| --match-set (crowdsec|f2b-|fail2ban-)`

const INTERFACES = new RegExp(FOREIGN_INTERFACES)
const MARKS = new RegExp(FOREIGN_MARKS)
const BY_NAME = OWNERS.map(([owner, names]) => [owner, new RegExp(`^(?:${names})`)] as const)
const ownerByName = (name: string): string | null => BY_NAME.find(([, names]) => names.test(name))?.[0] ?? null

/** Whether a program fills chains that are known by their names. */
export const ownsChains = (program: string): boolean => OWNERS.some(([owner]) => owner === program)

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

/** Bridges that rules in Docker's own chains name, whatever they are called (DOCKER-USER is the operator's). */
function dockerBridges(tables: readonly Pick<Table, 'chains'>[]): ReadonlySet<string> {
  const bridges = new Set<string>()
  for (const { chains } of tables)
    for (const { name, rules } of chains) {
      if (!name.startsWith('DOCKER') || name === 'DOCKER-USER') continue
      for (const { text } of rules)
        for (const [, device = ''] of unquoted(text).matchAll(/(?:^| )-[io] (\S+)/g)) bridges.add(device)
    }
  return bridges
}

/** A container that talks to itself by its published port is masqueraded: Docker's rule names no bridge. */
const HAIRPIN = /^-s (\S+) -d \1 .*-j MASQUERADE$/

/** Whether a rule outside Docker's chains is one of those that it writes there. */
function isDockers(chain: string, text: string, bridges: ReadonlySet<string>): boolean {
  if (!/^(FORWARD|POSTROUTING)$/.test(chain)) return false
  const plain = unquoted(text)
  if (chain === 'POSTROUTING' && bridges.size > 0 && HAIRPIN.test(plain)) return true
  if (INTERFACES.test(` ${plain} `)) return true
  return bridges.size > 0 && [...plain.matchAll(/(?:^| )-[io] (\S+)/g)].some(([, device = '']) => bridges.has(device))
}

/**
 * Parts a table into the operator's and other programs': their chains, the jumps into them, Docker's loose rules. `all` are
 * the tables it stands among, as Docker's chains in one name bridges that rules of another are about.
 */
export function part(table: Table, all: readonly Table[] = [table]): Parted {
  const bridges = dockerBridges(all)
  const owners = new Map(table.chains.map((chain) => [chain.name, ownerOf(chain.name, table)]))
  const isForeign = (chain: Chain, text: string): boolean => {
    const target = targetOf(text)
    if (target !== null && (owners.get(target) ?? ownerByName(target))) return true
    if (MARKS.test(` ${text}`)) return true
    return isDockers(chain.name, text, bridges)
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
