import { sshdEditing } from '../../../services/areas/sshd/editing.ts'
import { factsOf } from '../../../services/model/reading.ts'
import { type Safe, say } from '../../../services/model/safe.ts'
import type { SshdFacts } from '../../../services/model/sshd.ts'
import type { Kit } from '../../kit.ts'
import { whyNotStage } from '../../why-not.ts'

/** Why no keyword can be staged now; else what is known of sshd. */
export function factsToChange(kit: Kit): { readonly why: Safe } | { readonly facts: SshdFacts } {
  const why = whyNotStage(kit.get())
  if (why) return { why }
  const reading = kit.get().readings.byArea.sshd
  const facts = factsOf(reading)
  if (!facts) return { why: say`sshd's settings were not read` }
  const reason = sshdEditing.whyNot?.(facts)
  return reason ? { why: reason } : { facts }
}
