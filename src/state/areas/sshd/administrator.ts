import { keysFor, makeAdmin, readAdmin, whyNoAdmin } from '../../../services/areas/sshd/admin.ts'
import { sshdEditing } from '../../../services/areas/sshd/editing.ts'
import { type Safe, safe, say } from '../../../services/model/safe.ts'
import type { SshdFacts } from '../../../services/model/sshd.ts'
import { changesFrom, stageAll } from '../../../services/planning/staging.ts'
import type { Kit } from '../../kit.ts'
import { openedEditor } from '../../slices/edit-dialog.ts'
import { commit } from '../../staging/stage.ts'
import type { Outcome } from '../area-view.ts'
import type { Editor } from '../editor.ts'
import { lineEditor } from '../line-editor.ts'
import { factsToChange } from './facts.ts'

/** What the editor of the SSH pane is open for: the name of an administrator. */
export type AdminTask = { readonly kind: 'admin'; readonly about: readonly Safe[] }

export const isAdminTask = (task: unknown): task is AdminTask => (task as AdminTask | null)?.kind === 'admin'

/** m: an administrator with the operator's keys; for root his successor, who closes root's login and passwords. */
export function openAdmin(kit: Kit, facts: SshdFacts): Outcome {
  const { host } = kit.get().connection
  if (!host) return say`the server has not been read yet`
  const why = whyNoAdmin(facts, host)
  if (why) return why
  const names = safe(
    keysFor(host)
      .map(({ type, fingerprint }) => `${type} ${fingerprint}`)
      .join(', '),
    160,
  )
  const about: readonly Safe[] = [
    ...(host.login.uid === 0
      ? [say`Root's own login and passwords are closed with it, proven by a login as the new one; x unstages each.`]
      : []),
    say`It comes in by your key (${names}) and becomes root by sudo without a password.`,
    say`With “password” behind the name sudo asks for one, typed twice when it is applied.`,
  ]
  const task: AdminTask = { kind: 'admin', about }
  const dialog = openedEditor('sshd', task, say`name of the administrator`, '')
  kit.set(({ view }) => ({ view: { ...view, dialog } }))
}

/** How the administrator is typed: one line. */
export const adminEditor = ({ about }: AdminTask): Editor => lineEditor(about, submitAdmin)

/** Enter: stages the account and what comes with it; gives the reason where that can't be done. */
function submitAdmin(kit: Kit, text: string): Safe | null {
  const now = factsToChange(kit)
  const state = kit.get()
  const merged = kit.lists.merged(state, 'sshd')
  const { host } = state.connection
  if ('why' in now || !merged || !host)
    return say`Nothing is staged: ${'why' in now ? now.why : say`sshd was not read`}.`
  const made = makeAdmin(merged.after, host, text.trim())
  if (!made.ok) return made.error
  const [conflict] = sshdEditing.lay(merged.after, made.value).conflicts
  if (conflict) return say`That can't be done: ${conflict.reason}.`
  const newId = () => `change-${kit.nextNumber()}`
  const changes = changesFrom(sshdEditing, 'sshd', merged.after, made.value, 'operator', newId)
  kit.set(({ view }) => ({ view: { ...view, dialog: null } }))
  commit(kit, stageAll(kit.areas, state.staging.changes, changes))
  kit.tell('good', say`Staged: ${safe(readAdmin(text).name)} as administrator, ${changes.length} changes; s shows them`)
  return null
}
