import { type Safe, safe, say } from '../model/safe.ts'
import { busyWords, type Message, messageOf } from './protocol.ts'

/** Why the server would not arm. Nothing was applied in any of these cases. */
export type Refusal = { readonly reason: Safe; readonly next: Safe }

const NEXT: Readonly<Record<string, Safe>> = {
  privilege: say`Log in as root or as a user who may use sudo.`,
  triggers: say`No timer could be trusted here, so nothing was applied; write the commands out with w and apply them at the machine's own console.`,
  tools: say`Install it on the server and try again.`,
  disk: say`Make room or mount it read-write, then try again.`,
  removed: say`Nothing was applied: find out who removes it, then try again.`,
  checkpoint: say`Without a checkpoint that restores truly nothing is applied: mend that first, or make this change with the tool that owns it.`,
  drift: say`Press R to read the server as it is now, look at the difference again, then arm.`,
  script: say`Keep its rules (sh -s -- --keep <SCRIPT, in a new login), put the old ones back (--back) or let it end, then try again.`,
  rules: say`Correct what is staged and try again.`,
  checks: say`Nothing was applied; please report it with what was staged.`,
  link: say`Try again.`,
  busy: say`Try again in a moment.`,
}

/** Reads the refusal out of the arming script's messages; null when it did not refuse. */
export function refusalOf(messages: readonly Message[]): Refusal | null {
  const busy = messageOf(messages, 'busy')
  if (busy !== null)
    return {
      reason: busyWords(busy),
      next: say`Wait for it to end, or look at it on this console: R reads it again.`,
    }
  const refused = messageOf(messages, 'refused')
  if (refused === null) return null
  const [kind, ...words] = refused.split(' ')
  const moved = messages.filter((one) => one.word === 'moved').map((one) => safe(one.rest, 120))
  const reason = say`${safe(words.join(' '))}`
  return {
    reason: moved.length > 0 ? say`${reason}: ${moved.slice(0, 3).join('; ') as Safe}` : reason,
    next: NEXT[kind ?? ''] ?? say`Try again.`,
  }
}
