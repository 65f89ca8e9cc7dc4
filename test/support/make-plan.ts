import type { FactsByArea } from '../../src/services/model/areas.ts'
import { type StagedChange, type StagedOf, stagedIn } from '../../src/services/model/areas.ts'
import type { FirewallFacts } from '../../src/services/model/firewall.ts'
import type { HostFacts } from '../../src/services/model/host.ts'
import type { ChangePlan } from '../../src/services/model/plan.ts'
import { safe, say } from '../../src/services/model/safe.ts'
import type { SshdFacts } from '../../src/services/model/sshd.ts'
import type { Listener, UnitsFacts } from '../../src/services/model/units.ts'
import { makePlan } from '../../src/services/planning/plan.ts'
import { editingOf, type FactsNow, merge } from '../../src/services/planning/staging.ts'
import { stagedRules } from '../../src/state/areas/firewall/list.ts'
import { AREAS } from '../../src/state/areas/table.ts'
import { UNSEEN } from './seen.ts'

/** What a plan is made of in tests: the rules as they were read, and stand-ins for what the test is not about. */
export type Making = {
  readonly host: HostFacts
  readonly firewall: FirewallFacts | null
  readonly changes: readonly StagedChange[]
  readonly windowSeconds: number
  readonly listeners?: readonly Listener[] | null
  readonly persistence?: 'loader' | 'none'
  /** Areas as they were read, where the test is about them. */
  readonly areas?: Partial<FactsByArea>
}

/** An sshd of which nothing was read but that it is there. */
export const someSshd: SshdFacts = {
  settings: [],
  views: [],
  unjudged: [],
  groups: [],
  accounts: null,
  account: 'open',
  version: say`OpenSSH_9.2p1`,
  ports: [22],
  portsFrom: 'process',
  configuredPorts: [22],
  options: [],
  files: null,
  whyNoFiles: say`not read`,
  foreign: new Set(),
  socketGenerated: false,
  sshPorts: 'off',
  socketActivated: false,
}

/** A host on which all these units run. */
export const someUnits = (names: readonly string[]): UnitsFacts => ({
  manager: 'systemd',
  units: names.map((name) => ({
    name,
    description: say``,
    active: say`active`,
    sub: say`running`,
    boot: say`enabled`,
    listeners: [],
  })),
  strayListeners: [],
  whyNoListeners: null,
})

/** Units as they were when these changes were staged. */
function unitsAsRead(changes: readonly StagedChange[]): UnitsFacts {
  const edits = stagedIn(changes, 'units').flatMap(({ edit }) => (edit.kind === 'unit' ? [edit] : []))
  const facts = someUnits(edits.map(({ unit }) => unit))
  return {
    ...facts,
    units: facts.units.map((unit, at) => ({
      ...unit,
      active: safe(edits[at]?.was.run ?? 'active'),
      boot: safe(edits[at]?.was.boot ?? 'enabled'),
    })),
  }
}

/** A plan in which a unit on which the rollback stands may be changed: every server has one for tests of transactions. */
export const withoutUnitGuard = (plan: ChangePlan): ChangePlan => ({
  ...plan,
  blockers: plan.blockers.filter(({ message }) => !/^\S+ stays: /.test(message)),
})

/** The plan of these changes, as the console makes it, without the guard of units. */
export function planFrom({ firewall, changes, areas = {}, ...seen }: Making): ChangePlan {
  const facts: Partial<FactsByArea> = {
    ...(firewall ? { firewall } : {}),
    sshd: someSshd,
    units: unitsAsRead(changes),
    ...areas,
  }
  const now: FactsNow = (id) => facts[id] ?? null
  return withoutUnitGuard(
    makePlan({
      ...UNSEEN,
      ...seen,
      areas: AREAS,
      changes,
      merged: (id) => {
        const base = now(id)
        const edits = stagedIn(changes, id).map(({ edit }) => edit)
        return base && merge(editingOf(AREAS, id), base, edits)
      },
    }),
  )
}

/** The rules of one family with changes staged in them, as the firewall pane has them. */
export const rulesWith = (
  facts: FirewallFacts,
  family: 'v4' | 'v6',
  changes: readonly StagedOf<'firewall'>[],
): ReturnType<typeof stagedRules> =>
  stagedRules(
    merge(
      editingOf(AREAS, 'firewall'),
      facts,
      changes.map(({ edit }) => edit),
    ),
    family,
    changes,
  )
