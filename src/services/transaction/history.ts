import type { AccountChange, PasswordClass } from '../model/account.ts'
import { fail, ok, type Result } from '../model/errors.ts'
import { bytesOf, type FileBytes, fromBase64 } from '../model/file-bytes.ts'
import type { Family } from '../model/firewall.ts'
import type { Host } from '../model/host.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import type { FileChange, UnitChange } from '../model/step.ts'
import type { Note, PastTransaction, TransactionRecord } from '../model/transaction.ts'
import { keptOf } from './kept.ts'
import { type Message, messageOf, noteOf, readEnding, readMessages } from './protocol.ts'
import { historyCommand, recordCommand } from './scripts.ts'

type Asks = Pick<Host, 'exec'>

/** Every transaction that ended on this server, newest first; none on a server that never had one. */
export async function readHistory(host: Asks): Promise<Result<readonly PastTransaction[]>> {
  const result = await host.exec(historyCommand())
  return result.ok ? ok(pastOf(readMessages(result.value.stdout))) : result
}

type Building = PastTransaction & { readonly summary: Safe[]; readonly notes: Note[] }

/** Reads `guard.sh history`: a `record` line a transaction, then its summary and notes. */
export function pastOf(messages: readonly Message[]): readonly PastTransaction[] {
  const past: Building[] = []
  for (const { word, rest } of messages) {
    const last = past.at(-1)
    if (word === 'record') past.push({ ...readPast(rest), summary: [], notes: [] })
    else if (last && word === 'summary') last.summary.push(safe(rest))
    else if (last && word === 'note' && rest !== '') last.notes.push(noteOf(rest))
    else if (last && word === 'kept') {
      const { lasts, note } = keptOf(rest)
      past[past.length - 1] = { ...last, lasts }
      if (note) last.notes.push(note)
    }
  }
  return past
}

function readPast(rest: string): Omit<PastTransaction, 'summary' | 'notes'> {
  const [id = '', ending = '', armedAt = '', endedAt = '', owner = '', from = '', undo = ''] = rest.split(' ')
  return {
    id,
    ...readEnding(ending),
    armedAt: timeOf(armedAt),
    endedAt: timeOf(endedAt),
    owner: safe(owner),
    from: safe(from),
    lasts: null,
    undoable: undo === 'yes',
  }
}

/** `2026-11-23T09:21:07+0000` as `2026-11-23 09:21:07`. */
const timeOf = (text: string) => safe(text.replace('T', ' ').slice(0, 19))

/** What one transaction changed. */
export async function readRecord(host: Asks, id: string): Promise<Result<TransactionRecord>> {
  const result = await host.exec(recordCommand(id))
  if (!result.ok) return result
  const messages = readMessages(result.value.stdout)
  // The end mark proves that nothing was cut off on the way.
  const record = messages.some(({ word, rest }) => word === 'end' && rest === id) ? recordOf(id, messages) : null
  if (record) return ok(record)
  const unread = messageOf(messages, 'unread')
  if (unread !== null)
    return fail({
      kind: 'unsupported-host',
      message: say`The record of ${safe(id)} can't be read whole: ${safe(unread)}.`,
      next: say`Mend that on the server and read it again.`,
    })
  return fail({
    kind: 'unsupported-host',
    message: say`The server no longer has the record of ${safe(id)}.`,
    next: say`It keeps the newest ones only; change it back by hand.`,
  })
}

