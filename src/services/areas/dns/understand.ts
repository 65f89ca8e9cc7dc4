import type { Result } from '../../model/errors.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { sameRights, writtenConfig } from './config/source.ts'
import { bytesOfFile, type ConfigFile, type NamedConfig, type Understood } from './facts.ts'

/** The configuration as the files have it. */
export const writtenBy = (conf: string, files: readonly ConfigFile[]): Result<NamedConfig, Safe> =>
  writtenConfig(conf, (called) =>
    files
      .filter((file) => matches(called, file.called))
      .map((file) => ({ called: file.called, bytes: bytesOfFile(file) })),
  )

/** Whether a name of an `include` is a file's, or a pattern that it fits (glob(7), without brackets). */
function matches(pattern: string, called: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === called
  const words = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
  return new RegExp(`^${words}$`).test(called)
}

/**
 * What named-checkconf printed, with the places of the files where both say the same of who may do what. Where they don't,
 * what was printed counts, and nothing is changed by places that may be wrong.
 */
export function agreed(printed: NamedConfig, written: Result<NamedConfig, Safe>, whole: boolean): Understood {
  if (!written.ok) return { config: printed, fixed: written.error }
  if (!sameRights(printed, written.value))
    return {
      config: printed,
      fixed: whole
        ? say`its files were not understood as named-checkconf prints them`
        : say`not all files that it includes could be read`,
    }
  return { config: written.value, fixed: null }
}

/** Where a statement is written, in words; empty where that is not known. */
export const whereWords = (
  at: { readonly file: string; readonly line: number } | null,
  { fixed }: Pick<Understood, 'fixed'>,
): Safe => (at && at.line > 0 && fixed === null ? say` (${safe(at.file)}:${at.line})` : say``)
