import type { FileBytes } from '../../model/file-bytes.ts'

/** The two files that hosts_access(5) knows, in the order in which they are asked. */
export type AccessFile = 'allow' | 'deny'
export const ACCESS_FILES: readonly AccessFile[] = ['allow', 'deny']
export const ACCESS_PATHS: Readonly<Record<AccessFile, string>> = { allow: '/etc/hosts.allow', deny: '/etc/hosts.deny' }

/**
 * A line of hosts.allow or hosts.deny as libwrap reads it, which may go on over several of the file's, with what ends it.
 * `id` names it for ever: what it holds, which of those that hold the same it is, and how many there are.
 */
export type AccessLine = { readonly id: string; readonly bytes: FileBytes }

/** What TCP wrappers let in. Null bytes: there is no such file, so it holds no rule. */
export type TcpwrappersFacts = {
  readonly files: Readonly<Record<AccessFile, FileBytes | null>>
  /** The lines of files that staged edits have changed, by the ids that they had before. */
  readonly lines?: Readonly<Partial<Record<AccessFile, readonly AccessLine[]>>>
  /** Whether this host's sshd asks hosts_access(3), by its own binaries; null where one could not be read. */
  readonly sshdAsks: boolean | null
  /** Other programs that run here and may ask it; null where not all that runs could be seen. */
  readonly daemons: readonly Daemon[] | null
}

/**
 * A running program, by the name that it gives hosts_access(3). `asks`: it has libwrap, and asks unless its own settings say
 * otherwise; null: it could not be looked at. `by`: it is started when somebody comes, and who starts it asks for it.
 */
export type Daemon = {
  readonly name: string
  readonly path: string
  readonly asks: boolean | null
  readonly by?: 'tcpd' | 'xinetd'
}

/** Where a line comes to stand: before or behind another one, which its id names, or at an end of the file. */
export type AccessPlace = 'first' | 'last' | { readonly before: string } | { readonly after: string }

/** One change to a line. An id holds all that the line held when it was read, so that no other is ever hit in its place. */
export type LineEdit =
  | {
      readonly kind: 'add'
      readonly file: AccessFile
      readonly lineId: string
      readonly line: string
      readonly at: AccessPlace
    }
  | { readonly kind: 'replace'; readonly file: AccessFile; readonly lineId: string; readonly line: string }
  | { readonly kind: 'delete'; readonly file: AccessFile; readonly lineId: string }
  | { readonly kind: 'move'; readonly file: AccessFile; readonly lineId: string; readonly at: AccessPlace }

/** One change to a file: to one of its lines, or back to what it held before a past change. */
export type AccessEdit =
  | LineEdit
  | {
      readonly kind: 'restore'
      readonly file: AccessFile
      readonly bytes: FileBytes | null
      /** What it must hold now, so that nobody's later change is lost. */
      readonly over: FileBytes | null
    }
