import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Ask, Question } from '../services/model/host.ts'

type Prompt = { readonly text: string; readonly echo: boolean }

const PROMPTS: { readonly [K in Question['kind']]: (question: Extract<Question, { kind: K }>) => readonly Prompt[] } = {
  'host-key': (q) => [
    {
      text: `The key of ${q.host} is not known: ${q.keyType} ${q.fingerprint}\nType yes to trust it and remember it in ${q.file}: `,
      echo: true,
    },
  ],
  password: (q) => [{ text: `Password of ${q.user}@${q.host}: `, echo: false }],
  passphrase: (q) => [{ text: `Passphrase of ${q.file}: `, echo: false }],
  'keyboard-interactive': (q) => q.prompts.map((prompt) => ({ text: `${prompt.text} `, echo: prompt.echo })),
  'sudo-password': (q) => [{ text: `sudo password of ${q.user}: `, echo: false }],
}

/** Puts questions on the terminal, line by line, secrets without echo. Cancels where there is no terminal. */
export const createTerminalAsk =
  (stdin: NodeJS.ReadStream, stderr: NodeJS.WriteStream): Ask =>
  async (question, over) => {
    if (!stdin.isTTY) return null
    const prompts = (PROMPTS[question.kind] as (q: Question) => readonly Prompt[])(question)
    const answers: string[] = []
    for (const prompt of prompts) {
      const answer = await askOne(stdin, stderr, prompt, over)
      if (answer === null) return null
      answers.push(answer)
    }
    return answers
  }

/** Asks for a yes on the terminal; anything else, or no terminal, is a no. */
export const createTerminalYes =
  (stdin: NodeJS.ReadStream, stderr: NodeJS.WriteStream) =>
  async (question: string): Promise<boolean> =>
    stdin.isTTY === true && (await askOne(stdin, stderr, { text: question, echo: true })) === 'yes'

async function askOne(
  stdin: NodeJS.ReadStream,
  stderr: NodeJS.WriteStream,
  prompt: Prompt,
  over: AbortSignal = new AbortController().signal,
): Promise<string | null> {
  stderr.write(prompt.text)
  // readline draws what is typed on its output: a secret gets one that draws nothing.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: stdin, output: prompt.echo ? stderr : nowhere, terminal: true })
  const given = new AbortController()
  reader.once('SIGINT', () => given.abort())
  reader.once('close', () => given.abort())
  try {
    return await reader.question('', { signal: AbortSignal.any([given.signal, over]) })
  } catch {
    return null
  } finally {
    reader.close()
    if (!prompt.echo) stderr.write('\n')
  }
}
