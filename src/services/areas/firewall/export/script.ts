import { FAMILIES, type Family, type FamilyFacts, type FirewallFacts } from '../../../model/firewall.ts'
import { safe } from '../../../model/safe.ts'
import { besideReasons } from '../beside.ts'
import { FOREIGN_CHAINS, FOREIGN_INTERFACES } from '../foreign-chains.ts'
import back from './back.sh'
import load from './load.sh'
import { rulesText } from './rules-text.ts'

/** What a script is made of. All texts may be a server's. */
export type Exported = {
  /** The host's own name, and how its operator reaches it. */
  readonly hostname: string
  readonly address: string
  readonly exportedAt: Date
  /** Whether the rules are on the server, or staged and perhaps never will be. */
  readonly source: 'live' | 'staged'
  /** The rules, and what is known of the iptables that printed them. */
  readonly firewall: Pick<FirewallFacts, 'families' | 'backend' | 'version' | 'warnings'>
}

/** Seconds after which the old rules come back: the ten minutes of the routine. */
const ROLLBACK_AFTER = 600

/**
 * The rules of a host as a POSIX shell script to keep and to read, which loads them again on any host with iptables(8):
 * safely from a remote shell, for it puts back what was there before unless somebody keeps the new rules, and as often as
 * one likes. Chains of other programs are left out, and left alone where it runs.
 *
 * The rules come first, as iptables-restore(8) reads them; what loads them is load.sh and back.sh, beside this file.
 */
export const exportScript = (exported: Exported): string =>
  [
    '#!/bin/sh',
    ...head(exported).map((line) => (line === '' ? '#' : `# ${line}`)),
    '',
    'set -eu',
    '',
    '# Seconds until the old rules come back by themselves.',
    `ROLLBACK_AFTER=\${ROLLBACK_AFTER:-${ROLLBACK_AFTER}}`,
    '# The iptables these rules were written by.',
    `BACKEND=${exported.firewall.backend}`,
    '# Chains that other programs fill, by how their names begin, and rules of theirs outside of them: left alone.',
    `FOREIGN_CHAINS='${FOREIGN_CHAINS}'`,
    `FOREIGN_INTERFACES='${FOREIGN_INTERFACES}'`,
    '',
    ...FAMILIES.flatMap((family) => [...rulesFunction(family, exported.firewall.families[family]), '']),
    `# ${'-'.repeat(118)}`,
    '# How the rules above are loaded. Nothing below is about this one host.',
    '',
    '# What stays on the server until the next boot: it puts the old rules back.',
    'back_script() {',
    "  cat <<'BACK'",
    back.trimEnd(),
    'BACK',
    '}',
    '',
    withoutHead(load),
  ].join('\n')

/** A shell file without the comment that says where it belongs. */
const withoutHead = (text: string): string => text.replace(/^(?:#.*\n)+\n?/, '')

/** The function that prints a family's rules; nothing where there is none. */
const rulesFunction = (family: Family, facts: FamilyFacts): readonly string[] => [
  `# The ${KNOWN_AS[family]} rules.`,
  `rules_${family}() {`,
  facts.state === 'present' && facts.ruleSet.tables.length > 0 ? rulesText(facts.ruleSet) : '  :',
  '}',
]

const KNOWN_AS = { v4: 'IPv4', v6: 'IPv6' } as const

function head({ hostname, address, exportedAt, source, firewall }: Exported): readonly string[] {
  const { families, version, warnings } = firewall
  const unread = FAMILIES.flatMap((family) => {
    const facts = families[family]
    return facts.state === 'unreadable' ? [`The ${KNOWN_AS[family]} rules could not be read: ${facts.reason}`] : []
  })
  const names = address === hostname ? safe(hostname) : `${safe(hostname)} (${safe(address)})`
  return [
    `The firewall rules of ${names}, as a script that loads them.`,
    '',
    `Exported by hardtui at ${exportedAt.toISOString().replace(/\.\d+Z$/, 'Z')}, ${SOURCES[source]}.`,
    `Written by iptables ${safe(version)}.`,
    ...[...unread, ...warnings, ...besideReasons(firewall)].map((words) => `NOT in this script: ${words}`),
    '',
    ...USE,
  ]
}

const SOURCES = {
  live: 'as they were on the server',
  staged: 'as they were staged: the server may never have had them',
}

const USE = `Run it on the server, as root:

  sh set_iptables.sh           loads the rules. The old ones come back after ten minutes, unless you keep these:
  sh set_iptables.sh --keep    keeps them. Say it in a NEW login, which proves that you can still log in.
  sh set_iptables.sh --back    puts the old rules back at once, also after --keep, until the next boot.
  sh set_iptables.sh --now     loads the rules without that timer: at boot, or from the machine's own console.

From your own machine: ssh root@HOST sh -s <set_iptables.sh, then ssh root@HOST sh -s -- --keep <set_iptables.sh
ROLLBACK_AFTER=90 in the environment makes it a minute and a half.

Each table changes in one step: at no moment are its rules missing. The chains listed here become as they are here, and
all others stay; running it again changes nothing. A rule that is refused undoes it all.
The rules last until the next boot; --keep says how to load them at boot.`.split('\n')
