import { factsOf } from '../../services/model/reading.ts'
import { safe, say } from '../../services/model/safe.ts'
import type { SshdItem } from '../../state/areas/sshd/items.ts'
import { findingLines } from '../presenters/finding-detail.ts'
import { settingRow } from '../presenters/finding-row.ts'
import { field } from '../presenters/labelled.ts'
import { EMPTY, type Line, span } from '../text/line.ts'
import type { Presenter } from './presenter.ts'
import { settingsPresenter } from './settings.ts'

/** The SSH pane: what was checked of sshd's settings, and where it listens. */
export const sshdPresenter: Presenter<SshdItem> = {
  ...(settingsPresenter('sshd') as Presenter<SshdItem>),
  title: (state) => {
    const facts = factsOf(state.readings.byArea.sshd)
    if (!facts || facts.portsFrom === 'settings' || facts.ports.length === 0) return say`SSH`
    const by = facts.portsFrom === 'socket' ? say` (ssh.socket)` : say``
    return say`SSH ─ port ${safe(facts.ports.join(' '))}${by}`
  },
  row: (item, width) =>
    settingRow(withStaged(item), width, item.edits.length > 0 && !item.staged ? STAGED : undefined, item.name),
  detail: (item, width) => [...findingLines(item.finding, width), ...originLines(item, width)],
}

/** What is staged stands where else is what would be good. */
function withStaged(item: SshdItem): SshdItem {
  const next = item.edits[0]?.split(' → ').at(1)
  if (next === undefined) return item
  const { finding } = item
  return finding.outcome === 'fail'
    ? { ...item, finding: { ...finding, expected: next } }
    : { ...item, finding: { ...finding, observed: say`${finding.observed} → ${safe(next)}` } }
}

const STAGED: Line = [span(say` `), span(say`staged`, 'staged')]

/** What the keyword is for, where its value comes from, and what is staged of it. */
function originLines({ keyword, origin, offered, edits }: SshdItem, width: number): readonly Line[] {
  const from = origin()
  const outside = offered()
  if (!keyword || !from) return []
  return [
    EMPTY,
    ...field(say`keyword`, safe(keyword.about, 300), width),
    ...(from.otherwise ? field(say`comes from`, from.otherwise, width) : []),
    ...from.lines.flatMap(({ place, text, as }) =>
      as === 'counts'
        ? field(say`comes from`, say`${place}   ${text}`, width)
        : field(say`shadowed`, say`${place}   ${text}`, width, 'dim'),
    ),
    ...(outside ? field(say`outside`, say`the last login was offered ${outside}`, width) : []),
    ...edits.flatMap((edit) => field(say`staged`, edit, width, 'staged')),
  ]
}
