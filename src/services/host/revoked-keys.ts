import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fail, ok, type Result } from '../model/errors.ts'
import { keyType, type Unreadable } from './known-hosts.ts'

/** How a key revocation list begins; anything else is a list of public keys, one a line (RevokedHostKeys, ssh_config(5)). */
const KRL_MAGIC = Buffer.from('SSHKRL\n\0', 'latin1')
/** Milliseconds. */
const PATIENCE = 5_000

/**
 * Whether a RevokedHostKeys file names a host key. A file that can't be read is an error, and ssh(1) refuses every key
 * then. A KRL is judged by the program that makes them: `ssh-keygen -Q`.
 */
export async function isRevoked(file: string, blob: Buffer): Promise<Result<boolean, Unreadable>> {
  let content: Buffer
  try {
    content = await readFile(file)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return fail({ file, reason: code ?? message })
  }
  if (content.subarray(0, KRL_MAGIC.length).equals(KRL_MAGIC)) return inKrl(file, blob)
  const key = blob.toString('base64').replace(/=+$/, '')
  const words = new Set(
    content
      .toString('latin1')
      .split(/\s+/)
      .map((word) => word.replace(/=+$/, '')),
  )
  return ok(words.has(key))
}

async function inKrl(file: string, blob: Buffer): Promise<Result<boolean, Unreadable>> {
  // It reads keys from files alone, and /dev/stdin of a child of Node's is a socket, which can't be opened.
  const folder = await mkdtemp(join(tmpdir(), 'hardtui-'))
  try {
    const key = join(folder, 'host.pub')
    await writeFile(key, `${keyType(blob)} ${blob.toString('base64')}\n`, { mode: 0o600 })
    return await new Promise((resolve) => {
      execFile('ssh-keygen', ['-Q', '-f', file, key], { timeout: PATIENCE }, (error, stdout, stderr) => {
        if (error === null && /: ok$/m.test(stdout)) return resolve(ok(false))
        if (/\bREVOKED\b/.test(stdout)) return resolve(ok(true))
        const reason = stderr.trim().split('\n').at(-1) || (error?.message ?? 'it says nothing')
        resolve(fail({ file, reason: `ssh-keygen -Q: ${reason}` }))
      })
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
