import { type Family, familyOf } from './addresses.ts'
import type { Command, Output, Probe, ProbeOutput } from './command.ts'
import type { HostError, Result } from './errors.ts'
import type { Safe } from './safe.ts'

/** Where to connect: the command line's `user@host:port` after ssh_config. `host` may be a v6 address without brackets. */
export type Target = {
  /** What the operator typed; shown in the header and typed back to override a lock-out block. */
  readonly name: string
  readonly host: string
  readonly port: number
  readonly user: string
  readonly identityFiles: readonly string[]
  /** Agent socket path, or null to use none. */
  readonly agent: string | null
  readonly knownHostsFiles: readonly string[]
  /** The name known_hosts is searched for; HostKeyAlias of ssh_config(5), else the host. */
  readonly hostKeyAlias: string
  /** HostKeyAlias was given: that name stands alone, without the port, even where it equals the host. Absent: no. */
  readonly hostKeyAliased?: boolean
  /** IdentitiesOnly of ssh_config(5): agent keys count only where an identity file names them. Absent: no. */
  readonly identitiesOnly?: boolean
  /** HashKnownHosts of ssh_config(5): names are hashed in lines that are added. Absent: no. */
  readonly hashKnownHosts?: boolean
  /** ProxyCommand of ssh_config(5), tokens expanded, whose stdio carries the connection; absent: TCP. */
  readonly proxyCommand?: string
  /** The folder that is / to a server inside this program, whose stand-in tools come first there; a real one has none. */
  readonly root?: string
  /** What the operator's ssh_config(5) lets a login do; absent: ssh's defaults. */
  readonly policy?: LoginPolicy
}

/** A method of authentication that this client has (RFC 4252, 4256). */
export type LoginMethod = 'publickey' | 'keyboard-interactive' | 'password'

/** The keywords of ssh_config(5) that say whom to trust and what to show him. */
export type LoginPolicy = {
  /** StrictHostKeyChecking: what becomes of a key that is not known. A changed one is refused whatever it says. */
  readonly unknownHostKey: 'refuse' | 'ask' | 'accept'
  /** RevokedHostKeys: keys or a KRL (ssh-keygen(1)); null for none. */
  readonly revokedHostKeys: string | null
  /** PreferredAuthentications without those that are switched off, most wanted first. */
  readonly methods: readonly LoginMethod[]
  /** NumberOfPasswordPrompts. */
  readonly passwordPrompts: number
  /** BatchMode: nothing is asked while logging in. */
  readonly batch: boolean
  /** RequiredRSASize of keys on either side, in bits. */
  readonly requiredRsaSize: number
  /** HostKeyAlgorithms, KexAlgorithms, Ciphers, MACs, PubkeyAcceptedAlgorithms: all that may be used; null for no limit. */
  readonly allowed: Readonly<Record<'hostKey' | 'kex' | 'cipher' | 'hmac' | 'publicKey', readonly string[] | null>>
}

/** A public key of the operator's: type as it is on the wire (`ssh-ed25519`), bits of an RSA modulus, `SHA256:…`. */
export type ClientKey = {
  readonly type: string
  readonly bits: number | null
  readonly fingerprint: string
  /** As authorized_keys(5) has it, without a comment. */
  readonly line: string
}

/** What this console's logins need of a server: what let it in, and all that it could use. Guards ask whether a change leaves it. */
export type LoginNeeds = {
  /** What let us in, in order; several where the server wants more than one. */
  readonly methods: readonly LoginMethod[]
  /** The keys among that. */
  readonly keys: readonly ClientKey[]
  /** All keys of the operator's that this login could have offered: agent and files. */
  readonly offered: readonly ClientKey[]
  /** Algorithms that this client can speak; for the host key those of the key that it has accepted. */
  readonly can: Readonly<Record<'hostKey' | 'kex' | 'cipher' | 'hmac', readonly string[]>>
}

