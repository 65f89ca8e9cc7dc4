import { readFile } from 'node:fs/promises'
import type { ParsedKey } from 'ssh2'
import type { Ask, LoginPolicy, Target } from '../model/host.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import { openSealed, unseal } from './key-decrypt.ts'
import { fingerprint, rsaBits } from './known-hosts.ts'
import { allowedOf, DEFAULT_POLICY } from './login-policy.ts'
import type { Ssh2 } from './ssh2.ts'
import { isDefaultKey } from './target.ts'

/**
 * A key that can be offered. Its public half is enough to ask the server whether it would do; only then is the
 * private half needed, so nobody is asked for the passphrase of a key that is of no use.
 */
export type Identity = {
  /** The public key's fingerprint: the same key from agent and file is one identity. */
  readonly id: string
  readonly label: Safe
  readonly publicKey: ParsedKey
  /** `hash` is the digest for RSA (RFC 8332). Rejects when there is no signature to be had. */
  readonly sign: (data: Buffer, hash: string | undefined) => Promise<Buffer>
}

/** Private keys that were unlocked, by file: asked for once in the life of the console, kept in memory only. */
export type Unlocked = Map<string, ParsedKey>

/**
 * An agent that does not answer must not hold up the login: `agent` to list its keys, and then `signature` for one, which
 * may have to wait for a person's consent. Milliseconds.
 */
export type AgentPatience = { readonly agent: number; readonly signature: number }
export const AGENT_PATIENCE: AgentPatience = { agent: 3_000, signature: 20_000 }
const PASSPHRASE_TRIES = 3

const within = <T>(promise: Promise<T>, ms: number, late: T): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(late), ms)
  })
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer))
}

const parseOne = (ssh2: Ssh2, data: Buffer | string): ParsedKey | null => {
  const parsed = ssh2.utils.parseKey(data)
  return parsed instanceof Error ? null : ((Array.isArray(parsed) ? parsed[0] : parsed) ?? null)
}

/** The agent's keys; none when it is missing, refuses or does not answer. */
async function agentIdentities(ssh2: Ssh2, socket: string, patience: AgentPatience): Promise<readonly Identity[]> {
  const agent = ssh2.createAgent(socket)
  const listed = new Promise<readonly unknown[]>((resolve) => {
    agent.getIdentities((error, keys) => resolve(error ? [] : (keys ?? [])))
  })
  const found = await within(listed, patience.agent, [])
  return found.flatMap((raw) => {
    const publicKey = parseOne(ssh2, raw as Buffer)
    if (publicKey === null) return []
    const id = fingerprint(publicKey.getPublicSSH())
    const ask = (data: Buffer, hash: string | undefined): Promise<Buffer> =>
      new Promise((resolve, reject) => {
        const options = hash === undefined ? {} : { hash: hash as 'sha256' }
        agent.sign(publicKey, data, options, (error, signature) => {
          if (error || signature === undefined) reject(error ?? new Error('the agent gave no signature'))
          else resolve(signature)
        })
      })
    const sign = async (data: Buffer, hash: string | undefined): Promise<Buffer> => {
      const signature = await within<Buffer | null>(ask(data, hash), patience.signature, null)
      if (signature === null) throw new Error('the agent does not answer')
      return signature
    }
    return [{ id, label: say`agent key ${safe(id)}`, publicKey, sign }]
  })
}

const signWith = (key: ParsedKey, data: Buffer, hash: string | undefined): Buffer => {
  const signature: Buffer | Error = key.sign(data, hash)
  if (signature instanceof Error) throw signature
  return signature
}

/** The operator gave up on a prompt: the whole login is his to end, not only this key. */
export class Cancelled extends Error {}

async function unlock(ssh2: Ssh2, file: string, text: string, ask: Ask): Promise<ParsedKey> {
  const sealed = openSealed(text)
  for (let attempt = 1; attempt <= PASSPHRASE_TRIES; attempt += 1) {
    const answer = await ask({ kind: 'passphrase', file: safe(file), attempt })
    const [passphrase] = answer ?? []
    if (passphrase === undefined) throw new Cancelled()
    const plain = sealed === null ? null : await unseal(sealed, passphrase)
    const parsed =
      sealed === null ? ssh2.utils.parseKey(text, passphrase) : plain === null ? null : parseOne(ssh2, plain)
    if (parsed !== null && !(parsed instanceof Error)) return parsed
  }
  throw new Error(`wrong passphrase for ${file}`)
}

