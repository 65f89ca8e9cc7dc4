import type { Verdict } from '../../../model/area.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import type { SubjectCheck } from '../check.ts'
import type { BootFiles, KernelFacts, RestEdit, SysctlLine } from '../facts.ts'
import { KERNEL_ITEMS, type KernelItem } from './items.ts'
import { layKernel } from './lay.ts'
import { atBoot, OWN_FILE } from './read.ts'
import { needsForwarding } from './rules.ts'
import { nameOf } from './sysctl-files.ts'

/** `/etc/sysctl.d/99-sysctl.conf, line 3: net.ipv4.tcp_syncookies = 0` */
const lineWords = ({ path, line, key, value }: SysctlLine): Safe =>
  say`${safe(path, 120)}, line ${line}: ${safe(nameOf(key), 100)} = ${safe(value ?? '', 40)}`

const now =
  ({ values }: KernelFacts) =>
  (key: string): number | null =>
    values.get(key) ?? null
const then =
  (facts: KernelFacts, boot: BootFiles) =>
  (key: string): number | null =>
    facts.values.has(key) ? atBoot(facts, boot, key).value : null

function judge(item: KernelItem, facts: KernelFacts): Verdict {
  const wrong = item.wrong(facts, now(facts))
  const { boot } = facts
  const details = [...nowWords(item, facts), ...(boot.ok ? bootWords(item, facts, boot.value) : [])]
  if (wrong.length > 0) return { outcome: 'fail', observed: inShort(wrong), details, ...noFixOf(item, facts) }
  if (item.wanted(facts).length === 0)
    return { outcome: 'notapplicable', observed: say`the kernel has no such setting` }
  if (!boot.ok) return { outcome: 'unknown', observed: say`${safe(item.good)} now; at boot: ${boot.error}`, details }
  const later = item.wrong(facts, then(facts, boot.value))
  if (later.length === 0) return { outcome: 'pass', observed: safe(item.good), details }
  const by = decidingLines(item, facts, boot.value).length > 0
  return {
    outcome: 'fail',
    observed: by ? say`until the next boot` : say`no file keeps it`,
    details: [say`${safe(item.good)} now; after a boot: ${inShort(later)}`, ...details],
    ...noFixOf(item, facts),
  }
}

const inShort = (where: readonly string[]): Safe =>
  safe(where.length > 3 ? `${where.slice(0, 2).join(', ')} and ${where.length - 2} more` : where.join(', '))

const nowWords = (item: KernelItem, facts: KernelFacts): readonly Safe[] =>
  item.wanted(facts).map(([key]) => say`now: ${safe(nameOf(key), 100)} = ${facts.values.get(key) ?? 0}`)

function decidingLines(item: KernelItem, facts: KernelFacts, boot: BootFiles): readonly SysctlLine[] {
  const lines = item.wanted(facts).flatMap(([key]) => atBoot(facts, boot, key).by ?? [])
  return lines.filter((line, at) => lines.findIndex((one) => one.path === line.path && one.line === line.line) === at)
}

const bootWords = (item: KernelItem, facts: KernelFacts, boot: BootFiles): readonly Safe[] => {
  const lines = decidingLines(item, facts, boot)
  if (lines.length > 0) return lines.map((line) => say`at boot: ${lineWords(line)}`)
  return [say`at boot: no file of sysctl.d sets it, and the kernel's own default holds`]
}

/** What of it has to be set, or kept over a boot: all that is not so now, and all that no line makes so. */
function settings(item: KernelItem, facts: KernelFacts): readonly RestEdit[] {
  const { boot } = facts
  return item
    .wanted(facts)
    .filter(([key, value]) => now(facts)(key) !== value || !boot.ok || atBoot(facts, boot.value, key).value !== value)
    .map(([key, value]) => ({ kind: 'set', key, value }))
}

function fix(item: KernelItem, facts: KernelFacts): readonly RestEdit[] | null {
  if (!facts.boot.ok || !facts.own.ok) return null
  const edits = settings(item, facts)
  const { after, conflicts } = layKernel(facts, edits)
  if (edits.length === 0 || conflicts.length > 0 || laterLine(item, after)) return null
  return edits
}

/** A line of another file that comes after ours, and decides otherwise. */
function laterLine(item: KernelItem, after: KernelFacts): SysctlLine | null {
  const { boot } = after
  if (!boot.ok) return null
  for (const [key, value] of item.wanted(after)) {
    const { by } = atBoot(after, boot.value, key)
    if (by && by.path !== OWN_FILE && by.value !== String(value)) return by
  }
  return null
}

function noFixOf(item: KernelItem, facts: KernelFacts): { readonly noFix?: Safe } {
  if (!facts.boot.ok) return { noFix: facts.boot.error }
  if (!facts.own.ok) return { noFix: facts.own.error }
  const by = laterLine(item, layKernel(facts, settings(item, facts)).after)
  return by ? { noFix: say`it would be set back at boot: change ${lineWords(by)}` } : {}
}

const items = KERNEL_ITEMS.map(
  (item): SubjectCheck<KernelFacts> => ({
    id: `REST-${item.id}`,
    ...{ severity: item.severity, title: item.title, expected: item.expected, rationale: item.rationale },
    references: [...item.references, 'sysctl.d(5)'],
    judge: (facts) => judge(item, facts),
    fix: (facts) => fix(item, facts),
    noFix: 'a line of another file comes after ours, which its detail names: change it there',
  }),
)

const FORWARDING = [
  ['IPv4', 'net/ipv4/ip_forward'],
  ['IPv6', 'net/ipv6/conf/all/forwarding'],
] as const

const forwarding: SubjectCheck<KernelFacts> = {
  id: 'REST-forwarding',
  severity: 'low',
  title: 'Passes packets on between networks',
  expected: 'off, unless something here needs it',
  rationale:
    'A host that passes packets on leads from one of its networks into another, past what keeps them apart. Containers, virtual machines and tunnels need it.',
  references: ['kernel: ip-sysctl, ip_forward', 'CIS 3.3: ip forwarding is disabled'],
  judge: (facts) => {
    const on = FORWARDING.filter(([, key]) => (facts.values.get(key) ?? 0) !== 0)
    const lines = FORWARDING.flatMap(([, key]) => {
      const by = facts.boot.ok ? atBoot(facts, facts.boot.value, key).by : null
      return by ? [say`at boot: ${lineWords(by)}`] : []
    })
    if (on.length === 0) return { outcome: 'pass', observed: say`off`, details: lines }
    const words = safe(on.map(([family]) => family).join(' and '))
    const needs = needsForwarding(facts).map((need) => safe(need))
    const [need] = needs
    if (need)
      return { outcome: 'pass', observed: say`needed: ${need}`, details: [say`on: ${words}`, ...needs, ...lines] }
    if (!facts.links) return { outcome: 'unknown', observed: say`${words} on; what may need it was not read` }
    return { outcome: 'fail', observed: say`${words} on`, details: lines }
  },
  noFix: 'whether nothing needs it is yours to say: sysctl -w, and the line that sets it at boot',
}

/** How the kernel treats packets. */
export const kernelChecks: readonly SubjectCheck<KernelFacts>[] = [...items, forwarding]
