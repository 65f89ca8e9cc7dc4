import type { ChangePlan } from '../model/plan.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import type { Note } from '../model/transaction.ts'

/** What the next boot makes of a confirmed change, as the server found out: null where it did not say. */
export type Kept = { readonly lasts: boolean | null; readonly note: Note | null }

const plain = (text: Safe): Note => ({ grade: 'plain', text })

/**
 * Reads `@kept`: `files` where no rules changed, the name of what loads the saved rules, `none` where nothing does, `not
 * WHY` where what will be loaded is not what was confirmed.
 */
export function keptOf(words: string | null): Kept {
  if (words === null || words === '') return { lasts: null, note: null }
  if (words === 'files') return { lasts: true, note: plain(say`The change is in force, and on the server's disk.`) }
  if (words === 'none')
    return {
      lasts: false,
      note: plain(say`The change is in force. This host loads no rules at boot: it will not survive a reboot.`),
    }
  if (words.startsWith('not '))
    return {
      lasts: false,
      note: {
        grade: 'failed',
        text: say`The change is in force, and could NOT be made to last: ${safe(words.slice(4))}. It will be lost at the next boot.`,
      },
    }
  return { lasts: true, note: plain(say`The change is in force and saved for the next boot (${safe(words)}).`) }
}

/** How the server is reached from now on, where a change that was confirmed moved that (ssh_config(5)); of a known plan. */
export function reachedBy(plan: Pick<ChangePlan, 'newPorts' | 'proofAs'> | null): readonly Note[] {
  const { newPorts: [port] = [], proofAs } = plan ?? { proofAs: null }
  return [
    ...(proofAs
      ? [plain(say`Log in as ${safe(proofAs)} from here on, as this console does when it has to come back.`)]
      : []),
    ...(port === undefined
      ? []
      : [
          plain(
            say`SSH is on port ${port} now: dial it from here on, and give your ssh_config “Port ${port}” for this host.`,
          ),
        ]),
  ]
}
