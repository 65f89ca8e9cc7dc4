// The right side of random rules.
import type { Random } from './random.ts'
import type { Site } from './rule-matches.ts'

type Choice = readonly [weight: number, target: string]

const SEVERAL: Readonly<Record<string, readonly Choice[]>> = {
  filter: [
    [26, '-j ACCEPT'],
    [16, '-j DROP'],
    [5, '-j REJECT'],
    [12, '-j RETURN'],
    [3, '-j LOG --log-prefix "-j DROP "'],
    [2, '-j NFLOG --nflog-group 7'],
    [2, ''],
    [0.3, '-j NFQUEUE --queue-num 9 --queue-bypass'],
  ],
  raw: [
    [2, '-j ACCEPT'],
    [2, '-j DROP'],
    [3, '-j RETURN'],
    [14, '-j CT --notrack'],
    [7, '-j NOTRACK'],
    [6, '-j CT --ctevents new'],
    [1, '-j CT --zone 5'],
    [2, '-j TRACE'],
  ],
  mangle: [
    [14, '-j ACCEPT'],
    [5, '-j DROP'],
    [9, '-j RETURN'],
    [2, '-j MARK --set-xmark 0x1/0xffffffff'],
    [2, '-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff'],
    [2, '-j LOG'],
    [2, '-j DSCP --set-dscp 0x01'],
    [2, ''],
  ],
  security: [
    [10, '-j ACCEPT'],
    [5, '-j DROP'],
    [5, '-j RETURN'],
  ],
  nat: [
    [6, '-j ACCEPT'],
    [6, '-j RETURN'],
    [3, '-j LOG'],
  ],
}

/** Only tcp and udp have ports to change, so these name their protocol themselves. */
const BEFORE_ROUTING: readonly Choice[] = [
  [8, '-p tcp -j REDIRECT --to-ports 8080'],
  [5, '-p udp -j REDIRECT --to-ports 53'],
  [3, '-j REDIRECT'],
]
const ELSEWHERE = { v4: '198.51.100.51:80', v6: '[2001:db8:b::51]:80' } as const

/** A target that the kernel takes in this place; `chains` are those that may be jumped to. */
export function someTarget(random: Random, site: Site, chains: readonly string[], policy: string): string {
  const { table, chain, family, theme } = site
  const before = table === 'nat' && /^(PREROUTING|OUTPUT)$/.test(chain)
  const jumps: readonly Choice[] = chains.flatMap((name) => [
    [20 / chains.length, `-j ${name}`] as const,
    [20 / chains.length, `-g ${name}`] as const,
  ])
  const special: readonly Choice[] = [
    ...(before ? [...BEFORE_ROUTING, [1, `-p tcp -j DNAT --to-destination ${ELSEWHERE[family]}`] as const] : []),
    ...(table === 'nat' && chain === 'POSTROUTING' ? [[6, '-j MASQUERADE'] as const] : []),
  ]
  const usual = theme.decisive.includes(table) ? against(policy, table) : (SEVERAL[table] ?? [])
  return random.weighed([...usual, ...jumps, ...special])
}

const against = (policy: string, table: string): readonly Choice[] => [
  [table === 'filter' ? 12 : 16, policy === 'DROP' ? '-j ACCEPT' : '-j DROP'],
  ...(table === 'filter' ? [[4, policy === 'DROP' ? '-j ACCEPT' : '-j REJECT'] as const] : []),
  [1, '-j LOG'],
  [1, '-j RETURN'],
]
