import { sshd } from '../../../services/areas/sshd/area.ts'
import { findingsView } from '../findings-view.ts'

/** The SSH server: what was checked of its settings. */
export const sshdView = findingsView({ area: sshd, title: 'SSH', cell: 'tl' })