/** One identity file: a private key, open or encrypted. Null when it is missing, or nothing ssh2 can use. */
async function fileIdentity(ssh2: Ssh2, file: string, ask: Ask, unlocked: Unlocked): Promise<Identity | null> {
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null) return null
  const open = unlocked.get(file) ?? parseOne(ssh2, text)
  if (open !== null && !open.isPrivateKey()) return null
  const blob = open?.getPublicSSH() ?? openSealed(text)?.publicBlob
  // Older encrypted forms hide their public half as well; the file beside them has it.
  const publicKey =
    blob === undefined
      ? parseOne(ssh2, await readFile(`${file}.pub`, 'utf8').catch(() => ''))
      : (open ?? parseOne(ssh2, blob))
  if (publicKey === null) return null
  const sign = async (data: Buffer, hash: string | undefined): Promise<Buffer> => {
    const key = open ?? unlocked.get(file) ?? (await unlock(ssh2, file, text, ask))
    unlocked.set(file, key)
    return signWith(key, data, hash)
  }
  return { id: fingerprint(publicKey.getPublicSSH()), label: say`key ${safe(file)}`, publicKey, sign }
}

async function publicOf(ssh2: Ssh2, file: string): Promise<string | null> {
  for (const name of [`${file}.pub`, file]) {
    const key = parseOne(ssh2, await readFile(name, 'utf8').catch(() => ''))
    if (key !== null) return fingerprint(key.getPublicSSH())
  }
  return null
}

/**
 * All keys worth offering, in an order that spares the server's MaxAuthTries: keys the operator named first (signed
 * by the agent where it holds them), then the agent's others, then the default files. With IdentitiesOnly the
 * agent's others are left out (ssh_config(5)).
 */
export async function gatherIdentities(
  ssh2: Ssh2,
  target: Target,
  ask: Ask,
  unlocked: Unlocked,
  patience: AgentPatience = AGENT_PATIENCE,
): Promise<readonly Identity[]> {
  const policy = target.policy ?? DEFAULT_POLICY
  // BatchMode: a key that is locked is passed over, as in ssh(1).
  const unlocking: Ask = policy.batch ? () => Promise.reject(new Error('BatchMode forbids to ask')) : ask
  const [agent, files, named] = await Promise.all([
    target.agent === null ? [] : agentIdentities(ssh2, target.agent, patience),
    Promise.all(target.identityFiles.map((file) => fileIdentity(ssh2, file, unlocking, unlocked))),
    Promise.all(target.identityFiles.map((file) => publicOf(ssh2, file))),
  ])
  const byId = new Map(agent.map((identity) => [identity.id, identity]))
  const pick = (index: number): Identity | null => {
    const id = files[index]?.id ?? named[index] ?? ''
    return byId.get(id) ?? files[index] ?? null
  }
  const ofFiles = target.identityFiles.map((file, index) => ({ file, identity: pick(index) }))
  const ordered = [
    ...ofFiles.filter(({ file }) => !isDefaultKey(file)).map(({ identity }) => identity),
    ...(target.identitiesOnly === true ? [] : agent),
    ...ofFiles.map(({ identity }) => identity),
  ]
  const seen = new Map<string, Identity>()
  for (const identity of ordered)
    if (identity !== null && !seen.has(identity.id) && mayUse(policy, identity)) seen.set(identity.id, identity)
  return [...seen.values()]
}

/** PubkeyAcceptedAlgorithms and RequiredRSASize of ssh_config(5). */
function mayUse(policy: LoginPolicy, { publicKey }: Identity): boolean {
  const bits = rsaBits(publicKey.getPublicSSH())
  if (bits === null) return allowedOf(policy, 'publicKey', [publicKey.type]).length > 0
  return bits >= policy.requiredRsaSize && allowedOf(policy, 'publicKey', ['rsa-sha2-512', 'rsa-sha2-256']).length > 0
}
