import type { Family } from './addresses.ts'
import type { Safe } from './safe.ts'

/** A question to a name server (RFC 1035, 4.1): a name in dots, its type, and whether recursion is desired. */
export type DnsQuestion = {
  readonly name: string
  readonly type: keyof typeof DNS_TYPES
  readonly recursive: boolean
}

/** Types of resource records (RFC 1035, 3.2.2; RFC 3596). */
export const DNS_TYPES = { A: 1, NS: 2, SOA: 6, TXT: 16, AAAA: 28 } as const

export type DnsTransport = 'udp' | 'tcp'

/** What came back: bits and codes of the header (RFC 1035, 4.1.1), and how many records answer. Time in milliseconds. */
export type DnsReply = {
  readonly state: 'answered'
  /** RA: recursion is available to whoever asked. */
  readonly recursion: boolean
  /** AA: it answers from a zone of its own. */
  readonly authoritative: boolean
  readonly truncated: boolean
  /** `NOERROR`, `REFUSED` … */
  readonly code: Safe
  readonly answers: number
  readonly elapsedMs: number
  /** This machine's address that the question went from; left out where that is not known. */
  readonly from?: string
}

/** `refused`: nobody listens there, says the host. `silent`: nothing came in time. `unreachable`: no way from here. */
export type DnsAnswer =
  | DnsReply
  | { readonly state: 'refused' | 'silent' | 'unreachable' | 'nonsense'; readonly reason: Safe }

/** By which family and transport a question goes; to an address of the server's, else to what its name leads to. */
export type DnsWay = { readonly family: Family; readonly transport: DnsTransport; readonly address?: string }

/** Asks the server's name server from this machine, as anybody outside could. Never rejects. */
export type AskDns = (question: DnsQuestion, way: DnsWay) => Promise<DnsAnswer>

/** The question that shows whether somebody looks up names for whoever asks: no zone of his own answers it. */
export const ROOT_QUESTION: DnsQuestion = { name: '.', type: 'NS', recursive: true }

/** What that question brought from this machine; the time in milliseconds. */
export type SeenOutside = {
  readonly at: number
  readonly asked: readonly (DnsWay & { readonly answer: DnsAnswer })[]
}

/**
 * What shall come back from outside once a change is in force: that it looks up names for the operator's address or does
 * not, or answers from a zone of its own.
 */
export type DnsProof = {
  readonly question: DnsQuestion
  readonly expects: 'recursion' | 'no recursion' | 'its own answer'
  readonly family: Family
  /** The host's address that is asked, where it is not the one that its name leads to. */
  readonly address?: string
  /** `no recursion for 192.0.2.2` */
  readonly what: Safe
}
