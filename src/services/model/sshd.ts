import type { Safe } from './safe.ts'

/** One keyword of `sshd -T`, in lower case as it prints them; a keyword may come several times. */
export type SshdSetting = { readonly keyword: string; readonly value: Safe }

/** The server's effective settings for this operator: `sshd -T -C user=…,addr=…,lport=…` (sshd(8)). */
export type SshdFacts = {
  readonly settings: readonly SshdSetting[]
  /** `OpenSSH_9.2p1 …`, as `sshd -V` or `ssh -V` says it. */
  readonly version: Safe | null
  /** Ports it is configured to listen on. */
  readonly ports: readonly number[]
  /** True where ssh.socket holds the listener (systemd socket activation). */
  readonly socketActivated: boolean
}
