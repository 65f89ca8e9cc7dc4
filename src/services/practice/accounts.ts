import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readKeys } from '../areas/sshd/accounts/keys.ts'
import { fromBytes } from '../model/file-bytes.ts'
import { isPassword, newHash } from './crypt.ts'
import type { Outcome } from './netfilter/programs.ts'

/** A line of passwd(5) and what shadow(5) has beside it. */
export type PracticeAccount = {
  readonly name: string
  readonly uid: number
  readonly gid: number
  /** As the practice server names it: below its root. */
  readonly home: string
  readonly shell: string
  /** The password's field; empty where there is none. */
  readonly hash: string
}

/** A text file of the practice server; empty where there is none. */
export function readText(root: string, path: string): string {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch {
    return ''
  }
}

const rows = (root: string, file: string): readonly (readonly string[])[] =>
  readText(root, `etc/${file}`)
    .split('\n')
    .map((line) => line.split(':'))

/** The account of a name as the server's files have it now; null where there is none. */
export function accountNamed(root: string, name: string): PracticeAccount | null {
  const row = rows(root, 'passwd').find(([one]) => one === name)
  if (!row || name === '') return null
  const [, , uid, gid, , home = '/', shell = ''] = row
  const [, hash = '*'] = rows(root, 'shadow').find(([one]) => one === name) ?? []
  return { name, uid: Number(uid), gid: Number(gid), home, shell: shell === '' ? '/bin/sh' : shell, hash }
}

/** The names of the groups that an account is in. */
export const groupsOf = (root: string, { name, gid }: PracticeAccount): readonly string[] =>
  rows(root, 'group').flatMap(([group = '', , number, members = '']) =>
    Number(number) === gid || members.split(',').includes(name) ? [group] : [],
  )

const ended = (status: number, stderr = ''): Outcome => ({ status, stdout: '', stderr })

/** For sudo(8): whether what comes in is the password of an account. */
export function checkPassword(root: string, [name = '']: readonly string[], stdin: string): Outcome {
  const account = accountNamed(root, name)
  return ended(account && isPassword(stdin.replace(/\n$/, ''), account.hash) ? 0 : 1)
}

/** For chpasswd(8): `NAME:HASH` a line for each `NAME:PASSWORD`, and nothing where one is of nobody. */
export function hashPasswords(root: string, stdin: string): Outcome {
  const lines = stdin.split('\n').filter((line) => line !== '')
  const wrong = lines.findIndex((line) => accountNamed(root, line.split(':')[0] ?? '') === null)
  if (wrong >= 0) return ended(1, `chpasswd: line ${wrong + 1}: user '${lines[wrong]?.split(':')[0]}' does not exist\n`)
  const hashed = lines.map((line) => `${line.split(':')[0]}:${newHash(line.slice(line.indexOf(':') + 1))}\n`)
  return { status: 0, stdout: hashed.join(''), stderr: '' }
}

/** ssh-keygen(1) -lf FILE: bits, fingerprint, comment and type of the public key in a file. */
export function keyFingerprint(args: readonly string[]): Outcome {
  const file = args.at(-1) ?? ''
  const [line] = existsSync(file) ? readKeys(fromBytes(readFileSync(file))) : []
  if (line?.state !== 'key') return ended(255, `${file} is not a public key file.\n`)
  const { bits, fingerprint, kind } = line.key
  return { status: 0, stdout: `${bits} ${fingerprint} ${line.comment} (${kind.toUpperCase()})\n`, stderr: '' }
}
