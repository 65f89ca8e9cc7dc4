import { rest } from '../../../services/areas/rest/area.ts'
import type { FindingItem } from '../../lists/finding-list.ts'
import { rememberLast } from '../../lists/list.ts'
import type { Lists } from '../../lists/lists.ts'
import type { AreaView } from '../area-view.ts'
import { findingsView } from '../findings-view.ts'

const all = findingsView({ area: rest, title: 'Rest', cell: 'tab' })

/** What else a hardening routine looks at. Of what is not there nothing is said. */
export const restView: AreaView<'rest', FindingItem> = {
  ...all,
  items: (state, lists) => lists.own(presentOnly)(all.items(state, lists)),
}

const presentOnly = (_lists: Lists) =>
  rememberLast((items: readonly FindingItem[]): readonly FindingItem[] =>
    items.filter(({ finding }) => finding.outcome !== 'notapplicable'),
  )
