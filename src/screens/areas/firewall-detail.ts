import { placeWords } from '../../services/model/firewall.ts'
import { LINE_CAP, type Safe, safe, say } from '../../services/model/safe.ts'
import type { ChainItem, FirewallItem, RuleItem } from '../../state/areas/firewall/items.ts'
import { ruleAbout } from '../../state/areas/firewall/rule-about.ts'
import { portsWords, rulePorts } from '../../state/areas/firewall/rule-words.ts'
import { findingLines } from '../presenters/finding-detail.ts'
import { field } from '../presenters/labelled.ts'
import { listenerLine } from '../presenters/listeners.ts'
import { rateWords } from '../presenters/numbers.ts'
import { setLines } from '../presenters/sets.ts'
import { EMPTY, type Line, wrap } from '../text/line.ts'
import { MARKS } from './rule-row.ts'

/** All that is known about a row of the firewall pane. */
export function firewallDetail(item: FirewallItem, width: number): readonly Line[] {
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
  }
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
