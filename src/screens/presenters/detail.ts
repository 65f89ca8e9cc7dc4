import type { Finding } from '../../services/model/area.ts'
import { placeWords } from '../../services/model/firewall.ts'
import { LINE_CAP, type Safe, safe, say } from '../../services/model/safe.ts'
import type { LogEntry } from '../../services/model/securelog.ts'
import type { Listener } from '../../services/model/units.ts'
import type { ChainItem, RuleItem } from '../../state/lists/firewall-list.ts'
import { ruleAbout } from '../../state/lists/rule-about.ts'
import { portsWords, rulePorts } from '../../state/lists/rule-words.ts'
import type { PaneItem } from '../../state/lists/selectors.ts'
import type { UnitItem } from '../../state/lists/unit-list.ts'
import { EMPTY, type Line, line, type Role, span, wrap } from '../text/line.ts'
import { OUTCOMES, SEVERITIES } from './finding.ts'
import { MARKS } from './firewall.ts'
import { KINDS } from './log.ts'
import { rateWords } from './numbers.ts'
import { listenerWords, stateWords } from './services.ts'
import { setLines } from './sets.ts'

const LABEL = 12

/** A labelled value over as many rows as it needs. */
function field(label: Safe, value: Safe, width: number, role: Role = 'plain'): readonly Line[] {
  const pad = safe(' '.repeat(Math.max(0, LABEL - label.length)))
  return wrap(value, Math.max(10, width - LABEL), role).map((row, at) => [
    at === 0 ? span(say`${label}${pad}`, 'dim') : span(safe(' '.repeat(LABEL))),
    ...row,
  ])
}

function findingLines(finding: Finding, width: number): readonly Line[] {
  const { mark, word, role } = OUTCOMES[finding.outcome]
  return [
    [span(say`${mark} ${word}`, role), span(say`   ${safe(finding.title)}`, 'strong')],
    EMPTY,
    ...field(say`check`, safe(finding.checkId), width),
    ...field(say`severity`, SEVERITIES[finding.severity].word, width, SEVERITIES[finding.severity].role),
    ...field(say`seen`, finding.observed, width, finding.outcome === 'fail' ? 'bad' : 'plain'),
    ...(finding.details ?? []).flatMap((detail) => field(say``, detail, width)),
    ...field(say`expected`, safe(finding.expected, LINE_CAP), width),
    ...(finding.outcome === 'fail' ? fixLines(finding, width) : []),
    EMPTY,
    ...field(say`why`, safe(finding.rationale, LINE_CAP), width),
    EMPTY,
    ...field(say`sources`, safe(finding.references.join(' · '), LINE_CAP), width, 'dim'),
  ]
}

function fixLines({ fixable, noFix }: Finding, width: number): readonly Line[] {
  if (fixable) return field(say`fix`, say`Space on its row stages one, s shows the difference`, width, 'staged')
  return noFix ? field(say`to do`, safe(noFix, LINE_CAP), width) : []
}

const place = (item: RuleItem | ChainItem): Safe => placeWords(item.at)

function ruleLines(item: RuleItem, width: number): readonly Line[] {
  const { rule, mark, was, you } = item
  const text = safe(rule.text, LINE_CAP)
  return [
    ...field(say`chain`, place(item), width, 'strong'),
    ...field(say`place`, item.number === null ? say`none: staged for deletion` : say`${item.number}`, width),
    ...(mark ? field(say`staged`, MARKS[mark].word, width, 'staged') : []),
    ...(was && was.text !== rule.text ? field(say`now`, safe(was.text, LINE_CAP), width, 'bad') : []),
    ...field(was && was.text !== rule.text ? say`then` : say`rule`, text, width),
    EMPTY,
    ...aboutLines(item, width),
    ...setLines(rule.text, item.context.sets).flatMap(({ label, value, role }) => field(label, value, width, role)),
    ...field(say`packets`, packetWords(item), width),
    ...field(say`bytes`, say`${rule.bytes}`, width),
    ...(you
      ? [
          EMPTY,
          ...field(
            say`you`,
            you === 'yes'
              ? say`by its text this rule lets in your next login (a pointer for the eye; the check before arming walks every table)`
              : say`this rule may let in your next login: some of its matches can't be seen from here`,
            width,
            'you',
          ),
        ]
      : []),
  ]
}

const packetWords = (item: RuleItem): Safe => {
  const { packets } = item.rule
  if (packets === 0) return say`none: no packet has ever met this rule`
  const { rate } = ruleAbout(item)
  const since = Math.round(item.context.secondsBetween)
  return rate === null
    ? say`${packets}`
    : say`${packets}, ${rateWords(rate) || say`none`} in the ${since} s between the last two readings`
}

