import { readFileSync } from 'node:fs'
import ssh2, { type Client } from 'ssh2'
import type { Practice } from '../../../src/services/practice/practice.ts'

export type Ran = { readonly status: number | null; readonly stdout: string; readonly stderr: string }

/** Logs in by the key that the practice server hands out. Rejects with ssh2's error. */
export const logIn = ({ host, port, user, identityFile }: Practice, readyTimeout = 8000): Promise<Client> =>
  new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    client.once('ready', () => resolve(client))
    client.on('error', reject)
    client.connect({ host, port, username: user, privateKey: readFileSync(identityFile), readyTimeout })
  })

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
