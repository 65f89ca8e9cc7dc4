import type { FileBytes } from '../../model/file-bytes.ts'

/** The two files that hosts_access(5) knows, in the order in which they are asked. */
export type AccessFile = 'allow' | 'deny'

/** What TCP wrappers let in. Null bytes: there is no such file, so it holds no rule. */
export type TcpwrappersFacts = {
  readonly files: Readonly<Record<AccessFile, FileBytes | null>>
  /** Whether this host's sshd asks hosts_access(3), by its own binaries; null where one could not be read. */
  readonly sshdAsks: boolean | null
  /** Other programs that run here and may ask it; null where not all that runs could be seen. */
  readonly daemons: readonly Daemon[] | null
}

/**
 * A running program, by the name that it gives hosts_access(3). `asks`: it has libwrap, and asks unless its own settings say
 * otherwise; null: it could not be looked at.
 */
export type Daemon = { readonly name: string; readonly path: string; readonly asks: boolean | null }

/** One change to a file: a line of its own, or back to what it held before a past change. */
export type AccessEdit =
  | { readonly kind: 'add'; readonly file: AccessFile; readonly line: string; readonly at: 'first' | 'last' }
  | { readonly kind: 'remove'; readonly file: AccessFile; readonly line: string }
  | {
      readonly kind: 'restore'
      readonly file: AccessFile
      readonly bytes: FileBytes | null
      /** What it must hold now, so that nobody's later change is lost. */
      readonly over: FileBytes | null
    }
