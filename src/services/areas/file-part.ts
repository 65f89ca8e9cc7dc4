import type { ProbeOutput } from '../model/command.ts'
import { fail, ok, type Result } from '../model/errors.ts'
import { type FileBytes, fromBase64, sumOf, textOf } from '../model/file-bytes.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import type { FileAttributes, FileOwner, FoundFile, SeenFile } from '../model/seen-file.ts'
import { isWhole } from './parts.ts'

/**
 * Reads a part that `file_part` (file-part.sh) printed. Null where that is not known: the part is missing, cut off or no
 * such part, or the bytes don't give the sum that the server took of them.
 */
export function fileOf(output: ProbeOutput | null, name: string): SeenFile | null {
  if (!output || !isWhole(output, name)) return null
  const text = output.parts.get(name) ?? ''
  // Half of a part may be left of a server that died.
  if (!text.endsWith('\nend\n')) return null
  const [head = '', coded] = text.slice(0, -'end\n'.length).split('\nbytes\n', 2)
  const lines = new Map<string, string>()
  for (const line of head.split('\n')) {
    const [word = '', ...rest] = line.split(' ')
    if (!lines.has(word)) lines.set(word, rest.join(' '))
  }
  const found = foundOf(lines, coded)
  const link = lines.get('link')
  if (!found || link === undefined) return found
  const target = fromBase64(link)
  return target === null ? null : { state: 'link', target, found }
}

function foundOf(lines: ReadonlyMap<string, string>, coded: string | undefined): FoundFile | null {
  const state = lines.get('state')
  if (state === 'absent') return { state }
  if (state === 'unreadable') return { state, reason: safe(lines.get('reason') ?? '') }
  const attributes = attributesOf(lines)
  if (!attributes) return null
  if (state === 'directory' || state === 'other') return { state, kind: safe(lines.get('kind') ?? ''), ...attributes }
  const sum = lines.get('sum') ?? ''
  if (!/^[0-9a-f]{64}$/.test(sum)) return null
  if (state === 'long') return { state, sum, ...attributes }
  const bytes = state === 'file' && coded !== undefined ? fromBase64(coded) : null
  return bytes !== null && sumOf(bytes) === sum ? { state: 'file', sum, bytes, ...attributes } : null
}

function attributesOf(lines: ReadonlyMap<string, string>): FileAttributes | null {
  const owner = ownerOf(lines.get('owner'))
  const group = ownerOf(lines.get('group'))
  const mode = /^[0-7]{1,4}$/.test(lines.get('mode') ?? '') ? Number.parseInt(lines.get('mode') ?? '', 8) : null
  const size = numberOf(lines.get('size'))
  const modified = numberOf(lines.get('modified'))
  if (!owner || !group || mode === null || size === null || modified === null) return null
  return { owner, group, mode, size, modified }
}

function ownerOf(words: string | undefined): FileOwner | null {
  const [, id, name] = /^(\d+) (.*)$/.exec(words ?? '') ?? []
  // As stat(1) says it.
  return id === undefined ? null : { id: Number(id), name: name === 'UNKNOWN' ? null : safe(name ?? '') }
}

const numberOf = (text: string | undefined): number | null => (/^-?\d{1,15}$/.test(text ?? '') ? Number(text) : null)

/** What a file holds, null for none. What could not be read whole is never taken for an empty one. */
export function bytesAt(path: string, seen: SeenFile | null): Result<FileBytes | null, Safe> {
  if (seen === null) return fail(say`${safe(path)} was not read to its end; press R to try again`)
  switch (seen.state) {
    case 'file':
      return ok(seen.bytes)
    case 'absent':
      return ok(null)
    case 'unreadable':
      return fail(say`${safe(path)}: ${seen.reason}`)
    case 'link':
      return fail(say`${safe(path)} is a symbolic link to ${safe(textOf(seen.target), 80)}, which is not followed`)
    case 'long':
      return fail(say`${safe(path)} is too long to be read here`)
    default:
      return fail(say`${safe(path)} is no file: ${seen.kind}`)
  }
}
