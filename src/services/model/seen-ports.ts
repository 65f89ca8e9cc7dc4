import type { Family } from './addresses.ts'
import type { Safe } from './safe.ts'

/**
 * What became of one connection to a port. `refused`: a reset or an ICMP error came back; `silent`: nothing did in time;
 * `unknown`: it says nothing of the host, for it never left this machine or may have ended at another one.
 */
export type KnockAnswer =
  | { readonly state: 'open' }
  | { readonly state: 'refused' | 'silent' | 'unknown'; readonly reason: Safe }

/** Opens one TCP connection to a port of the host from this machine and closes it at once. Never rejects. */
export type Knock = (port: number, way: { readonly family: Family; readonly address?: string }) => Promise<KnockAnswer>

/** What the rules say of a connection from this machine. */
export type Said = { readonly answer: 'yes' | 'no' | 'unsure'; readonly because: Safe }

/** A port that listens, as the rules have it for this machine. `address`: the host's in the family that nobody came in by. */
export type PortSaid = {
  readonly family: Family
  readonly port: number
  readonly process: Safe | null
  readonly address?: string
  readonly said: Said
}

/** A port that was knocked at. */
export type SeenPort = PortSaid & { readonly answer: KnockAnswer }

/** What this machine saw of the host's ports, and how many more it did not look at; the time in milliseconds. */
export type SeenPorts = { readonly at: number; readonly ports: readonly SeenPort[]; readonly more: number }
