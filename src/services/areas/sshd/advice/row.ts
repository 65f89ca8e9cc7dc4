import type { Severity } from '../../../model/area.ts'
import type { HostFacts } from '../../../model/host.ts'
import type { Safe } from '../../../model/safe.ts'
import type { SshdFacts, SshdView } from '../../../model/sshd.ts'
import { valuesOf } from '../parse.ts'

/** How likely it is that a change shuts somebody out. */
export type Risk = 'none' | 'low' | 'medium' | 'high'

/** Where a fix is asked for: what holds for the person whose value fails, on which host. */
export type Situation = {
  readonly values: readonly string[]
  readonly view: SshdView
  readonly facts: SshdFacts
  readonly host: HostFacts
}

/** One row of the advice: what is advised for a keyword, why, how a value is judged, and what a fix writes. */
export type Row = {
  readonly keyword: string
  /** Another keyword that serves the same end; the values of both are judged together. */
  readonly beside?: string
  readonly severity: Severity
  readonly title: string
  readonly expected: string
  readonly rationale: string
  readonly references: readonly string[]
  readonly accepts: (values: readonly string[], view: SshdView, host: HostFacts) => boolean
  /** What a keyword that `sshd -T` leaves out means; without it, that is unknown. */
  readonly unset?: string
  /** Builds of sshd may lack it: one that does not name it has nothing to judge. */
  readonly optional?: true
  /** Whose logins it is about, where not everybody's; `server`: it stands outside Match blocks (sshd_config(5)). */
  readonly of?: 'root' | 'passwords' | 'server'
  /** How values are shown, where not as they are. */
  readonly shown?: (values: readonly Safe[]) => Safe
  /** Nothing is wrong with another value; said in its place. */
  readonly informs?: Safe
  /** How likely it is that the fix shuts somebody out, and by what; what guards against it. One sentence. */
  readonly risk: Risk
  readonly riskWhy: string
  /** The values that its fix writes; null where there is none here. Without it there is never one, and `noFix` says why. */
  readonly advised?: readonly string[] | ((situation: Situation) => readonly string[] | null)
  readonly noFix?: string
}

/** Every value is this one, and there is one. */
export const is =
  (wanted: string) =>
  (values: readonly string[]): boolean =>
    values.length > 0 && values.every((value) => value === wanted)

/** Every value is a number in a range. */
export const between =
  (low: number, high: number): Row['accepts'] =>
  (values) =>
    values.every((value) => /^\d+$/.test(value) && Number(value) >= low && Number(value) <= high)

/** The first value of a keyword in what holds for somebody. */
export const firstOf = (view: SshdView, keyword: string): string | undefined =>
  valuesOf(view.settings, keyword)[0]?.value

/** AuthenticationMethods: each list is a way in, its methods between commas. */
export const methodLists = (view: SshdView): readonly string[] =>
  valuesOf(view.settings, 'authenticationmethods').flatMap((setting) => setting.value.split(' '))

/** Whether a way in needs a method for anybody: sshd does not start where it is switched off, or lets nobody in. */
export const isDemanded = (method: string, { facts }: Situation): boolean =>
  facts.views.some((view) =>
    methodLists(view).some((list) => list.split(',').some((one) => one.split(':')[0] === method)),
  )

/** Puts an end to a fix where AuthenticationMethods names what it would switch off. */
export const unlessDemanded =
  (method: string, values: readonly string[]) =>
  (situation: Situation): readonly string[] | null =>
    isDemanded(method, situation) ? null : values

/** Whether every kind of forwarding is off already. */
export const forwardsNothing = (view: SshdView): boolean => firstOf(view, 'disableforwarding') === 'yes'

const WORDS: Readonly<Record<Risk, string>> = {
  none: 'Nobody is shut out by the change:',
  low: 'Hardly anybody is shut out by the change:',
  medium: 'The change may shut somebody out:',
  high: 'The change may shut you out:',
}

/** The risk of a row's change, as one sentence for the detail screen. */
export const riskWords = ({ risk, riskWhy }: Row): string => `${WORDS[risk]} ${riskWhy}`
