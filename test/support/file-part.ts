import { bytesOf, sumOf, toBase64 } from '../../src/services/model/file-bytes.ts'

/** A file of this text as `file_part` prints it; without a text, one that is not there. */
export function filePart(text: string | undefined): string {
  if (text === undefined) return 'state absent\nend\n'
  const bytes = bytesOf(text)
  const about = `owner 0 root\ngroup 0 root\nmode 644\nsize ${bytes.length}\nmodified 1700000000\nkind regular file`
  return `state file\n${about}\nsum ${sumOf(bytes)}\nbytes\n${toBase64(bytes)}end\n`
}
