import { fail, ok, type Result } from '../../../model/errors.ts'
import type { FileBytes } from '../../../model/file-bytes.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import type { Binds, ConfigLine } from '../../../model/units.ts'
import { ALREADY, type Bind, type BindChange, bytesIn, drawn, lineWords, whyUnread, withLine } from './bind.ts'
import { EXIM_FILE } from './read.ts'

/**
 * A line that a shell, which reads this file, can take in one way only: blank, a comment, or one plain setting. A quote
 * that is open over a line end, a second command or anything to expand is none.
 */
const PLAIN = /^[ \t]*(?:#.*|(?:([A-Za-z_]\w*)=('[^']*'|"[^"$`\\]*"|[\w.,:/@+-]*)(?:[ \t]+#.*|[ \t]*))?)$/

type Line = { readonly name: string; readonly value: string; readonly at: number }

/** The settings of update-exim4.conf.conf, or the first line (from 0) that is none. */
export function readEximFile(bytes: FileBytes): Result<readonly Line[], number> {
  const lines: Line[] = []
  for (const [at, raw] of bytes.split('\n').entries()) {
    const match = PLAIN.exec(raw)
    if (!match) return fail(at)
    const [, name, value = ''] = match
    if (name !== undefined) lines.push({ name, value: value.replace(/^(['"])(.*)\1$/s, '$2'), at })
  }
  return ok(lines)
}

const KEYWORD = 'dc_local_interfaces'
const DECIDES = new RegExp(`${KEYWORD}`)

/** What Debian's own template says of it: whatever that file sets (spec.txt of exim, chapter 13). */
const OF_THE_TEMPLATE: ReadonlySet<string> = new Set([
  '.ifdef MAIN_LOCAL_INTERFACES',
  'local_interfaces = MAIN_LOCAL_INTERFACES',
])
const TEMPLATE = '/etc/exim4/exim4.conf.template'

/** Where exim4 is told on which addresses to listen (update-exim4.conf(8)). It reads that when it is restarted. */
export function eximBind(binds: Binds, v6: boolean): Bind {
  const bytes = bytesIn(binds, EXIM_FILE)
  const others = linesBeside(binds)
  const own = (bytes ?? '')
    .split('\n')
    .flatMap((raw, at) => (DECIDES.test(raw.replace(/^[ \t]*#.*/, '')) ? [drawn(EXIM_FILE, at, raw)] : []))
  const none =
    bytes !== null && own.length === 0 ? [say`${safe(EXIM_FILE)} has no ${safe(KEYWORD)}: all addresses`] : []
  return { at: [...own, ...none, ...others.map(lineWords)], change: changeOf(binds, bytes, others, v6) }
}

const linesBeside = ({ looked }: Binds): readonly ConfigLine[] =>
  (looked.get('exim')?.lines ?? []).filter(({ path, text }) => path !== TEMPLATE || !OF_THE_TEMPLATE.has(text))

function changeOf(
  binds: Binds,
  bytes: FileBytes | null,
  others: readonly ConfigLine[],
  v6: boolean,
): Result<BindChange, Safe> {
  const unread = whyUnread(binds, EXIM_FILE)
  const beside = binds.looked.get('exim')
  if (unread) return fail(unread)
  if (!beside || beside.why)
    return fail(say`what else sets it is not known: ${beside?.why ?? say`it was not all read`}`)
  const elsewhere = beside.files.find((path) => path === '/etc/exim4/exim4.conf' || path === '/etc/exim/exim.conf')
  if (elsewhere !== undefined) return fail(say`exim reads ${safe(elsewhere)}: set local_interfaces there`)
  if (bytes === null) return fail(say`there is no ${safe(EXIM_FILE)}: set local_interfaces in exim's own file`)
  const [other] = others
  if (other) return fail(say`it is set beside Debian's file too: ${lineWords(other)}`)
  const read = readEximFile(bytes)
  if (!read.ok)
    return fail(say`${drawn(EXIM_FILE, read.error, bytes.split('\n')[read.error] ?? '')} is no plain setting`)
  const valuesOf = (name: string): readonly Line[] => read.value.filter((one) => one.name === name)
  if (valuesOf('dc_use_split_config').some(({ value }) => value !== 'false'))
    return fail(say`its configuration is split over /etc/exim4/conf.d: look for local_interfaces there`)
  const kind = valuesOf('dc_eximconfig_configtype')
  if (kind.length !== 1 || kind[0]?.value === 'none')
    return fail(say`Debian's settings make no configuration of exim here`)
  const [now, again] = valuesOf(KEYWORD)
  if (again) return fail(say`${safe(EXIM_FILE)} sets ${safe(KEYWORD)} twice`)
  if (now && isLoopback(now.value)) return fail(ALREADY)
  const value = v6 ? '127.0.0.1 ; ::1' : '127.0.0.1'
  const line = `${KEYWORD}='${value}'`
  const raw = bytes.split('\n')[now?.at ?? 0] ?? ''
  const text = withLine(bytes, now?.at ?? null, now ? inPlace(raw, line) : line)
  return ok({ file: { kind: 'file', path: EXIM_FILE, text, was: bytes }, summary: safe(line) })
}

/** Blanks before it and a comment behind it stay. */
const inPlace = (raw: string, line: string): string =>
  raw.replace(/^([ \t]*)\w+=(?:'[^']*'|"[^"]*"|[^ \t]*)/, (_, blanks: string) => `${blanks}${line}`)

/** A list by semicolons, as this file has it, or by colons. */
const isLoopback = (value: string): boolean => {
  const all = value.split(value.includes(';') ? ';' : ' : ').map((one) => one.trim())
  const named = all.filter((one) => one !== '')
  return named.length > 0 && named.every((one) => one === '127.0.0.1' || one === '::1' || one === '::::1')
}
