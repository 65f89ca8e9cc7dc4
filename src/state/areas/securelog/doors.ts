import { letInOnly } from '../../../services/areas/firewall/let-in-only.ts'
import { shutOut } from '../../../services/areas/firewall/shut-out.ts'
import { type Safe, say } from '../../../services/model/safe.ts'
import type { Kit } from '../../kit.ts'
import { stageEdits } from '../../staging/stage.ts'
import { itemUnderCursor } from '../../under-cursor/item.ts'
import { whyNotStage } from '../../why-not.ts'
import type { Now } from '../area-view.ts'
import type { LogListItem } from './list.ts'

/** Whom a rule would be about; or why the row is nobody. */
function sourceOf(kit: Kit): { readonly source: Safe } | { readonly why: Safe } {
  const item = itemUnderCursor(kit, kit.get()) as LogListItem | undefined
  const none = { why: say`there is no address in this row` }
  if (!item) return none
  if (item.kind === 'log') return item.event.address ? { source: item.event.address } : none
  if (item.kind === 'login') return { source: item.login.address }
  if (item.kind === 'older' || item.kind === 'finding') return none
  const { row } = item
  return row.what === 'address' || row.what === 'network' ? { source: row.of.name } : none
}

/** Whom a list of those who may log in would name: somebody who got in, never one who only tried. */
function insiderOf(kit: Kit): ReturnType<typeof sourceOf> {
  const item = itemUnderCursor(kit, kit.get()) as LogListItem | undefined
  const gotIn = item?.kind === 'login' || (item?.kind === 'log' && item.event.kind === 'accepted')
  return gotIn ? sourceOf(kit) : { why: say`put the cursor on somebody who got in: l shows them` }
}

/** Stages rules of the firewall that are made for whom a row is about. */
const staging =
  (find: typeof sourceOf, make: typeof shutOut) =>
  (kit: Kit): Now => {
    const why = whyNotStage(kit.get())
    if (why) return { why }
    const found = find(kit)
    if ('why' in found) return found
    return {
      run: () => {
        const state = kit.get()
        const merged = kit.lists.merged(state, 'firewall')
        const { host } = state.connection
        if (!merged || !host) return say`the firewall's rules have not been read`
        const made = make(merged.after, host, found.source)
        return made.ok ? stageEdits(kit, 'firewall', made.value) : made.error
      },
    }
  }

/** x: a rule that drops all that comes from the address or network of this row. */
export const stageShutOut = staging(sourceOf, shutOut)

/** o: rules that let nobody log in but the operator and whoever comes from the address of this row. */
export const stageOnly = staging(insiderOf, letInOnly)
