import type { Kit } from '../kit.ts'
import { whatLeavingMeans } from '../leaving.ts'

export type LeaveActions = {
  /** q: leaves at once, or asks when something is staged or pending. */
  readonly quit: () => void
  readonly leave: (exitCode: number) => void
}

/** Leaving. `disconnect` ends everything that runs. */
export function createLeaveActions(kit: Kit, disconnect: () => void): LeaveActions {
  const leave = (exitCode: number): void => {
    if (kit.get().view.exitCode !== null) return
    kit.set(({ view }) => ({ view: { ...view, dialog: null, exitCode } }))
    disconnect()
  }
  return {
    quit: () => {
      if (whatLeavingMeans(kit.get()).length === 0) leave(0)
      else kit.set(({ view }) => ({ view: { ...view, dialog: { kind: 'quit' } } }))
    },
    leave,
  }
}
