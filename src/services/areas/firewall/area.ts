import type { Area } from '../../model/area.ts'
import type { Family, FamilyFacts, FirewallFacts, Persistence, SavedRules } from '../../model/firewall.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { linesOf, splitParts } from '../parts.ts'
import { withTable } from './builtin-chains.ts'
import { firewallChecks } from './checks/table.ts'
import { parseFtp, parseFtpHelper } from './ftp.ts'
import { parseJails } from './jails.ts'
import { parseNetwork, parsePortNames } from './network.ts'
import { replacesRules } from './owners.ts'
import { parseRuleSet } from './parse.ts'
import probeScript from './probe.sh'
import { parseRulesFile } from './rules-file.ts'
import { readMakers } from './sets/makers.ts'
import { withSets } from './sets/named.ts'
import setsScript from './sets/probe.sh'
import { readSets } from './sets/read.ts'
import { LEGACY_TABLES, nativeTablesWords } from './warnings.ts'

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
  title: 'Firewall',
  probes: [
    { id: 'firewall', script: probeScript, timeoutSeconds: 20 },
    { id: 'sets', script: setsScript, timeoutSeconds: 10 },
  ],
  checks: firewallChecks,
  parse: (outputs, host, readAt) => {
    const output = outputs('firewall')
    if (!output) return { state: 'unread' }
    const part = splitParts(output.stdout)
    if (part('iptables-status') === 'absent' && part('ip6tables-status') === 'absent')
      return { state: 'absent', reason: say`iptables is not installed on this host` }
    if (!part('iptables-status') && output.timedOut)
      return { state: 'unreadable', reason: say`iptables-save did not answer in 20 s; press R to try again` }
    const v4 = familyFacts('v4', part('iptables'), part('iptables-status'))
    const v6 = familyFacts('v6', part('ip6tables'), part('ip6tables-status'))
    if (v4.state === 'unreadable' && v6.state === 'unreadable')
      return { state: 'unreadable', reason: host.login.escalation === 'root' ? v4.reason : withoutRoot(v4.reason) }
    const managers = linesOf(part('managers')).map((line) => safe(line, 40))
    const version = part('version').trim()
    const place = part('persistence')
    const persistence: Persistence =
      (Object.hasOwn(PLACES, place) && PLACES[place]) || otherLoaders(part('loaders'), managers)
    const backend = /nf_tables/.test(version) ? 'nft' : /legacy|v1\.[0-7]\b/.test(version) ? 'legacy' : 'unknown'
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
      warnings: warnings(backend, part('legacy'), part('native')),
    }
    return { state: 'present', facts, readAt }
  },
}

const withoutRoot = (reason: Safe): Safe => say`iptables needs root: ${reason}`

function familyFacts(family: Family, text: string, status: string): FamilyFacts {
  if (status === '0') return { state: 'present', ruleSet: withTable(parseRuleSet(family, text), 'filter') }
  if (status === 'absent') return { state: 'unreadable', reason: say`not installed` }
  return { state: 'unreadable', reason: safe(linesOf(text).at(-1) ?? 'iptables-save failed without a word') }
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
function otherLoaders(text: string, managers: readonly Safe[]): Persistence {
  const by = [...managers.filter(replacesRules), ...linesOf(text).map((line) => safe(line, 120))]
  return by.length > 0 ? { kind: 'other', by } : { kind: 'none' }
}

function warnings(backend: FirewallFacts['backend'], legacy: string, native: string): readonly Safe[] {
  const found: Safe[] = []
  if (backend === 'nft' && legacy !== '') found.push(LEGACY_TABLES)
  const foreign = native
    .split('\n')
    .filter((line) => /^table /.test(line) && !/^table (ip|ip6) (filter|nat|mangle|raw|security)$/.test(line))
  if (foreign.length > 0) found.push(nativeTablesWords(foreign.map((line) => line.slice(6))))
  return found
}
