import {
  CONNECTION_MARKED,
  ELSEWHERE,
  type Fate,
  MARKED,
  MARKED_ANYHOW,
  REDIRECTED,
  REROUTED,
  TEMPLATE,
  track,
  translate,
  UNTRACKED,
  ZONED,
} from './fate.ts'
import type { Hook } from './hooks.ts'
import { mayBeWithin, type View } from './view.ts'

/**
 * What a target does: the ways it may end. `go-on` is the next rule, `return` the end of the chain, and `moved` means
 * that the packet is no longer the one that was asked about. `port` is the one a REDIRECT sends to, null when unknown.
 */
export type Effect = {
  readonly ends: readonly ('pass' | 'drop' | 'moved' | 'go-on' | 'return')[]
  readonly fate: Fate
  readonly port?: number | null
}

type Target = (fate: Fate, view: View, hook: Hook, options: readonly string[]) => Effect

const pass: Target = (fate) => ({ ends: ['pass'], fate })
const drop: Target = (fate) => ({ ends: ['drop'], fate })
const goOn: Target = (fate) => ({ ends: ['go-on'], fate })

/** For every target that is not listed, and for what a queue's listener decides. */
export const anything: Target = (fate) => ({ ends: ['pass', 'drop', 'go-on'], fate: fate | MARKED_ANYHOW })

/** For statements of nft(8) that are not known here: the packet may be another one afterwards, or go elsewhere. */
export const anywhere: Target = (fate) => ({
  ends: ['pass', 'drop', 'moved', 'go-on'],
  fate: fate | MARKED_ANYHOW,
})

/** The name of that target. */
export const ANYWHERE = 'something unknown'

/** A mark, or the type of service, may choose another route when it changes before the packet is routed. */
const mayReroute: Target = (fate, _view, { chain }) => ({
  ends: ['go-on'],
  fate: chain === 'PREROUTING' || chain === 'OUTPUT' ? fate | REROUTED : fate,
})

/** A mark: of the packet, of its connection, or handed from one to the other. */
const marking =
  (marks: Fate): Target =>
  (fate, view, hook, options) =>
    mayReroute(fate | marks, view, hook, options)

/** What went out over the loopback interface comes in with conntrack's entry attached. */
const tracking =
  (to: (options: readonly string[]) => Fate): Target =>
  (fate, view, _hook, options) => ({ ends: ['go-on'], fate: track(fate, to(options), mayBeWithin(view)) })

const ctTo = (options: readonly string[]): Fate =>
  options.includes('--notrack') ? UNTRACKED : options.some((word) => word.startsWith('--zone')) ? ZONED : TEMPLATE

const redirect: Target = (fate, view, { chain }, options) => {
  if (view.direction === 'forward' && chain === 'PREROUTING') return { ends: ['moved'], fate }
  const to = options[options.indexOf('--to-ports') + 1] ?? ''
  const port = !options.includes('--to-ports') ? view.destinationPort : /^\d+$/.test(to) ? Number(to) : null
  return { ends: ['pass'], fate: translate(fate, REDIRECTED), port }
}

const destinationNat: Target = (fate, view, _hook, options) => {
  const isAsked = view.sentOnTo !== null && options[options.indexOf('--to-destination') + 1] === view.sentOnTo.option
  return view.direction === 'out' || isAsked
    ? { ends: ['pass'], fate: translate(fate, ELSEWHERE), port: null }
    : { ends: ['moved'], fate }
}

/** NETMAP maps the destination before routing and the source after it. */
const netmap: Target = (fate, view, hook, options) =>
  (hook.chain === 'PREROUTING' || hook.chain === 'OUTPUT' ? destinationNat : pass)(fate, view, hook, options)

const each = (names: string, target: Target): readonly (readonly [string, Target])[] =>
  names.split(' ').map((name) => [name, target])

/** iptables-extensions(8), TARGET EXTENSIONS. Translating the source changes nothing that a later rule could see. */
export const TARGETS: ReadonlyMap<string, Target> = new Map([
  ...each('ACCEPT SNAT MASQUERADE', pass),
  ...each('DROP REJECT', drop),
  ['RETURN', (fate: Fate): Effect => ({ ends: ['return'], fate })] as const,
  ...each(
    'LOG NFLOG ULOG TRACE AUDIT CLASSIFY CHECKSUM CONNSECMARK SECMARK ECN HL TTL TCPMSS TEE IDLETIMER LED RATEEST',
    goOn,
  ),
  ...each('TOS DSCP', mayReroute),
  // A set may hold marks to give (--map-mark).
  ...each('MARK HMARK SET', marking(MARKED)),
  ...each('CONNMARK', marking(MARKED | CONNECTION_MARKED)),
  ...each(
    'NOTRACK',
    tracking(() => UNTRACKED),
  ),
  ...each('CT', tracking(ctTo)),
  ...each('REDIRECT', redirect),
  ...each('DNAT', destinationNat),
  ...each('NETMAP', netmap),
  [ANYWHERE, anywhere] as const,
])
