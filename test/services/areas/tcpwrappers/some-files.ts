import type { TcpwrappersFacts } from '../../../../src/services/areas/tcpwrappers/facts.ts'
import { bytesOf } from '../../../../src/services/model/file-bytes.ts'

/** A host whose sshd asks these files; null for none. */
export const filesOf = (allow: string | null, deny: string | null): TcpwrappersFacts => ({
  files: { allow: allow === null ? null : bytesOf(allow), deny: deny === null ? null : bytesOf(deny) },
  sshdAsks: true,
  daemons: [],
})
