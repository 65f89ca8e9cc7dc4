import { namesOf } from '../../../services/areas/sshd/config/keywords.ts'
import { sshdEditing } from '../../../services/areas/sshd/editing.ts'
import { spelledFor, writtenAs } from '../../../services/areas/sshd/keywords/table.ts'
import { valuesOf } from '../../../services/areas/sshd/parse.ts'
import { stagedIn } from '../../../services/model/areas.ts'
import { type Safe, safe, say } from '../../../services/model/safe.ts'
import type { KeywordEdit, SshdFacts } from '../../../services/model/sshd.ts'
import type { Kit } from '../../kit.ts'
import { openedEditor } from '../../slices/edit-dialog.ts'
import { stageEdit, takeBack } from '../../staging/stage.ts'
import { itemUnderCursor } from '../../under-cursor/item.ts'
import type { AreaKey, Now, Outcome } from '../area-view.ts'
import { openAccount } from './account-editor.ts'
import { openAdmin } from './administrator.ts'
import { factsToChange } from './facts.ts'
import type { SshdItem } from './items.ts'
import { openPorts } from './ports.ts'

const whenFacts = (kit: Kit, now: (facts: SshdFacts) => Now): Now => {
  const found = factsToChange(kit)
  return 'why' in found ? found : now(found.facts)
}

const itemHere = (kit: Kit): SshdItem | null => itemUnderCursor(kit, kit.get()) as SshdItem | null

const open = (kit: Kit, title: Safe, text: string): void =>
  kit.set(({ view }) => ({ view: { ...view, dialog: openedEditor('sshd', null, title, text) } }))

/** e: the editor with the keyword of the row, and the value that holds for the operator as staged. */
function editHere(kit: Kit, facts: SshdFacts): Now {
  const item = itemHere(kit)
  const keyword = item?.keyword
  if (!keyword) return { why: say`put the cursor on a keyword to edit it, or add one with a` }
  return {
    run: () => {
      const merged = kit.lists.merged(kit.get(), 'sshd')
      const values = namesOf(keyword.name).flatMap((name) => valuesOf(merged?.after.settings ?? [], name))
      const written = values.map(({ value }) => writtenAs(keyword, value, facts.version))
      const text = [spelledFor(keyword, facts.version), ...written].join(' ')
      open(kit, say`${safe(keyword.name)} for everybody`, text)
    },
  }
}

/** x: the lines of the keyword go; again, and they stay. */
function takeOutHere(kit: Kit, facts: SshdFacts): Now {
  const item = itemHere(kit)
  const keyword = item?.keyword
  if (!item || !keyword) return { why: say`put the cursor on a keyword to take its line out` }
  const name = spelledFor(keyword, facts.version)
  const staged = stagedIn(kit.get().staging.changes, 'sshd').filter(
    ({ edit }) => edit.kind === 'keyword' && edit.keyword === name && edit.values === null && edit.match === null,
  )
  if (staged.length > 0) return { run: () => takeBack(kit, staged, say`Unstaged: its line stays.`) }
  const origin = item.origin()
  if (origin && origin.lines.length === 0) return { why: origin.otherwise ?? say`no line sets it` }
  return { run: () => takeOut(kit, { kind: 'keyword', keyword: name, values: null, match: null }) }
}

function takeOut(kit: Kit, edit: KeywordEdit): Outcome {
  const merged = kit.lists.merged(kit.get(), 'sshd')
  const [conflict] = merged ? sshdEditing.lay(merged.after, [edit]).conflicts : []
  if (conflict) return conflict.reason
  stageEdit(kit, 'sshd', edit)
}

/** Keys of the SSH pane. */
export const SSHD_KEYS: readonly AreaKey[] = [
  {
    id: 'sshd.edit',
    keys: ['e'],
    label: 'edit',
    help: 'Type another value of the keyword under the cursor. [User bob] before it sets it for a Match block.',
    footer: 12,
    what: (kit) => whenFacts(kit, (facts) => editHere(kit, facts)),
  },
  {
    id: 'sshd.add',
    keys: ['a'],
    label: 'add keyword',
    help: 'Type any keyword of sshd_config(5) and its value; Tab completes both.',
    footer: 13,
    what: (kit) => whenFacts(kit, () => ({ run: () => open(kit, say`a keyword of sshd_config(5)`, '') })),
  },
  {
    id: 'sshd.delete',
    keys: ['x'],
    label: 'take line out',
    help: 'Take out the line that sets the keyword under the cursor: the next one, or sshd’s own default, takes its place. Again keeps it.',
    footer: 14,
    what: (kit) => whenFacts(kit, (facts) => takeOutHere(kit, facts)),
  },
  {
    id: 'sshd.admin',
    keys: ['m'],
    label: 'administrator',
    help: 'Make an administrator who comes in by your key; for root also close root’s login and passwords, proven by a login as the new one.',
    footer: 16,
    what: (kit) => whenFacts(kit, (facts) => ({ run: () => openAdmin(kit, facts) })),
  },
  {
    id: 'sshd.account',
    keys: ['i'],
    label: 'accounts, keys',
    help: 'Change an account: add or remove a key of its authorized_keys, lock or unlock its password, give it another shell or none.',
    footer: 17,
    what: (kit) => whenFacts(kit, (facts) => ({ run: () => openAccount(kit, facts) })),
  },
  {
    id: 'sshd.ports',
    keys: ['p'],
    label: 'port',
    help: 'Move SSH to another port as one act: settings and both firewalls. The old port stays open until the new one is proven and confirmed.',
    footer: 15,
    what: (kit) => whenFacts(kit, (facts) => ({ run: () => openPorts(kit, facts) })),
  },
]
