/** Runs as the login user, or as root through the escalation the host allows. */
export type Privilege = 'login' | 'root'

/** What a command does to the server; read-only mode refuses `write`. */
export type Effect = 'read' | 'write'

/**
 * A command is a value: shown in review, logged, matched in tests. `argv` is never spliced into script text by anyone
 * but `model/shell.ts`, which quotes it. `stdin` is text. Times are in milliseconds.
 */
export type Command = {
  readonly argv: readonly string[]
  readonly stdin?: string
  readonly privilege: Privilege
  readonly effect: Effect
  readonly timeoutMs: number
}

/** What a command that ran to its end left: an integer exit status and our end mark were seen. */
export type Output = { readonly status: number; readonly stdout: string; readonly stderr: string }

/**
 * One read of the host, sent with all others in a single batch. `script` is constant POSIX sh text; it runs with
 * `LC_ALL=C`, null stdin, /usr/sbin:/sbin on PATH, as root where the host allows it, and finds the variables
 * `login_user`, `client_address`, `client_port`, `server_address` and `server_port` set. Its stderr is dropped
 * unless it redirects it itself. It prints its findings in parts, each begun with `part NAME`; nothing in a part's text
 * can be taken for another part. A file it prints with `file_part NAME PATH` (file-part.sh). `capBytes` is for one that may print more than others.
 */
export type Probe = {
  readonly id: string
  readonly script: string
  readonly timeoutSeconds: number
  readonly capBytes?: number
}

/** A probe's outcome. */
export type ProbeOutput = {
  readonly id: string
  readonly status: number
  /** What it printed after each `part NAME`, byte for byte; the first of a name counts. */
  readonly parts: ReadonlyMap<string, string>
  /** Name of the part that is not whole, as time ran out or it was too long; what comes after it is missing. Else null. */
  readonly cut: string | null
  /** Its time ran out on the server; the parts hold what came until then. */
  readonly timedOut: boolean
}