/** Reads `guard.sh record ID`; null where the bytes of a file did not come whole. */
export function recordOf(id: string, messages: readonly Message[]): TransactionRecord | null {
  /** The lines of each word and first field, without that field. */
  const lines = new Map<string, string[]>()
  for (const { word, rest } of messages) {
    const blank = rest.indexOf(' ')
    if (blank < 0) continue
    const place = `${word} ${rest.slice(0, blank)}`
    const known = lines.get(place)
    if (known) known.push(rest.slice(blank + 1))
    else lines.set(place, [rest.slice(blank + 1)])
  }
  const linesOf = (word: string, key: string): readonly string[] => lines.get(`${word} ${key}`) ?? []
  const textOf = (word: string, key: string): string =>
    linesOf(word, key)
      .map((line) => `${line}\n`)
      .join('')
  /** As guards give it since version 2; before, a file came as lines of text, each with its word. */
  const bytesFrom = (word: string, key: string): FileBytes | undefined => {
    const coded = linesOf(`${word}-bytes`, key)
    return coded.length > 0 ? (fromBase64(coded.join('')) ?? undefined) : bytesOf(textOf(word, key))
  }
  const files = new Map<string, readonly string[]>()
  for (const { word, rest } of messages) {
    const [key = '', ...about] = rest.split(' ')
    if (word === 'file' && !files.has(key)) files.set(key, about)
  }
  const absent = new Set(messages.flatMap(({ word, rest }) => (word === 'absent' ? [rest] : [])))
  const changes: FileChange[] = []
  for (const [key, [verb = '', path = '']] of files) {
    const text = verb === 'remove' ? null : bytesFrom('now', key)
    const was = absent.has(key) ? null : bytesFrom('was', key)
    if (text === undefined || was === undefined) return null
    changes.push({ path, text, was })
  }
  const accounts = linesFrom(messages, 'account').map((line) => readAccount(line, bytesFrom))
  if (accounts.includes(null)) return null
  return {
    id,
    accounts: accounts.flatMap((one) => one ?? []),
    version: versionOf(messageOf(messages, 'version')),
    rules: (['v4', 'v6'] as const).flatMap((family: Family) => {
      const touches = linesOf('touch', family).map((line) => {
        const [table = '', chain = ''] = line.split(' ')
        return { family, table, chain }
      })
      return touches.length === 0
        ? []
        : [{ family, touches, before: textOf('base', family), after: textOf('planned', family) }]
    }),
    files: changes,
    units: messages.flatMap((one): UnitChange[] => (one.word === 'unit' ? [readUnit(one.rest)] : [])),
  }
}

const linesFrom = (messages: readonly Message[], wanted: string): readonly string[] =>
  messages.flatMap(({ word, rest }) => (word === wanted ? [rest] : []))

/** Reads `NUMBER VERB NAME …` as plan/accounts has it; null where its keys did not come whole, or it is none. */
function readAccount(
  line: string,
  bytesFrom: (word: string, key: string) => FileBytes | undefined,
): AccountChange | null {
  const [key = '', verb = '', name = '', a = '', b = '', c = ''] = line.split(' ')
  const keysIn = (word: string): readonly FileBytes[] | null => {
    const text = bytesFrom(word, key)
    return text === undefined ? null : (text.split('\n').slice(0, -1) as FileBytes[])
  }
  switch (verb) {
    case 'create': {
      const keys = keysIn('add')
      const groups = b === '-' ? [] : b.split(',')
      return keys && { verb, name, shell: a, groups, keys, password: c === 'password' }
    }
    case 'keys': {
      const [add, remove] = [keysIn('add'), keysIn('remove')]
      return add && remove && { verb, name, file: b, was: a === 'absent' ? null : a, add, remove }
    }
    case 'lock':
    case 'unlock':
      return { verb, name, was: a as PasswordClass }
    case 'shell':
      return { verb, name, shell: a, was: b === '-' ? '' : b }
    default:
      return null
  }
}

/** The first release wrote none: texts of files came as lines then, and notes without a grade. */
const versionOf = (said: string | null): number =>
  said === null ? 1 : /^\d{1,6}$/.test(said) ? Number(said) : Number.POSITIVE_INFINITY

function readUnit(rest: string): UnitChange {
  const [unit = '', run = '-', boot = '-', wasRun = '', wasBoot = ''] = rest.split(' ')
  return {
    unit,
    run: run === '-' ? null : (run as UnitChange['run']),
    boot: boot === '-' ? null : (boot as UnitChange['boot']),
    was: { run: wasRun, boot: wasBoot },
  }
}
