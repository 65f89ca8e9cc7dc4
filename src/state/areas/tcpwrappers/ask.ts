import { accessAnswer, askedWords, readAccessQuestion } from '../../../services/areas/tcpwrappers/ask.ts'
import { type Safe, say } from '../../../services/model/safe.ts'
import type { ConsoleState } from '../../console-state.ts'
import type { Kit } from '../../kit.ts'
import type { Lists } from '../../lists/lists.ts'
import { type EditDialog, openedEditor } from '../../slices/edit-dialog.ts'
import type { Editor } from '../editor.ts'
import { lineEditor } from '../line-editor.ts'

/** t: asks whether a client may talk to a daemon, the operator to sshd to begin with. */
export function askAccess(kit: Kit): void {
  const address = kit.get().connection.host?.session.clientAddress
  const title = say`who may talk to whom: a daemon, and the address of a client`
  const dialog = openedEditor('tcpwrappers', null, title, address === undefined ? 'sshd ' : `sshd ${address}`)
  kit.set(({ view }) => ({ view: { ...view, dialog } }))
}

/** The question as it is typed, and its answer beneath. */
export const accessEditor: Editor = { ...lineEditor([], () => null), about: answered, submit: null }

/** By the files as they were read and, where something is staged in them, as they would be. */
function answered({ field }: EditDialog, state: ConsoleState, lists: Lists): readonly Safe[] {
  const merged = lists.merged(state, 'tcpwrappers')
  if (!merged) return [say`The files have not been read.`]
  const question = readAccessQuestion(field.text)
  if (!question.ok) return [question.error]
  const now = accessAnswer(merged.base, question.value)
  const staged = merged.after === merged.base ? null : accessAnswer(merged.after, question.value)
  return [
    ...(staged ? [...told(say`now`, now), ...told(say`staged`, staged)] : now),
    askedWords(merged.base, question.value.daemon),
  ]
}

const told = (when: Safe, [answer = say``, ...more]: readonly Safe[]): readonly Safe[] => [
  say`${when}: ${answer}`,
  ...more,
]