/**
 * What a server offers to a connection, as it said itself on the wire: the algorithms of its SSH_MSG_KEXINIT, most wanted
 * first (RFC 4253, 7.1), and the public host keys that it names after the login (hostkeys-00@openssh.com, PROTOCOL of
 * OpenSSH 2.5). Of those only the one that the connection was made by is proven.
 */
export type Offer = {
  readonly kex: readonly string[]
  readonly hostKey: readonly string[]
  readonly cipher: readonly string[]
  readonly mac: readonly string[]
  /** Blobs in base64; none where it names none. */
  readonly keys: readonly string[]
  /** When the login was made, in epoch milliseconds of this machine. */
  readonly at: number
}

/** How root is reached from this login. `password` means sudo asks and the operator has not answered (yet). */
export type Escalation = 'root' | 'sudo' | 'password' | 'none'

/** The five-tuple of this very session, from `$SSH_CONNECTION`: what the guards protect. */
export type Session = {
  readonly clientAddress: string
  readonly clientPort: number
  readonly serverAddress: string
  readonly serverPort: number
}

/** The family that the operator's own session runs over, whose rules his next login meets. */
export const sessionFamily = ({ session }: Pick<HostFacts, 'session'>): Family =>
  familyOf(session.clientAddress) ?? 'v4'

export type Init = 'systemd' | 'sysvinit' | 'other'

/** What the console knows of a host after the first batch. All texts are safe to draw. */
export type HostFacts = {
  readonly hostname: Safe
  readonly os: Safe
  readonly kernel: Safe
  readonly init: Init
  readonly login: { readonly user: Safe; readonly uid: number; readonly escalation: Escalation }
  /** Why root can't be had, when it can't (sudo's own words). */
  readonly escalationReason: Safe | null
  readonly session: Session
  /** Interface that carries the session, when `ip route get` could tell. */
  readonly sessionInterface: string | null
  /** What let us in; absent where that is not known. */
  readonly needs?: LoginNeeds
  /** What the last logins were offered, the newest first; absent where that was not heard. */
  readonly offers?: readonly Offer[]
  /** Tools found, by name, with their path. */
  readonly tools: Readonly<Record<string, string>>
  /** Seconds the server's clock is ahead of ours. */
  readonly clockSkewSeconds: number
  readonly openssh: Safe | null
}

/** The state of the wire. Times are epoch milliseconds of this machine. */
export type Link =
  | { readonly state: 'connecting' }
  | { readonly state: 'up'; readonly roundTripMs: number | null }
  | { readonly state: 'lost'; readonly since: number; readonly reason: Safe; readonly nextTryAt: number | null }
  | { readonly state: 'closed' }

/** Something only the operator can answer while connecting. Prompts are the server's text, made safe. */
export type Question =
  | {
      readonly kind: 'host-key'
      readonly host: Safe
      readonly keyType: Safe
      /** `SHA256:…` as ssh-keygen -l prints it. */
      readonly fingerprint: Safe
      readonly file: Safe
    }
  | { readonly kind: 'password'; readonly user: Safe; readonly host: Safe; readonly attempt: number }
  | { readonly kind: 'passphrase'; readonly file: Safe; readonly attempt: number }
  | {
      readonly kind: 'keyboard-interactive'
      readonly user: Safe
      readonly host: Safe
      /** How often the server has asked in this login, from 1. */
      readonly round: number
      readonly name: Safe
      readonly instructions: readonly Safe[]
      /** May be empty: the server only tells something (RFC 4256, 3.2). */
      readonly prompts: readonly { readonly text: Safe; readonly echo: boolean }[]
    }
  | { readonly kind: 'sudo-password'; readonly user: Safe; readonly attempt: number }
  /** A password for an account that is made, typed twice; `why` the last ones were not taken. */
  | { readonly kind: 'new-password'; readonly user: Safe; readonly again: boolean; readonly why: Safe | null }

