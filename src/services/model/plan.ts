import type { AreaId } from './area.ts'
import type { FileBytes } from './file-bytes.ts'
import type { ChainRef, Family, RuleEdit } from './firewall.ts'
import type { Safe } from './safe.ts'

/** What the operator (or a finding's remedy) wants changed. Grows by kind: set-keyword, edit-access, … */
export type ChangeIntent =
  | { readonly kind: 'edit-rules'; readonly edit: RuleEdit }
  | ({ readonly kind: 'put-file' } & FileChange)
  | ({ readonly kind: 'set-unit' } & UnitChange)

/**
 * A file's whole new text, or null to remove it. `was` is the text that was read, null where there was no file: what
 * the change rests on, and what its rollback puts back. `path` is absolute, without white space.
 */
export type FileChange = { readonly path: string; readonly text: FileBytes | null; readonly was: FileBytes | null }

/** What systemd calls active state and unit-file state, as far as a change may set them; null is left alone. */
export type UnitChange = {
  readonly unit: string
  readonly run: 'start' | 'stop' | 'restart' | 'reload' | null
  readonly boot: 'enable' | 'disable' | 'mask' | 'unmask' | null
  /** As `systemctl is-active` and `is-enabled` said when it was read. */
  readonly was: { readonly run: string; readonly boot: string }
}

/** One staged change. `revision` names the reading it was made against. */
export type StagedChange = {
  readonly id: string
  readonly area: AreaId
  readonly intent: ChangeIntent
  /** `v4 filter INPUT 4` */
  readonly target: Safe
  /** `+ -p tcp --dport 80 -j ACCEPT` */
  readonly summary: Safe
  readonly origin: 'operator' | 'finding' | 'baseline'
}

/** One line of a difference. */
export type DiffLine = { readonly mark: '+' | '-' | ' ' | '@'; readonly text: Safe }

/** Why a plan must not be applied. A `lock-out` can be overridden by typing the host's name; nothing else can. */
export type Blocker = {
  readonly kind: 'conflict' | 'drift' | 'irreversible' | 'lock-out' | 'missing-tool' | 'no-privilege'
  readonly message: Safe
  readonly next: Safe
}

/** One answer of the lock-out guard: does this packet still pass after the change? */
export type WhatIf = {
  readonly answer: 'yes' | 'no' | 'unsure'
  readonly question: Safe
  /** The deciding rule or policy, or what it depends on. */
  readonly because: Safe
}

type StepBase = {
  readonly area: AreaId
  readonly title: Safe
  readonly diff: readonly DiffLine[]
  /** The commands that will run, for reading. */
  readonly commands: readonly Safe[]
  readonly risk: 'none' | 'may-drop-session' | 'may-lock-out'
}

/**
 * The part of a plan that changes one family's rules. `delta` is one `iptables-restore --noflush` input; `base` is
 * the exact text (`chainText`) of the touched chains it rests on, `planned` what they must be afterwards, both
 * without counters.
 */
export type FirewallStep = StepBase & {
  readonly kind: 'rules'
  readonly family: Family
  readonly touches: readonly ChainRef[]
  readonly delta: string
  /** The way back: applied to `planned` it gives `base`. */
  readonly inverse: string
  readonly base: string
  readonly planned: string
}

/** Writes or removes one file; what there was lends its owner, mode and attributes. */
export type FileStep = StepBase & FileChange & { readonly kind: 'file' }
export type UnitStep = StepBase & UnitChange & { readonly kind: 'unit' }

export type Step = FirewallStep | FileStep | UnitStep

/** Which program of the server tries the files of a plan, as they will be, before anything is armed (checkpoint.sh). */
export type CheckId = 'sshd'

/** All staged changes as one reviewable transaction. */
export type ChangePlan = {
  readonly changes: readonly StagedChange[]
  readonly steps: readonly Step[]
  readonly blockers: readonly Blocker[]
  readonly whatIf: readonly WhatIf[]
  /** What becomes of the change at the next boot, once confirmed. */
  readonly persistence: PersistencePlan
  readonly rollbackAfterSeconds: number
  /** How sshd takes up files of its own that change; null where none does. */
  readonly sshd: 'reload' | 'restart' | null
  /** What tries the changed files while arming; each by a program of the server's own. */
  readonly checks: readonly CheckId[]
  /** Ports that sshd listens on anew with this change; a login is proved there, and looked for there when the link is lost. */
  readonly newPorts: readonly number[]
}

/** Where confirmed rules are kept over a reboot; `loader` writes rules files and a unit of our own that loads them. */
export type PersistencePlan = {
  readonly kind: 'netfilter-persistent' | 'sysconfig' | 'loader' | 'none'
  /** Something else loads rules here at boot, so that `loader` would be undone by it: it is not offered. */
  readonly elsewhere?: true
  readonly message: Safe
}
