import type { Probe, ProbeOutput } from '../model/command.ts'
import type { SeenFile } from '../model/seen-file.ts'
import { quote } from '../model/shell.ts'
import { fileOf } from './file-part.ts'

/** A file of 256 KB in base64, with what is said about it. Bytes. */
const EACH = 360 * 1024

/**
 * Reads the files at these absolute paths anew, such as those that staged changes rest on. Each is a part named by its
 * place in the list, so that no path has to be a name.
 */
export const stagedFilesProbe = (paths: readonly string[]): Probe => ({
  id: 'staged-files',
  timeoutSeconds: 10,
  capBytes: Math.max(1, paths.length) * EACH,
  script: paths.map((path, at) => `file_part ${at} ${quote(path.replaceAll('\0', ''))}\n`).join(''),
})

/** What that probe saw at each path; null where it is not known. */
export const stagedFilesOf = (
  output: ProbeOutput | null,
  paths: readonly string[],
): ReadonlyMap<string, SeenFile | null> => new Map(paths.map((path, at) => [path, fileOf(output, String(at))]))
