import type { FileBytes } from './file-bytes.ts'
import type { Safe } from './safe.ts'

/** What was read, or why it was not. */
export type Known<T> =
  | { readonly state: 'known'; readonly value: T }
  | { readonly state: 'unknown'; readonly why: Safe }

/**
 * What an account's password field holds (shadow(5), crypt(5)), which itself never leaves the server. `locked`: it begins
 * with `!`, by which sshd without PAM keeps out keys too; `star`: with `*`, so that no password matches; `invalid`: it is
 * no hash, or not there; `elsewhere`: the account is not of the server's own files.
 */
export type PasswordState = 'empty' | 'locked' | 'star' | 'invalid' | 'set' | 'elsewhere'

export type Password = {
  readonly state: PasswordState
  /** The hash's method as crypt(5) marks it (`1`, `5`, `6`, `y`), `des` or `bsdi`; null where there is none to be seen. */
  readonly method: string | null
  /** Days since 1970 (shadow(5), fields 3 and 8), and days (4 to 7); null where the field is empty. */
  readonly changed: number | null
  readonly minimum: number | null
  readonly maximum: number | null
  readonly warn: number | null
  readonly inactive: number | null
  readonly expires: number | null
}

/** Owner, group and mode by number. `mode` has setuid, setgid and sticky bits: 0o644. */
export type Modes = { readonly uid: number; readonly gid: number; readonly mode: number }

/** What stands at a path, links followed. */
export type SeenPath =
  | ({
      readonly state: 'file' | 'directory' | 'other'
      /** Epoch seconds. */ readonly modified: number
    } & Modes)
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable'; readonly why: Safe }

export type KeyKind = 'rsa' | 'dsa' | 'ecdsa' | 'ed25519' | 'ecdsa-sk' | 'ed25519-sk'

/** One option of authorized_keys(5): its name in lower case, its value without the quotes. */
export type KeyOption = { readonly name: string; readonly value: string | null }

/** A public key as it can be seen in its blob (RFC 4253 section 6.6, RFC 5656, RFC 8709). */
export type PublicKey = {
  /** As the line has it: `ssh-ed25519`. */
  readonly type: string
  readonly kind: KeyKind
  readonly certificate: boolean
  readonly bits: number
  /** `SHA256:…`, as ssh-keygen(1) prints it; of a certificate that of its key. */
  readonly fingerprint: string
}

/** A line of authorized_keys(5) that holds a key. */
export type AuthorizedKey = {
  readonly state: 'key'
  readonly line: number
  readonly key: PublicKey
  readonly options: readonly KeyOption[]
  /** Why sshd takes no key with these options (`broken`), or why that can't be told (`strange`). */
  readonly problem: { readonly kind: 'broken' | 'strange'; readonly words: Safe } | null
  readonly comment: Safe
  /** The whole line as it stands, without its end. */
  readonly text: FileBytes
}

/** A line that sshd passes over. */
export type BrokenLine = { readonly state: 'broken'; readonly line: number; readonly why: Safe; readonly text: Safe }

export type KeyLine = AuthorizedKey | BrokenLine

/** A file that AuthorizedKeysFile names for an account, and that is there. */
export type KeyFile = {
  readonly path: string
  /** Links followed; null where it was not to be had. */
  readonly real: string | null
  readonly seen: SeenPath
  /** What StrictModes looks at beside the file, from its own directory up; `path` is a real one. */
  readonly directories: Known<readonly ({ readonly path: string } & Modes)[]>
  readonly lines: Known<readonly KeyLine[]>
  /** SHA-256 of its bytes; null where it was not read to its end. */
  readonly sum: string | null
}

/** What sudo(8) says of an account. */
export type SudoRights = {
  /** Every command as root: with a password, without one, or not at all. */
  readonly root: 'free' | 'asks' | 'none'
  /** Whose password sudo asks for is not his own (targetpw, rootpw, runaspw of sudoers(5)). */
  readonly othersPassword: boolean
}

export type Account = {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
  readonly homeSeen: SeenPath
  /** Links followed; null where it is not known. */
  readonly homeReal: string | null
  readonly shell: string
  /** Whether its shell is a program that is there: sshd refuses who has none. */
  readonly shellRuns: Known<boolean>
  /** The server's own file, or another source of nsswitch.conf(5). */
  readonly source: 'file' | 'nss'
  readonly password: Known<Password>
  readonly keyFiles: Known<readonly KeyFile[]>
  readonly sudo: Known<SudoRights>
}

export type AccountGroup = { readonly name: string; readonly gid: number; readonly members: readonly string[] }

export type HostKey = {
  readonly path: string
  readonly seen: SeenPath
  /** By its .pub, as `ssh-keygen -l` has it. */
  readonly key: Known<{ readonly bits: number; readonly type: Safe; readonly fingerprint: Safe }>
}

/** How sshd looks for keys, and which it takes, by its settings. */
export type KeyPolicy = {
  readonly strictModes: Known<boolean>
  /** RequiredRSASize: bits. */
  readonly requiredRsaSize: number
  /** PubkeyAcceptedAlgorithms. */
  readonly algorithms: Known<readonly string[]>
  /** What else than files may hold keys (AuthorizedKeysCommand, TrustedUserCAKeys), by keyword. */
  readonly otherSources: readonly string[]
}

/** The server's accounts, the keys that let them in, and the files that all rests on. */
export type AccountFacts = {
  readonly accounts: readonly Account[]
  /** Why there may be more accounts than these; null: these are all. */
  readonly more: Safe | null
  readonly groups: Known<readonly AccountGroup[]>
  /** /etc/shells (shells(5)). */
  readonly shells: Known<readonly string[]>
  readonly hostKeys: Known<readonly HostKey[]>
  /** Files of sshd's, passwd(5) and sudoers(5), by their paths. */
  readonly files: ReadonlyMap<string, SeenPath>
  readonly policy: KeyPolicy
  /** Whether this sshd lets a group write that nobody else is in, as Debian's does; null where that is not known. */
  readonly privateGroups: boolean | null
  /** The server's clock when they were read, in epoch seconds, and its zone in minutes east of Greenwich. */
  readonly now: number | null
  readonly zone: number
}
