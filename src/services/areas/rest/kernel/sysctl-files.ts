import type { BootFiles, SysctlLine } from '../facts.ts'

/**
 * The name of a setting as a path below /proc/sys: with a slash as first separator all stays as it is, with a dot dots and
 * slashes are interchanged (sysctl.d(5)).
 */
export function keyOf(name: string): string {
  const first = /[./]/.exec(name)?.[0]
  if (first !== '.') return name
  return name.replace(/[./]/g, (one) => (one === '.' ? '/' : '.'))
}

/** A path below /proc/sys as such a file has it: with dots, unless a name within has one. */
export const nameOf = (key: string): string => (key.includes('.') ? key : key.replaceAll('/', '.'))

const BLANKS = new Set(' \t\r\f\v')

/** Without blanks at both ends, in proportion to the length. */
function trimmed(text: string): string {
  let [from, to] = [0, text.length]
  while (from < to && BLANKS.has(text[from] as string)) from += 1
  while (to > from && BLANKS.has(text[to - 1] as string)) to -= 1
  return text.slice(from, to)
}

/** Reads one line; null for what sets nothing. */
export function readSysctlLine(path: string, line: number, raw: string): SysctlLine | null {
  const text = trimmed(raw)
  if (text === '' || /^[#;]/.test(text)) return null
  const at = text.indexOf('=')
  const name = trimmed((at < 0 ? text : text.slice(0, at)).replace(/^-/, ''))
  if (name === '' || (at < 0 && !text.startsWith('-'))) return null
  return { path, line, key: keyOf(name), value: at < 0 ? null : trimmed(text.slice(at + 1)) }
}

const nameIn = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/**
 * The files that are read, in their order: by name whatever folder they are in, of one name that of the first folder.
 * procps reads /etc/sysctl.conf behind all of them. `paths` come folder by folder, the strongest first.
 */
export function readInOrder(paths: readonly string[]): readonly string[] {
  const last = paths.filter((path) => path === '/etc/sysctl.conf')
  const first = new Map<string, string>()
  for (const path of paths) {
    const name = nameIn(path)
    if (path !== '/etc/sysctl.conf' && !first.has(name)) first.set(name, path)
  }
  const names = [...first.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return [...names.map((name) => first.get(name) as string), ...last]
}

/** Every setting of the files by its key, in the order in which they are made: the last one of a name counts. */
function settingsIn(lines: readonly SysctlLine[], order: readonly string[]): ReadonlyMap<string, SysctlLine> {
  const settings = new Map<string, SysctlLine>()
  for (const path of order) {
    for (const line of lines) {
      if (line.path !== path) continue
      const before = settings.get(line.key)
      // One that says the same again stays where it is.
      if (before?.value === line.value) continue
      settings.delete(line.key)
      settings.set(line.key, line)
    }
  }
  return settings
}

/** A line that gives a value. */
type Given = SysctlLine & { readonly value: string }
const isGiven = (line: SysctlLine): line is Given => line.value !== null

/**
 * Which line decides what the kernel has at a key after the next boot, or null where none does. A name comes before any
 * pattern, wherever it stands (sysctl.d(5); so does procps since 3.3.17). A name without a value keeps patterns off it; for
 * systemd it also takes back what was said of it before.
 */
export function decidesAtBoot(key: string, { reader, paths, lines }: BootFiles): Given | null {
  const order = readInOrder(paths)
  const settings =
    reader === 'systemd'
      ? [...settingsIn(lines, order).values()]
      : order.flatMap((path) => lines.filter((line) => line.path === path))
  const own = settings.filter((line) => line.key === key)
  if (own.length > 0) return own.findLast(isGiven) ?? null
  return (
    settings.findLast((line): line is Given => isGiven(line) && isPattern(line.key) && matches(line.key, key)) ?? null
  )
}

const isPattern = (key: string): boolean => /[*?[]/.test(key)

/** glob(7), a folder at a time. */
function matches(pattern: string, key: string): boolean {
  const [wanted, parts] = [pattern.split('/'), key.split('/')]
  return wanted.length === parts.length && wanted.every((one, at) => matchesName(one, parts[at] ?? ''))
}

/** By two places that only go forward: in proportion to both lengths, whatever the pattern is. */
function matchesName(pattern: string, name: string): boolean {
  let [at, inName, star, after] = [0, 0, -1, 0]
  while (inName < name.length) {
    const { length, hit } = unitAt(pattern, at, name[inName] ?? '')
    if (pattern[at] === '*') {
      star = at
      after = inName
      at += 1
    } else if (length > 0 && hit) {
      at += length
      inName += 1
    } else if (star >= 0) {
      after += 1
      inName = after
      at = star + 1
    } else return false
  }
  while (pattern[at] === '*') at += 1
  return at === pattern.length
}

function unitAt(pattern: string, at: number, char: string): { readonly length: number; readonly hit: boolean } {
  const one = pattern[at]
  if (one === undefined) return { length: 0, hit: false }
  if (one === '?') return { length: 1, hit: true }
  if (one !== '[') return { length: 1, hit: one === char }
  const end = pattern.indexOf(']', at + 2)
  if (end < 0) return { length: 1, hit: char === '[' }
  return { length: end - at + 1, hit: inSet(pattern.slice(at + 1, end), char) }
}

function inSet(set: string, char: string): boolean {
  const not = /^[!^]/.test(set)
  const body = not ? set.slice(1) : set
  let hit = false
  for (let at = 0; at < body.length; at += 1) {
    const [from = '', to] = [body[at], body[at + 1] === '-' && at + 2 < body.length ? body[at + 2] : undefined]
    if (to === undefined) hit ||= from === char
    else {
      hit ||= from <= char && char <= to
      at += 2
    }
  }
  return hit !== not
}
