/** Runs as the login user, or as root through the escalation the host allows. */
export type Privilege = 'login' | 'root'

/** What a command does to the server; read-only mode refuses `write`. */
export type Effect = 'read' | 'write'

/**
 * A command is a value: shown in review, logged, matched in tests. `argv` is never spliced into script text by anyone
 * but `host/shell.ts`, which quotes it. `stdin` is text. Times are in milliseconds.
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
 * unless it redirects it itself.
 */
export type Probe = { readonly id: string; readonly script: string; readonly timeoutSeconds: number }

/** A probe's outcome; `timedOut` when its time ran out on the server (stdout holds what came until then). */
export type ProbeOutput = {
  readonly id: string
  readonly status: number
  readonly stdout: string
  readonly timedOut: boolean
}
