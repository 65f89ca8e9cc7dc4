import type { Item } from '../../services/areas/firewall/baseline/item.ts'
import { findChain, rulesInChainText } from '../../services/areas/firewall/chain-text.ts'
import { delta, touchedChains } from '../../services/areas/firewall/delta.ts'
import { applyEdits } from '../../services/areas/firewall/edits.ts'
import { fail, type HostError, ok, type Result } from '../../services/model/errors.ts'
import { FAMILIES, type Family } from '../../services/model/firewall.ts'
import type { StagedChange } from '../../services/model/plan.ts'
import { LINE_CAP, type Safe, safe, say } from '../../services/model/safe.ts'
import type { ConsoleState } from '../console-state.ts'
import type { Kit, Server } from '../kit.ts'
import { withoutBaseline } from '../lists/baseline-list.ts'
import { placeOf } from '../lists/place.ts'
import type { Selectors } from '../lists/selectors.ts'
import type { BaselineSlice } from '../slices/baseline.ts'
import { editsOf, stageChange, withChanges } from '../slices/staging.ts'
import { pushScreen } from '../slices/view.ts'

export type BaselineActions = {
  /** B: shows the baseline for this host, as it was switched last. */
  readonly openBaseline: () => void
  /** Space: switches the item under the cursor. */
  readonly toggleBaselineItem: () => void
  /** Enter: gives the item under the cursor the whole screen, and back. */
  readonly widenBaseline: () => void
  /** S: lets the server's iptables try all of it, and stages it as one step. */
  readonly stageBaseline: () => Promise<void>
}

/** The item that a key is about. */
export function baselineItem({ lists }: { readonly lists: Selectors }, state: ConsoleState): Item | null {
  const rows = lists.baseline(state)?.rows
  return rows?.items[placeOf(rows, state.view.baseline.list, false)]?.item ?? null
}

/** Looking at the baseline, switching its items, and staging it. */
export function createBaselineActions(kit: Kit): BaselineActions {
  const { get, set } = kit
  const patch = (change: Partial<BaselineSlice>): void =>
    set(({ view }) => ({ view: { ...view, baseline: { ...view.baseline, ...change } } }))
  return {
    openBaseline: () => {
      patch({ wide: false })
      set(({ view }) => ({ view: pushScreen(view, { kind: 'baseline' }) }))
    },
    toggleBaselineItem: () => {
      const item = baselineItem(kit, get())
      if (!item) return
      patch({ choices: new Map([...get().view.baseline.choices, [item.id, !item.on]]) })
      if (!item.on && item.warning) kit.tell('warn', item.warning)
    },
    widenBaseline: () => {
      patch({ wide: !get().view.baseline.wide })
      set(({ view }) => ({ view: { ...view, scroll: 0 } }))
    },
    stageBaseline: () => stageBaseline(kit, patch),
  }
}

async function stageBaseline(kit: Kit, patch: (change: Partial<BaselineSlice>) => void): Promise<void> {
  const state = kit.get()
  const server = kit.server()
  const now = kit.lists.baseline(state)
  if (!now || !server || state.view.baseline.checking !== null) return
  const staged = state.staging.changes
  if (
    sameChanges(
      now.changes,
      staged.filter((one) => one.origin === 'baseline'),
    )
  )
    return kit.tell('info', now.changes.length > 0 ? say`All of it is staged already: s shows it.` : NOTHING_LEFT)
  const checking = kit.nextNumber()
  patch({ checking })
  const others = withoutBaseline(staged)
  const worded = await inKernelWords(state, server, others, now.changes)
  const stands = kit.get().view.baseline.checking === checking && kit.get().staging.changes === staged
  patch({ checking: null })
  if (!worded.ok) return kit.tell('bad', worded.error)
  if (!stands) return kit.tell('info', say`Something else was staged meanwhile: press S again.`)
  kit.set(({ staging, view }) => ({
    staging: withChanges(staging, worded.value.reduce(stageChange, others)),
    view: pushScreen({ ...view, screens: view.screens.filter(({ kind }) => kind !== 'baseline') }, { kind: 'staged' }),
  }))
  kit.tell('good', stagedWords(worded.value.length))
}

const NOTHING_LEFT = say`All of it is in force already: there is nothing to stage.`
const stagedWords = (count: number): Safe =>
  count === 0
    ? say`The baseline is no longer staged; u takes that back.`
    : say`Staged the baseline (${count} ${count === 1 ? say`change` : say`changes`}); u takes all of it back, A arms and applies.`

/** The same changes, whatever they and their rules are called. */
const sameChanges = (a: readonly StagedChange[], b: readonly StagedChange[]): boolean =>
  a.length === b.length && a.every((one, i) => meaning(one) === meaning(b[i] as StagedChange))

function meaning({ intent }: StagedChange): string {
  if (intent.kind !== 'edit-rules' || intent.edit.kind !== 'insert') return JSON.stringify(intent)
  const { at, before, text } = intent.edit
  return JSON.stringify([at, before, text])
}

/** Lets the server's iptables try each family in a scratch namespace; the rules come back in the kernel's own words. */
async function inKernelWords(
  state: ConsoleState,
  server: Server,
  others: readonly StagedChange[],
  changes: readonly StagedChange[],
): Promise<Result<readonly StagedChange[], Safe>> {
  let worded = changes
  for (const family of FAMILIES) {
    const reading = state.readings.byArea.firewall
    const facts = reading.state === 'present' ? reading.facts.families[family] : null
    if (facts?.state !== 'present' || !editsOf(changes).some((edit) => edit.at.family === family)) continue
    const base = facts.ruleSet
    const { after } = applyEdits(base, editsOf([...others, ...changes]))
    const touches = touchedChains(base, after)
    const tried = await server.rehearse(family, delta(base, after), touches)
    if (!tried.ok) return fail(refusal(family, tried.error))
    const printed = new Map(
      touches.flatMap((ref) => {
        const rules = findChain(after, ref)?.rules ?? []
        const texts = rulesInChainText(tried.value.after, ref)
        return texts.length === rules.length ? rules.map((rule, i) => [rule.id, texts[i] as string] as const) : []
      }),
    )
    worded = worded.map((change) => reworded(change, printed))
  }
  return ok(worded)
}

function reworded(change: StagedChange, printed: ReadonlyMap<string, string>): StagedChange {
  const { intent } = change
  if (intent.kind !== 'edit-rules' || intent.edit.kind !== 'insert') return change
  const text = printed.get(intent.edit.ruleId)
  if (text === undefined || text === intent.edit.text) return change
  return { ...change, intent: { ...intent, edit: { ...intent.edit, text } }, summary: say`+ ${safe(text, LINE_CAP)}` }
}

const refusal = (family: Family, { kind, message, next }: HostError): Safe =>
  kind === 'unsupported-host'
    ? say`Nothing was staged. For ${safe(family)} ${message}. Switch off what the server can't do, and press S again.`
    : say`Nothing was staged: ${message} ${next}`
