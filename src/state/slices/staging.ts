import type { StagedChange } from '../../services/model/areas.ts'

/** Staged changes, oldest first, with what undo and redo go through. */
export type StagingSlice = {
  readonly changes: readonly StagedChange[]
  readonly past: readonly (readonly StagedChange[])[]
  readonly future: readonly (readonly StagedChange[])[]
  /** What becomes of the rules at boot, on a host that loads none. */
  readonly persistence: 'loader' | 'none' | null
}

const KEPT = 200

export const initialStaging: StagingSlice = { changes: [], past: [], future: [], persistence: null }

/** The staging after a step that undo can take back. */
export const withChanges = (slice: StagingSlice, changes: readonly StagedChange[]): StagingSlice => ({
  ...slice,
  changes,
  past: [...slice.past, slice.changes].slice(-KEPT),
  future: [],
})

export function undone(slice: StagingSlice): StagingSlice {
  const changes = slice.past.at(-1)
  if (!changes) return slice
  return { ...slice, changes, past: slice.past.slice(0, -1), future: [slice.changes, ...slice.future] }
}

export function redone(slice: StagingSlice): StagingSlice {
  const [changes, ...future] = slice.future
  if (!changes) return slice
  return { ...slice, changes, past: [...slice.past, slice.changes], future }
}

/** The files that staged changes put others in the place of. */
export const filesOf = (changes: readonly StagedChange[]): readonly string[] => [
  ...new Set(changes.flatMap(({ edit }) => (edit.kind === 'file' ? [edit.path] : []))),
]

const FIX = /^fix:(.+):\d+$/s

/** The id of the `number`th change that a finding's fix stages: a fix is known by its changes. */
export const fixId = (checkId: string, number: number): string => `fix:${checkId}:${number}`

/** What the fix of a finding has staged. */
export const fixChanges = (changes: readonly StagedChange[], checkId: string): readonly StagedChange[] =>
  changes.filter((one) => FIX.exec(one.id)?.[1] === checkId)

/** The findings whose fix is staged. */
export const fixesOf = (changes: readonly StagedChange[]): ReadonlySet<string> =>
  new Set(changes.flatMap((one) => FIX.exec(one.id)?.[1] ?? []))
