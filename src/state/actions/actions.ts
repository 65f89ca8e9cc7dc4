import { say } from '../../services/model/safe.ts'
import type { Kit } from '../kit.ts'
import { type BaselineActions, createBaselineActions } from './baseline.ts'
import { type ConnectActions, createConnectActions } from './connect.ts'
import { type CursorActions, createCursorActions, itemUnderCursor } from './cursor.ts'
import { itemText } from './describe.ts'
import { createDialogActions, type DialogActions } from './dialogs.ts'
import { exportRules } from './export.ts'
import { createFollowActions, type FollowActions } from './follow.ts'
import { createHistoryActions, type HistoryActions } from './history.ts'
import { createLeaveActions, type LeaveActions } from './leave.ts'
import { createNavigateActions, type NavigateActions } from './navigate.ts'
import { createQuestionActions, type QuestionActions } from './questions.ts'
import { createReadActions, type ReadActions } from './read.ts'
import { createRuleEditorActions, type RuleEditorActions } from './rule-editor.ts'
import { createRuleFormActions, type RuleFormActions } from './rule-form.ts'
import { writeScript } from './script.ts'
import { createStageActions, type StageActions } from './stage.ts'
import { createTransactionActions, type TransactionActions } from './transaction.ts'

/** Everything a key, a screen or the server can set going. */
export type Actions = ConnectActions &
  ReadActions &
  FollowActions &
  QuestionActions &
  NavigateActions &
  CursorActions &
  StageActions &
  RuleEditorActions &
  RuleFormActions &
  BaselineActions &
  TransactionActions &
  HistoryActions &
  DialogActions &
  LeaveActions & {
    readonly copy: () => void
    readonly switchFamily: () => void
    readonly switchTable: (direction: 1 | -1) => void
    readonly writeScript: () => void
    readonly exportRules: () => void
  }

/** Makes all actions of one console. */
export function createActions(kit: Kit): Actions {
  const questions = createQuestionActions(kit)
  const follow = createFollowActions(kit)
  const read = createReadActions(kit, follow.follow)
  const transaction = createTransactionActions(kit, () => void read.refresh())
  const connect = createConnectActions(kit, { questions, read, follow, transaction })
  const cursor = createCursorActions(kit)
  const stage = createStageActions(kit)
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
    ...cursor,
    ...stage,
    ...createRuleEditorActions(kit, stage, cursor),
    ...createRuleFormActions(kit),
    ...createBaselineActions(kit),
    ...transaction,
    ...createHistoryActions(kit),
    ...createDialogActions(kit, transaction),
    ...leave,
    ...createFirewallView(kit),
    copy: () => {
      const item = itemUnderCursor(kit, kit.get())
      if (!item) return kit.tell('info', say`There is nothing under the cursor.`)
      kit.deps.copy(itemText(item))
      kit.tell('info', say`Copied: ${itemText(item)}`)
    },
    writeScript: () => void writeScript(kit),
    exportRules: () => void exportRules(kit),
  }
}

/** Which family and table the firewall pane shows. */
function createFirewallView(kit: Kit): Pick<Actions, 'switchFamily' | 'switchTable'> {
  const turn = (change: Partial<{ family: 'v4' | 'v6'; table: string }>): void =>
    kit.set(({ view }) => ({
      view: {
        ...view,
        firewall: { ...view.firewall, ...change },
        panes: { ...view.panes, firewall: { ...view.panes.firewall, cursor: null, words: '', at: 0, top: 0 } },
      },
    }))
  return {
    switchFamily: () => {
      const family = kit.get().view.firewall.family === 'v4' ? 'v6' : 'v4'
      const tables = kit.lists.tables(kit.get(), family)
      const { table } = kit.get().view.firewall
      turn({ family, table: tables.includes(table) ? table : 'filter' })
    },
    switchTable: (direction) => {
      const { family, table } = kit.get().view.firewall
      const tables = kit.lists.tables(kit.get(), family)
      if (tables.length < 2) return kit.tell('info', say`The server uses no other table of this family.`)
      turn({ table: tables[(tables.indexOf(table) + direction + tables.length) % tables.length] ?? 'filter' })
    },
  }
}
