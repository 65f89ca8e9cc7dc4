import { fail, ok } from '../model/errors.ts'
import type { Host } from '../model/host.ts'
import { safe, say } from '../model/safe.ts'
import type { Rehearse } from '../model/transaction.ts'
import { rehearseCommand } from './scripts.ts'

/** Rehearses over the console's own connection; one round trip, nothing is written. */
export const createRehearse =
  (host: Pick<Host, 'exec'>): Rehearse =>
  async (family, delta, touches) => {
    const result = await host.exec(rehearseCommand(family, delta, touches))
    if (!result.ok) return result
    const { status, stdout, stderr } = result.value
    if (status === 0) return ok({ after: stdout })
    const words = stderr.trim().split('\n').at(-1)
    return fail({
      kind: 'unsupported-host',
      message: say`iptables refuses it: ${safe(words || 'it gave no reason')}`,
      next: say`Correct the rule and try again.`,
    })
  }
