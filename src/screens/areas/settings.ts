import type { AreaId } from '../../services/model/areas.ts'
import { safe, say } from '../../services/model/safe.ts'
import { VIEWS } from '../../state/areas/table.ts'
import type { FindingItem } from '../../state/lists/finding-list.ts'
import { toFix } from '../presenters/finding.ts'
import { findingLines } from '../presenters/finding-detail.ts'
import { aboutFinding, settingRow } from '../presenters/finding-row.ts'
import type { Presenter } from './presenter.ts'

/** What serves an area of findings and settings: what is seen, and what is expected. */
export const settingsPresenter = (area: AreaId): Presenter<FindingItem> => ({
  title: () => safe(VIEWS[area].title),
  note: (state) => toFix(state.readings.findings[area]),
  row: (item, width) => settingRow(item, width),
  about: ({ finding }) => aboutFinding(finding),
  detail: ({ finding }, width) => findingLines(finding, width),
  empty: () => say`Nothing was checked.`,
})
