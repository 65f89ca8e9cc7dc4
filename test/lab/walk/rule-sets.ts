// Random rule sets: what a host may have, and more of the rarer turns than any host has.
import type { Family } from '../../../src/services/model/firewall.ts'
import type { Random } from './random.ts'
import { type Site, someMatches } from './rule-matches.ts'
import { someTarget } from './rule-targets.ts'
import type { Sample } from './sample.ts'
import { someTheme, type Theme } from './themes.ts'

const HOOKS: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
}

/**
 * A whole rule set as iptables-restore(8) takes it, much of it about some packets. Every table is named, so that it
 * takes the place of any other.
 */
export function someRuleSet(random: Random, family: Family, samples: readonly Sample[]): string {
  const theme = someTheme(random)
  return Object.keys(HOOKS)
    .map((table) =>
      random.chance(theme.tables[table] ?? 0)
        ? someTable(random, { family, table, samples, theme })
        : emptyTable(table),
    )
    .join('')
}

/** A rule set that lets everything through. */
export const OPEN = Object.keys(HOOKS).map(emptyTable).join('')

function emptyTable(table: string): string {
  const chains = (HOOKS[table] ?? []).map((chain) => `:${chain} ACCEPT [0:0]\n`)
  return `*${table}\n${chains.join('')}COMMIT\n`
}

function someTable(random: Random, about: Pick<Site, 'family' | 'table' | 'samples' | 'theme'>): string {
  const { table, theme } = about
  const hooks = HOOKS[table] ?? []
  const own = Array.from({ length: random.number(theme.chains + 1) }, (_, i) => `c${i}`)
  const policies = new Map(hooks.map((chain) => [chain, somePolicy(random, table, theme)]))
  const heads = [...hooks, ...own].map((chain) => `:${chain} ${policies.get(chain) ?? '-'} [0:0]\n`)
  const rules = [...hooks, ...own].flatMap((chain) => {
    // Only into chains further on, for the kernel takes no circles.
    const further = own.slice(own.indexOf(chain) + 1)
    const site: Site = { ...about, chain, builtin: hooks.includes(chain) }
    const policy = policies.get(chain) ?? random.pick(['ACCEPT', 'DROP'])
    const count = random.number(theme.rules + 1)
    return Array.from({ length: count }, () => `-A ${chain} ${someRule(random, site, further, policy)}\n`)
  })
  return `*${table}\n${heads.join('')}${rules.join('')}COMMIT\n`
}

function somePolicy(random: Random, table: string, theme: Theme): string {
  const drops = table === 'nat' ? 0 : table === 'filter' ? 0.5 : theme.decisive.includes(table) ? 0.15 : 0.05
  return random.chance(drops) ? 'DROP' : 'ACCEPT'
}

function someRule(random: Random, site: Site, chains: readonly string[], policy: string): string {
  const target = someTarget(random, site, chains, policy)
  if (target.startsWith('-p')) return translation(random, target)
  return [matchesFor(random, site, target), target].filter((part) => part !== '').join(' ')
}

/** A target that names its protocol, mostly for some ports alone. */
function translation(random: Random, target: string): string {
  const [protocol, ...rest] = target.split(' -j ')
  return random.chance(0.7) ? `${protocol} -m multiport --dports 22,80,443,53 -j ${rest[0]}` : target
}

/**
 * What ends the way of every packet makes the rest of a chain idle, so it is mostly asked to match something; a jump
 * often is not, for it is what comes after it that counts.
 */
function matchesFor(random: Random, site: Site, target: string): string {
  if (/^-[jg] c\d$/.test(target) && random.chance(0.4)) return ''
  const matches = someMatches(random, site)
  return matches === '' && /^-j (ACCEPT|DROP|REJECT|RETURN)/.test(target) && random.chance(0.8)
    ? matchesFor(random, site, target)
    : matches
}
