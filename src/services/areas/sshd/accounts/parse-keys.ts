import type { KeyFile, Known, Modes, SeenPath } from '../../../model/account-facts.ts'
import type { ProbeOutput } from '../../../model/command.ts'
import { fromBase64 } from '../../../model/file-bytes.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { readKeys } from './keys.ts'
import { isWord, known, listOf, textOfWord, unknown } from './parts.ts'

/** What was seen of an account's home and of the files of its keys. */
export type HomeAndKeys = {
  readonly seen: SeenPath
  readonly real: string | null
  readonly files: Known<readonly KeyFile[]>
}

/** `seen at MODE UID GID MODIFIED SIZE`, `seen absent`, `seen unreadable WHY`. */
export function seenOf(line: string): SeenPath {
  const [, word, ...rest] = line.split(' ')
  if (word === 'absent') return { state: 'absent' }
  const modes = word === 'at' ? modesOf(rest) : null
  const modified = Number(rest[3])
  if (!modes || !Number.isInteger(modified))
    return {
      state: 'unreadable',
      why: safe(word === 'unreadable' ? rest.join(' ') : 'what stands there could not be read'),
    }
  const kind = Number.parseInt(rest[0] ?? '', 16) >> 12
  return { state: kind === 8 ? 'file' : kind === 4 ? 'directory' : 'other', ...modes, modified }
}

/** `MODE UID GID`; the mode as stat(1) prints it with %f. */
function modesOf([mode = '', uid = '', gid = '']: readonly string[]): Modes | null {
  if (!/^[0-9a-f]{1,8}$/.test(mode) || !/^\d{1,10}$/.test(uid) || !/^\d{1,10}$/.test(gid)) return null
  return { mode: Number.parseInt(mode, 16) & 0o7777, uid: Number(uid), gid: Number(gid) }
}

/** Reads the part `keys`; `why` is for accounts that it does not have. */
export function parseHomes(output: ProbeOutput | null): {
  readonly of: ReadonlyMap<string, HomeAndKeys>
  readonly why: Safe
} {
  const { lines, why } = listOf(output, 'keys')
  const of = new Map<string, HomeAndKeys>()
  const lacks = lines.find((line) => isWord(line, 'lacks'))
  if (lacks) return { of, why: say`the server lacks ${safe(lacks.slice(6), 20)}` }
  let name: string | null = null
  let own: string[] = []
  for (const line of lines) {
    if (isWord(line, 'account')) {
      name = textOfWord(line.slice(8))
      own = []
    } else if (line !== 'over') own.push(line)
    else if (name !== null && !of.has(name)) of.set(name, homeOf(own))
  }
  return { of, why: why ?? say`its home was not looked at` }
}

function homeOf(lines: readonly string[]): HomeAndKeys {
  const first = lines.findIndex((line) => isWord(line, 'file'))
  const head = first < 0 ? lines : lines.slice(0, first)
  const real = head.find((line) => isWord(line, 'real'))
  const files: KeyFile[] = []
  let problem: Safe | null = lines.includes('strange')
    ? say`AuthorizedKeysFile has a sign that this program does not know`
    : null
  for (let from = first; from >= 0; ) {
    const next = lines.findIndex((line, at) => at > from && isWord(line, 'file'))
    const file = fileOf(lines.slice(from, next < 0 ? lines.length : next))
    if (file) files.push(file)
    else problem ??= say`the path of a file of keys could not be read`
    from = next
  }
  return {
    seen: seenOf(head.find((line) => isWord(line, 'seen')) ?? ''),
    real: real === undefined ? null : textOfWord(real.slice(5)),
    files: problem === null ? known(files) : unknown(problem),
  }
}

/** Why the lines of a file were not read, by the probe's word. */
const NOT_READ: Readonly<Record<string, Safe>> = {
  hidden: say`the account itself can’t read it`,
  unreadable: say`it can’t be read`,
  changed: say`it changes while it is being read`,
  skipped: say`there are more keys than are read`,
}

function fileOf(lines: readonly string[]): KeyFile | null {
  const of = (word: string): string | undefined => lines.find((line) => isWord(line, word))?.slice(word.length + 1)
  const path = textOfWord(of('file'))
  if (path === null) return null
  const real = of('real')
  const realPath = real === undefined ? null : textOfWord(real)
  const seen = seenOf(`seen ${of('seen') ?? ''}`)
  const folders = lines.filter((line) => isWord(line, 'folder')).map((line) => line.slice(7))
  const sum = of('sum') ?? ''
  return {
    path,
    real: realPath,
    seen,
    directories: foldersOf(realPath, folders),
    lines: linesOf(lines, seen),
    sum: /^[0-9a-f]{64}$/.test(sum) ? sum : null,
  }
}

function linesOf(lines: readonly string[], seen: SeenPath): KeyFile['lines'] {
  const coded = lines.find((line) => isWord(line, 'bytes') || line === 'bytes')?.slice('bytes '.length)
  const bytes = coded === undefined ? null : fromBase64(coded)
  if (bytes !== null) return known(readKeys(bytes))
  if (lines.some((line) => isWord(line, 'long'))) return unknown(say`it is longer than 64 KB`)
  if (seen.state === 'unreadable') return unknown(seen.why)
  const word = lines.find((line) => line in NOT_READ)
  return unknown((word === undefined ? undefined : NOT_READ[word]) ?? say`its lines were not read`)
}

/** The folders of a real path from its own up to /; unknown unless there is one line for each. */
function foldersOf(real: string | null, lines: readonly string[]): KeyFile['directories'] {
  const names = (real ?? '').split('/').slice(1, -1)
  const paths = [...names.map((_name, at) => `/${names.slice(0, at + 1).join('/')}`).toReversed(), '/']
  const modes = lines.map((line) => modesOf(line.split(' ')))
  if (real === null || modes.length !== paths.length || modes.includes(null))
    return unknown(say`the folders above it could not be seen`)
  return known(paths.map((path, at) => ({ path, ...(modes[at] as Modes) })))
}
