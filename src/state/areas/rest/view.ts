import { rest } from '../../../services/areas/rest/area.ts'
import type { FindingItem } from '../../lists/finding-list.ts'
import type { AreaView } from '../area-view.ts'
import { presentView } from '../findings-view.ts'

/** What else a hardening routine looks at. */
export const restView: AreaView<'rest', FindingItem> = presentView({ area: rest, title: 'Rest', cell: 'tab' })
