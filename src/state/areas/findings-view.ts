import type { AreaId } from '../../services/model/areas.ts'
import { type FindingItem, findingItems, findingText } from '../lists/finding-list.ts'
import { rememberLast } from '../lists/list.ts'
import type { Lists } from '../lists/lists.ts'
import type { AreaView } from './area-view.ts'

/** What serves an area of findings and settings: a list of what was checked, what is to be fixed first. */
export function findingsView<Id extends AreaId>(
  about: Pick<AreaView<Id>, 'area' | 'title' | 'cell'>,
): AreaView<Id, FindingItem> {
  const { id } = about.area
  const make = (_lists: Lists) => rememberLast(findingItems)
  return {
    ...about,
    items: (state, lists) => lists.own(make)(state.readings.findings[id], lists.fixes(state)),
    isNotable: ({ finding }) => finding.outcome === 'fail',
    text: findingText,
    keys: [],
  }
}

/** The same, where of what is not there nothing is said. */
export function presentView<Id extends AreaId>(
  about: Pick<AreaView<Id>, 'area' | 'title' | 'cell'>,
): AreaView<Id, FindingItem> {
  const all = findingsView(about)
  const make = (_lists: Lists) =>
    rememberLast((items: readonly FindingItem[]) => items.filter(({ finding }) => finding.outcome !== 'notapplicable'))
  return { ...all, items: (state, lists) => lists.own(make)(all.items(state, lists)) }
}
