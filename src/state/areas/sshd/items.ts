import { type Keyword, keywordOf } from '../../../services/areas/sshd/keywords/table.ts'
import { type Origin, originOf } from '../../../services/areas/sshd/origin.ts'
import { offeredOf } from '../../../services/areas/sshd/outside.ts'
import { stagedIn } from '../../../services/model/areas.ts'
import { factsOf } from '../../../services/model/reading.ts'
import { type Safe, safe, say } from '../../../services/model/safe.ts'
import type { ConsoleState } from '../../console-state.ts'
import { type FindingItem, findingItems } from '../../lists/finding-list.ts'
import { rememberLast } from '../../lists/list.ts'
import type { Lists } from '../../lists/lists.ts'

/** A finding about sshd, with the keyword that it is about, if it is about one. */
export type SshdItem = FindingItem & {
  readonly keyword: Keyword | null
  readonly name: Safe
  /** Where the value comes from, for the operator. */
  readonly origin: () => Origin | null
  /** What this console's last login was offered, for keywords that have a say in that. */
  readonly offered: () => Safe | null
  /** What is staged of its keyword: `yes → no`; empty for nothing. */
  readonly edits: readonly Safe[]
}

/** The keyword that a check of sshd is about. */
export const keywordOfCheck = (checkId: string): Keyword | null => keywordOf(checkId.replace(/^SSH-/, ''))

/** A keyword by its name; what is looked at beside them in words. */
function nameOf(keyword: Keyword | null, checkId: string): Safe {
  if (keyword) return safe(keyword.name)
  const name = checkId.replace(/^[A-Z]+-/, '').replaceAll('-', ' ')
  if (name === 'files') return checkId.startsWith('ACC') ? say`account files` : say`sshd files`
  return safe(name)
}

/** The rows of the SSH pane. */
export function sshdItems(lists: Lists): (state: ConsoleState) => readonly SshdItem[] {
  const make = rememberLast(
    (
      findings: ConsoleState['readings']['findings']['sshd'],
      reading: ConsoleState['readings']['byArea']['sshd'],
      changes: ConsoleState['staging']['changes'],
      fixes: ReadonlySet<string>,
      host: ConsoleState['connection']['host'],
    ): readonly SshdItem[] => {
      const facts = factsOf(reading)
      const own = facts?.views.find(({ you }) => you)
      const staged = stagedIn(changes, 'sshd').flatMap(({ edit, summary }) =>
        edit.kind === 'keyword' ? [{ name: keywordOf(edit.keyword)?.name, summary }] : [],
      )
      return findingItems(findings, fixes).map((item) => {
        const keyword = keywordOfCheck(item.finding.checkId)
        const edits = staged.flatMap(({ name, summary }) => (keyword && name === keyword.name ? [summary] : []))
        const origin = () => (facts && own && keyword ? originOf(facts, own, keyword.name) : null)
        const name = nameOf(keyword, item.finding.checkId)
        const offered = () => (keyword && host ? offeredOf(keyword.name, host.offers ?? []) : null)
        return { ...item, search: () => `${name} ${item.search()}`, keyword, name, origin, offered, edits }
      })
    },
  )
  return (state) =>
    make(
      state.readings.findings.sshd,
      state.readings.byArea.sshd,
      state.staging.changes,
      lists.fixes(state),
      state.connection.host,
    )
}
