import { type Safe, say } from '../model/safe.ts'
import type { StageId, StageLine } from '../model/transaction.ts'

const ORDER: readonly StageId[] = ['checked', 'checkpoint', 'armed', 'applied', 'verified', 'proved']

/** All stages of a transaction that has not begun. */
export const freshStages = (): readonly StageLine[] =>
  ORDER.map((id) => ({ id, state: 'waiting', detail: say``, elapsedMs: null }))

/** The stages with one of them changed. */
export const mark = (
  stages: readonly StageLine[],
  id: StageId,
  state: StageLine['state'],
  detail: Safe = say``,
  elapsedMs: number | null = null,
): readonly StageLine[] => stages.map((line) => (line.id === id ? { id, state, detail, elapsedMs } : line))

/** Marks as failed whatever was under way, or was to come first. */
export const markFailure = (stages: readonly StageLine[], detail: Safe): readonly StageLine[] => {
  const at = stages.find((line) => line.state === 'running') ?? stages.find((line) => line.state === 'waiting')
  return at ? mark(stages, at.id, 'failed', detail) : stages
}
