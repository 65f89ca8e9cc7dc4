import type { Answer } from './answer.ts'
import {
  CONNECTION_MARKED,
  ELSEWHERE,
  type Fate,
  MARKED,
  PLAIN,
  REDIRECTED,
  REROUTED,
  STRAIGHT,
  TEMPLATE,
  UNTRACKED,
  ZONED,
} from './fate.ts'
import type { Hook } from './hooks.ts'
import type { State } from './packet.ts'
import { type Device, mayBeWithin, type SentOn, UNKNOWN, type View } from './view.ts'

const EVERY_STATE: readonly State[] = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED']

/** A packet as a hook sees it, after what earlier rules may have done to it; `port` is where a REDIRECT sends it. */
export function seenIn(view: View, hook: Hook, fate: Fate, port: number | null | undefined): View {
  if (view.sentOnTo && (fate & (STRAIGHT | REDIRECTED)) === 0)
    return {
      ...seenIn({ ...view, ...endOf(view.sentOnTo), sentOnTo: null }, hook, (fate & ~ELSEWHERE) | STRAIGHT, port),
      translated: 'yes',
    }
  const straight = (fate & (REDIRECTED | ELSEWHERE)) === 0
  const sent = straight ? view.destinationPort : (port ?? null)
  return {
    ...view,
    destination: straight ? view.destination : null,
    destinationPort: (fate & STRAIGHT) !== 0 && sent !== view.destinationPort ? null : sent,
    // Whether a packet still has the interface that it came in by depends on the kernel's release.
    inDevice: hook.chain === 'POSTROUTING' ? null : view.inDevice,
    outDevice: hook.chain === 'PREROUTING' ? 'none' : routed(view, straight ? fate & REROUTED : REROUTED),
    maybeLoopback: view.maybeLoopback || (view.direction === 'out' && !straight),
    mark: view.fromOutside && (fate & MARKED) === 0 ? 0 : null,
    // Only a first packet's connection has no history (one that is related has its parent's mark), which the match minds.
    connectionMark: view.fromOutside && (fate & (CONNECTION_MARKED | ZONED)) === 0 ? 0 : null,
    translated: translatedBy(view, fate),
    states: hook.table === 'raw' ? beforeConntrack(view, fate) : afterConntrack(view, fate),
    // The entry of another zone is another connection's, or new; a template knows of no connection at all.
    ...((fate & (hook.table === 'raw' ? TEMPLATE | ZONED : ZONED)) === 0 ? {} : { reply: null, opened: UNKNOWN }),
  }
}

const endOf = ({ address, port }: SentOn) => ({ destination: address, destinationPort: port })

/** A REDIRECT to where it went anyway changes nothing, and what came over lo was asked by OUTPUT's rules as well. */
function translatedBy({ direction, maybeLoopback }: View, fate: Fate): Answer {
  if ((direction === 'in' && maybeLoopback) || (fate & ZONED) !== 0) return 'maybe'
  return (fate & (REDIRECTED | ELSEWHERE)) === 0 ? 'no' : 'maybe'
}

const routed = ({ direction, outDevice }: View, again: number): Device =>
  direction === 'out' || direction === 'forward' ? (again === 0 ? outDevice : null) : outDevice

function afterConntrack({ states }: View, fate: Fate): readonly State[] {
  if ((fate & ZONED) !== 0) return EVERY_STATE
  const tracked = (fate & (PLAIN | TEMPLATE)) !== 0 ? states : []
  return (fate & UNTRACKED) !== 0 ? [...new Set([...tracked, 'UNTRACKED' as const])] : tracked
}

/** The raw table comes before conntrack: nothing is attached to the packet yet, which looks like INVALID. */
function beforeConntrack(view: View, fate: Fate): readonly State[] {
  if ((fate & (TEMPLATE | ZONED)) !== 0) return EVERY_STATE
  const fresh: readonly State[] = (fate & PLAIN) === 0 ? [] : attachedAlready(view) ? EVERY_STATE : ['INVALID']
  return (fate & UNTRACKED) !== 0 ? [...new Set([...fresh, 'UNTRACKED' as const])] : fresh
}

/** What came over the loopback interface has an entry, and what the kernel itself answers may have one. */
const attachedAlready = (view: View): boolean =>
  view.direction === 'out' ? !view.states.includes('NEW') : mayBeWithin(view)
