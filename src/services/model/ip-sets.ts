import type { Address, Family } from './addresses.ts'
import type { Safe } from './safe.ts'

/**
 * One field of a member: a network (an address is one of full length), a port as ipset(8) keeps it (an ICMP type and
 * code are 256 * type + code; protocol null stands for tcp and udp), another set, or what no packet can be compared with
 * from here (a MAC address, an interface, a mark).
 */
export type SetField =
  | { readonly kind: 'net'; readonly base: Address; readonly bits: number }
  | { readonly kind: 'port'; readonly protocol: number | null; readonly port: number }
  | { readonly kind: 'set'; readonly name: string }
  | { readonly kind: 'unseen' }

/** A member with its options as `ipset save` prints it (hostile text), and what it is compared by. */
export type SetMember = { readonly text: string; readonly fields: readonly SetField[]; readonly nomatch: boolean }

/** A set of ipset(8). Name and type are hostile text. */
export type IpSet = {
  readonly name: string
  readonly type: string
  /** The only family whose packets it matches, or null where it matches both. */
  readonly family: Family | null
  /** How many fields of a packet are compared: `--match-set` has to name a side for each. */
  readonly dimension: number
  /** Those that were read; more of them may be in the kernel. */
  readonly members: readonly SetMember[]
  /** How many there are, as ipset counts them; null where it does not. */
  readonly entries: number | null
  /** Why its members do not tell for certain what it matches, or null where they do. */
  readonly doubt: Safe | null
}

/** All sets of a host by name, or why they could not be read. */
export type IpSets =
  | { readonly state: 'present'; readonly byName: ReadonlyMap<string, IpSet> }
  | { readonly state: 'unreadable'; readonly reason: Safe }

/**
 * Something that makes sets at boot: which ones, by their names (hostile text), whether they stand there before rules are
 * loaded (null where that was not found out), and whether it may make others, whose names were not found out.
 */
export type SetMaker = {
  readonly by: Safe
  readonly names: ReadonlySet<string>
  readonly inTime: boolean | null
  readonly others: boolean
}
