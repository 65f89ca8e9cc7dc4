import type { StagedChange } from '../services/model/areas.ts'
import type { Blocker, ChangePlan, WhatIf } from '../services/model/plan.ts'
import { type Safe, safe, say } from '../services/model/safe.ts'
import { AREA_IDS } from '../state/areas/table.ts'
import { windowTop } from '../state/layout.ts'
import { placeOf } from '../state/lists/place.ts'
import { stagedHeight, stagedList } from '../state/under-cursor/staged.ts'
import { whyReadOnly } from '../state/why-not.ts'
import { TextScreen } from './parts/text-screen.tsx'
import { diffLines, section } from './presenters/diff.ts'
import { clockWords, plural } from './presenters/numbers.ts'
import { columns, EMPTY, fitLine, type Line, line, type Role, span, wrap } from './text/line.ts'
import { useConsole, useLook } from './use-console.ts'

const ANSWERS: Readonly<Record<WhatIf['answer'], { readonly mark: Safe; readonly word: Safe; readonly role: Role }>> = {
  yes: { mark: say`✓`, word: say`accepted`, role: 'good' },
  no: { mark: say`✗`, word: say`DROPPED`, role: 'bad' },
  unsure: { mark: say`⚠`, word: say`unsure`, role: 'warn' },
}

const LOGINS: typeof ANSWERS = {
  ...ANSWERS,
  yes: { ...ANSWERS.yes, word: say`let in` },
  no: { ...ANSWERS.no, word: say`REFUSED` },
}

const ORIGINS = { finding: say`from a finding`, baseline: say`baseline` } as const

/** `1  v4 filter INPUT 4   + -p tcp --dport 10022 …            from a finding` */
function changeRow(change: StagedChange, number: number, conflict: Safe | null, width: number): Line {
  return columns(
    [
      { text: conflict ? say`!` : say` `, role: 'bad', width: 1 },
      { text: say`${number}`, width: 3, right: true, role: 'dim' },
      { text: change.target, width: Math.min(28, Math.floor(width * 0.3)), role: 'strong' },
      {
        text: conflict ? say`no longer fits: ${conflict}` : change.summary,
        grow: true,
        role: conflict ? 'bad' : 'staged',
      },
      ...(change.origin === 'operator' ? [] : [{ text: ORIGINS[change.origin], role: 'dim' as const }]),
    ],
    width,
  )
}

function blockerLines(blockers: readonly Blocker[], width: number): readonly Line[] {
  if (blockers.length === 0) return []
  return [
    section(say`in the way`, width),
    ...blockers.flatMap((blocker): readonly Line[] => [
      ...wrap(say`✗ ${blocker.message}`, width - 2, 'bad').map(indented),
      ...wrap(blocker.next, width - 4).map((one) => indented(indented(one))),
    ]),
  ]
}

const indented = (one: Line): Line => [span(say`  `), ...one]

/** In a narrow terminal the reason goes under the question: neither may be cut to where it says nothing. */
function whatIfLines(plan: ChangePlan, width: number): readonly Line[] {
  if (plan.whatIf.length === 0) return []
  const lines = plan.whatIf.flatMap((one): readonly Line[] => {
    const { mark, word, role } = one.of === 'login' ? LOGINS[one.answer] : ANSWERS[one.answer]
    const answer: Line = [span(mark, role), span(say` `), ...fitLine([span(word, role)], 9)]
    if (width < 100)
      return [
        [...answer, span(one.question)],
        [span(one.of === 'login' ? say`             ` : say`             by `, 'dim'), span(one.because, 'dim')],
      ]
    return [[...answer, ...fitLine([span(one.question)], 52), span(say` ${one.because}`, 'dim')]]
  })
  return [section(say`what if`, width), ...lines.map((one) => fitLine(indented(one), width))]
}

/** Only rules are forgotten at a reboot: files and what is enabled last by themselves. */
function rebootLines(plan: ChangePlan, width: number): readonly Line[] {
  const { persistence } = plan
  if (!persistence || !plan.steps.some((step) => step.kind === 'rules')) return []
  const keeps = persistence.kind !== 'none'
  const words = say`${keeps ? say`✓` : say`⚠`} ${persistence.message}${keeps || persistence.elsewhere ? say`` : say`. Press p to have them loaded.`}`
  return [section(say`after a reboot`, width), ...wrap(words, width - 2, keeps ? 'plain' : 'warn').map(indented)]
}

const sshdCommands = (verb: NonNullable<ChangePlan['sshd']>): readonly Line[] => [
  line(say`sshd -t`),
  line(say`systemctl ${safe(verb)} ssh.service`),
]

/** Everything below the list of changes: what blocks, what it means, the difference, the commands. */
function planLines(plan: ChangePlan, width: number): readonly Line[] {
  return [
    ...blockerLines(plan.blockers, width),
    ...whatIfLines(plan, width),
    ...rebootLines(plan, width),
    ...plan.steps.flatMap((step) => [
      section(say`difference: ${step.title}`, width),
      ...step.diff.flatMap((one) => diffLines(one, width)),
    ]),
    ...plan.steps.flatMap((step) => [
      section(say`commands: ${step.title} (w writes them as a script)`, width),
      ...step.commands.flatMap((command) => wrap(command, width - 2).map(indented)),
    ]),
    ...(plan.sshd ? [section(say`commands: sshd`, width), ...sshdCommands(plan.sshd).map(indented)] : []),
  ]
}

/** Everything staged, as one transaction, before it is armed. */
export function StagedScreen() {
  const { lists, store } = useConsole()
  useLook((state) => state.staging)
  useLook((state) => state.view)
  useLook((state) => state.readings)
  useLook((state) => state.connection.host)
  const state = store.getState()
  const rect = lists.layout(state).body
  const width = Math.max(0, rect.width - 6)
  const plan = lists.plan(state)
  const { changes } = state.staging
  const conflicts = new Map(
    AREA_IDS.flatMap((id) => lists.merged(state, id)?.conflicts ?? []).map(
      ({ edit, reason }) => [edit, reason] as const,
    ),
  )
  const list = stagedList(state)
  const place = placeOf(list, state.view.staged, false)
  const height = stagedHeight(state, rect.height)
  const top = windowTop(state.view.staged.top, place, changes.length, height)
  const seen = changes.slice(top, top + height)
  const more = changes.length - top - seen.length
  const rows = seen.map((change, at): Line => {
    const conflict = conflicts.get(change.edit) ?? null
    const marker = top + at === place ? span(say`▸ `, 'focus') : span(say`  `)
    return [marker, ...changeRow(change, top + at + 1, conflict, width)]
  })
  const count = plural(changes.length, say`change`, say`changes`)
  const readOnly = whyReadOnly(state)
  const window = say`window ${clockWords(state.windowSeconds)}`
  const head: readonly Line[] = [
    ...rows,
    ...(more > 0 || top > 0 ? [line(say`     ${changes.length} in all: ${top} above, ${more} below`, 'dim')] : []),
    EMPTY,
  ]
  return (
    <TextScreen
      rect={rect}
      title={[span(say`Staged on ${safe(state.connection.target.name)}: ${count}, one transaction `, 'strong')]}
      note={[span(rect.width < 100 ? window : say`${window}, then it rolls back`, 'dim')]}
      head={head}
      selected={place >= 0 ? place - top : -1}
      lines={
        plan
          ? planLines(plan, width + 2)
          : [
              line(say`  Nothing is staged.`, 'dim'),
              ...(readOnly ? wrap(say`Nothing can be changed: ${readOnly}.`, width, 'warn').map(indented) : []),
            ]
      }
    />
  )
}
