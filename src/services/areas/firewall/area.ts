import type { Area } from '../../model/area.ts'
import type {
  Family,
  FamilyFacts,
  FirewallFacts,
  Layer,
  Persistence,
  RuleSet,
  SavedRules,
} from '../../model/firewall.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { linesOf, partsOf } from '../parts.ts'
import { standsIn, unreadReasons } from './beside.ts'
import { withTable } from './builtin-chains.ts'
import { firewallChecks } from './checks/table.ts'
import { firewallEditing } from './editing.ts'
import { parseFtp, parseFtpHelper } from './ftp.ts'
import { parseJails } from './jails.ts'
import { layersOf } from './layers.ts'
import { parseNetwork, parsePortNames } from './network.ts'
import { replacesRules } from './owners.ts'
import { parseRuleSet, unclosedRule } from './parse.ts'
import probeScript from './probe.sh'
import { parseRulesFile } from './rules-file.ts'
import { readMakers } from './sets/makers.ts'
import { withSets } from './sets/named.ts'
import setsScript from './sets/probe.sh'
import { readSets } from './sets/read.ts'

const PLACES: Readonly<Record<string, Persistence>> = {
  'netfilter-persistent': { kind: 'netfilter-persistent', v4: '/etc/iptables/rules.v4', v6: '/etc/iptables/rules.v6' },
  sysconfig: { kind: 'sysconfig', v4: '/etc/sysconfig/iptables', v6: '/etc/sysconfig/ip6tables' },
  loader: { kind: 'loader', v4: '/etc/hardtui/rules.v4', v6: '/etc/hardtui/rules.v6' },
}
/** Bytes of a saved file that the probe sends; it sends one more of a longer one. */
const SAVED_CAP = 262_144

/** The packet filter as iptables(8) and ip6tables(8) show it: every table of both families, with counters. */
export const firewall: Area<'firewall'> = {
  id: 'firewall',
  probes: [
    // Hundreds of thousands of rules are what some hosts have; nobody but root can make them more.
    { id: 'firewall', script: probeScript, timeoutSeconds: 20, capBytes: 32 * 1024 * 1024 },
    { id: 'sets', script: setsScript, timeoutSeconds: 10 },
  ],
  checks: firewallChecks,
  editing: firewallEditing,
  parse: (outputs, host, readAt) => {
    const output = outputs('firewall')
    if (!output) return { state: 'unread' }
    const part = partsOf(output)
    if (part('iptables-status') === 'absent' && part('ip6tables-status') === 'absent')
      return { state: 'absent', reason: say`iptables is not installed on this host` }
    if (!part('iptables-status') && output.cut !== null)
      return { state: 'unreadable', reason: say`iptables-save did not answer in 20 s; press R to try again` }
    const version = part('version').trim()
    const backend = /nf_tables/.test(version) ? 'nft' : /legacy|v1\.[0-7]\b/.test(version) ? 'legacy' : 'unknown'
    const managers = linesOf(part('managers')).map((line) => safe(line, 40))
    const beside = (family: Family): readonly Layer[] => [
      ...(output.cut === null ? [] : [CUT_OFF]),
      ...layersOf(family, part, { backend, managers }),
    ]
    const v4 = familyFacts('v4', part('iptables'), part('iptables-status'), beside('v4'))
    const v6 = familyFacts('v6', part('ip6tables'), part('ip6tables-status'), beside('v6'))
    if (v4.state === 'unreadable' && v6.state === 'unreadable')
      return { state: 'unreadable', reason: host.login.escalation === 'root' ? v4.reason : withoutRoot(v4.reason) }
    const place = part('persistence')
    const persistence: Persistence =
      (Object.hasOwn(PLACES, place) && PLACES[place]) || otherLoaders(part('loaders'), part('asleep'), managers)
    const portNames = parsePortNames(part('services'))
    const jails = parseJails(part('jails'))
    const facts: FirewallFacts = {
      backend,
      version: safe(version.replace(/^ip6?tables v/, '')),
      families: withSets({ v4, v6 }, readSets(outputs('sets'))),
      persistence,
      setMakers: readMakers(outputs('sets'), persistence),
      saved: { v4: savedRules('v4', persistence, part, portNames), v6: savedRules('v6', persistence, part, portNames) },
      network: parseNetwork(part),
      ftp: parseFtp(part('ftp')),
      ftpHelper: parseFtpHelper(part('ftp-helper')),
      portNames,
      managers,
      ...(jails === undefined ? {} : { jails }),
      warnings: unreadReasons({ families: { v4, v6 } }),
    }
    return { state: 'present', facts, readAt }
  },
}

const CUT_OFF: Layer = {
  kind: 'unknown',
  reason: say`the reading was cut off, so what else filters here was not read`,
  insteadOf: null,
}

const withoutRoot = (reason: Safe): Safe => say`iptables needs root: ${reason}`

function familyFacts(family: Family, text: string, status: string, beside: readonly Layer[]): FamilyFacts {
  if (status === '0') {
    const unclosed = unclosedRule(text)
    return unclosed === null
      ? { state: 'present', ruleSet: withBeside(parseRuleSet(family, text), beside) }
      : {
          state: 'unreadable',
          reason: say`a rule ends inside of quotes, as a line break makes it: ${safe(unclosed, 80)}`,
        }
  }
  if (status === 'absent') return { state: 'unreadable', reason: say`not installed` }
  return { state: 'unreadable', reason: safe(linesOf(text).at(-1) ?? 'iptables-save failed without a word') }
}

/** The rules with all that filters beside them, and without the tables that iptables-save does not tell the truth about. */
function withBeside(read: RuleSet, beside: readonly Layer[]): RuleSet {
  if (beside.length === 0) return withTable(read, 'filter')
  const ruleSet = { ...read, beside, tables: read.tables.filter(({ name }) => !standsIn(beside, name)) }
  return standsIn(beside, 'filter') ? ruleSet : withTable(ruleSet, 'filter')
}

function savedRules(
  family: Family,
  places: Persistence,
  part: (name: string) => string,
  names: FirewallFacts['portNames'],
): SavedRules {
  if (places.kind === 'none' || places.kind === 'other') return { state: 'absent' }
  const text = part(`saved ${places[family]}`)
  if (text === '') return { state: 'absent' }
  if (Buffer.byteLength(text) > SAVED_CAP) return { state: 'unknown' }
  const loaded = part(`loaded ${places[family]}`)
  // Without root or unshare(1) the file itself has to do.
  const ruleSet = loaded === '' ? parseRulesFile(family, text, names) : parseRuleSet(family, loaded)
  return { state: 'present', ruleSet }
}

/** What loads rules at boot beside the places above: hooks and scripts, and programs that write a whole rule set. */
function otherLoaders(text: string, asleep: string, managers: readonly Safe[]): Persistence {
  const by = [...managers.filter(replacesRules), ...linesOf(text).map((line) => safe(line, 120))]
  if (by.length > 0) return { kind: 'other', by }
  const sleeping = linesOf(asleep).map((line) => safe(line, 40))
  return sleeping.length > 0 ? { kind: 'none', asleep: sleeping } : { kind: 'none' }
}
