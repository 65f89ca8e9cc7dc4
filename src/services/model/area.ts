import type { AreaId, EditsByArea, FactsByArea } from './areas.ts'
import type { Probe, ProbeOutput } from './command.ts'
import type { Editing } from './editing.ts'
import type { HostFacts } from './host.ts'
import type { Reading } from './reading.ts'
import type { Safe } from './safe.ts'
import type { SeenPorts } from './seen-ports.ts'
import type { Listener } from './units.ts'

/** `critical`: whoever reads this is about to be shut out. */
export type Severity = 'critical' | 'high' | 'medium' | 'low'
export type Outcome = 'pass' | 'fail' | 'unknown' | 'notapplicable'

/**
 * What a check says of one host: outcome and what was seen. `expected` is already part of the check. `details` are the
 * single things it is about (ports, rules), a line each, for the detail screen. `noFix`: why nothing mends it on this host,
 * though the check has a fix on others; half a sentence, in the place of the check's own.
 */
export type Verdict = {
  readonly outcome: Outcome
  readonly observed: Safe
  readonly details?: readonly Safe[]
  readonly noFix?: Safe
}

/**
 * What a check may know beside its own area: who listens, or null while that is not known, with the reason if there is one;
 * and what the operator's machine saw of the ports, if it was asked to look.
 */
export type Around = {
  readonly listeners: readonly Listener[] | null
  readonly whyNoListeners?: Safe | null
  readonly seenPorts?: SeenPorts | null
}

/** One thing worth checking. Ids are stable and documented (`SSH-PermitRootLogin`). */
export type Check<F, Edit = never> = {
  readonly id: string
  readonly severity: Severity
  readonly title: string
  /** The value or state advised, as it is shown: `no`, `4`, `policy DROP`. */
  readonly expected: string
  readonly rationale: string
  readonly references: readonly string[]
  readonly judge: (facts: F, host: HostFacts, around: Around) => Verdict
  /** Other areas that it looks at (by `around`): it is judged again when one of them was read. */
  readonly needs?: readonly AreaId[]
  /**
   * What would mend it on these facts, in the order to stage it; null where nothing safe would. Pure: equal facts give
   * equal edits, and equal rules have equal ids, so that two fixes may want the same rule.
   */
  readonly fix?: (facts: F, host: HostFacts, around: Around) => readonly Edit[] | null
  /** Why there is no fix, or may be none, and what to do instead: half a sentence for the status line. */
  readonly noFix?: string
}

/** A check carried out. */
export type Finding = Omit<Verdict, 'noFix'> & {
  readonly checkId: string
  readonly area: AreaId
  readonly severity: Severity
  readonly title: string
  readonly expected: string
  readonly rationale: string
  readonly references: readonly string[]
  /** Whether its check has a fix, and why there is none or may be none. */
  readonly fixable?: boolean
  readonly noFix?: string
}

/**
 * One hardening area: constant probes, and pure functions from their outputs to facts and findings.
 * `parse` is given null for a probe whose frame has not arrived.
 */
export type Area<Id extends AreaId> = {
  readonly id: Id
  readonly probes: readonly Probe[]
  readonly parse: (
    outputs: (probeId: string) => ProbeOutput | null,
    host: HostFacts,
    readAt: number,
  ) => Reading<FactsByArea[Id]>
  readonly checks: readonly Check<FactsByArea[Id], EditsByArea[Id]>[]
  /** How it is changed; left out where it is only shown. */
  readonly editing?: Editing<Id>
}

export type Areas = { readonly [Id in AreaId]: Area<Id> }
