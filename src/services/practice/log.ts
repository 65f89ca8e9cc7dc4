import { appendFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { attack, fileLine, history, journalEntry } from './attacks.ts'
import { put } from './furnish.ts'

/** Adds a line of sshd's to the log, as the process `pid` (the listening one where none is given). */
export type WriteLog = (message: string, pid?: number) => void

/** Makes the secure log with its past, in /var/log/auth.log or as a journal below `root`; gives what adds to it. */
export async function startLog(root: string, kind: 'file' | 'journal', random: () => number): Promise<WriteLog> {
  const file = join(root, 'var/log', kind === 'file' ? 'auth.log' : 'journal.json')
  const print = kind === 'file' ? fileLine : journalEntry
  const now = Date.now()
  const past = history(random).map((line) => print(line, now - line.age * 1000))
  await put(file, past.join(''))
  return (message, pid = 640) => {
    if (existsSync(file)) appendFileSync(file, print({ program: 'sshd', pid, message }, Date.now()))
  }
}

/** Lets attacks come in, one in `everyMs` milliseconds on average (0: none). Gives what stops them. */
export function startAttacks(write: WriteLog, everyMs: number, random: () => number): () => void {
  if (everyMs <= 0) return () => {}
  let timer: NodeJS.Timeout
  const next = (): void => {
    timer = setTimeout(
      () => {
        for (const { message, pid } of attack(random)) write(message, pid)
        next()
      },
      everyMs * (0.25 + 1.5 * random()),
    )
    timer.unref()
  }
  next()
  return () => clearTimeout(timer)
}
