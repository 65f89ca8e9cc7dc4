import type { Result } from '../../model/errors.ts'
import type { FileBytes } from '../../model/file-bytes.ts'
import type { Safe } from '../../model/safe.ts'

/** One line of a file of sysctl.d(5): a setting, or (`value` null) a name that patterns pass over. */
export type SysctlLine = {
  readonly path: string
  /** From 1. */
  readonly line: number
  /** Below /proc/sys, with slashes; a pattern where it has one of `*?[`. */
  readonly key: string
  readonly value: string | null
}

/** Who reads the files at boot: systemd-sysctl.service(8), or sysctl(8) of procps with --system. */
export type SysctlReader = 'systemd' | 'procps'

/** The files of sysctl.d(5) as the one who reads them at boot finds them, and all lines in them that set something. */
export type BootFiles = {
  readonly reader: SysctlReader
  /** Folder by folder, the strongest first. */
  readonly paths: readonly string[]
  readonly lines: readonly SysctlLine[]
}

/** How the kernel treats packets, now and at the next boot. Keys are paths below /proc/sys. */
export type KernelFacts = {
  readonly values: ReadonlyMap<string, number>
  readonly boot: Result<BootFiles, Safe>
  /** Our file of sysctl.d(5). */
  readonly own: Result<FileBytes | null, Safe>
  /** Interfaces but lo, with the kernel's word for their kind where it has one (`bridge`, `wireguard`, `tun`); null: not read. */
  readonly links: ReadonlyMap<string, string> | null
  /** Interfaces that a default route of IPv4 leads to. */
  readonly defaultLinks: readonly string[]
  /** Rules of policy routing beside the three that every host has; null where ip(8) did not answer. */
  readonly policyRules: readonly Safe[] | null
  /** Some rules of chain FORWARD that let packets pass. */
  readonly forwardRules: readonly Safe[]
}

/** A timer of systemd's, in its own words. */
export type Timer = { readonly active: string; readonly boot: string; readonly last: Safe }

/** A package that apt would bring up to date; `security`: the new version comes from an archive for security. */
export type Pending = { readonly name: Safe; readonly from: Safe; readonly security: boolean }

/** How updates come, as far as the host's package manager says. */
export type UpdatesFacts = {
  readonly tools: ReadonlySet<string>
  /** APT::Periodic::… and Unattended-Upgrade::… in small letters, as `apt-config dump` has them; null: not read. */
  readonly aptConfig: ReadonlyMap<string, string> | null
  /** apply_updates of dnf-automatic, with file and line; null where none says. */
  readonly dnfApplies: { readonly value: string; readonly at: Safe } | null
  /** Those that are there; null where systemd did not answer. */
  readonly timers: ReadonlyMap<string, Timer> | null
  /** Seconds since apt's lists were brought up to date; null where it has none. */
  readonly listsAge: number | null
  readonly reboot: {
    readonly running: string | null
    readonly installed: readonly string[]
    readonly required: boolean
    readonly packages: readonly Safe[]
  }
  /** What apt would install, or why that is not known; null on a host without apt. */
  readonly pending: Result<readonly Pending[], Safe> | null
}

/** One action of a jail's; `ports` as the jail has them (`ssh`, `22,10022`, `0:65535`), null where it names none. */
export type JailAction = { readonly name: string; readonly ports: string | null }
/** A jail by its configuration, and where its ports are written. */
export type Jail = { readonly name: string; readonly actions: readonly JailAction[]; readonly at: Safe | null }

export type Fail2banFacts =
  | { readonly installed: false }
  | {
      readonly installed: true
      /** Jails that run; null where its server does not. */
      readonly running: Result<readonly string[] | null, Safe>
      /** As its files say, by its own reading; null where it did not read them. */
      readonly configured: readonly Jail[] | null
    }

/** What confines programs beside users and groups. */
export type MacFacts = {
  /** Whose files are installed. */
  readonly installed: readonly string[]
  /** Security modules of the kernel; null where it does not show them (a container). */
  readonly modules: readonly string[] | null
  /** The kernel's Y or N for AppArmor; null where it has none. */
  readonly apparmor: boolean | null
  /** How many profiles are loaded in each mode (`enforce`, `complain`, …); null where that can't be read. */
  readonly profiles: ReadonlyMap<string, number> | null
  /** SELinux: true enforcing, false permissive, null not on. */
  readonly enforcing: boolean | null
  /** SELINUX= of /etc/selinux/config, and where. */
  readonly config: { readonly mode: string; readonly at: Safe } | null
  /** Words of the kernel's command line about it. */
  readonly boot: readonly Safe[]
}

export type ClockFacts = {
  /** The kernel's own word (adjtimex(2), by timedatectl); null where nobody said it. */
  readonly synchronised: boolean | null
  /** What keeps the clock and runs. */
  readonly running: readonly Safe[]
  /** What is installed for it, with its state. */
  readonly installed: readonly Safe[]
  /** Whether systemd answered, so that what is not named is not there. */
  readonly whole: boolean
  /** chrony's own word: `Normal`, `Not synchronised`, and its reference; null where it was not asked. */
  readonly chrony: { readonly leap: string; readonly reference: Safe } | null
}

