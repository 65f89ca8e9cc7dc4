import { FAMILIES, type Family } from './addresses.ts'
import type { IpSets, SetMaker } from './ip-sets.ts'
import { type Safe, safe, say } from './safe.ts'

export { FAMILIES, type Family }

/**
 * One rule. `text` is what iptables-save(8) prints after `-A CHAIN `, verbatim: matches and targets this program
 * does not know are kept byte for byte. It is hostile text: draw it through `safe`.
 */
export type Rule = {
  /** Identity across refreshes: family, table, chain, text and, for equal rules of a chain, which of them. */
  readonly id: string
  readonly text: string
  readonly packets: number
  readonly bytes: number
  /** `PACKETS:BYTES` as printed, where these numbers are too large to be told exactly (above 2^53). */
  readonly counters?: string
}

/** A chain; `policy` is null for a user-defined one. */
export type Chain<R extends Rule = Rule> = {
  readonly name: string
  readonly policy: string | null
  readonly packets: number
  readonly bytes: number
  /** As a rule's. */
  readonly counters?: string
  readonly rules: readonly R[]
}

/** `comments` are the `#` lines that stand before it in the save. */
export type Table = { readonly name: string; readonly chains: readonly Chain[]; readonly comments?: readonly string[] }

/** A rule of nft(8): its statements as libnftables-json(5) has them, and `text` is what is shown of it. */
export type NftRule = Rule & { readonly statements: readonly Readonly<Record<string, unknown>>[] }

/** Where the kernel calls a chain: `prerouting` at -100. `devices` are those of an ingress or egress hook. */
export type NftHook = {
  readonly type: string
  readonly hook: string
  readonly priority: number
  readonly devices: readonly string[]
}

/** A chain of nft(8); `hook` is null where only other chains lead into it, and then so is the policy. */
export type NftChain = Chain<NftRule> & { readonly hook: NftHook | null }

/** A set or map of nft(8) with its elements as they were read. `changing`: packets put elements into it. */
export type NftSet = { readonly elements: readonly unknown[]; readonly changing: boolean }

/** A table of nft(8). A dormant one does nothing. */
export type NftTable = {
  readonly family: string
  readonly name: string
  readonly dormant: boolean
  readonly chains: readonly NftChain[]
  readonly sets: ReadonlyMap<string, NftSet>
}

/**
 * What filters packets of a family beside the tables of its rule set: a packet must pass that as well. Read and walked,
 * or unknown with the reason. `insteadOf` names a table of iptables' own that iptables-save can't be believed about, which
 * is left out of the rule set.
 */
export type Layer =
  /** The tables of iptables' other backend, and its name: `legacy`, `nft`. */
  | { readonly kind: 'iptables'; readonly backend: string; readonly tables: readonly Table[]; readonly insteadOf: null }
  | { readonly kind: 'nft'; readonly table: NftTable; readonly insteadOf: string | null }
  | { readonly kind: 'unknown'; readonly reason: Safe; readonly insteadOf: string | null }

/**
 * All tables of one family, in the order iptables-save prints them. A host without rules has none. `comments` are the
 * `#` lines after the last table; `beside` is what else a packet must pass, left out where there is nothing.
 */
export type RuleSet = {
  readonly family: Family
  /** The sets that its rules may name; left out where nobody asked for them. */
  readonly sets?: IpSets
  readonly tables: readonly Table[]
  readonly comments?: readonly string[]
  readonly beside?: readonly Layer[]
}

/** Where rules are loaded from at boot; `loader` is what this program installs where nothing else does. */
export type Persistence =
  | { readonly kind: 'netfilter-persistent' | 'sysconfig' | 'loader'; readonly v4: string; readonly v6: string }
  /** Something that this console does not write for: what, in words (`the hook /etc/network/if-pre-up.d/iptables`). */
  | { readonly kind: 'other'; readonly by: readonly Safe[] }
  /** Nothing does; `asleep` names what is installed for it and not started at boot. */
  | { readonly kind: 'none'; readonly asleep?: readonly Safe[] }

/** What is loaded at the next boot; `unknown` is a file too long to be read along with everything else. */
export type SavedRules =
  | { readonly state: 'present'; readonly ruleSet: RuleSet }
  | { readonly state: 'absent' | 'unknown' }

/** A network interface with its addresses; `prefix` is the length of the network's part in bits. */
export type Interface = {
  readonly name: string
  readonly addresses: readonly { readonly family: Family; readonly address: string; readonly prefix: number }[]
}

