import type { Around } from '../../../model/area.ts'
import type { Family, FirewallFacts, FtpConfig, RuleSet } from '../../../model/firewall.ts'
import type { HostFacts } from '../../../model/host.ts'
import { safe, say } from '../../../model/safe.ts'
import { listensIn } from '../listening.ts'
import { type FirewallCheck, fails, noListeners, notApplicable, pass, ruleSetOf, UNREADABLE } from './about.ts'
import { strangerPasses } from './default-deny.ts'
import { behindJumps, draftOn, filterRef } from './draft.ts'
import { sightOf } from './sight.ts'

/** FTP servers that run: something listens on their control port. */
const running = (facts: FirewallFacts, family: Family, { listeners }: Around): readonly FtpConfig[] =>
  facts.ftp.filter((ftp) =>
    listeners?.some((one) => one.protocol === 'tcp' && one.port === ftp.port && listensIn(one, family)),
  )

/** Connections for data are RELATED where the kernel reads along: a module, and since Linux 4.7 a rule that says so. */
function helped(facts: FirewallFacts, ruleSet: RuleSet, port: number): boolean {
  const rules = ruleSet.tables.find((table) => table.name === 'raw')?.chains.flatMap((chain) => chain.rules) ?? []
  const named = new RegExp(` --dport ${port} .*-j CT --helper ftp`)
  return facts.ftpHelper.loaded && rules.some((rule) => named.test(rule.text))
}

type Missing = { readonly ftp: FtpConfig; readonly range: string | null }

/** Servers that a stranger can talk to, and whose passive data connections are dropped. */
function missing(facts: FirewallFacts, family: Family, host: HostFacts, around: Around): readonly Missing[] {
  const ruleSet = ruleSetOf(facts, family)
  if (!ruleSet) return []
  return running(facts, family, around).flatMap((ftp): readonly Missing[] => {
    const { passive } = ftp
    const ends = passive ? [passive.from, passive.to] : [32768, 60999]
    const sight = sightOf(facts, host, around, [ftp.port, ...ends])
    if (strangerPasses(sight, family, ftp.port) === 'no' || helped(facts, ruleSet, ftp.port)) return []
    const open = ends.every((port) => strangerPasses(sight, family, port) !== 'no')
    return open ? [] : [{ ftp, range: passive && `${passive.from}:${passive.to}` }]
  })
}

/** An FTP server that can be logged in to and gives no files. */
export const ftpData = (family: Family): FirewallCheck => ({
  id: `FW-ftp-${family}`,
  severity: 'medium',
  title: `IP${family} drops the data of the FTP server`,
  expected: 'its passive ports open',
  rationale:
    'FTP carries files over connections of their own, to ports that the server chooses. Unless its passive range is open (or the kernel reads along with a CT --helper rule), logins work and listings hang.',
  references: ['vsftpd.conf(5), pasv_min_port', 'iptables-extensions(8), CT'],
  judge: (facts, host, around) => {
    if (!ruleSetOf(facts, family)) return UNREADABLE
    if (facts.ftp.length === 0) return notApplicable(say`no FTP server is configured`)
    if (!around.listeners) return noListeners(around)
    const servers = running(facts, family, around)
    if (servers.length === 0) return notApplicable(say`no FTP server listens`)
    const [first] = missing(facts, family, host, around)
    if (!first) return pass(say`its data passes`)
    const { ftp, range } = first
    return range
      ? fails(say`${safe(ftp.program)}: ${safe(range)} is closed`)
      : fails(say`${safe(ftp.program)}: no passive range is set`)
  },
  fix: (facts, host, around) => {
    const base = ruleSetOf(facts, family)
    const found = missing(facts, family, host, around).filter((one) => one.range !== null)
    if (!base || found.length === 0) return null
    const draft = draftOn(base)
    const at = filterRef(family, 'INPUT')
    for (const { range } of found)
      draft.insert(at, `-p tcp -m tcp --dport ${range} -j ACCEPT`, behindJumps(draft.ruleSet(), at))
    return draft.edits()
  },
  noFix: 'give the server a passive range first (vsftpd: pasv_min_port and pasv_max_port), then read again with R',
})
