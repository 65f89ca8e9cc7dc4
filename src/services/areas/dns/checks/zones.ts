import { type Safe, safe, say } from '../../../model/safe.ts'
import { isServed, settingOf, zonesOf } from '../config/named.ts'
import { blockOf } from '../config/statements.ts'
import { elementsOf, mayOf, type ZoneRight, zoneList } from '../rulings.ts'
import { asStrangers, worstOf } from '../strangers.ts'
import { whereWords } from '../understand.ts'
import { type DnsCheck, ofConfig, REFERENCES } from './sense.ts'

/** A right to zones that strangers should not have. */
const zoneRight = (
  about: Pick<DnsCheck, 'id' | 'severity' | 'title' | 'expected' | 'rationale' | 'noFix'>,
  right: ZoneRight,
  none: Safe,
): DnsCheck => ({
  ...about,
  references: REFERENCES,
  judge: ofConfig(({ bind, understood, facts }) => {
    const zones = zonesOf(understood.config).filter(isServed)
    if (zones.length === 0) return { outcome: 'notapplicable', observed: say`it serves no zone` }
    const by = { config: understood.config, own: facts.own }
    const ruled = zones.map((zone) => ({
      zone,
      answer: worstOf(asStrangers(facts.own, (asker) => mayOf(by, zone, right, asker, bind.release).answer)),
      list: zoneList(understood.config, zone, right, bind.release),
    }))
    const open = ruled.filter(({ answer }) => answer === 'yes')
    const line = ({ zone, list }: (typeof ruled)[number]): Safe =>
      say`${safe(zone.name, 80)}: ${list.words}${whereWords(list.statement?.at ?? null, understood)}`
    if (open.length > 0)
      return {
        outcome: 'fail',
        observed: say`${open.length} of ${zones.length} zones`,
        details: open.map(line),
      }
    const unsure = ruled.filter(({ answer }) => answer === 'unknown')
    if (unsure.length > 0)
      return { outcome: 'unknown', observed: say`can’t be told of all zones`, details: unsure.map(line) }
    return { outcome: 'pass', observed: none }
  }),
})

/** Who may have a zone whole. */
export const transfer = zoneRight(
  {
    id: 'DNS-transfer',
    severity: 'medium',
    title: 'Hands out whole zones to whoever asks',
    expected: 'for the secondaries alone',
    rationale:
      'A whole zone is a list of the hosts that there are. Up to 9.18 everybody may have it unless allow-transfer says otherwise.',
    noFix: 'name your secondaries: allow-transfer { 198.51.100.53; }; in options, or { none; } where there are none',
  },
  'allow-transfer',
  say`to nobody who is a stranger`,
)

/** Who may change a zone. */
export const update = zoneRight(
  {
    id: 'DNS-update',
    severity: 'high',
    title: 'Lets whoever asks change zones',
    expected: 'by key alone',
    rationale: 'A dynamic update by address can be forged: the zone is then whoever’s wants it.',
    noFix: 'take the addresses out of allow-update, and name a key: allow-update { key "…"; };',
  },
  'allow-update',
  say`by nobody who is a stranger`,
)

/** Whether its answers can be turned on somebody else. */
export const rateLimit: DnsCheck = {
  id: 'DNS-rate-limit',
  severity: 'low',
  title: 'Answers the same question as often as it is asked',
  expected: 'rate-limit in options',
  rationale:
    'Zones that are served to everybody can be used to send answers to a victim; response rate limiting slows down just that.',
  references: REFERENCES,
  judge: ofConfig(({ understood }) => {
    const { config } = understood
    if (!zonesOf(config).some(isServed)) return { outcome: 'notapplicable', observed: say`it serves no zone` }
    const without = config.views.filter((view) => !settingOf(config, view, 'rate-limit'))
    if (without.length > 0) return { outcome: 'fail', observed: say`no rate-limit` }
    const statement = settingOf(config, config.views[0] ?? null, 'rate-limit')
    const block = statement && blockOf(statement)
    return { outcome: 'pass', observed: safe(block ? elementsOf(block).join('; ') : 'set', 120) }
  }),
  noFix: 'add rate-limit { responses-per-second 10; }; to its options, and watch rndc stats for a while',
}
