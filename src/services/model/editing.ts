import type { AreaId, EditsByArea, FactsByArea, StagedOf } from './areas.ts'
import type { Probe, ProbeOutput } from './command.ts'
import type { HostFacts } from './host.ts'
import type { PlanPart } from './plan.ts'
import type { Safe } from './safe.ts'
import type { SeenFile } from './seen-file.ts'
import type { TransactionRecord } from './transaction.ts'
import type { Listener } from './units.ts'

/** A staged edit that no longer fits what is there, and why. */
export type Conflict<Edit> = { readonly edit: Edit; readonly reason: Safe }

/** An area with all that is staged laid over it: as it was read, as it will be, and what of the staging no longer fits. */
export type Merged<Id extends AreaId> = {
  readonly base: FactsByArea[Id]
  readonly after: FactsByArea[Id]
  readonly conflicts: readonly Conflict<EditsByArea[Id]>[]
}

/** What stays staged of an area once something was added. `idle`: all that was staged about one thing has come to nothing. */
export type Folded<Id extends AreaId> = { readonly held: readonly StagedOf<Id>[]; readonly idle?: Safe }

/** What a part of a plan may know beside its own area. */
export type Seen = {
  readonly host: HostFacts
  /** Who listens, or null while that is not known. */
  readonly listeners: readonly Listener[] | null
  /** On a host that loads no rules at boot: `loader` writes rules files and a unit of ours; `none` leaves it so. */
  readonly persistence: 'loader' | 'none'
  /** What stands at a path that staged changes rest on; null while that is not known. */
  readonly file: (path: string) => SeenFile | null
  /** The port that the operator's next login goes to once all that is staged is in force. */
  readonly loginPort: number
  /** Rules of packet filters that name a port and none of the others, as they are staged; none while they are not known. */
  readonly rulesNaming: (port: number, others: readonly number[]) => readonly Safe[]
  /** What the server answered to the question of a trial; null where it has not, or could not be asked. */
  readonly tried: (question: Probe) => ProbeOutput | null
}

/** What a past transaction did to things of one area. */
export type Past = Pick<TransactionRecord, 'rules' | 'accounts' | 'files' | 'units'>

/** The edits that undo something, and in words what of it no longer fits: nothing is ever guessed. */
export type Undone<Edit> = { readonly edits: readonly Edit[]; readonly remarks: readonly Safe[] }

/**
 * How an area is changed: what staged edits make of its facts, and the steps that the server is told. All of it is pure.
 * An area without it is only shown.
 */
export type Editing<Id extends AreaId> = {
  /** Lays edits, in order, over facts as they were read; one that does not fit is a conflict and left out. */
  readonly lay: (facts: FactsByArea[Id], edits: readonly EditsByArea[Id][]) => Omit<Merged<Id>, 'base'>
  /** Adds a change to those held: what replaces, cancels or follows what is staged already. */
  readonly fold: (held: readonly StagedOf<Id>[], added: StagedOf<Id>, facts: FactsByArea[Id] | null) => Folded<Id>
  /** Takes a change back, with what was staged on top of it; left out: that one alone. */
  readonly unfold?: (held: readonly StagedOf<Id>[], gone: StagedOf<Id>) => readonly StagedOf<Id>[]
  /** Whether facts hold already what an edit makes, so that a fix need not stage it again. */
  readonly holds?: (facts: FactsByArea[Id], edit: EditsByArea[Id]) => boolean
  /** Puts an edit in words: `before` are the facts it is made on, `after` those it makes. */
  readonly describe: (
    edit: EditsByArea[Id],
    before: FactsByArea[Id],
    after: FactsByArea[Id],
  ) => { readonly target: Safe; readonly summary: Safe }
  /**
   * What a program of the server's own is asked about the staged changes before they can be armed; it changes nothing there.
   * The same staging on the same facts asks the same question, so that an answer is known to belong to it.
   */
  readonly trial?: (merged: Merged<Id>) => Probe | null
  /** What it adds to a plan; asked only where something of it is staged. */
  readonly part: (merged: Merged<Id>, edits: readonly EditsByArea[Id][], seen: Seen) => PlanPart
  /** Which rules, accounts, files and units of a past transaction are its own. */
  readonly owns: {
    readonly rules?: true
    readonly accounts?: true
    readonly units?: true
    readonly file?: (path: string) => boolean
  }
  /** The edits that undo a past transaction on what is there now (null: not read). `newId` names what is made anew. */
  readonly undo: (past: Past, now: FactsByArea[Id] | null, newId: () => string) => Undone<EditsByArea[Id]>
  /** Why nothing of it can be changed on this host; null where it can. */
  readonly whyNot?: (facts: FactsByArea[Id]) => Safe | null
  /** Programs that its steps need on the server. */
  readonly tools?: readonly string[]
}
