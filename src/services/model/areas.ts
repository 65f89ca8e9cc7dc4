import type { DnsFacts } from '../areas/dns/facts.ts'
import type { RestEdit, RestFacts } from '../areas/rest/facts.ts'
import type { AccessEdit, TcpwrappersFacts } from '../areas/tcpwrappers/facts.ts'
import type { AccountChange } from './account.ts'
import type { FirewallFacts, RuleEdit } from './firewall.ts'
import type { Safe } from './safe.ts'
import type { SecureLogFacts } from './securelog.ts'
import type { KeywordEdit, SshdFacts } from './sshd.ts'
import type { FileChange, UnitChange } from './step.ts'
import type { UnitsFacts } from './units.ts'

/** A whole file put in the place of another, or taken away. */
export type FileEdit = FileChange & { readonly kind: 'file' }
/** A unit run or stopped, now or at boot. */
export type UnitEdit = UnitChange & { readonly kind: 'unit' }

/** An account made or changed. */
export type AccountEdit = { readonly kind: 'account'; readonly change: AccountChange }

/** Every area: what is known of it, and what can be meant in it (never: it is only shown). An area is added here first. */
type Known = {
  readonly sshd: { readonly facts: SshdFacts; readonly edit: KeywordEdit | AccountEdit | FileEdit }
  readonly firewall: { readonly facts: FirewallFacts; readonly edit: RuleEdit | FileEdit }
  readonly units: { readonly facts: UnitsFacts; readonly edit: UnitEdit | FileEdit }
  readonly securelog: { readonly facts: SecureLogFacts; readonly edit: never }
  readonly tcpwrappers: { readonly facts: TcpwrappersFacts; readonly edit: AccessEdit }
  readonly dns: { readonly facts: DnsFacts; readonly edit: FileEdit | UnitEdit }
  readonly rest: { readonly facts: RestFacts; readonly edit: RestEdit }
}

export type AreaId = keyof Known
export type FactsByArea = { readonly [Id in AreaId]: Known[Id]['facts'] }
export type EditsByArea = { readonly [Id in AreaId]: Known[Id]['edit'] }

/** One staged change of an area: what is meant, in words, and where it came from. */
export type StagedOf<Id extends AreaId> = {
  readonly id: string
  readonly area: Id
  readonly edit: EditsByArea[Id]
  /** `v4 filter INPUT 4` */
  readonly target: Safe
  /** `+ -p tcp --dport 80 -j ACCEPT` */
  readonly summary: Safe
  readonly origin: 'operator' | 'finding' | 'baseline'
}
export type StagedChange = { readonly [Id in AreaId]: StagedOf<Id> }[AreaId]

/** The staged changes of one area, in their order. */
export const stagedIn = <Id extends AreaId>(changes: readonly StagedChange[], area: Id): readonly StagedOf<Id>[] =>
  changes.filter((one): one is StagedOf<Id> & StagedChange => one.area === area)
