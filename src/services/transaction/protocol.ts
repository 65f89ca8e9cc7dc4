import { LINE_CAP, type Safe, safe, say } from '../model/safe.ts'
import type { Note, RollbackCause, Timer } from '../model/transaction.ts'

/** One `@word rest` line of a server-side script; everything else it prints is noise. */
export type Message = { readonly word: string; readonly rest: string }

export const readMessage = (line: string): Message | null => {
  const match = /^@([a-z-]+) ?(.*)$/s.exec(line)
  return match ? { word: match[1] as string, rest: match[2] as string } : null
}

export const readMessages = (text: string): readonly Message[] =>
  text.split('\n').flatMap((line) => {
    const message = readMessage(line)
    return message ? [message] : []
  })

/** Finds a message by its word. */
export const messageOf = (messages: readonly Message[], word: string): string | null =>
  messages.find((message) => message.word === word)?.rest ?? null

/** What the server says is pending; null where nothing is. */
export type ServerStatus = {
  readonly state: 'none' | 'preparing' | 'prepared' | 'armed' | 'confirmed' | 'reverting' | 'reverted'
  readonly timer: Timer | null
  readonly applied: boolean
  readonly failed: Safe | null
  /** Where the transaction that was asked about ended, once it is no longer pending. */
  readonly ended: { readonly outcome: 'confirmed' | 'rolled-back' | 'unknown'; readonly cause: RollbackCause } | null
  readonly notes: readonly Note[]
  /** What boots make of it, once it was confirmed (kept.ts); null where that is not said. */
  readonly kept: string | null
}

const STATES = ['none', 'preparing', 'prepared', 'armed', 'confirmed', 'reverting', 'reverted'] as const

/** States whose folder may be moved to the history while it is read: without an id it has ended, and `ended` says how. */
const ENDING: ReadonlySet<ServerStatus['state']> = new Set(['armed', 'confirmed', 'reverting', 'reverted'])

/**
 * Reads `guard.sh status raw`. `receivedAt` is this machine's clock (epoch ms) when the answer came: the server says
 * how much time is left, so neither clock needs to be right. Null when the answer is not one, or was cut off.
 */
export function readStatus(
  stdout: string,
  receivedAt: number,
  holds: (holder: string) => boolean,
): ServerStatus | null {
  const messages = readMessages(stdout)
  const told = STATES.find((one) => one === messageOf(messages, 'state'))
  if (!told || !messages.some(({ word, rest }) => word === 'end' && rest === 'status')) return null
  const state = ENDING.has(told) && !messageOf(messages, 'id') ? 'none' : told
  const ended = messageOf(messages, 'ended')
  return {
    state,
    timer: state === 'none' ? null : readTimer(messages, receivedAt, holds),
    applied: messageOf(messages, 'applied') === 'yes',
    failed: messages.some((one) => one.word === 'failed') ? safe(messageOf(messages, 'failed') ?? '') : null,
    ended: ended === null ? null : readEnding(ended),
    notes: notesOf(messages),
    kept: messageOf(messages, 'kept'),
  }
}

/** All that the server noted of a change's end. */
export const notesOf = (messages: readonly Message[]): readonly Note[] =>
  messages.flatMap(({ word, rest }) => (word === 'note' && rest !== '' ? [noteOf(rest)] : []))

/**
 * Reads `GRADE WORDS`. Guards of the first release, and records that they left, have no grades: theirs are plain, but for
 * the two words with which that release said that something was not put back.
 */
export function noteOf(rest: string): Note {
  const [, grade, words] = /^(lost|failed|heed|plain) (.*)$/s.exec(rest) ?? []
  if (grade !== undefined) return { grade: grade as Note['grade'], text: safe(words ?? '', LINE_CAP) }
  return { grade: rest.includes('could NOT') ? 'lost' : 'plain', text: safe(rest, LINE_CAP) }
}

const CAUSES: readonly RollbackCause[] = ['operator', 'timer', 'boot', 'failure']

/** `confirmed`, `rolled-back-timer`, `unknown` */
export function readEnding(text: string): NonNullable<ServerStatus['ended']> {
  if (text === 'confirmed') return { outcome: 'confirmed', cause: 'unknown' }
  const cause = CAUSES.find((one) => text === `rolled-back-${one}`)
  return text.startsWith('rolled-back')
    ? { outcome: 'rolled-back', cause: cause ?? 'unknown' }
    : { outcome: 'unknown', cause: 'unknown' }
}

function readTimer(messages: readonly Message[], receivedAt: number, holds: (holder: string) => boolean): Timer {
  const [at, by, address] = (messageOf(messages, 'taken') ?? '').split(' ')
  const text = (word: string): string => messageOf(messages, word) ?? ''
  const id = text('id')
  return {
    id,
    owner: safe(text('owner') || '?'),
    from: safe(text('from') || '?'),
    armedAt: safe(text('since') || '?'),
    deadlineAt: safe(text('deadline') || '?'),
    firesAt: receivedAt + Math.max(0, number(text('left'))) * 10,
    windowSeconds: number(text('window')),
    mine: holds(text('holder')),
    taken: at ? { at: safe(at), from: say`${safe(by ?? '?')} (from ${safe(address ?? '?')})` } : null,
    summary: messages.filter((one) => one.word === 'summary').map((one) => safe(one.rest)),
    first: messages.some((one) => one.word === 'first') ? safe(text('first')) : null,
  }
}

const number = (text: string): number => (/^-?\d+$/.test(text) ? Number(text) : 0)

/** Who holds a pending transaction, from the arming script's `@busy ID CENTISECONDS OWNER FROM SINCE`. */
export function busyWords(rest: string): Safe {
  const [, seconds, owner, from, since] = rest.split(' ')
  return say`${safe(owner || 'somebody')} (from ${safe(from || '?')}) has a change pending since ${safe(since || '?')}; it rolls back by itself in ${safe(seconds || '?')} s unless it is confirmed`
}
