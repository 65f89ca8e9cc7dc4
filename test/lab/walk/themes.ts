// What random rule sets are about. In a soup of rules most packets meet something coarse long before the fine points;
// so there are also rule sets in which a single fine point decides.
import type { Random } from './random.ts'

export type Theme = {
  /** How often a table has rules at all. */
  readonly tables: Readonly<Record<string, number>>
  /** The share of rules that are about one of the packets, and how many matches these have at most. */
  readonly near: number
  readonly aspects: number
  /** Rules per chain and chains of its own per table, at most. */
  readonly rules: number
  readonly chains: number
  /** Tables whose rules all say the opposite of the policy: whether any of them matches decides. */
  readonly decisive: readonly string[]
  /** Whether rules about a packet always ask for its state, or as it comes. */
  readonly states: true | null
}

const SOUP: Theme = {
  tables: { raw: 0.45, mangle: 0.3, nat: 0.4, filter: 1, security: 0.12 },
  near: 0.6,
  aspects: 3,
  rules: 7,
  chains: 5,
  decisive: [],
  states: null,
}

const THEMES: readonly (readonly [weight: number, theme: Theme])[] = [
  [2, SOUP],
  // Matches.
  [4, { ...SOUP, tables: { filter: 1 }, near: 0.95, rules: 12, chains: 0, decisive: ['filter'] }],
  // Jumps, goto and return.
  [4, { ...SOUP, tables: { filter: 1 }, near: 0.85, aspects: 1, rules: 4, chains: 6 }],
  // Conntrack and what turns it off.
  [
    3,
    {
      ...SOUP,
      tables: { raw: 1, filter: 1 },
      near: 0.8,
      aspects: 2,
      rules: 5,
      chains: 2,
      decisive: ['filter'],
      states: true,
    },
  ],
  // Translation.
  [2, { ...SOUP, tables: { nat: 1, filter: 1 }, near: 0.8, aspects: 2, rules: 5, chains: 1, decisive: ['filter'] }],
  // The tables around the filter.
  [
    2,
    {
      ...SOUP,
      tables: { raw: 0.3, mangle: 1, security: 0.5, filter: 0.3 },
      near: 0.9,
      aspects: 2,
      rules: 5,
      chains: 1,
      decisive: ['mangle', 'security'],
    },
  ],
]

export const someTheme = (random: Random): Theme => random.weighed(THEMES)
