import { type Safe, say } from '../../../services/model/safe.ts'
import type { ConsoleState } from '../../console-state.ts'
import { whyNotStage } from '../../why-not.ts'

/** Why nothing of TCP wrappers can be staged now. */
export function whyNotStageAccess(state: ConsoleState): Safe | null {
  const reason = whyNotStage(state)
  if (reason) return reason
  const reading = state.readings.byArea.tcpwrappers
  if (reading.state === 'present') return null
  return reading.state === 'unread'
    ? say`the files have not been read`
    : say`there are no rules to change: ${reading.reason}`
}
