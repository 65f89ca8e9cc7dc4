import { isBroadcast } from './address-matches.ts'
import { isMulticast } from './addresses.ts'
import { type Answer, fixed } from './answer.ts'
import { ICMP, ICMPV6, TCP, UDP } from './protocols.ts'
import type { Test } from './rule-test.ts'

/** `--mark VALUE[/MASK]` of mark: 0 fits where nothing but zeros is asked for. */
export const ofMark: Test = (value, { mark }) => markFits(value, mark)

/** The same of connmark, which without an entry in conntrack's table matches nothing, negated or not (xt_connmark.c). */
export const ofConnectionMark: Test = (value, { connectionMark, states }, negated) => {
  if (states.every((state) => state === 'INVALID')) return fixed(negated)
  return states.every((state) => state === 'NEW') ? markFits(value, connectionMark) : 'maybe'
}

function markFits(value: string, mark: 0 | null): Answer {
  const [wanted] = value.split('/').map(Number)
  return mark === null || wanted === undefined || !Number.isInteger(wanted) ? 'maybe' : fixed(wanted === mark)
}

/** `--pkt-type`: a frame for this host alone, unless its packet is for many; tcp has no use for others. */
export const ofFrame: Test = (value, view) => {
  const { direction, maybeLoopback, protocol, destination } = view
  if (direction === 'out' || maybeLoopback || !/^(unicast|broadcast|multicast)$/.test(value)) return 'maybe'
  const alone =
    protocol === TCP ||
    (destination !== null && !isMulticast(destination) && isBroadcast(destination, 'destination', view) === 'no')
  return alone ? fixed(value === 'unicast') : 'maybe'
}

/** Bytes that a packet of a protocol has at least, behind the header of IP. */
const LEAST: Readonly<Record<number, number>> = { [TCP]: 20, [UDP]: 8, [ICMP]: 8, [ICMPV6]: 4 }

/** `--length FROM[:TO]`, bytes of the whole packet: as far as its headers alone decide. */
export const ofLength: Test = (value, { family, protocol }) => {
  const [, from = '', colon, to = ''] = /^(\d*)(:?)(\d*)$/.exec(value) ?? []
  const [first, last] = [Number(from), colon ? Number(to || 65_535) : Number(from)]
  const least = (family === 'v4' ? 20 : 40) + (LEAST[protocol ?? -1] ?? 0)
  if (from + to === '' && !colon) return 'maybe'
  if (last < least) return 'no'
  return first <= least && last === 65_535 ? 'yes' : 'maybe'
}

/** `--helper`: only what a helper has expected has one; a first packet of its own, or of nothing, does not (xt_helper.c). */
export const ofHelper: Test = (_value, { states }) =>
  states.every((state) => state === 'NEW' || state === 'INVALID' || state === 'UNTRACKED') ? 'no' : 'maybe'
