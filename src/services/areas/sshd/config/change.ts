import type { FileBytes } from '../../../model/file-bytes.ts'

/** What becomes of one line of a file. `at` counts lines from 1; a new one comes before that line, at most behind the last. */
export type Change =
  | { readonly kind: 'replace'; readonly at: number; readonly raw: string }
  | { readonly kind: 'remove'; readonly at: number }
  | { readonly kind: 'insert'; readonly at: number; readonly lines: readonly string[] }

/**
 * A file with some of its lines changed, and every other byte as it was. New lines get the line end that most others have;
 * where the last line has none, it stays so. Taking out what was put in gives the same bytes again.
 */
export function changed(bytes: FileBytes, changes: readonly Change[]): FileBytes {
  const end = lineEndOf(bytes)
  // From the last line up, so that the places of those before stay what they are.
  const ordered = [...changes].sort((a, b) => b.at - a.at)
  return ordered.reduce((text, change) => changedOnce(text, change, end), bytes as string) as FileBytes
}

function changedOnce(text: string, change: Change, end: '' | '\r'): string {
  const lines = text.split('\n')
  const at = change.at - 1
  if (change.kind === 'replace') return lines.with(at, change.raw).join('\n')
  if (change.kind === 'remove') {
    const [gone] = lines.splice(at, 1)
    const before = lines.at(-1)
    // The line end between them was put in with the last line, if that has none itself.
    if (end !== '' && at === lines.length && before?.endsWith(end) && !gone?.endsWith(end))
      lines[at - 1] = before.slice(0, -1)
    return lines.join('\n')
  }
  const added = change.lines.map((line) => line + end)
  const before = lines[at - 1]
  if (at === lines.length && before !== undefined && !before.endsWith('\r') && end !== '') {
    lines[at - 1] = before + end
    added[added.length - 1] = change.lines.at(-1) as string
  }
  lines.splice(at, 0, ...added)
  return lines.join('\n')
}

/** What stands before `\n` at the end of most lines. */
export function lineEndOf(bytes: FileBytes): '' | '\r' {
  const ended = bytes.split('\n').slice(0, -1)
  return ended.filter((line) => line.endsWith('\r')).length * 2 > ended.length ? '\r' : ''
}

/** How many lines a file has: an empty one behind the last line end is none. */
export function countOf(bytes: FileBytes): number {
  const lines = bytes.split('\n')
  return lines.at(-1) === '' ? lines.length - 1 : lines.length
}
