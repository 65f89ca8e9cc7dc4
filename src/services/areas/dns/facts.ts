import type { Address } from '../../model/addresses.ts'
import type { SeenOutside } from '../../model/dns.ts'
import type { FileBytes } from '../../model/file-bytes.ts'
import type { Safe } from '../../model/safe.ts'
import type { SeenFile } from '../../model/seen-file.ts'

/** Where something stands: the file, its line (from 1), and its first byte and the one behind its last. */
export type Place = { readonly file: string; readonly line: number; readonly from: number; readonly to: number }

/** A word or a quoted string; of the latter, what it holds. */
export type Word = { readonly kind: 'word'; readonly text: string; readonly at: Place }
/** What stands between braces; `at` with them. */
export type Block = { readonly kind: 'block'; readonly statements: readonly Statement[]; readonly at: Place }
/** Words and blocks up to a semicolon, which `at` holds too. */
export type Statement = { readonly items: readonly (Word | Block)[]; readonly at: Place }

/** A view of named.conf(5); where there is none, named itself makes one of all zones, `_default`. */
export type View = {
  readonly name: string
  readonly statements: readonly Statement[]
  /** Absent where named made it. */
  readonly at?: Place
}

/** What a configuration says, as far as it is about who may ask what. */
export type NamedConfig = {
  readonly options: readonly Statement[]
  /** The statement that they are; null where there is none. */
  readonly optionsStatement: Statement | null
  /** By name in small letters, as named compares them. */
  readonly acls: ReadonlyMap<string, Block>
  /** Those of the Internet's class, in the order in which named asks whether a client belongs there. */
  readonly views: readonly View[]
  /** What stands outside of options and views. */
  readonly statements: readonly Statement[]
}

/** An address of the host's own, with the length of its network's prefix in bits. */
export type OwnAddress = {
  readonly address: Address
  readonly bits: number
  readonly interface: string
  /** As it was printed. */
  readonly text: string
}

/** A file of named.conf(5), by the path that the host knows it by. */
export type ConfigFile = {
  readonly path: string
  /** As named itself calls it, which is another path where it runs in a chroot. */
  readonly called: string
  /** `secret`: it holds a key's secret, and was not read. */
  readonly seen: SeenFile | 'secret' | null
}

/** How named's configuration was understood. */
export type Understood = {
  readonly config: NamedConfig
  /** Why nothing of it can be changed from here; null where it can: each statement was found where it is written. */
  readonly fixed: Safe | null
}

/** What there is of BIND on a host. */
export type NamedFacts = {
  readonly program: Safe
  /** `BIND 9.18.49-1~deb12u1-Debian …`; null where it did not say. */
  readonly version: Safe | null
  /** `9.18.49` */
  readonly release: string | null
  readonly running: boolean
  /** Null where no unit or script of its name was found. */
  readonly unit: { readonly name: string; readonly run: string; readonly boot: string } | null
  /** The folder that is / to it; empty for none. */
  readonly chroot: string
  readonly conf: string | null
  readonly understood: Understood | { readonly broken: Safe }
  readonly files: readonly ConfigFile[]
  /** Null where not all files that it includes were found. */
  readonly whole: boolean
}

/** Who answers questions about names here. */
export type DnsFacts = {
  /** When it was read. Milliseconds of this machine's clock. */
  readonly readAt: number
  /** Null: BIND is not installed. */
  readonly named: NamedFacts | null
  /** The host's own addresses; null where they could not be read. */
  readonly own: readonly OwnAddress[] | null
  /** Interfaces that the host has made itself, for whoever is behind them: bridges, tunnels. Not that to the rest of the world. */
  readonly made: readonly string[]
  /** The name servers that the host itself asks (resolv.conf(5)); null where that could not be read. */
  readonly resolvers: readonly string[] | null
  /** What this console's machine was answered when it asked; null while it has not asked. */
  readonly outside: SeenOutside | null
}

/** What a file holds, where it was read. */
export const bytesOfFile = ({ seen }: ConfigFile): FileBytes | null =>
  seen !== null && seen !== 'secret' && seen.state === 'file' ? seen.bytes : null