/** The host's network as far as rules name it. */
export type Network = {
  readonly interfaces: readonly Interface[]
  /** Where the default route leads out, or null without one. */
  readonly defaultInterface: Readonly<Record<Family, string | null>>
  /** The router that the default route goes by; absent where that was not read. */
  readonly gateway?: Readonly<Record<Family, string | null>>
  /** Whether packets are forwarded (ip_forward, conf/all/forwarding). */
  readonly forwards: Readonly<Record<Family, boolean>>
}

/** An FTP server's configuration; whether it runs is the units' matter. */
export type FtpConfig = {
  readonly program: 'vsftpd' | 'proftpd' | 'pure-ftpd'
  readonly port: number
  /** Ports of passive data connections, or null for any unprivileged one. */
  readonly passive: { readonly from: number; readonly to: number } | null
}

/** A jail of fail2ban that reads sshd's log, and the ports it bans from: `ssh`, `22,2222`, `0:65535`. */
export type Jail = { readonly name: Safe; readonly ports: string }

/** A rule set, or why there is none to show. */
export type FamilyFacts =
  | { readonly state: 'present'; readonly ruleSet: RuleSet }
  | { readonly state: 'unreadable'; readonly reason: Safe }

export type FirewallFacts = {
  /** `iptables --version`'s backend. */
  readonly backend: 'nft' | 'legacy' | 'unknown'
  readonly version: Safe
  readonly families: Readonly<Record<Family, FamilyFacts>>
  readonly persistence: Persistence
  readonly saved: Readonly<Record<Family, SavedRules>>
  readonly network: Network
  readonly ftp: readonly FtpConfig[]
  /** The kernel's FTP connection tracking helper: loaded now, and named in a file that loads it at boot. */
  readonly ftpHelper: { readonly loaded: boolean; readonly atBoot: boolean }
  /** Names of the server's services(5) by protocol and port: `tcp/22` is ssh. */
  readonly portNames: ReadonlyMap<string, Safe>
  /** Other programs that own rules here: firewalld, ufw, nftables (service), docker, fail2ban, … */
  readonly managers: readonly Safe[]
  /** What filters here and could not be read: what the layers of kind `unknown` say, each once. */
  readonly warnings: readonly Safe[]
  /** What fail2ban watches sshd with, where it runs; null where it could not say, absent where it was not asked. */
  readonly jails?: readonly Jail[] | null
  /** What makes sets at boot; null where that could not be read, absent where it was not asked. */
  readonly setMakers?: readonly SetMaker[] | null
}

/** A place in a rule set. */
export type ChainRef = { readonly family: Family; readonly table: string; readonly chain: string }

/** The program that has the rules of a family; those of its kind are named after it (`-save`, `-restore`). */
export const PROGRAMS: Readonly<Record<Family, string>> = { v4: 'iptables', v6: 'ip6tables' }

/** A place in words: `v4 filter INPUT`. */
export const placeWords = (at: ChainRef): Safe => say`${safe(at.family)} ${safe(at.table)} ${safe(at.chain)}`

/**
 * One staged edit. Rules are named by id, so an edit keeps its meaning when counters or other rules move.
 * `ruleId` of an `insert` is the id the new rule will have; `before` null means at the end.
 */
export type RuleEdit =
  | {
      readonly kind: 'insert'
      readonly at: ChainRef
      readonly before: string | null
      readonly ruleId: string
      readonly text: string
    }
  | { readonly kind: 'replace'; readonly at: ChainRef; readonly ruleId: string; readonly text: string }
  | { readonly kind: 'delete'; readonly at: ChainRef; readonly ruleId: string }
  | { readonly kind: 'move'; readonly at: ChainRef; readonly ruleId: string; readonly before: string | null }
  | { readonly kind: 'policy'; readonly at: ChainRef; readonly policy: 'ACCEPT' | 'DROP' }
  /** A user-defined chain that does not exist yet; and one that goes, with its rules, once nothing jumps into it. */
  | { readonly kind: 'new-chain'; readonly at: ChainRef }
  | { readonly kind: 'delete-chain'; readonly at: ChainRef }

/** An edit of one rule. */
export type OneRuleEdit = Extract<RuleEdit, { readonly ruleId: string }>

/** Whether an edit is about one rule, and not about its chain as a whole. */
export const isOneRule = (edit: RuleEdit): edit is OneRuleEdit => 'ruleId' in edit