/** What is wrong with a rule, and what it lets in. */
function aboutLines(item: RuleItem, width: number): readonly Line[] {
  const { shadowedBy, idle, listeners } = ruleAbout(item)
  const ports = rulePorts(item.rule.text)
  const named = ports ? portsWords(ports.protocol, ports.ports, item.context.portName) : ''
  const lines: readonly Line[] = [
    ...(ports && named !== ports.ports ? field(say`ports`, say`${safe(ports.protocol)} ${safe(named)}`, width) : []),
    ...listeners.flatMap((one, at) => field(at === 0 ? say`lets in` : say``, listenerLine(one), width)),
    ...(idle
      ? field(say`lets in`, say`nobody listens there: nothing answers on the ports of this rule now`, width, 'warn')
      : []),
    ...(shadowedBy === null
      ? []
      : field(
          say`shadowed`,
          say`by rule ${shadowedBy}, which takes every packet that this one matches`,
          width,
          'warn',
        )),
  ]
  return lines.length > 0 ? [...lines, EMPTY] : []
}

function chainLines(item: ChainItem, width: number): readonly Line[] {
  const { chain, livePolicy, owner } = item
  const policy =
    chain.policy === null
      ? say`none: a chain of its own, other chains jump into it`
      : livePolicy !== chain.policy
        ? say`${safe(livePolicy ?? '-')} → ${safe(chain.policy)} staged`
        : safe(chain.policy)
  return [
    ...field(say`chain`, place(item), width, 'strong'),
    ...(owner
      ? field(say`owner`, say`${owner}, which rewrites it by itself: this console leaves it alone`, width, 'warn')
      : []),
    ...field(say`policy`, policy, width),
    ...field(say`packets`, say`${chain.packets} by policy, ${chain.bytes} bytes`, width),
    EMPTY,
    ...chain.rules.flatMap((rule, at) => field(say`${at + 1}`, safe(rule.text, LINE_CAP), width)),
  ]
}

const listenerLine = (one: Listener): Safe =>
  say`${safe(one.protocol)} ${one.address}:${one.port}  ${one.process ?? say``}${one.pid === null ? say`` : say` (pid ${one.pid})`}`

function unitLines(item: UnitItem, width: number): readonly Line[] {
  const { unit, finding, whyNoListeners } = item
  return [
    ...field(say`service`, safe(unit.name), width, 'strong'),
    ...field(say`about`, unit.description, width),
    ...field(say`now`, say`${unit.active} (${unit.sub})`, width, stateWords(unit).role),
    ...field(say`at boot`, unit.boot, width),
    EMPTY,
    ...(whyNoListeners !== null
      ? field(say`listens`, say`not known: ${whyNoListeners}`, width, 'warn')
      : unit.listeners.length === 0
        ? field(say`listens`, say`on nothing`, width, 'dim')
        : field(say`listens`, listenerWords(unit.listeners), width)),
    ...unit.listeners.flatMap((one) => field(say``, listenerLine(one), width, 'dim')),
    ...(finding ? [EMPTY, ...findingLines(finding, width)] : []),
  ]
}

function logLines(entry: LogEntry, width: number): readonly Line[] {
  const { word, role } = KINDS[entry.kind]
  return [
    ...field(say`when`, say`${entry.day} ${entry.time}`, width),
    ...field(say`what`, word === '' ? say`other` : word, width, role),
    ...(entry.user ? field(say`user`, entry.user, width, 'strong') : []),
    ...(entry.address ? field(say`from`, entry.address, width) : []),
    ...(entry.method ? field(say`method`, entry.method, width) : []),
    ...field(say`program`, entry.program, width),
    ...((entry.times ?? 1) > 1
      ? field(say`times`, say`${entry.times ?? 1}: the log has folded equal lines`, width)
      : []),
    ...(entry.times === 0 ? field(say`times`, say`counted with the line of PAM before it`, width) : []),
    ...(entry.own ? field(say`you`, say`this is the login of this very session`, width, 'you') : []),
    ...(entry.trusted
      ? []
      : field(say`? source`, say`unverified: any local user could have written this line into the log`, width, 'warn')),
    EMPTY,
    ...wrap(entry.text, width),
  ]
}

/** All that is known about one item. */
export function detailLines(item: PaneItem, width: number): readonly Line[] {
  switch (item.kind) {
    case 'finding':
      return findingLines(item.finding, width)
    case 'rule':
      return ruleLines(item, width)
    case 'chain':
      return chainLines(item, width)
    case 'beside':
      return [
        ...wrap(item.text, width, 'strong'),
        EMPTY,
        ...field(item.as === 'rule' ? say`packets` : say`is`, item.as === 'unread' ? say`not read` : item.tail, width),
        ...field(say`changed`, say`not by this console: it is only shown, and packets must pass it too`, width, 'dim'),
      ]
    case 'unit':
      return unitLines(item, width)
    case 'stray':
      return [
        ...field(say`listens`, listenerLine(item.listener), width, 'strong'),
        ...field(say`service`, say`none that is listed: a program started by hand, or by a login`, width, 'warn'),
      ]
    case 'log':
      return logLines(item.entry, width)
  }
}

export const gone: readonly Line[] = [line(say`This is no longer there. Esc goes back.`, 'warn')]
