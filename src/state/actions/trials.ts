import type { AreaId } from '../../services/model/areas.ts'
import type { Probe, ProbeOutput } from '../../services/model/command.ts'
import { editingOf } from '../../services/planning/staging.ts'
import { AREA_IDS } from '../areas/table.ts'
import type { ConsoleState } from '../console-state.ts'
import type { Kit } from '../kit.ts'

export type TrialActions = {
  /** Has the server's programs try what is staged, as far as their answers are not known; one question at a time. */
  readonly tryStaged: () => Promise<void>
}

/** Trials: what programs of the server's say of staged changes before they are armed. Nothing there changes by it. */
export function createTrialActions(kit: Kit): TrialActions {
  let isAsking = false

  const questions = (state: ConsoleState): readonly Probe[] =>
    state.staging.changes.length === 0 ? [] : AREA_IDS.flatMap((id) => questionOf(state, id) ?? [])

  function questionOf<Id extends AreaId>(state: ConsoleState, id: Id): Probe | null {
    if (!state.staging.changes.some(({ area }) => area === id)) return null
    const merged = kit.lists.merged(state, id)
    return (merged && editingOf(kit.areas, id)?.trial?.(merged)) ?? null
  }

  async function ask(question: Probe): Promise<ProbeOutput | null> {
    const answers: ProbeOutput[] = []
    const result = await kit.server()?.host.probe([question], {
      facts: () => {},
      output: (output) => answers.push(output),
    })
    const [answer] = answers
    // What was cut off says nothing, and is asked for again.
    return result?.ok && answer?.cut === null ? answer : null
  }

  const take = (trials: ConsoleState['readings']['trials']): void =>
    kit.set(({ readings }) => ({ readings: { ...readings, trials } }))

  async function tryStaged(): Promise<void> {
    if (isAsking) return
    isAsking = true
    try {
      for (;;) {
        const wanted = questions(kit.get())
        const { trials } = kit.get().readings
        const next = wanted.find(({ script }) => !trials.has(script))
        if (!next) {
          // What is no longer asked is forgotten: it is asked anew when it is staged again.
          const kept = [...trials].filter(([script]) => wanted.some((one) => one.script === script))
          if (kept.length < trials.size) take(new Map(kept))
          return
        }
        const answer = await ask(next)
        take(new Map([...kit.get().readings.trials, [next.script, answer]]))
      }
    } finally {
      isAsking = false
    }
  }
  return { tryStaged }
}
