import type { AccountChange } from './account.ts'
import type { FileBytes } from './file-bytes.ts'
import type { ChainRef, Family } from './firewall.ts'
import type { Safe } from './safe.ts'

/**
 * A file's whole new text, or null to remove it. `was` is the text that was read, null where there was no file: what
 * the change rests on, and what its rollback puts back. `path` is absolute, without white space. `mode` is that of a file
 * that is new (0o440); without it everybody may read it.
 */
export type FileChange = {
  readonly path: string
  readonly text: FileBytes | null
  readonly was: FileBytes | null
  readonly mode?: number
}

/** What systemd calls active state and unit-file state, as far as a change may set them; null is left alone. */
export type UnitChange = {
  readonly unit: string
  readonly run: 'start' | 'stop' | 'restart' | 'reload' | null
  readonly boot: 'enable' | 'disable' | 'mask' | 'unmask' | null
  /** As `systemctl is-active` and `is-enabled` said when it was read. */
  readonly was: { readonly run: string; readonly boot: string }
}

/** One line of a difference. */
export type DiffLine = { readonly mark: '+' | '-' | ' ' | '@'; readonly text: Safe }

type StepBase = {
  readonly title: Safe
  readonly diff: readonly DiffLine[]
  /** The commands that will run, for reading. */
  readonly commands: readonly Safe[]
}

/**
 * Changes one family's rules. `delta` is one `iptables-restore --noflush` input; `base` is the exact text (`chainText`)
 * of the touched chains it rests on, `planned` what they must be afterwards, both without counters.
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

/** Makes or changes one account. */
export type AccountStep = StepBase & { readonly kind: 'account'; readonly change: AccountChange }

/** What the server is told to do. It knows rules, accounts, files and units, and nothing of areas. */
export type Step = FirewallStep | AccountStep | FileStep | UnitStep