export type SystemFacts = { readonly mac: MacFacts; readonly clock: ClockFacts }

type AgedFile = { readonly path: Safe; readonly age: number }

/** Services that strangers talk to, and what watches over files; null for what is not installed. Ages are in seconds. */
export type ServicesFacts = {
  /** Settings by their names as postconf(1) has them, and lines of master.cf that set one of them for a service. */
  readonly postfix: { readonly settings: ReadonlyMap<string, string>; readonly services: readonly Safe[] } | null
  readonly vsftpd: {
    readonly settings: ReadonlyMap<string, { readonly value: string; readonly at: Safe }>
    readonly readable: boolean
  } | null
  readonly aide: {
    readonly files: readonly AgedFile[]
    readonly jobs: readonly Safe[]
    readonly readable: boolean
  } | null
  readonly tripwire: {
    readonly databases: readonly AgedFile[]
    /** The last one written; null where there is none. */
    readonly report: AgedFile | null
    readonly jobs: readonly Safe[]
    readonly readable: boolean
  } | null
  readonly clamav: { readonly files: readonly AgedFile[]; readonly processes: readonly Safe[] } | null
}

/** A directive of a server's configuration with its words, or a block (a section) with what is in it. */
export type Directive = {
  /** In small letters where the program takes any. */
  readonly name: string
  readonly words: readonly string[]
  /** As it is written, or nearly. */
  readonly text: string
  readonly path: string
  /** From 1; 0 where the program does not say it. */
  readonly line: number
  readonly inside: readonly Directive[] | null
}

/** Apache's configuration by its own print, with what it was built with. */
export type ApacheFacts = {
  readonly tree: readonly Directive[]
  readonly modules: ReadonlySet<string>
  /** Of what no virtual host answers; null where it did not say. */
  readonly documentRoot: string | null
}

/** nginx's configuration by its files. */
export type NginxFacts = {
  readonly tree: readonly Directive[]
  /** `1.22.1` */
  readonly version: string | null
  /** The folder that it was built to look in, of paths without a / in front. */
  readonly prefix: string | null
  /** `OpenSSL 3.0.15 3 Sep 2024`, perhaps `(running with …)`. */
  readonly openssl: string | null
}

/** What of OpenSSL decides on old versions of TLS beside a server's own settings. */
export type OpenSslFacts = {
  /** Versions by the names of libssl's files: `3`, `1.1`. */
  readonly libraries: readonly string[]
  /** Lines of openssl.cnf about security levels. */
  readonly levels: readonly Safe[]
  /** Why what it does is not known. */
  readonly decided: Safe | null
}

/** Web servers, each null where it is not installed. */
export type WebFacts = {
  readonly apache: Result<ApacheFacts, Safe> | null
  readonly nginx: Result<NginxFacts, Safe> | null
  /** The files `index…` where packages put their first page; null where that was not read. */
  readonly pages: ReadonlyMap<string, 'stock' | 'own'> | null
  readonly openssl: OpenSslFacts | null
}

/** exim's own lists by their names, Debian's lines that they are made of, and what it said to a stranger (`exim -bh`). */
export type EximFacts = {
  readonly lists: ReadonlyMap<string, string>
  readonly written: readonly Safe[]
  /** Null where the session did not come so far. */
  readonly answer: { readonly code: number; readonly words: Safe } | null
}
export type MailFacts = { readonly exim: EximFacts | null }

/** Servers for FTP beside vsftpd, each null where it is not installed. */
export type FtpFacts = {
  readonly proftpd: Result<ProftpdFacts, Safe> | null
  readonly pureFtpd: Result<PureFtpdFacts, Safe> | null
}
/** proftpd's configuration with what is included in its place, of it the lines that are looked at; and its modules. */
export type ProftpdFacts = { readonly tree: readonly Directive[]; readonly modules: ReadonlySet<string> }
/** `tls` as pure-ftpd numbers it: 0 none, 1 for who asks, 2 and 3 for all. */
export type PureFtpdFacts = { readonly anonymous: boolean; readonly tls: number; readonly said: readonly Safe[] }

/** What was read of each subject, or why it is not known; null while its probe has not answered. */
export type RestFacts = {
  readonly kernel: Known<KernelFacts>
  readonly updates: Known<UpdatesFacts>
  readonly fail2ban: Known<Fail2banFacts>
  readonly system: Known<SystemFacts>
  readonly services: Known<ServicesFacts>
  readonly web: Known<WebFacts>
  readonly mail: Known<MailFacts>
  readonly ftp: Known<FtpFacts>
}
export type Known<F> = Result<F, Safe> | null
export type Subject = keyof RestFacts
/** What is known of one subject. */
export type Of<S extends Subject> = Extract<RestFacts[S], { readonly ok: true }>['value']

/** One setting of the kernel, by its path below /proc/sys; or our file back to what it held before a past change. */
export type RestEdit =
  | { readonly kind: 'set'; readonly key: string; readonly value: number }
  | { readonly kind: 'restore'; readonly bytes: FileBytes | null; readonly over: FileBytes | null }