/**
 * Puts a question to the operator. One answer per prompt (host-key: `yes` means trust); null when he cancels.
 * Answers are secrets: they stay in memory and never reach a log, a record or an error text. `over` fires when whoever asks
 * will ask nothing more, the answer taken or useless: a question that is open is taken back then, as if cancelled, and what
 * is typed until then belongs to his next question and to nothing else.
 */
export type Ask = (question: Question, over?: AbortSignal) => Promise<readonly string[] | null>

/** A login of its own beside the console's connection: new TCP connection, key exchange, authentication, privilege. */
export type FreshLogin = {
  readonly exec: (command: Command) => Promise<Result<Output>>
  readonly elapsedMs: number
  /** How the server sees this connection; `$SSH_CONNECTION`'s four fields. */
  readonly session: Session
  readonly method: Safe
  readonly close: () => void
}

/** A running follow (a log); `stop` ends it on the server too. */
export type Follow = { readonly stop: () => void }

/** Where and as whom to log in; what is not said is as it was dialled. */
export type WayIn = {
  readonly port?: number
  readonly user?: string
  /** What sudo asks that user for, where the operator has given it to him: tried before anybody is asked. A secret. */
  readonly sudoPassword?: string
}

/**
 * One server. It outlives its connections: when the link is lost it says so, reconnects by itself with back-off,
 * and calls made meanwhile fail at once with `disconnected`. An outcome is never inferred from silence: a command
 * counts only with an integer exit status and our end mark, anything else is an error.
 */
export type Host = {
  readonly target: Target
  readonly link: () => Link
  readonly onLink: (listener: (link: Link) => void) => () => void
  /** The server's banner, made safe; empty before the connection is up. */
  readonly banner: () => readonly Safe[]
  /**
   * Runs all probes in one batch over one channel, the host's own facts first. Facts and outputs are handed over as
   * their frames arrive. Asks for the sudo password (once) where one is needed.
   */
  readonly probe: (
    probes: readonly Probe[],
    on: { readonly facts: (facts: HostFacts) => void; readonly output: (output: ProbeOutput) => void },
  ) => Promise<Result<void>>
  /** Runs one command. `onLine` sees each stdout line as it arrives. */
  readonly exec: (command: Command, onLine?: (line: string) => void) => Promise<Result<Output>>
  /** Follows a log: `onLines` gets whole lines as they arrive, as many as came at once; `onEnd` when the server's side or the link ends. */
  readonly follow: (
    script: string,
    onLines: (lines: readonly string[]) => void,
    onEnd: (reason: Safe) => void,
  ) => Follow
  /**
   * Runs a script that reads much and prints much, as root where that can be, packed on its way. `begin` is called when it
   * starts, and again when it starts anew (it had to make room for another command, on a server that allows one at a
   * time): what came before counts no more. `end` tells why nothing more comes, which is no word on whether it was all.
   */
  readonly stream: (
    script: string,
    on: {
      readonly begin: () => void
      readonly lines: (lines: readonly string[]) => void
      readonly end: (reason: Safe) => void
    },
  ) => Follow
  /**
   * Logs in anew, beside the running connection, as the operator would: the proof that new logins work. As another user,
   * where an account was made for him, with the operator's own keys alone.
   */
  readonly proveFreshLogin: (way?: WayIn) => Promise<Result<FreshLogin>>
  /**
   * How to come back when the link is lost, in turn, the likeliest first: a change may move sshd, or give the operator's
   * place to another account. None: as it was dialled.
   */
  readonly comeBackBy: (ways: readonly WayIn[]) => void
  readonly close: () => void
}

/**
 * Opens the first connection and authenticates. Reading facts is the first probe batch's business. `signal` gives
 * the attempt up (`cancelled`); it has no effect on a host that was handed out.
 */
export type Connect = (target: Target, ask: Ask, signal?: AbortSignal) => Promise<Result<Host, HostError>>
