import { movePort } from '../../../services/areas/firewall/move-port.ts'
import { portEdits, portsNow, proposedPorts, readPorts } from '../../../services/areas/sshd/ports.ts'
import type { StagedChange } from '../../../services/model/areas.ts'
import { ok } from '../../../services/model/errors.ts'
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

/** What the editor of the SSH pane is open for; null: a keyword. */
export type PortTask = { readonly kind: 'ports' }

export const isPortTask = (task: unknown): task is PortTask => (task as PortTask | null)?.kind === 'ports'

/** p: the ports that SSH listens on, as one act: settings and firewall together. */
export function openPorts(kit: Kit, facts: SshdFacts): Outcome {
  const merged = kit.lists.merged(kit.get(), 'sshd')
  const { host } = kit.get().connection
  if (!merged || !host) return say`the server has not been read yet`
  const refused = portEdits(facts, { all: [], open: [], close: [] })
  if (!refused.ok) return refused.error
  const now = portsNow(merged.after)
  const text = proposedPorts(now, host.session.serverPort).join(' ')
  const title = say`ports that SSH listens on, now ${safe(now.join(' '))}`
  const dialog = openedEditor('sshd', { kind: 'ports' } satisfies PortTask, title, text)
  kit.set(({ view }) => ({ view: { ...view, dialog } }))
}

const ABOUT: readonly Safe[] = [
  say`All ports that SSH shall listen on. A new one is let in by both firewalls as the old one is, from the same addresses.`,
  say`The port that you came in by stays until a login over the new one is proven and confirmed; p then takes it out.`,
]

/** How the ports are typed: one line. */
export const portEditor: Editor = lineEditor(ABOUT, submitPorts)

/** Enter: stages the ports of sshd, and what the rules need for them; gives the reason where that can't be done. */
function submitPorts(kit: Kit, text: string): Safe | null {
  const now = factsToChange(kit)
  const state = kit.get()
  const sshd = kit.lists.merged(state, 'sshd')
  const firewall = kit.lists.merged(state, 'firewall')
  const { host } = state.connection
  if ('why' in now || !sshd || !host) return say`Nothing is staged: ${'why' in now ? now.why : say`sshd was not read`}.`
  const ports = portsNow(sshd.after)
  const read = readPorts(text, ports, host.session.serverPort)
  if (!read.ok) return read.error
  const made = portEdits(sshd.after, read.value)
  if (!made.ok) return say`That can't be done: ${made.error}.`
  const { open, close } = read.value
  const unread = firewallUnread(kit)
  if (unread) return say`That can't be done: ${unread}.`
  const rules = firewall ? movePort(firewall.after, host, { like: host.session.serverPort, open, close }) : ok([])
  if (!rules.ok) return say`That can't be done: ${rules.error}.`
  const editing = { sshd: kit.areas.sshd.editing, firewall: kit.areas.firewall.editing }
  if (!editing.sshd || !editing.firewall) return null
  const newId = () => `change-${kit.nextNumber()}`
  const changes: readonly StagedChange[] = [
    ...(firewall ? changesFrom(editing.firewall, 'firewall', firewall.after, rules.value, 'operator', newId) : []),
    ...changesFrom(editing.sshd, 'sshd', sshd.after, made.value, 'operator', newId),
  ]
  const [conflict] = editing.sshd.lay(sshd.after, made.value).conflicts
  if (conflict) return say`That can't be written: ${conflict.reason}.`
  kit.set(({ view }) => ({ view: { ...view, dialog: null } }))
  commit(kit, stageAll(kit.areas, state.staging.changes, changes))
  kit.tell('good', stagedWords(changes, open, close))
  return null
}

const stagedWords = (changes: readonly StagedChange[], open: readonly number[], close: readonly number[]): Safe => {
  const count = changes.filter(({ area }) => area === 'firewall').length
  const rules =
    count === 0
      ? say`no change to the rules`
      : count === 1
        ? say`1 change to the rules`
        : say`${count} changes to the rules`
  return open.length === 0
    ? say`Staged: SSH off port ${safe(close.join(', '))}, with ${rules}`
    : say`Staged: SSH on port ${safe(open.join(', '))} as well, with ${rules}; once that is confirmed, p closes the old port`
}

/** Without a word on the rules nobody knows whether the new port is open. A host without a firewall needs none. */
function firewallUnread(kit: Kit): Safe | null {
  const reading = kit.get().readings.byArea.firewall
  if (reading.state === 'unread') return say`the firewall's rules have not been read yet`
  return reading.state === 'unreadable' ? say`the firewall's rules can't be read: ${reading.reason}` : null
}
