import { bareAddress, isLoopback } from '../../../model/addresses.ts'
import { fail, ok, type Result } from '../../../model/errors.ts'
import type { FileBytes } from '../../../model/file-bytes.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import type { Binds } from '../../../model/units.ts'
import { ALREADY, type Bind, type BindChange, bytesIn, drawn, whyUnread, withLine } from './bind.ts'
import { POSTFIX_FILE, POSTFIX_MASTER } from './read.ts'

/** A logical line of postfix: where it begins (from 0), whether it goes on behind that, and its words. */
export type LogicalLine = { readonly at: number; readonly raw: string; readonly goesOn: boolean; readonly text: string }

/**
 * The logical lines of main.cf and master.cf (postconf(5), master(5)): one that begins with white space goes on the one
 * before, over blank lines and comments.
 */
export function logicalLines(bytes: FileBytes): readonly LogicalLine[] {
  const found: LogicalLine[] = []
  for (const [at, raw] of bytes.split('\n').entries()) {
    const text = trimmed(raw)
    if (text === '' || text.startsWith('#')) continue
    const last = found.at(-1)
    if (/^[ \t\r\f\v]/.test(raw) && last)
      found[found.length - 1] = { ...last, goesOn: true, text: `${last.text} ${text}` }
    else found.push({ at, raw, goesOn: false, text })
  }
  return found
}

const BLANKS = new Set(' \t\r\f\v')

/** Without postfix's blanks at both ends; JavaScript has more of them, and looks for those at an end again and again. */
function trimmed(raw: string): string {
  let [from, to] = [0, raw.length]
  while (from < to && BLANKS.has(raw[from] as string)) from += 1
  while (to > from && BLANKS.has(raw[to - 1] as string)) to -= 1
  return raw.slice(from, to)
}

const KEYWORD = 'inet_interfaces'
const VALUE = 'loopback-only'
const LOOPBACK: ReadonlySet<string> = new Set([VALUE, 'localhost', '127.0.0.1', '[::1]', '::1'])

/** Of main.cf; blanks around the sign are as people like. */
const settingsOf = (bytes: FileBytes) =>
  logicalLines(bytes).flatMap((line) => {
    const [, name, value = ''] = /^([^ \t\r\f\v=]+)[ \t\r\f\v]*=[ \t\r\f\v]*(.*)$/s.exec(line.text) ?? []
    return name === undefined ? [] : [{ ...line, name, value }]
  })

/** Where postfix is told on which addresses to listen: inet_interfaces of main.cf, which it reads when it is restarted. */
export function postfixBind(binds: Binds): Bind {
  const bytes = bytesIn(binds, POSTFIX_FILE)
  const own = settingsOf(bytes ?? ('' as FileBytes)).filter(({ name }) => name === KEYWORD)
  const lines = own.map(({ at, raw }) => drawn(POSTFIX_FILE, at, raw))
  const none =
    bytes !== null && own.length === 0 ? [say`${safe(POSTFIX_FILE)} has no ${safe(KEYWORD)}: all addresses`] : []
  return { at: [...lines, ...none], change: changeOf(binds, bytes) }
}

function changeOf(binds: Binds, bytes: FileBytes | null): Result<BindChange, Safe> {
  const unread = whyUnread(binds, POSTFIX_FILE) ?? whyUnread(binds, POSTFIX_MASTER)
  if (unread) return fail(unread)
  if (bytes === null) return fail(say`there is no ${safe(POSTFIX_FILE)}`)
  const other = ofMaster(bytesIn(binds, POSTFIX_MASTER) ?? ('' as FileBytes))
  if (other) return fail(other)
  const settings = settingsOf(bytes)
  const instances = settings.find(({ name, value }) => name === 'multi_instance_directories' && value !== '')
  if (instances) return fail(say`it runs several instances: ${drawn(POSTFIX_FILE, instances.at, instances.raw)}`)
  const [now, again] = settings.filter(({ name }) => name === KEYWORD)
  if (again) return fail(say`${safe(POSTFIX_FILE)} sets ${safe(KEYWORD)} twice`)
  if (now?.goesOn) return fail(say`${drawn(POSTFIX_FILE, now.at, now.raw)} goes on over the line end`)
  if (now?.value.split(/[ \t\r\f\v,]+/).every((one) => LOOPBACK.has(one))) return fail(ALREADY)
  const line = now ? now.raw.replace(/^([ \t]*[a-z_]+[ \t\r\f\v]*=[ \t]*).*$/s, `$1${VALUE}`) : `${KEYWORD} = ${VALUE}`
  const text = withLine(bytes, now?.at ?? null, line)
  return ok({ file: { kind: 'file', path: POSTFIX_FILE, text, was: bytes }, summary: safe(`${KEYWORD} = ${VALUE}`) })
}

/** What in master.cf has a say beside main.cf; null where nothing has. */
function ofMaster(bytes: FileBytes): Safe | null {
  for (const { at, raw, text } of logicalLines(bytes)) {
    if (text.includes(KEYWORD)) return say`${drawn(POSTFIX_MASTER, at, raw)} sets it again`
    const [service = '', type] = text.split(/[ \t\r\f\v]+/)
    const host = service.slice(0, Math.max(0, service.lastIndexOf(':')))
    if (type === 'inet' && host !== '' && host !== 'localhost' && !isLoopback(bareAddress(host)))
      return say`${drawn(POSTFIX_MASTER, at, raw)} names an address of its own`
  }
  return null
}
