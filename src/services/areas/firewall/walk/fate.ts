/**
 * What rules may have done to a packet besides letting it pass or not, as bits that may all hold at once: each stands
 * for one way it may have gone. Two ways that meet again are joined by `|`.
 */
export type Fate = number

/** Conntrack: nothing done yet; a template attached (CT); not tracked (NOTRACK); looked up elsewhere (CT --zone). */
export const PLAIN = 1
export const TEMPLATE = 2
export const UNTRACKED = 4
export const ZONED = 8
/** Destination: as it was; the host itself (REDIRECT); somewhere else (DNAT). */
export const STRAIGHT = 16
export const REDIRECTED = 32
export const ELSEWHERE = 64
/** Routed again, perhaps over another interface, because its mark or type of service changed. */
export const REROUTED = 128

/** A rule may have set the packet's mark, or that of its connection; without it a packet from outside has 0. */
export const MARKED = 256
export const CONNECTION_MARKED = 512

export const UNTOUCHED: Fate = PLAIN | STRAIGHT
/** What a target that nobody knows may do besides. */
export const MARKED_ANYHOW: Fate = MARKED | CONNECTION_MARKED

/** The first CT or NOTRACK decides, later ones do nothing (xt_CT.c); nor does any where an entry is attached already. */
export const track = (fate: Fate, to: Fate, mayBeAttached: boolean): Fate =>
  (fate & PLAIN) === 0 ? fate : (mayBeAttached ? fate : fate & ~PLAIN) | to

/** Only a packet that goes where it went so far can be sent elsewhere. */
export const translate = (fate: Fate, to: Fate): Fate => (fate & ~STRAIGHT) | to
