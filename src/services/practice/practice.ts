import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RuleSet } from '../model/firewall.ts'
import { startClock } from './clock.ts'
import { furnish, put } from './furnish.ts'
import { hireJanitor } from './janitor.ts'
import { startAttacks, startLog } from './log.ts'
import { loadRules } from './netfilter/rules-file.ts'
import { PracticeServer } from './server.ts'
import { endStrays, endUnits } from './units.ts'

/** A running practice server and all that is needed to log in to it without being asked anything. */
export type Practice = {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** A private key of its own that the server accepts, in a file only this user can read. */
  readonly identityFile: string
  /** A known_hosts file that knows the server's key. */
  readonly knownHostsFile: string
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
  const root = await mkdtemp(join(tmpdir(), 'hardtui-practice-'))
  // For the case that this process is killed; whoever stops in good order clears up himself.
  const dismissJanitor = hireJanitor(root)
  const clearUp = async (): Promise<void> => {
    // A process that was just killed may still hold a file open for a moment.
    await rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 })
    await dismissJanitor()
  }
  try {
    await furnish(root)
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
  const log = await startLog(root, options.log ?? 'file', random)
  const server = new PracticeServer({
    ssh2,
    hostKey: hostKey.private,
    user: 'root',
    password,
    authorizedKey: loginKey.public,
    rules: rulesReader(join(root, 'kernel')),
    setting: settingReader(join(root, 'run', 'sshd.settings')),
    env: environment(root),
    home: join(root, 'home'),
    log,
  })
  const port = await server.listen()
  const identityFile = join(root, 'client', 'id_ed25519')
  const knownHostsFile = join(root, 'client', 'known_hosts')
  await put(identityFile, loginKey.private, 0o600)
  await put(knownHostsFile, `[127.0.0.1]:${port} ${hostKey.public.split(' ').slice(0, 2).join(' ')}\n`)
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
    host: '127.0.0.1',
    port,
    user: 'root',
    password,
    identityFile,
    knownHostsFile,
    root,
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
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
  HOME: join(root, 'home'),
  USER: 'root',
  LOGNAME: 'root',
  SHELL: '/bin/sh',
  TMPDIR: root,
  HARDTUI_ROOT: root,
})

/** Reads what sshd went by when it last read its files; before that it is as the server came. */
const settingReader =
  (file: string) =>
  (keyword: string): string | null => {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
    const line = text.split('\n').find((one) => one.startsWith(`${keyword} `))
    return line === undefined ? null : line.slice(keyword.length + 1)
  }

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
