import { sshd } from '../../../services/areas/sshd/area.ts'
import { findingText } from '../../lists/finding-list.ts'
import type { AreaView } from '../area-view.ts'
import { sshdEditor } from './editor.ts'
import { type SshdItem, sshdItems } from './items.ts'
import { SSHD_KEYS } from './keys.ts'

/** The SSH server: what was checked of its settings, and every keyword set from here. */
export const sshdView: AreaView<'sshd', SshdItem> = {
  area: sshd,
  title: 'SSH',
  cell: 'tl',
  items: (state, lists) => lists.own(sshdItems)(state),
  isNotable: ({ finding }) => finding.outcome === 'fail',
  text: findingText,
  keys: SSHD_KEYS,
  editor: sshdEditor,
}
