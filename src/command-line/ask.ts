import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { cells, cutTo } from '../screens/text/cells.ts'
import { wrap } from '../screens/text/line.ts'
import type { Ask, Question } from '../services/model/host.ts'
import { type Safe, say } from '../services/model/safe.ts'

/** Rows to write first, and what stands before the answer. */
type Prompt = { readonly rows: readonly string[]; readonly text: string; readonly echo: boolean }

/**
 * Begins every row of this program's own questions. Every row of a server's begins with `(user@host) `, as ssh(1) has it, and
 * is cut to the terminal's width, so that nothing he writes can look like one of ours.
 */
const OURS = 'hardtui: '
const ours = (text: string, echo = false): readonly Prompt[] => [{ rows: [], text: `${OURS}${text}`, echo }]
const again = (attempt: number): string => (attempt > 1 ? 'that was not right; ' : '')

function theirs(question: Extract<Question, { kind: 'keyboard-interactive' }>, columns: number): readonly Prompt[] {
  const who = cutTo(say`(${question.user}@${question.host}) `, Math.max(8, Math.floor(columns / 2)))
  const rowsOf = (text: Safe): readonly string[] =>
    wrap(text, Math.max(8, columns - cells(who) - 1)).map((row) => `${who}${row.map((part) => part.text).join('')}`)
  const told = [...(question.name === '' ? [] : [question.name]), ...question.instructions].flatMap(rowsOf)
  const prompts = question.prompts.map(({ text, echo }): Prompt => {
    const rows = rowsOf(text)
    return { rows: rows.slice(0, -1), text: `${rows.at(-1) ?? who} `, echo }
  })
  const [first, ...others] = prompts
  if (first === undefined) return [{ rows: told, text: `${OURS}Enter goes on `, echo: false }]
  return [{ ...first, rows: [...told, ...first.rows] }, ...others]
}

const PROMPTS: {
  readonly [K in Question['kind']]: (question: Extract<Question, { kind: K }>, columns: number) => readonly Prompt[]
} = {
  'host-key': (q) => [
    {
      rows: [`${OURS}the key of ${q.host} is not known: ${q.keyType} ${q.fingerprint}`],
      text: `${OURS}type yes to trust it and remember it in ${q.file}: `,
      echo: true,
    },
  ],
  password: (q) => ours(`${again(q.attempt)}password of ${q.user}@${q.host}: `),
  passphrase: (q) => ours(`${again(q.attempt)}passphrase of ${q.file}: `),
  'keyboard-interactive': theirs,
  'sudo-password': (q) => ours(`${again(q.attempt)}sudo password of ${q.user}: `),
  'new-password': (q) =>
    ours(`${q.why ?? ''} ${q.again ? 'the same once more' : 'new password'} for ${q.user}: `.trimStart()),
}

/** What was typed while nobody asked, for whoever asked before. */
type Held = { readonly over: AbortSignal; readonly kind: Question['kind']; readonly release: () => string }

/**
 * Puts questions on the terminal, line by line, secrets without echo. From an answer until who asked has gone on, what is
 * typed is not shown either, and is for his next question of that kind. Cancels where there is no terminal.
 */
export function createTerminalAsk(stdin: NodeJS.ReadStream, stderr: NodeJS.WriteStream): Ask {
  let held: Held | null = null
  return async (question, over) => {
    if (!stdin.isTTY) return null
    const typed = held?.release() ?? ''
    const forThis = held !== null && held.over === over && held.kind === question.kind
    held = null
    const columns = stderr.columns ?? 80
    const prompts = (PROMPTS[question.kind] as (q: Question, columns: number) => readonly Prompt[])(question, columns)
    const answers: string[] = []
    for (const [at, prompt] of prompts.entries()) {
      const ahead = forThis && at === 0 && !prompt.echo ? typed : ''
      const answer = await askOne(stdin, stderr, prompt, ahead, over)
      if (answer === null) return null
      answers.push(answer)
    }
    if (over !== undefined && !over.aborted) held = hold(stdin, question.kind, over)
    return question.kind === 'keyboard-interactive' ? answers.slice(0, question.prompts.length) : answers
  }
}

/** Longer than any password. Characters. */
const MOST_TYPED = 1_024

function hold(stdin: NodeJS.ReadStream, kind: Question['kind'], over: AbortSignal): Held {
  let typed = ''
  const onData = (chunk: Buffer | string): void => {
    const text = chunk.toString()
    // Without the terminal's own keys nothing else would end the program here.
    if (text.includes('\u0003')) {
      release()
      process.kill(process.pid, 'SIGINT')
    }
    if (typed.length < MOST_TYPED) typed += text.replace(/[\r\n\u0003]/g, '')
  }
  const release = (): string => {
    over.removeEventListener('abort', release)
    stdin.off('data', onData)
    stdin.setRawMode(false)
    stdin.pause()
    return typed
  }
  stdin.setRawMode(true)
  stdin.on('data', onData)
  stdin.resume()
  over.addEventListener('abort', release, { once: true })
  return { kind, over, release }
}

/** Asks for a yes on the terminal, in rows that are ours; anything else, or no terminal, is a no. */
export const createTerminalYes =
  (stdin: NodeJS.ReadStream, stderr: NodeJS.WriteStream) =>
  async (question: string): Promise<boolean> => {
    const rows = question.split('\n').map((row) => `${OURS}${row}`)
    const prompt = { rows: rows.slice(0, -1), text: rows.at(-1) ?? OURS, echo: true }
    return stdin.isTTY === true && (await askOne(stdin, stderr, prompt)) === 'yes'
  }

async function askOne(
  stdin: NodeJS.ReadStream,
  stderr: NodeJS.WriteStream,
  prompt: Prompt,
  typedAhead = '',
  over: AbortSignal = new AbortController().signal,
): Promise<string | null> {
  for (const row of prompt.rows) stderr.write(`${row}\n`)
  // readline draws the row that is typed in, from its first column: a secret gets an output that draws nothing.
  if (!prompt.echo) stderr.write(prompt.text)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: stdin, output: prompt.echo ? stderr : nowhere, terminal: true })
  const given = new AbortController()
  reader.once('SIGINT', () => given.abort())
  reader.once('close', () => given.abort())
  try {
    const answer = reader.question(prompt.echo ? prompt.text : '', { signal: AbortSignal.any([given.signal, over]) })
    if (typedAhead !== '') reader.write(typedAhead)
    return await answer
  } catch {
    return null
  } finally {
    reader.close()
    if (!prompt.echo) stderr.write('\n')
  }
}
