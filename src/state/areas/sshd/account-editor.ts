import {
  ACTS,
  type ActLine,
  keysIn,
  MINE,
  putActTogether,
  readAct,
  shellsOf,
  takeActApart,
} from '../../../services/areas/sshd/accounts/act.ts'
import { isService } from '../../../services/areas/sshd/accounts/logins.ts'
import { accountOf } from '../../../services/areas/sshd/accounts/usable.ts'
import { keysFor } from '../../../services/areas/sshd/admin.ts'
import { sshdEditing } from '../../../services/areas/sshd/editing.ts'
import type { Account, AccountFacts } from '../../../services/model/account-facts.ts'
import { type Safe, safe, say } from '../../../services/model/safe.ts'
import type { SshdFacts } from '../../../services/model/sshd.ts'
import { changesFrom, stageAll } from '../../../services/planning/staging.ts'
import type { ConsoleState } from '../../console-state.ts'
import type { Kit } from '../../kit.ts'
import type { Lists } from '../../lists/lists.ts'
import { type EditDialog, openedEditor } from '../../slices/edit-dialog.ts'
import { commit } from '../../staging/stage.ts'
import type { Outcome } from '../area-view.ts'
import { agreed, likeTyped, typedSoFar } from '../completion.ts'
import type { Editor, FormField, Typed } from '../editor.ts'
import { tellInEditor } from '../line-editor.ts'
import { factsToChange } from './facts.ts'

/** What the editor of the SSH pane is open for: something to be done to an account. */
export type AccountTask = { readonly kind: 'account' }

export const isAccountTask = (task: unknown): task is AccountTask => (task as AccountTask | null)?.kind === 'account'

/** i: what is done to an account and its keys. */
export function openAccount(kit: Kit, { accounts }: SshdFacts): Outcome {
  if (!accounts || accounts.accounts.length === 0)
    return say`the accounts of this server were not read${accounts?.more ? say`: ${accounts.more}` : say``}`
  const task: AccountTask = { kind: 'account' }
  const dialog = openedEditor('sshd', task, say`an account, what is done to it, and with what`, '')
  kit.set(({ view }) => ({ view: { ...view, dialog } }))
}

type FieldId = keyof ActLine
const FIELDS: readonly FieldId[] = ['account', 'act', 'what']
const TITLES: Readonly<Record<FieldId, Safe>> = { account: say`account`, act: say`is done`, what: say`with` }

/** Keys that stand beneath the line, each of which may take two rows. */
const SEEN_KEYS = 2

/** More than a line holds anyway. */
const MANY = 12

/** How a change of an account is typed: `dora add ssh-ed25519 AAAA… laptop`, `mysql shell /usr/sbin/nologin`. */
export const accountEditor: Editor = {
  fields: FIELDS,
  examples: [],
  checking: say`asking the server…`,
  valueOf: (line, field) => takeActApart(line)[field as FieldId] ?? '',
  withValue: (line, field, value) => putActTogether({ ...takeActApart(line), [field]: value }),
  form: ({ field }, state, lists) => FIELDS.map((id) => formField(id, field.text, accountsOf(state, lists))),
  choices: (dialog, state, lists) => {
    const typed = typedSoFar(dialog)
    return shown(candidates(partAt(typed), typed, accountsOf(state, lists)))
  },
  about: ({ field }, state, lists) => about(field.text, accountsOf(state, lists)),
  complete,
  submit,
}

const accountsOf = (state: ConsoleState, lists: Lists): AccountFacts | null =>
  lists.merged(state, 'sshd')?.after.accounts ?? null

const shown = (words: readonly string[]): readonly Safe[] => words.slice(0, MANY).map((one) => safe(one, 60))

function formField(id: FieldId, text: string, facts: AccountFacts | null): FormField {
  const value = takeActApart(text)[id]
  return {
    id,
    title: TITLES[id],
    value: safe(value, 200),
    error: id === 'account' && value !== '' && facts && !accountOf(facts, value) ? say`no such account` : null,
    choices: shown(candidates(id, text, facts)),
  }
}

const partAt = (typed: string): FieldId =>
  /^\s*\S*$/.test(typed) ? 'account' : /^\s*\S+\s+\S*$/.test(typed) ? 'act' : 'what'

/** What may stand in a part of the line. */
function candidates(id: FieldId, text: string, facts: AccountFacts | null): readonly string[] {
  if (!facts) return []
  const { account, act, what } = takeActApart(text)
  if (id === 'account') return likeTyped(names(facts), account)
  if (id === 'act')
    return likeTyped(
      ACTS.map(({ word }) => word),
      act,
    )
  const one = accountOf(facts, account)
  if (act === 'add') return likeTyped([MINE], what)
  if (act === 'shell') return likeTyped(shellsOf(facts), what)
  return act === 'remove' && one ? likeTyped(keyNames(one, what), what) : []
}

