import { inPrefix } from '../../../model/addresses.ts'
import type { RuleSet } from '../../../model/firewall.ts'
import type { IpSet, SetField, SetMember } from '../../../model/ip-sets.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { setsNamedIn } from '../sets/named.ts'
import { type Answer, anyOf, both, fixed } from './answer.ts'
import type { Known } from './packet.ts'
import type { Spot } from './place.ts'
import { ICMP, ICMPV6, SCTP, TCP, UDP, UDPLITE, V6_EXTENSIONS } from './protocols.ts'
import type { Test } from './rule-test.ts'
import type { View } from './view.ts'

/** What is known, with the sets that come along with rules. */
export const withSetsOf = ({ sets }: Pick<RuleSet, 'sets'>, known: Known): Known => (sets ? { ...known, sets } : known)

type Side = 'source' | 'destination'

const SIDES: ReadonlyMap<string, Side> = new Map([
  ['src', 'source'],
  ['dst', 'destination'],
])

/** Options by which a lookup says other than whether there is such a member. */
const ASKS_MORE = /^--(return-nomatch|packets-|bytes-)/

/** `--match-set NAME src,dst…`, which names a side of the packet for each field of a member (iptables-extensions(8), set). */
export const inSet: Test = (value, view, _negated, words) => {
  const [name = '', flags = ''] = value.split(' ')
  const sides = flags.split(',').map((flag) => SIDES.get(flag))
  const set = view.sets?.state === 'present' ? view.sets.byName.get(name) : undefined
  if (!set || words.some((word) => ASKS_MORE.test(word))) return 'maybe'
  return sides.every((side) => side !== undefined) ? lookUp(set, sides, view, []) : 'maybe'
}

function lookUp(set: IpSet, sides: readonly Side[], view: View, within: readonly string[]): Answer {
  // ip_set_test() of the kernel: too few sides, or another family, and nothing is looked up.
  if (set.family !== null && set.family !== view.family) return 'no'
  if (set.dimension > 0 && sides.length < set.dimension) return 'no'
  if (set.doubt !== null) return 'maybe'
  if (set.type === 'list:set')
    return anyOf(set.members.map((member) => inListed(member, sides, view, [...within, set.name])))
  return closest(set.members, (field, at) => meets(field, sides[at] ?? 'source', view))
}

/** Of a set of sets each is asked; it may not have itself in it. */
function inListed(
  { fields: [field] }: SetMember,
  sides: readonly Side[],
  view: View,
  within: readonly string[],
): Answer {
  const set = field?.kind === 'set' && view.sets?.state === 'present' ? view.sets.byName.get(field.name) : undefined
  return set && !within.includes(set.name) ? lookUp(set, sides, view, within) : 'maybe'
}

/** The member with the longest networks decides, those of the first field before those of the next; `nomatch` says no. */
function closest(members: readonly SetMember[], meets: (field: SetField, at: number) => Answer): Answer {
  let found: { readonly member: SetMember; readonly answer: Answer }[] = []
  for (const member of members) {
    let answer: Answer = 'yes'
    for (let at = 0; at < member.fields.length && answer !== 'no'; at++)
      answer = both(answer, meets(member.fields[at] as SetField, at))
    if (answer !== 'no') found.push({ member, answer })
  }
  found = found.sort((a, b) => byLength(a.member, b.member))
  const sure = found.findIndex(({ answer }) => answer === 'yes')
  const possible = sure < 0 ? found : found.slice(0, sure + 1)
  const answers = new Set(possible.map(({ member }) => fixed(!member.nomatch)))
  if (sure < 0) answers.add('no')
  return answers.size > 1 ? 'maybe' : ([...answers][0] ?? 'no')
}

function byLength(a: SetMember, b: SetMember): number {
  for (const [at, field] of a.fields.entries()) {
    const other = b.fields[at]
    if (field.kind === 'net' && other?.kind === 'net' && field.bits !== other.bits) return other.bits - field.bits
  }
  return 0
}

function meets(field: SetField, side: Side, view: View): Answer {
  if (field.kind === 'net') {
    const address = view[side]
    return address === null ? 'maybe' : fixed(inPrefix(field.base, field.bits, address))
  }
  return field.kind === 'port' ? onPort(field.protocol, field.port, side, view) : 'maybe'
}

const PORTS: ReadonlySet<number> = new Set([TCP, UDP, UDPLITE, SCTP])

/** ip_set_get_ip_port() of the kernel: what a packet without ports has in their place. */
function onPort(wanted: number | null, port: number, side: Side, view: View): Answer {
  const { protocol, icmp } = view
  if (protocol === null || (view.family === 'v6' && V6_EXTENSIONS.has(protocol))) return 'maybe'
  if (wanted === null ? protocol !== TCP && protocol !== UDP : protocol !== wanted) return 'no'
  if (protocol === ICMP || protocol === ICMPV6)
    return both(equals(icmp.type, port >>> 8), equals(icmp.code, port & 255))
  return PORTS.has(protocol) ? equals(view[`${side}Port`], port) : fixed(port === 0)
}

const equals = (known: number | null, wanted: number): Answer => (known === null ? 'maybe' : fixed(known === wanted))

/** Why an answer depends on the sets that a rule names, in words behind it; nothing where it does not. */
export function setDoubt(spot: Spot | null): Safe {
  const names = spot?.rule ? setsNamedIn(spot.rule.text) : []
  if (!spot || names.length === 0) return say``
  const { sets } = spot
  if (!sets) return say` (sets were not read)`
  if (sets.state === 'unreadable') return say` (sets were not read: ${sets.reason})`
  const doubts = names.flatMap((one) => {
    const set = sets.byName.get(one)
    if (!set) return say`there is no set ${safe(one, 40)}`
    return set.doubt ? say`set ${safe(one, 40)}: ${set.doubt}` : []
  })
  return doubts.length > 0 ? say` (${doubts.join('; ') as Safe})` : say``
}
