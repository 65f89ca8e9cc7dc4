import type { AccountFacts } from './account-facts.ts'
import type { FileBytes } from './file-bytes.ts'
import type { Safe } from './safe.ts'

/** One keyword of `sshd -T`, in lower case whatever the release prints; a keyword may come several times. */
export type SshdSetting = { readonly keyword: string; readonly value: Safe }

/** What sshd would do for one person: `sshd -T -C user=…,addr=…` (sshd(8)). */
export type SshdView = {
  /** The login name asked for; `anybody` is no one in particular. */
  readonly user: Safe
  readonly address: Safe
  /** True for this very login. */
  readonly you: boolean
  /** Criteria of the Match block this person was chosen to meet, as the file has them; null for nobody's. */
  readonly block: Safe | null
  /** Criteria of every Match block that held for them, by sshd's own word. */
  readonly matched: readonly Safe[]
  readonly settings: readonly SshdSetting[]
  /** What sshd was asked: the argument of -C. */
  readonly asked: string
  /** The lines that hold for them, in sshd's order, those that an earlier one shadows too; empty where it did not say. */
  readonly sources: readonly SshdSource[]
}

/** A line of a configuration file, as sshd names it while it reads (-ddd). */
export type SshdSource = {
  readonly path: string
  /** From 1. */
  readonly line: number
  /** In lower case. */
  readonly keyword: string
  /** Read in the pass over Match blocks, whose values stand above those for everybody. */
  readonly inMatch: boolean
}

/**
 * One keyword set for everybody, or for those whom a Match block holds for (sshd_config(5)).
 */
export type KeywordEdit = {
  readonly kind: 'keyword'
  /** As this release of sshd spells it. */
  readonly keyword: string
  /** The arguments of each of its lines, as they are written; several only for keywords that may come several times. Null: its lines go. */
  readonly values: readonly string[] | null
  /** Criteria of the Match block, as the file has them behind `Match `; null: for everybody. */
  readonly match: string | null
}

/** sshd's configuration files by their paths. */
export type SshdFiles = ReadonlyMap<string, FileBytes>

/** A Match block nobody could be found for, so that what it opens was not read. */
export type UnjudgedMatch = { readonly block: Safe; readonly reason: Safe }

/** The server's effective settings, for this operator and for others. */
export type SshdFacts = {
  /** `sshd -T -C user=…,addr=…,lport=…` for this operator. */
  readonly settings: readonly SshdSetting[]
  /** This operator first; then, where there are Match blocks, a stranger, root and somebody for each block. */
  readonly views: readonly SshdView[]
  /** Match blocks that nobody was asked for; null where not even their names could be read. */
  readonly unjudged: readonly UnjudgedMatch[] | null
  /** Groups of this operator, by name; null where they could not be read. */
  readonly groups: readonly string[] | null
  /** Who has an account here, and by which keys he may come in; null where that was not read. */
  readonly accounts: AccountFacts | null
  /** Whether the operator's password is locked (`!` in shadow(5)); null where that could not be read. */
  readonly account: 'locked' | 'open' | null
  /**
   * The files that it reads, the first one first; null where they could not be read whole, so that nothing of them can be
   * changed from here.
   */
  readonly files: SshdFiles | null
  readonly whyNoFiles: Safe | null
  /** Which of them belong to a package or to cloud-init, and are never edited. */
  readonly foreign: ReadonlySet<string>
  /** `OpenSSH_9.2p1 …`, as `sshd -V` or `ssh -V` says it. */
  readonly version: Safe | null
  /** Ports it listens on; where that could not be seen, those it is configured for. */
  readonly ports: readonly number[]
  /** Who says so: the process, systemd's socket, or the settings alone. */
  readonly portsFrom: 'process' | 'socket' | 'settings'
  /** Ports its settings name. */
  readonly configuredPorts: readonly number[]
  /** What the running sshd was started with (`-f`, `-o`, `-p` and the like); its settings were asked with these. */
  readonly options: readonly Safe[]
  /** True where ssh.socket holds the listener (systemd socket activation). */
  readonly socketActivated: boolean
  /** True where that unit is made of sshd's own settings at each daemon-reload (Ubuntu). */
  readonly socketGenerated: boolean
  /**
   * The ports that SELinux lets sshd have, as ranges (`ssh_port_t` of semanage-port(8)), where it enforces; `off` where it
   * does not, null where they could not be read.
   */
  readonly sshPorts: readonly (readonly [from: number, to: number])[] | 'off' | null
}
