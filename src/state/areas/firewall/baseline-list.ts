import { publicInterface } from '../../../services/areas/firewall/baseline/addresses.ts'
import { baselineItems } from '../../../services/areas/firewall/baseline/baseline.ts'
import { type HostGround, lookAt } from '../../../services/areas/firewall/baseline/ground.ts'
import type { Choices, Item } from '../../../services/areas/firewall/baseline/item.ts'
import { baselineEdits } from '../../../services/areas/firewall/baseline/merge.ts'
import { fromAnywhere } from '../../../services/areas/firewall/baseline/strangers.ts'
import { changeOf, describeEdit } from '../../../services/areas/firewall/describe.ts'
import { applyEdits } from '../../../services/areas/firewall/edits.ts'
import { unfoldRules } from '../../../services/areas/firewall/fold.ts'
import { layRules } from '../../../services/areas/firewall/lay.ts'
import { askGuards } from '../../../services/areas/firewall/plan/guards.ts'
import { type StagedOf, stagedIn } from '../../../services/model/areas.ts'
import {
  FAMILIES,
  type Family,
  type FirewallFacts,
  type RuleEdit,
  type RuleSet,
} from '../../../services/model/firewall.ts'
import { type HostFacts, sessionFamily } from '../../../services/model/host.ts'
import type { WhatIf } from '../../../services/model/plan.ts'
import { factsOf } from '../../../services/model/reading.ts'
import { type Safe, say } from '../../../services/model/safe.ts'
import type { Listener } from '../../../services/model/units.ts'
import type { ConsoleState } from '../../console-state.ts'
import { type List, makeList, rememberLast, rememberSame } from '../../lists/list.ts'
import type { Lists } from '../../lists/lists.ts'
import { hostAsEntered, listenersOf } from '../../slices/readings.ts'

type FirewallChange = StagedOf<'firewall'>

/** One item as a row. */
export type BaselineRow = { readonly id: string; readonly search: () => string; readonly item: Item }

/** The baseline for this host as it is switched now, and what staging it would do. */
export type BaselineNow = {
  readonly rows: List<BaselineRow>
  readonly edits: readonly RuleEdit[]
  /** All that `S` would stage, in order. */
  readonly changes: readonly FirewallChange[]
  /** Whether the operator, and others like him over the other family, still get in. */
  readonly waysIn: readonly WhatIf[]
  /** What listens and will be closed. */
  readonly closed: readonly Safe[]
}

/** What is staged of the firewall besides an earlier baseline, which a new one takes the place of. */
export const withoutBaseline = (changes: readonly FirewallChange[]): readonly FirewallChange[] =>
  changes.filter((one) => one.origin === 'baseline').reduce(unfoldRules, changes)

/** Remembers the list, and the looks at the host that it takes, until what they rest on changes. */
export function createBaselineList(lists: Lists): (state: ConsoleState) => BaselineNow | null {
  let ids = 0
  const newId = (): string => `baseline-${++ids}`
  const own = rememberSame<FirewallChange>()
  const others = rememberLast(besideBaseline)
  const ground = rememberLast(groundOf)
  const listeners = rememberLast(listenersOf)
  const portsOf = rememberLast((text: string) => text.split(' ').filter(Boolean).map(Number))
  const entered = rememberLast(hostAsEntered)
  const now = rememberLast(baselineNow)
  return (state) => {
    const firewall = factsOf(state.readings.byArea.firewall)
    const { host } = state.connection
    if (!firewall || !host) return null
    const { after } = others(firewall, own(stagedIn(state.staging.changes, 'firewall')))
    return now(
      ground(
        firewall,
        entered(host, state.readings.byArea.sshd),
        listeners(state.readings.byArea.units),
        portsOf(lists.plan(state)?.newPorts.join(' ') ?? ''),
        setOf(after, 'v4'),
        setOf(after, 'v6'),
      ),
      state.view.baseline.choices,
      newId,
    )
  }
}

/** The rules with all that is staged besides an earlier baseline. */
const besideBaseline = (facts: FirewallFacts, changes: readonly FirewallChange[]) =>
  layRules(
    facts,
    withoutBaseline(changes).map(({ edit }) => edit),
  )

const setOf = ({ families }: FirewallFacts, family: Family): RuleSet | null => {
  const one = families[family]
  return one.state === 'present' ? one.ruleSet : null
}

const groundOf = (
  firewall: FirewallFacts,
  host: HostFacts,
  listeners: readonly Listener[] | null,
  nextSshPorts: readonly number[],
  v4: RuleSet | null,
  v6: RuleSet | null,
): HostGround => lookAt({ firewall, host, listeners, nextSshPorts, sets: { v4, v6 } })

function baselineNow(ground: HostGround, choices: Choices, newId: () => string): BaselineNow {
  const items = baselineItems(ground, choices)
  const edits = baselineEdits(ground, items, choices, newId)
  const sets = { ...ground.input.sets }
  const changes = edits.flatMap((edit): readonly FirewallChange[] => {
    const before = sets[edit.at.family]
    if (!before) return []
    const { after } = applyEdits(before, [edit])
    sets[edit.at.family] = after
    return [changeOf(newId(), edit, 'baseline', before, after)]
  })
  return {
    rows: makeList(
      items.map((item) => ({ id: item.id, search: () => item.title, item })),
      '',
    ),
    edits,
    changes: [...changes, ...fileChanges(ground, items, newId)],
    waysIn: waysIn(ground, sets),
    closed: items.filter((item) => item.kind === 'service' && !item.on).map((item) => item.title),
  }
}

function fileChanges(ground: HostGround, items: readonly Item[], newId: () => string): readonly FirewallChange[] {
  const { firewall } = ground.input
  const files = new Map(items.flatMap(({ on, file }) => (on && file ? [[file.path, file] as const] : [])))
  return [...files.values()].map((file) => {
    const edit = { kind: 'file', ...file } as const
    return { id: newId(), area: 'firewall', edit, ...describeEdit(edit, firewall, firewall), origin: 'baseline' }
  })
}

const NAMES: Readonly<Record<Family, Safe>> = { v4: say`IPv4`, v6: say`IPv6` }

/** The guards' questions for the operator's family, and a stranger's login for the other. */
function waysIn({ input }: HostGround, after: Readonly<Record<Family, RuleSet | null>>): readonly WhatIf[] {
  const { host } = input
  const mine = sessionFamily(host)
  return FAMILIES.flatMap((family): readonly WhatIf[] => {
    const set = after[family]
    if (!set) return []
    if (family === mine) {
      const { login, session } = askGuards(set, host)
      return [login, session].map(({ title, answer }) => ({
        answer: answer.answer,
        question: title,
        because: answer.because,
      }))
    }
    const { serverPort } = host.session
    const { answer, because } = fromAnywhere(set, {
      protocol: 'tcp',
      port: serverPort,
      via: publicInterface(input, family),
    })
    return [{ answer, question: say`a login over ${NAMES[family]} (anybody → :${serverPort})`, because }]
  })
}

/** Rows of the baseline screen that hold items; the rest says what the one under the cursor is, and what comes of all. */
export const baselineHeight = ({ view }: ConsoleState, count: number, bodyHeight: number): number =>
  view.baseline.wide ? 1 : Math.max(3, Math.min(count, bodyHeight - 7 - Math.max(5, Math.floor(bodyHeight / 4))))
