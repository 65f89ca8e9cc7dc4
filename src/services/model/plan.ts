import type { StagedChange } from './areas.ts'
import type { DnsProof } from './dns.ts'
import type { Safe } from './safe.ts'
import type { Step } from './step.ts'

/** Why a plan must not be applied. A `lock-out` can be overridden by typing the host's name; nothing else can. */
export type Blocker = {
  readonly kind: 'conflict' | 'drift' | 'irreversible' | 'lock-out' | 'missing-tool' | 'no-privilege' | 'untried'
  readonly message: Safe
  readonly next: Safe
}

/** One answer of the lock-out guard: does this packet still pass after the change, is this login still taken? */
export type WhatIf = {
  /** What is asked about; absent: a packet. */
  readonly of?: 'login'
  readonly answer: 'yes' | 'no' | 'unsure'
  readonly question: Safe
  /** The deciding rule or policy, or what it depends on. */
  readonly because: Safe
}

/** Where confirmed rules are kept over a reboot; `loader` writes rules files and a unit of our own that loads them. */
export type PersistencePlan = {
  readonly kind: 'netfilter-persistent' | 'sysconfig' | 'loader' | 'none'
  /** Something else loads rules here at boot, so that `loader` would be undone by it: it is not offered. */
  readonly elsewhere?: true
  readonly message: Safe
}

/** Which program of the server tries the files of a plan, as they will be, before anything is armed (checkpoint.sh). */
export type CheckId = 'sshd' | 'sudoers' | 'named'

/** What sshd shall answer once its files have changed: the argument of -C, and the SHA-256 of what -T prints for it. */
export type SshdAnswer = { readonly asked: string; readonly sum: string }

/** The file that named(8) reads first, as it calls it, and the folder that is / to it; empty for none. */
export type NamedPlace = { readonly conf: string; readonly chroot: string }

/** What one area adds to a plan. What it leaves out does not apply to it. */
export type PlanPart = {
  readonly steps: readonly Step[]
  readonly blockers: readonly Blocker[]
  readonly whatIf: readonly WhatIf[]
  readonly persistence?: PersistencePlan
  readonly sshd?: 'reload' | 'restart'
  readonly sshdAnswers?: readonly SshdAnswer[]
  readonly checks?: readonly CheckId[]
  readonly named?: NamedPlace
  readonly outside?: readonly DnsProof[]
  readonly newPorts?: readonly number[]
  readonly proofAs?: string
}

/** All staged changes as one reviewable transaction. */
export type ChangePlan = {
  readonly changes: readonly StagedChange[]
  readonly steps: readonly Step[]
  readonly blockers: readonly Blocker[]
  readonly whatIf: readonly WhatIf[]
  /** What becomes of changed rules at the next boot, once confirmed; null where no rules change. */
  readonly persistence: PersistencePlan | null
  readonly rollbackAfterSeconds: number
  /** How sshd takes up files of its own that change; null where none does. */
  readonly sshd: 'reload' | 'restart' | null
  /** What it answers then, for whom; compared while arming, and with what it answers once the change is applied. */
  readonly sshdAnswers: readonly SshdAnswer[]
  /** What tries the changed files while arming; each by a program of the server's own. */
  readonly checks: readonly CheckId[]
  /** Where BIND reads its configuration, for that check; null where none of it changes. */
  readonly named: NamedPlace | null
  /** What is asked from this machine once the change is in force, beside the login that proves it. */
  readonly outside: readonly DnsProof[]
  /** Ports that sshd listens on anew with this change; a login is proved there, and looked for there when the link is lost. */
  readonly newPorts: readonly number[]
  /** The account that the login which proves it is made as, in the operator's place; null: his own. */
  readonly proofAs: string | null
}
