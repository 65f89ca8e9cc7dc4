import { publicInterface } from '../../services/areas/firewall/baseline/addresses.ts'
import { baselineItems } from '../../services/areas/firewall/baseline/baseline.ts'
import { type HostGround, lookAt } from '../../services/areas/firewall/baseline/ground.ts'
import type { Choices, Item } from '../../services/areas/firewall/baseline/item.ts'
import { baselineEdits } from '../../services/areas/firewall/baseline/merge.ts'
import { fromAnywhere } from '../../services/areas/firewall/baseline/strangers.ts'
import { applyEdits } from '../../services/areas/firewall/edits.ts'
import {
  FAMILIES,
  type Family,
  type FirewallFacts,
  type RuleEdit,
  type RuleSet,
} from '../../services/model/firewall.ts'
import { type HostFacts, sessionFamily } from '../../services/model/host.ts'
import type { ChangePlan, StagedChange, WhatIf } from '../../services/model/plan.ts'
import { factsOf } from '../../services/model/reading.ts'
import { type Safe, safe, say } from '../../services/model/safe.ts'
import type { Listener } from '../../services/model/units.ts'
import { askGuards } from '../../services/planning/guards.ts'
import { changeOf } from '../actions/describe.ts'
import type { ConsoleState } from '../console-state.ts'
import { listenersOf } from '../slices/readings.ts'
import { unstage } from '../slices/staging.ts'
import { stagedRules } from './firewall-list.ts'
import { type List, makeList, rememberLast } from './list.ts'

/** One item as a row. */
export type BaselineRow = { readonly id: string; readonly search: () => string; readonly item: Item }

/** The baseline for this host as it is switched now, and what staging it would do. */
export type BaselineNow = {
  readonly rows: List<BaselineRow>
  readonly edits: readonly RuleEdit[]
  /** All that `S` would stage, in order. */
  readonly changes: readonly StagedChange[]
  /** Whether the operator, and others like him over the other family, still get in. */
  readonly waysIn: readonly WhatIf[]
  /** What listens and will be closed. */
  readonly closed: readonly Safe[]
}

/** What is staged besides an earlier baseline, which a new one takes the place of. */
export const withoutBaseline = (changes: readonly StagedChange[]): readonly StagedChange[] =>
  changes.filter((one) => one.origin === 'baseline').reduce((left, one) => unstage(left, one.id), changes)

/** Remembers the list, and the looks at the host that it takes, until what they rest on changes. */
export function createBaselineList(
  plan: (state: ConsoleState) => ChangePlan | null,
): (state: ConsoleState) => BaselineNow | null {
  let ids = 0
  const newId = (): string => `baseline-${++ids}`
  const others = rememberLast(withoutBaseline)
  const setOf = { v4: rememberLast(stagedRules), v6: rememberLast(stagedRules) }
  const ground = rememberLast(groundOf)
  const listeners = rememberLast(listenersOf)
  const portsOf = rememberLast((text: string) => text.split(' ').filter(Boolean).map(Number))
  const now = rememberLast(baselineNow)
  return (state) => {
    const firewall = factsOf(state.readings.byArea.firewall)
    const { host } = state.connection
    if (!firewall || !host) return null
    const staged = others(state.staging.changes)
    const set = (family: Family): RuleSet | null => setOf[family](firewall, family, staged)?.after ?? null
    return now(
      ground(
        firewall,
        host,
        listeners(state.readings.byArea.units),
        portsOf(plan(state)?.newPorts.join(' ') ?? ''),
        set('v4'),
        set('v6'),
      ),
      state.view.baseline.choices,
      newId,
    )
  }
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
  const changes = edits.flatMap((edit): readonly StagedChange[] => {
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
    changes: [...changes, ...fileChanges(items, newId)],
    waysIn: waysIn(ground, sets),
    closed: items.filter((item) => item.kind === 'service' && !item.on).map((item) => item.title),
  }
}

function fileChanges(items: readonly Item[], newId: () => string): readonly StagedChange[] {
  const files = new Map(items.flatMap(({ on, file }) => (on && file ? [[file.path, file] as const] : [])))
  return [...files.values()].map((file) => ({
    id: newId(),
    area: 'firewall',
    intent: { kind: 'put-file', ...file },
    target: safe(file.path),
    summary: say`+ ${safe((file.text ?? '').trim().split('\n').join(', '))} at boot`,
    origin: 'baseline',
  }))
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
