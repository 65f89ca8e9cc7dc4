import { say } from '../../services/model/safe.ts'
import { VIEWS } from '../areas/table.ts'
import type { Kit } from '../kit.ts'
import { itemUnderCursor } from '../under-cursor/item.ts'
import { type ConnectActions, createConnectActions } from './connect.ts'
import { type CursorActions, createCursorActions } from './cursor.ts'
import { createDialogActions, type DialogActions } from './dialogs.ts'
import { createEditActions, type EditActions } from './edit.ts'
import { createFollowActions, type FollowActions } from './follow.ts'
import { createHistoryActions, type HistoryActions } from './history.ts'
import { createLeaveActions, type LeaveActions } from './leave.ts'
import { createNavigateActions, type NavigateActions } from './navigate.ts'
import { createQuestionActions, type QuestionActions } from './questions.ts'
import { createReadActions, type ReadActions } from './read.ts'
import { writeScript } from './script.ts'
import { createStagedActions, type StagedActions } from './staged.ts'
import { createTransactionActions, type TransactionActions } from './transaction.ts'
import { createTrialActions, type TrialActions } from './trials.ts'

/** Everything a key, a screen or the server can set going. */
export type Actions = ConnectActions &
  ReadActions &
  FollowActions &
  QuestionActions &
  NavigateActions &
  CursorActions &
  StagedActions &
  TrialActions &
  EditActions &
  TransactionActions &
  HistoryActions &
  DialogActions &
  LeaveActions & {
    readonly copy: () => void
    readonly writeScript: () => void
  }

/** Makes all actions of one console. */
export function createActions(kit: Kit): Actions {
  const questions = createQuestionActions(kit)
  const follow = createFollowActions(kit)
  const read = createReadActions(kit, follow.follow)
  const transaction = createTransactionActions(kit, questions.ask, read.readAgain)
  const connect = createConnectActions(kit, { questions, read, follow, transaction })
  const leave = createLeaveActions(kit, () => {
    transaction.stopTicking()
    connect.disconnect()
  })
  return {
    ...connect,
    ...read,
    ...follow,
    ...questions,
    ...createNavigateActions(kit),
    ...createCursorActions(kit),
    ...createStagedActions(kit),
    ...createTrialActions(kit),
    ...createEditActions(kit),
    ...transaction,
    ...createHistoryActions(kit),
    ...createDialogActions(kit, transaction),
    ...leave,
    copy: () => {
      const item = itemUnderCursor(kit, kit.get())
      if (!item) return kit.tell('info', say`There is nothing under the cursor.`)
      const text = VIEWS[kit.get().view.focused].text(item)
      kit.deps.copy(text)
      kit.tell('info', say`Copied: ${text}`)
    },
    writeScript: () => void writeScript(kit),
  }
}
