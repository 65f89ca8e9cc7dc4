import type { AuthorizedKey, KeyLine, PublicKey } from '../../../model/account-facts.ts'
import type { FileBytes } from '../../../model/file-bytes.ts'
import { textOf } from '../../../model/file-bytes.ts'
import { LINE_CAP, type Safe, safe, say } from '../../../model/safe.ts'
import { readPublicKey } from './blob.ts'
import { readOptions } from './options.ts'

/**
 * Reads a file of authorized_keys(5) as sshd does: a line is a key, or options and a key; what neither is, sshd passes
 * over. Empty lines and comments are left out.
 */
export const readKeys = (bytes: FileBytes): readonly KeyLine[] =>
  bytes.split('\n').flatMap((text, at) => readKeyLine(text as FileBytes, at + 1) ?? [])

/** Reads one line; null where it says nothing. */
export function readKeyLine(bytes: FileBytes, line: number): KeyLine | null {
  // sshd's lines are C strings: they end at a NUL.
  const rest = (bytes.split('\0', 1)[0] as string).replace(/^[ \t]+/, '').replace(/\r$/, '')
  if (rest === '' || rest.startsWith('#')) return null
  const plain = keyAt(rest)
  if (typeof plain === 'object') return { state: 'key', line, ...plain, options: [], problem: null, text: bytes }
  const end = endOfOptions(rest)
  if (end === null) return broken(rest, line, say`a quote is not closed`)
  const behind = rest.slice(end).replace(/^[ \t]+/, '')
  const found = behind === '' ? plain : keyAt(behind)
  // Of a line that begins with a type the first reason is the better one.
  if (typeof found === 'string') return broken(rest, line, /^(?:ssh|ecdsa|sk|rsa)-/.test(rest) ? plain : found)
  return { state: 'key', line, ...found, ...readOptions(shown(rest.slice(0, end))), text: bytes }
}

const broken = (text: string, line: number, why: Safe): KeyLine => ({
  state: 'broken',
  line,
  why,
  text: safe(shown(text), 80),
})

/** Type, blob and comment; else why there is no key. */
function keyAt(text: string): Pick<AuthorizedKey, 'key' | 'comment'> | Safe {
  const [, type = '', coded = '', comment = ''] = /^([^ \t]*)[ \t]*([^ \t]*)[ \t]*(.*)$/s.exec(text) ?? []
  const key: PublicKey | Safe = readPublicKey(type, coded)
  return typeof key === 'string' ? key : { key, comment: safe(shown(comment), LINE_CAP) }
}

/** Where the options end: at the first blank that stands in no quotes (sshkey_advance_past_options); null: in none. */
function endOfOptions(text: string): number | null {
  let quoted = false
  let at = 0
  for (; at < text.length && (quoted || (text[at] !== ' ' && text[at] !== '\t')); at++) {
    if (text[at] === '\\' && text[at + 1] === '"') at++
    else if (text[at] === '"') quoted = !quoted
  }
  return quoted ? null : at
}

const shown = (bytes: string): string => textOf(bytes as FileBytes)

/** The value of the first option of a name; null where it has none. */
export const optionOf = ({ options }: AuthorizedKey, name: string): string | null =>
  options.find((option) => option.name === name)?.value ?? null

/** Whether an option is given. */
export const hasOption = ({ options }: AuthorizedKey, name: string): boolean =>
  options.some((option) => option.name === name)

/** Whether a key counts from some addresses only: its `from=` names others than all. */
export function isPlaced(key: AuthorizedKey): boolean {
  const from = optionOf(key, 'from')
  return from !== null && !from.split(',').some((pattern) => /^(?:[*.:]+|0\.0\.0\.0\/0|::\/0)$/.test(pattern.trim()))
}

/** Whether sshd forwards ports for who comes by this key: the last word of `restrict` and its exceptions counts. */
export function forwardsPorts({ options }: AuthorizedKey): boolean {
  const words = options.map(({ name }) => name)
  const last = words.findLast((name) => /^(?:restrict|(?:no-)?port-forwarding)$/.test(name))
  return last === undefined || last === 'port-forwarding'
}

/**
 * When a key ends by its `expiry-time`, in epoch seconds; null where it has none. A time without Z is the server's own
 * (`zone`: minutes east of Greenwich). Of several the earliest counts.
 */
export function expiryOf({ options }: AuthorizedKey, zone: number): number | null {
  const times = options.filter(({ name }) => name === 'expiry-time').map(({ value }) => timeOf(value ?? '', zone))
  const known = times.filter((time) => time !== null)
  return known.length > 0 ? Math.min(...known) : null
}

/** `YYYYMMDD[HHMM[SS]][Z]`. */
export function timeOf(text: string, zone: number): number | null {
  const match = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z)?$/i.exec(text)
  if (!match) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((one) => Number(one ?? 0))
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return null
  const time = Date.UTC(year, month - 1, day, hour, minute, second) / 1000
  return match[7] === undefined ? time - zone * 60 : time
}