/** People first: who is a program is seldom meant. */
function names({ accounts }: AccountFacts): readonly string[] {
  const own = accounts.filter(({ source }) => source === 'file')
  return [...own.filter((one) => !isService(one)), ...own.filter(isService)].map(({ name }) => name)
}

/** Each key by one name: its comment where no other has it, else its fingerprint; by that as soon as one is being typed. */
function keyNames(account: Account, typed: string): readonly string[] {
  const keys = keysIn(account).map(([, key]) => key)
  const isAlone = (comment: string): boolean => keys.filter((one) => one.comment === comment).length === 1
  const byPrint = typed !== '' && likeTyped(['SHA256:'], typed.slice(0, 'SHA256:'.length)).length > 0
  return [
    ...new Set(
      keys.map(({ comment, key }) => (!byPrint && comment !== '' && isAlone(comment) ? comment : key.fingerprint)),
    ),
  ]
}

/** What can be done, or the keys that the account has. */
function about(text: string, facts: AccountFacts | null): readonly Safe[] {
  const { account, act, what } = takeActApart(text)
  const one = facts && accountOf(facts, account)
  if (one && act === 'remove') {
    if (one.keyFiles.state === 'unknown') return [say`His keys were not read: ${one.keyFiles.why}.`]
    const keys = keysIn(one)
    if (keys.length === 0) return [say`${safe(account)} has no key in a file that was read.`]
    const meant = keys.filter(([, { key, comment }]) => likeTyped([key.fingerprint, comment], what).length > 0)
    const left = meant.length - SEEN_KEYS
    return [
      ...meant
        .slice(0, SEEN_KEYS)
        .map(
          ([{ path }, { key, comment, line }]) =>
            say`  ${safe(key.kind)} ${key.bits} ${safe(key.fingerprint)} ${comment === '' ? say`without comment` : safe(comment, 40)}  ${safe(path, 60)}:${line}`,
        ),
      ...(left > 0 ? [say`  … and ${left} more: type the beginning of one`] : []),
    ]
  }
  const meant = ACTS.filter(({ word }) => word.startsWith(act))
  return [
    ...(one
      ? []
      : [say`such as: dora add mine, dora remove SHA256:…, mysql shell /usr/sbin/nologin. Down opens a form.`]),
    ...(meant.length > 0 ? meant : ACTS).map(({ word, means }) => say`  ${safe(word)}: ${means}`),
  ]
}

function complete(dialog: EditDialog, state: ConsoleState, lists: Lists): Typed | null {
  const facts = accountsOf(state, lists)
  const { form, field } = dialog
  const typed = form ? form.input.text : typedSoFar(dialog)
  const id = form ? (form.field as FieldId) : partAt(typed)
  const words = candidates(id, form ? field.text : typed, facts)
  const word = agreed(words)
  const begun = form ? typed : takeActApart(typed)[id]
  if (word === null || word.length < begun.length) return null
  const ended = words.length === 1 && id !== 'what' && !form ? ' ' : ''
  const before = typed.slice(0, typed.length - begun.length) + word + ended
  if (before === typed) return null
  const rest = form ? '' : [...field.text].slice(field.cursor).join('')
  return { text: before + rest, cursor: [...before].length }
}

async function submit(kit: Kit, { field }: EditDialog): Promise<void> {
  const now = factsToChange(kit)
  const state = kit.get()
  const merged = kit.lists.merged(state, 'sshd')
  const { host } = state.connection
  const { accounts } = merged?.after ?? {}
  if ('why' in now || !merged || !accounts || !host)
    return tellInEditor(kit, say`Nothing is staged: ${'why' in now ? now.why : say`the accounts were not read`}.`)
  const { account } = takeActApart(field.text)
  if (accountOf(accounts, account) && merged.base.accounts && !accountOf(merged.base.accounts, account))
    return tellInEditor(kit, say`${safe(account, 40)} is made by what is staged: change it once it is there.`)
  const read = readAct(field.text, accounts, merged.after, keysFor(host))
  if (!read.ok) return tellInEditor(kit, read.error)
  const edits = read.value.map((change) => ({ kind: 'account' as const, change }))
  const [conflict] = sshdEditing.lay(merged.after, edits).conflicts
  if (conflict) return tellInEditor(kit, say`That can't be done: ${conflict.reason}.`)
  const newId = () => `change-${kit.nextNumber()}`
  const changes = changesFrom(sshdEditing, 'sshd', merged.after, edits, 'operator', newId)
  kit.set(({ view }) => ({ view: { ...view, dialog: null } }))
  commit(kit, stageAll(kit.areas, state.staging.changes, changes))
  const [first] = changes
  if (first) kit.tell('good', say`Staged: ${first.target}, ${first.summary}`)
}
