import { say } from '../../services/model/safe.ts'
import type { Kit } from '../kit.ts'
import { redone, undone } from '../slices/staging.ts'
import { takeBack } from '../staging/stage.ts'

export type StagedActions = {
  readonly unstage: (changeId: string) => void
  readonly undo: () => void
  readonly redo: () => void
  /** p: whether a unit of ours loads the rules at boot, on a host that loads none. */
  readonly switchPersistence: () => void
}

/** What is done with staged changes as such, of whatever area. */
export function createStagedActions(kit: Kit): StagedActions {
  const { get, set, tell } = kit
  return {
    unstage: (id) =>
      takeBack(
        kit,
        get().staging.changes.filter((one) => one.id === id),
        say`Unstaged; u undoes that.`,
      ),
    undo: () => {
      set(({ staging }) => ({ staging: undone(staging) }))
      tell('info', say`Undone; Ctrl-r does it again.`)
    },
    redo: () => {
      set(({ staging }) => ({ staging: redone(staging) }))
      tell('info', say`Done again.`)
    },
    switchPersistence: () =>
      set(({ staging }) => ({
        staging: { ...staging, persistence: staging.persistence === 'loader' ? 'none' : 'loader' },
      })),
  }
}
