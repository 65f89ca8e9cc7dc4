import type { FileBytes } from '../model/file-bytes.ts'
import { sumOf, textOf } from '../model/file-bytes.ts'
import type { Blocker } from '../model/plan.ts'
import { safe, say } from '../model/safe.ts'
import type { FoundFile, SeenFile } from '../model/seen-file.ts'
import type { DiffLine, FileChange, FileStep } from '../model/step.ts'
import { fileDiff } from './file-diff.ts'

/** The part of a plan that writes or removes one file, or null where the file is as it shall be. */
export function fileStep(change: FileChange): FileStep | null {
  if (change.text === change.was) return null
  const path = safe(change.path)
  const mode = change.mode ?? (change.was === null && isSudos(change.path) ? 0o440 : undefined)
  const fate =
    change.was === null
      ? change.text === ''
        ? say` (new, empty)`
        : say` (new)`
      : change.text === null
        ? say` (removed)`
        : change.text === ''
          ? say` (emptied)`
          : say``
  const head: DiffLine = { mark: '@', text: say`${path}${fate}` }
  return {
    kind: 'file',
    title: path,
    diff: [head, ...fileDiff(change.was, change.text)],
    commands: [change.text === null ? say`rm ${path}` : say`cat > ${path}`],
    path: change.path,
    text: change.text,
    was: change.was,
    ...(mode === undefined ? {} : { mode }),
  }
}

/**
 * What a file can't be changed to from here. Paths travel as one word of a line (see arm.sh). What holds NUL is no text:
 * nothing here makes any, and of binary data nobody could review the difference. `seen` is what stands there now: what
 * is not known (null, unreadable) is left to the server, which compares again before it arms.
 */
export function fileBlockers(change: FileChange, seen: SeenFile | null = null): readonly Blocker[] {
  const { path, text } = change
  const odd = !/^\/[!-~]+$/.test(path) || /(^|\/)\.\.?(\/|$)|\/$/.test(path)
  const binary = text?.includes('\0') ?? false
  if (text !== null && isPassedOver(path)) return [PASSED_OVER]
  if (!odd && !binary) return driftBlockers(change, seen)
  return [
    {
      kind: 'irreversible',
      message: odd
        ? say`${safe(path)} is not a path that can be changed from here.`
        : say`What is to be written to ${safe(path)} holds NUL bytes, so it is no text that can be reviewed.`,
      next: say`Change that file by hand, at the machine's own console.`,
    },
  ]
}

/** What sudo reads has to be closed to others, also where undoing brings it back. */
const isSudos = (path: string): boolean => /^\/etc\/sudoers($|\.d\/)/.test(path)

/** sudo reads no file of this folder whose name has a dot or ends in ~ (sudoers(5)). */
const isPassedOver = (path: string): boolean => /^\/etc\/sudoers\.d\/.*(\.|~$)/.test(path)
const PASSED_OVER: Blocker = {
  kind: 'irreversible',
  message: say`sudo passes over files in /etc/sudoers.d whose name has a dot or ends in ~.`,
  next: say`Give the file another name.`,
}

function driftBlockers(change: FileChange, seen: SeenFile | null): readonly Blocker[] {
  const path = safe(change.path)
  if (seen === null || seen.state === 'unreadable') return []
  if (seen.state === 'link')
    return [
      {
        kind: 'irreversible',
        message: say`${path} is a symbolic link to ${safe(textOf(seen.target))}, and no file of its own.`,
        next: say`Unstage it, and change the file that it leads to.`,
      },
    ]
  if (restsOn(change.was, seen)) return []
  return [
    {
      kind: 'drift',
      message: say`${path} changed on the server since this was staged.`,
      next: say`Unstage it and stage it again on the file as it is now.`,
    },
  ]
}

function restsOn(was: FileBytes | null, seen: FoundFile): boolean {
  if (was === null) return seen.state === 'absent'
  return (seen.state === 'file' || seen.state === 'long') && seen.sum === sumOf(was)
}
