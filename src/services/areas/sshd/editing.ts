import type { FileEdit } from '../../model/areas.ts'
import type { Editing, Seen } from '../../model/editing.ts'
import { describeFile, fileParts, foldFile, undoFiles } from '../../steps/file-edit.ts'

/** sshd's own files: a change to one of them means that sshd has to read them again. */
const isSshdFile = (path: string): boolean => path.startsWith('/etc/ssh/')

/** How sshd is changed: so far only back, by the texts that its files had before a confirmed change. */
export const sshdEditing: Editing<'sshd'> = {
  lay: (facts) => ({ after: facts, conflicts: [] }),
  fold: (held, added) => ({ held: foldFile(held, added) }),
  describe: describeFile,
  part: (_merged, edits, seen) => ({
    ...fileParts(edits, seen),
    ...(edits.some(({ path }) => isSshdFile(path))
      ? { sshd: 'reload', checks: ['sshd'], newPorts: newPortsOf(edits, seen) }
      : {}),
  }),
  owns: { file: isSshdFile },
  undo: (past) => undoFiles(past.files),
}

/** `Port` lines that a change puts into sshd's files, but for the port that the operator is on. */
function newPortsOf(edits: readonly FileEdit[], { host }: Seen): readonly number[] {
  const texts = edits.flatMap(({ path, text, was }) => (isSshdFile(path) && text && text !== was ? [text] : []))
  const ports = texts.flatMap((text) =>
    [...text.matchAll(/^[ \t]*port[ \t=]+"?(\d{1,5})"?/gim)].map((match) => Number(match[1])),
  )
  return [...new Set(ports)].filter((port) => port > 0 && port < 65536 && port !== host.session.serverPort)
}
