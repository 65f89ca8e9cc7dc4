// Sees which packets come to the host's door and which get past its last rule: a table of nftables' own beside both
// backends of iptables, with hooks before the first of theirs and after the last.
import type { Family } from '../../../src/services/model/firewall.ts'

type Ids = Readonly<Record<Family, ReadonlySet<number>>>

/** The ids of packets by where they were seen. */
export type Seen = {
  readonly door: Ids
  /** Past the last rule on the way into the host, and on the way out of it. */
  readonly arrived: Ids
  readonly left: Ids
  /** What conntrack said of them, each time it was asked. */
  readonly states: Readonly<Record<Family, ReadonlyMap<number, readonly string[]>>>
}

const sets = (name: string, state = ''): string =>
  [`4 { typeof ip id${state}`, `6 { typeof ip6 flowlabel${state}`]
    .map((set) => `  set ${name}${set}; flags dynamic; size 65535; }`)
    .join('\n')

const note = (name: string, state = ''): string =>
  `meta nfproto ipv4 add @${name}4 { ip id${state} }; meta nfproto ipv6 add @${name}6 { ip6 flowlabel${state} }`

/** The names of the sets. */
export const SETS = ['door', 'state', 'arrived', 'left'].flatMap((name) => [`${name}4`, `${name}6`])

/** For nft(8). What the kernel sends by itself (resets, ICMP errors) never leaves: it would change what is tracked. */
export const OBSERVER = `table inet observe {
${sets('door')}
${sets('state', ' . ct state')}
${sets('arrived')}
${sets('left')}
  chain arrives { type filter hook prerouting priority -500; ${note('door')}; }
  chain sent { type filter hook output priority -500; meta mark != 77 drop; meta mark set 0; ${note('door')}; }
  chain tracked-in { type filter hook prerouting priority -190; ${note('state', ' . ct state')}; }
  chain tracked-out { type filter hook output priority -190; ${note('state', ' . ct state')}; }
  chain in-at-last { type filter hook input priority 1000; ${note('arrived')}; }
  chain out-at-last { type filter hook postrouting priority 1000; ${note('left')}; }
}
`

type Element = number | { readonly concat: readonly [number, string | number] }

/** Reads what `nft -j list table` prints. */
export function readSeen(json: string): Seen {
  const elements = new Map<string, readonly Element[]>()
  for (const { set } of JSON.parse(json).nftables) if (set) elements.set(set.name, set.elem ?? [])
  const ids = (name: string) => new Set(elements.get(name) as readonly number[])
  const states = (name: string) => {
    const said = new Map<number, string[]>()
    for (const element of elements.get(name) ?? []) {
      if (typeof element === 'number') continue
      const [id, state] = element.concat
      said.set(id, [...(said.get(id) ?? []), String(state).toUpperCase()])
    }
    return said
  }
  return {
    door: { v4: ids('door4'), v6: ids('door6') },
    arrived: { v4: ids('arrived4'), v6: ids('arrived6') },
    left: { v4: ids('left4'), v6: ids('left6') },
    states: { v4: states('state4'), v6: states('state6') },
  }
}
