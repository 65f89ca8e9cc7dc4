import { randomBytes } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Dial, dialDefault } from '../host/dial.ts'
import type { RuleSet } from '../model/firewall.ts'
import type { Target } from '../model/host.ts'
import { startClock } from './clock.ts'
import { newHash } from './crypt.ts'
import { furnish, put } from './furnish.ts'
import { hireJanitor } from './janitor.ts'
import { startAttacks, startLog } from './log.ts'
import { loadRules } from './netfilter/rules-file.ts'
import { PracticeServer } from './server.ts'
import { endStrays, endUnits } from './units.ts'

/** A running practice server and all that is needed to log in to it without being asked anything. */
export type Practice = {
  /** How a console names it: a host of its own, whose sshd listens on port 22 to begin with. */
  readonly target: Target
  /** Leads to the ports of that host, wherever on this machine they are; the ones that sshd does not have are refused. */
  readonly dial: Dial
  /** Where on this machine its port 22 was when it started, for clients that know no `dial`. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** A private key of its own that the server accepts, in a file only this user can read. */
  readonly identityFile: string
  /** The temporary folder that is the server's world. */
  readonly root: string
  /** Ends every connection and process and removes the folder; safe to call twice. */
  readonly stop: () => Promise<void>
}

export type PracticeOptions = {
  /** Mean time between attacks in the log, milliseconds; 0 for none. */
  readonly attackEveryMs?: number
  /** Where logins are logged: /var/log/auth.log (as it is without being told) or the journal. */
  readonly log?: 'file' | 'journal'
  /** Random numbers in [0, 1) for the attacks. */
  readonly random?: () => number
}

/**
 * Starts an SSH server inside this process whose commands run in real shells, in a temporary folder, with stand-in
 * tools first on PATH: no root, no network, nothing of this machine is changed. Needs sh and what a server has
 * beside it (sed, awk, flock, …). Rejects, and leaves nothing behind, where the folder for temporary files is one in
 * which no program may be run.
 */
export async function startPractice(options: PracticeOptions = {}): Promise<Practice> {
  const root = await mkdtemp(join(await realpath(tmpdir()), 'hardtui-practice-'))
  // For the case that this process is killed; whoever stops in good order clears up himself.
  const dismissJanitor = hireJanitor(root)
  const clearUp = async (): Promise<void> => {
    // A process that was just killed may still hold a file open for a moment.
    await rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 })
    await dismissJanitor()
  }
  try {
    await furnish(root, environment(root))
    return await open(root, options, clearUp)
  } catch (error) {
    await clearUp()
    throw error
  }
}

async function open(root: string, options: PracticeOptions, clearUp: () => Promise<void>): Promise<Practice> {
  const { attackEveryMs = 4000, random = Math.random } = options
  const { default: ssh2 } = await import('ssh2')
  const hostKey = newKey(ssh2)
  const loginKey = newKey(ssh2)
  const password = randomBytes(9).toString('base64url')
  await settleRoot(root, password, loginKey.public)
  const ownKey = join(root, 'etc', 'ssh', 'ssh_host_ed25519_key')
  await put(ownKey, hostKey.private, 0o600)
  await put(`${ownKey}.pub`, `${hostKey.public.split(' ').slice(0, 2).join(' ')} root@practice\n`)
  const log = await startLog(root, options.log ?? 'file', random)
  const server = new PracticeServer({
    ssh2,
    hostKey: hostKey.private,
    root,
    rules: rulesReader(join(root, 'kernel')),
    env: environment(root),
    log,
  })
  await server.listen()
  const identityFile = join(root, 'client', 'id_ed25519')
  const knownHostsFile = join(root, 'client', 'known_hosts')
  await put(identityFile, loginKey.private, 0o600)
  await put(knownHostsFile, `${NAME} ${hostKey.public.split(' ').slice(0, 2).join(' ')}\n`)
  const stopAttacks = startAttacks(log, attackEveryMs, random)
  const stopClock = startClock(root, existsSync('/proc/uptime'))
  let stopped: Promise<void> | null = null
  const stop = async (): Promise<void> => {
    stopAttacks()
    stopClock()
    await server.close()
    endUnits(root)
    endStrays(root)
    await clearUp()
  }
  return {
    target: {
      name: NAME,
      host: NAME,
      port: 22,
      user: 'root',
      identityFiles: [identityFile],
      agent: null,
      knownHostsFiles: [knownHostsFile],
      hostKeyAlias: NAME,
      root,
    },
    dial: dialTo(server),
    host: '127.0.0.1',
    port: server.realPort(22) ?? 0,
    user: 'root',
    password,
    identityFile,
    root,
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

/** What the host is called, by itself and by whoever connects to it. */
const NAME = 'practice'

/** A port on which nothing listens answers as the kernel does. */
const dialTo =
  (server: PracticeServer): Dial =>
  (target, signal) => {
    const port = server.realPort(target.port)
    if (port !== null) return dialDefault({ ...target, host: '127.0.0.1', port }, signal)
    const refused = new Error(`connect ECONNREFUSED ${target.host}:${target.port}`)
    return Promise.reject(Object.assign(refused, { code: 'ECONNREFUSED' }))
  }

/** Root's password, and the key that lets the operator in, where sshd looks for them. */
async function settleRoot(root: string, password: string, key: string): Promise<void> {
  const shadow = join(root, 'etc', 'shadow')
  const lines = await readFile(shadow, 'utf8')
  await writeFile(shadow, lines.replace(/^root:[^:]*/m, `root:${newHash(password)}`))
  const folder = join(root, 'root', '.ssh')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await put(join(folder, 'authorized_keys'), `${key.split(' ').slice(0, 2).join(' ')} you\n`, 0o600)
}

/** A fresh ed25519 key pair. Some of those that ssh2 makes it can't read itself (1.17: about one in 250). */
function newKey({ utils }: typeof import('ssh2')): { readonly private: string; readonly public: string } {
  for (;;) {
    const pair = utils.generateKeyPairSync('ed25519')
    if (!(utils.parseKey(pair.private) instanceof Error)) return pair
  }
}

/** What every command finds; the stand-in tools find this server by HARDTUI_ROOT. */
const environment = (root: string): Readonly<Record<string, string>> => ({
  PATH: `${join(root, 'bin')}:${process.env.PATH ?? '/usr/bin:/bin'}`,
  TMPDIR: root,
  HARDTUI_ROOT: root,
})

/** Gives the v4 rules as they are now; the file is read again only when it has changed. */
function rulesReader(kernel: string): () => RuleSet {
  let seen = ''
  let rules: RuleSet = { family: 'v4', tables: [] }
  return () => {
    const stat = statSync(join(kernel, 'v4.rules'), { throwIfNoEntry: false })
    const now = stat ? `${stat.mtimeMs} ${stat.ino} ${stat.size}` : ''
    if (now !== seen) rules = loadRules(kernel, 'v4')
    seen = now
    return rules
  }
}
