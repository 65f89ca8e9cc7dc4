import type { Blocker } from '../model/plan.ts'
import { LINE_CAP, safe, say } from '../model/safe.ts'
import type { DiffLine, FileChange, FileStep } from '../model/step.ts'
import { diffOf } from './text-diff.ts'

const linesOf = (text: string | null): readonly string[] => (text === null ? [] : text.replace(/\n$/, '').split('\n'))

/** The part of a plan that writes or removes one file, or null where the file is as it shall be. */
export function fileStep(change: FileChange): FileStep | null {
  if (change.text === change.was) return null
  const path = safe(change.path)
  const fate = change.was === null ? say` (new)` : change.text === null ? say` (removed)` : say``
  const head: DiffLine = { mark: '@', text: say`${path}${fate}` }
  return {
    kind: 'file',
    title: path,
    diff: [head, ...diffOf(linesOf(change.was), linesOf(change.text), (line) => safe(line, LINE_CAP))],
    commands: [change.text === null ? say`rm ${path}` : say`cat > ${path}`],
    path: change.path,
    text: change.text,
    was: change.was,
  }
}

/** What the server can't be given: paths travel as one word of a line, texts as whole lines (see arm.sh). */
export function fileBlockers({ path, text }: FileChange): readonly Blocker[] {
  const odd = !/^\/[!-~]+$/.test(path) || /(^|\/)\.\.?(\/|$)|\/$/.test(path)
  const binary = text !== null && (text.includes('\0') || (text !== '' && !text.endsWith('\n')))
  if (!odd && !binary) return []
  return [
    {
      kind: 'irreversible',
      message: odd
        ? say`${safe(path)} is not a path that can be changed from here.`
        : say`The new text of ${safe(path)} is not whole lines of text.`,
      next: say`Change that file by hand, at the machine's own console.`,
    },
  ]
}
