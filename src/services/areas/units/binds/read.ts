import type { ProbeOutput } from '../../../model/command.ts'
import type { Result } from '../../../model/errors.ts'
import type { FileBytes } from '../../../model/file-bytes.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import type { Binds, ConfigLine, LookedThrough } from '../../../model/units.ts'
import { bytesAt, fileOf } from '../../file-part.ts'
import { isWhole, linesOf } from '../../parts.ts'

/** What exim4 of Debian makes its configuration of (update-exim4.conf(8)). */
export const EXIM_FILE = '/etc/exim4/update-exim4.conf.conf'
/** postconf(5). */
export const POSTFIX_FILE = '/etc/postfix/main.cf'
/** master(5). */
export const POSTFIX_MASTER = '/etc/postfix/master.cf'
/** Ours, over the socket unit of rpcbind(8), as systemd.unit(5) has it. */
export const RPCBIND_FILE = '/etc/systemd/system/rpcbind.socket.d/hardtui.conf'

const PARTS = {
  [EXIM_FILE]: 'exim',
  [POSTFIX_FILE]: 'postfix',
  [POSTFIX_MASTER]: 'postfix-master',
  [RPCBIND_FILE]: 'rpcbind-drop-in',
} as const

/** Whether a file is one that is written here so that a service listens less. */
export const isBindFile = (path: string): boolean =>
  path === EXIM_FILE || path === POSTFIX_FILE || path === RPCBIND_FILE

/** Reads what the probe printed of the services' own files. */
export function parseBinds(output: ProbeOutput): Binds {
  const files = new Map<string, Result<FileBytes | null, Safe>>()
  for (const [path, name] of Object.entries(PARTS)) files.set(path, bytesAt(path, fileOf(output, name)))
  const socket = isWhole(output, 'rpcbind-socket') ? linesOf(output.parts.get('rpcbind-socket') ?? '') : []
  return {
    files,
    looked: parseLooked(output.parts.get('looked') ?? ''),
    rpcbindSocket: socket.at(-1) === 'end' ? socket.slice(0, -1) : null,
  }
}

/** A word is known once its `end` has come: what was cut off before that is not. */
export function parseLooked(text: string): ReadonlyMap<string, LookedThrough> {
  const looked = new Map<string, LookedThrough>()
  const open = new Map<string, { lines: ConfigLine[]; files: string[]; why: Safe | null }>()
  for (const line of linesOf(text)) {
    const [, word = '', verb = '', rest = ''] = /^([a-z]+) ([a-z]+)(?: (.*))?$/.exec(line) ?? []
    const own = open.get(word) ?? { lines: [], files: [], why: null }
    open.set(word, own)
    const [, path = '', number = '', about = ''] = /^(\S+) (\d{1,7}) ?(.*)$/.exec(rest) ?? []
    if (verb === 'end') looked.set(word, own)
    else if (verb === 'file') own.files.push(rest)
    else if (verb === 'line' && path !== '')
      own.lines.push({ path, line: Number(number), text: safe(about.trim(), 160) })
    else own.why ??= whyOf(verb, rest)
  }
  return looked
}

function whyOf(verb: string, rest: string): Safe {
  if (verb === 'unread') return say`${safe(rest, 120)} can't be read`
  if (verb === 'closed') return say`nobody but its owner may look into ${safe(rest, 120)}`
  if (verb === 'odd') return say`a file there has a name that is none of a configuration file`
  return verb === 'many'
    ? say`there are more lines and files of it than are read here`
    : say`a line of the answer is odd`
}
