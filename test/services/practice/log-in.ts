import { readFileSync } from 'node:fs'
import ssh2, { type Client, type ConnectConfig } from 'ssh2'
import type { TestContext } from 'vitest'
import { type Practice, startPractice } from '../../../src/services/practice/practice.ts'

export type Ran = { readonly status: number | null; readonly stdout: string; readonly stderr: string }

/** How else than as root by the key that the practice server hands out, on its port 22. */
export type Way = {
  readonly port?: number
  readonly user?: string
  readonly password?: string
  readonly algorithms?: NonNullable<ConnectConfig['algorithms']>
}

/** Logs in. Rejects with ssh2's error, or that of the connection. */
export async function logIn(
  { dial, target, user, identityFile }: Practice,
  { port = 22, user: username = user, password, algorithms = {} }: Way = {},
): Promise<Client> {
  const sock = await dial({ ...target, port }, new AbortController().signal)
  const proof = password === undefined ? { privateKey: readFileSync(identityFile) } : { password }
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    client.once('ready', () => resolve(client))
    client.on('error', reject)
    client.once('close', () => reject(new Error('closed')))
    client.connect({
      sock: sock as NonNullable<ConnectConfig['sock']>,
      username,
      ...proof,
      algorithms,
      readyTimeout: 8000,
    })
  })
}

/** A practice server without attacks, and root's login to it. */
export async function practise(
  context: TestContext,
): Promise<{ readonly client: Client; readonly practice: Practice }> {
  const practice = await startPractice({ attackEveryMs: 0 })
  context.onTestFinished(practice.stop)
  const client = await logIn(practice)
  context.onTestFinished(() => void client.end())
  return { client, practice }
}

/** Runs a command over a login, with `stdin` as its input. */
export const exec = (client: Client, command: string, stdin = ''): Promise<Ran> =>
  new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error)
      let [stdout, stderr] = ['', '']
      let status: number | null = null
      channel.on('data', (chunk: Buffer) => {
        stdout += chunk
      })
      channel.stderr.on('data', (chunk: Buffer) => {
        stderr += chunk
      })
      channel.on('exit', (code: number | null) => {
        status = code
      })
      channel.on('close', () => resolve({ status, stdout, stderr }))
      channel.end(stdin)
    })
  })
