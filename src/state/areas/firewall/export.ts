import { whyNotScript } from '../../../services/areas/firewall/export/owned.ts'
import { exportScript } from '../../../services/areas/firewall/export/script.ts'
import { ruleEditsOf } from '../../../services/areas/firewall/fold.ts'
import { stagedIn } from '../../../services/model/areas.ts'
import { type Safe, say } from '../../../services/model/safe.ts'
import type { ConsoleState } from '../../console-state.ts'
import type { Kit } from '../../kit.ts'
import type { Lists } from '../../lists/lists.ts'

/** Why the rules can't be written as a script now; null when they can. */
export function whyNotExport(state: ConsoleState, lists: Lists): Safe | null {
  const reading = state.readings.byArea.firewall
  if (reading.state === 'unread' || !state.connection.host) return say`the rules have not been read yet`
  if (reading.state !== 'present') return say`there are no rules to write: ${reading.reason}`
  const owned = whyNotScript(reading.facts)
  if (owned) return owned
  const conflict = lists.merged(state, 'firewall')?.conflicts[0]
  return conflict ? say`something staged no longer fits the rules (${conflict.reason}): s shows it` : null
}

/** E: writes the rules, with what is staged in them, as a script on this machine. */
export async function exportRules(kit: Kit): Promise<void> {
  const state = kit.get()
  const merged = kit.lists.merged(state, 'firewall')
  const { host } = state.connection
  if (!merged || !host || !kit.deps.saveScript) return
  const staged = ruleEditsOf(stagedIn(state.staging.changes, 'firewall')).length > 0
  const script = exportScript({
    hostname: host.hostname,
    address: kit.deps.target.host,
    exportedAt: new Date(kit.deps.clock.now()),
    source: staged ? 'staged' : 'live',
    firewall: merged.after,
  })
  const saved = await kit.deps.saveScript(script, 'rules')
  if (!saved.ok) return kit.tell('bad', say`The script was not written: ${saved.error}`)
  kit.tell('good', say`The ${staged ? STAGED : LIVE} rules are in ${saved.value}.`)
}

const STAGED = say`staged`
const LIVE = say`live`
