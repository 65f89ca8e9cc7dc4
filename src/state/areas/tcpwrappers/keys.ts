import type { AccessPlace } from '../../../services/areas/tcpwrappers/facts.ts'
import { changesOf } from '../../../services/areas/tcpwrappers/fold.ts'
import { stagedIn } from '../../../services/model/areas.ts'
import { factsOf } from '../../../services/model/reading.ts'
import { type Safe, say } from '../../../services/model/safe.ts'
import type { Kit } from '../../kit.ts'
import { spaceOnFinding } from '../../staging/fix.ts'
import { stageEdit, takeBack } from '../../staging/stage.ts'
import { itemUnderCursor } from '../../under-cursor/item.ts'
import type { AreaKey, Now, Outcome } from '../area-view.ts'
import { askAccess } from './ask.ts'
import type { AccessItem, AccessRuleItem } from './list.ts'
import { openNewRule, openRule } from './rule-editor.ts'
import { whyNotStageAccess } from './why-not.ts'

const itemHere = (kit: Kit): AccessItem | null => itemUnderCursor(kit, kit.get()) as AccessItem | null

const whenRead = (kit: Kit, now: () => Now): Now => {
  const why = whyNotStageAccess(kit.get())
  return why ? { why } : now()
}

/** What a key does to the rule under the cursor; `words` say where to put the cursor. */
const onRule =
  (words: Safe, run: (kit: Kit, item: AccessRuleItem) => Outcome) =>
  (kit: Kit): Now =>
    whenRead(kit, () => {
      const item = itemHere(kit)
      return item?.kind === 'rule' ? { run: () => run(kit, item) } : { why: words }
    })

const ofRule = (kit: Kit, { file, line }: AccessRuleItem) =>
  changesOf(stagedIn(kit.get().staging.changes, 'tcpwrappers'), file, line.id)

/** Takes back what is staged of a rule; what undoing a past change makes of it goes with that alone. */
function takeBackRule(kit: Kit, item: AccessRuleItem, words: Safe): void {
  const own = ofRule(kit, item)
  if (own.length > 0) takeBack(kit, own, words)
  else kit.tell('info', say`The whole file is staged to go back to an older text: s shows it, x there takes it back.`)
}

function deleteRule(kit: Kit, item: AccessRuleItem): void {
  if (item.mark === 'deleted') takeBackRule(kit, item, say`The rule stays.`)
  else stageEdit(kit, 'tcpwrappers', { kind: 'delete', file: item.file, lineId: item.line.id })
}

const GOING = say`This rule is staged for deletion; x keeps it.`

/** Does something with a rule that stays; else says why not. */
function withStanding(kit: Kit, item: AccessRuleItem, run: () => void): void {
  if (item.mark === 'deleted') kit.tell('info', GOING)
  else run()
}

/** J and K: behind the next rule of its file, or before the one above. Comments stay where they are. */
function moveRule(kit: Kit, item: AccessRuleItem, direction: 1 | -1): void {
  const rows = kit.lists
    .pane(kit.get(), 'tcpwrappers')
    .items.filter((one): one is AccessRuleItem => one.kind === 'rule' && (one as AccessRuleItem).file === item.file)
    .filter(({ number }) => number !== null)
  const other = rows[rows.findIndex(({ id }) => id === item.id) + direction]
  if (!other) return kit.tell('info', say`The rule is at the ${direction < 0 ? say`top` : say`end`} of its file.`)
  const at: AccessPlace = direction < 0 ? { before: other.line.id } : { after: other.line.id }
  stageEdit(kit, 'tcpwrappers', { kind: 'move', file: item.file, lineId: item.line.id, at })
}

function spaceHere(kit: Kit): Now {
  const item = itemHere(kit)
  if (!item) return { why: say`there is nothing under the cursor` }
  if (item.kind === 'finding') return spaceOnFinding(kit, item.finding)
  if (item.kind === 'file') return { why: say`a adds a rule at the end of this file` }
  return item.mark
    ? { run: () => takeBackRule(kit, item, say`Unstaged.`) }
    : { why: say`a rule has no fix to stage: e edits it, x deletes it, a adds one before it` }
}

/** Keys of the pane of TCP wrappers. */
export const TCPWRAPPERS_KEYS: readonly AreaKey[] = [
  {
    id: 'tcpwrappers.fix',
    keys: ['Space'],
    label: 'stage fix',
    help: 'Stage the fix under the cursor, or take back what is staged there.',
    footer: 11,
    what: (kit) => whenRead(kit, () => spaceHere(kit)),
  },
  {
    id: 'tcpwrappers.add',
    keys: ['a'],
    label: 'add rule',
    help: 'Type a new rule. It goes before the rule under the cursor, or at the end of the file under it.',
    footer: 12,
    what: (kit) => whenRead(kit, () => ({ run: () => openNewRule(kit, itemHere(kit)) })),
  },
  {
    id: 'tcpwrappers.edit',
    keys: ['e'],
    label: 'edit',
    help: 'Edit the rule under the cursor. Where it goes on over several lines, those that do not change stay.',
    footer: 13,
    what: onRule(say`put the cursor on a rule to edit it`, (kit, item) =>
      withStanding(kit, item, () => openRule(kit, item)),
    ),
  },
  {
    id: 'tcpwrappers.delete',
    keys: ['x'],
    label: 'delete',
    help: 'Stage the rule under the cursor for deletion; again keeps it.',
    footer: 14,
    what: onRule(say`put the cursor on a rule to delete it`, deleteRule),
  },
  {
    id: 'tcpwrappers.move-down',
    keys: ['J'],
    label: 'move rule down',
    help: 'Move the rule behind the next one of its file: libwrap takes the first that matches.',
    footer: 15,
    what: onRule(say`put the cursor on a rule to move it`, (kit, item) =>
      withStanding(kit, item, () => moveRule(kit, item, 1)),
    ),
  },
  {
    id: 'tcpwrappers.move-up',
    keys: ['K'],
    label: 'move rule up',
    help: 'Move the rule before the one above it in its file.',
    footer: 16,
    what: onRule(say`put the cursor on a rule to move it`, (kit, item) =>
      withStanding(kit, item, () => moveRule(kit, item, -1)),
    ),
  },
  {
    id: 'tcpwrappers.ask',
    keys: ['t'],
    label: 'would it let in?',
    help: 'Ask whether a client may talk to a daemon. The answer names the rule that decides, now and as staged.',
    footer: 18,
    what: (kit) =>
      factsOf(kit.get().readings.byArea.tcpwrappers)
        ? { run: () => askAccess(kit) }
        : { why: say`the files have not been read` },
  },
]
