// The way in: servers up, servers listed, leftovers removed.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, open, readFile, writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { demolish, reap } from './demolish.ts'
import { ensureKey, hostKeysOf, layHome } from './keys.ts'
import { layWire } from './network.ts'
import { LAB_DIR, SERVERS_DIR, serverPath } from './paths.ts'
import { FLAVOURS, type Flavour, treeFor, VARIANTS, type Variant } from './recipe.ts'
import { LabError, must, until } from './run.ts'
import { Server } from './server.ts'
import { isAlive, processId, readState, type ServerState, serverNames, writeState } from './state.ts'
import { ensureTree, lowerDirs } from './trees.ts'

export { Server } from './server.ts'

export type UpOptions = {
  readonly flavour?: Flavour
  readonly variant?: Variant
  /** Debian packages on top of the flavour, e.g. ['bind9']: a layer that is built once and kept. Services are enabled. */
  readonly packages?: readonly string[]
  /** Lower-case letters, digits and "-", 20 at most; also the host name. Without it the lab makes one up. */
  readonly name?: string
  /** Stay up when this process ends. Without it the server goes with the process, however that ends. */
  readonly keep?: boolean
}

const DISK_SIZE = '1G'
const INOTIFY_LIMIT = '/proc/sys/fs/inotify/max_user_instances'
const NAME = /^[a-z][a-z0-9-]{0,19}$/

/** Why there can be no lab on this machine, in one line, or null when there can be. */
export function whyNoLab(): string | null {
  if (process.platform !== 'linux') return 'the lab needs Linux'
  if (process.getuid?.() !== 0) return 'the lab needs root'
  if (!existsSync('/usr/bin/apt-get')) return 'the lab needs apt, to install what it is made of'
  return null
}

/**
 * Brings a server up and waits until it has booted and sshd listens: about a second, once its tree is built (a minute).
 * Removes first what killed runs left behind. Throws a LabError that says what is missing.
 */
export async function up(options: UpOptions = {}): Promise<Server> {
  const { flavour = 'debian12', variant = 'plain', packages = [], keep = false } = options
  await prepare({ flavour, variant, packages })
  await reap()
  const name = await claim(options.name ?? null, (claimed) => ({
    name: claimed,
    flavour,
    variant,
    lower: lowerDirs(treeFor(flavour, variant, packages)),
    owner: processId(process.pid),
    keeper: null,
    loop: null,
    boots: 0,
    leader: null,
    delayMs: 0,
  }))
  try {
    await lay(name)
    await startKeeper(name, keep)
    const server = new Server(name)
    await server.waitForBoot()
    await server.waitForSshd()
    await server.checkHealth()
    return server
  } catch (error) {
    await demolish(name).catch(() => {})
    throw error
  }
}

/** Installs the programs and builds the trees for such a server, unless they are there. */
export async function prepare(options: Pick<UpOptions, 'flavour' | 'variant' | 'packages'> = {}): Promise<void> {
  const { flavour = 'debian12', variant = 'plain', packages = [] } = options
  const reason = whyNoLab()
  if (reason) throw new LabError(reason)
  if (!FLAVOURS.includes(flavour)) throw new LabError(`no such flavour: ${flavour} (there are: ${FLAVOURS.join(', ')})`)
  if (!VARIANTS.includes(variant)) throw new LabError(`no such variant: ${variant} (there are: ${VARIANTS.join(', ')})`)
  if (variant.startsWith('socket') && flavour === 'sysvinit') throw new LabError('socket activation needs systemd')
  await must(['sh', join(LAB_DIR, 'install.sh')], { timeoutMs: 10 * 60_000 })
  // Every systemd takes some ten of these, one more per user logged in; they are counted for all servers together.
  if (Number(await readFile(INOTIFY_LIMIT, 'utf8')) < 1024) await writeFile(INOTIFY_LIMIT, '1024')
  await ensureTree(treeFor(flavour, variant, packages))
}

/** A server that is up already, by name: started from the command line or by another process. */
export function find(name: string): Server {
  const state = readState(name)
  if (!state || !isAlive(state.keeper)) throw new LabError(`no server named ${name} is up: see "npm run lab -- list"`)
  return new Server(name)
}

/** The states of all servers that are up. */
export async function list(): Promise<ServerState[]> {
  const states = (await serverNames()).map(readState)
  return states.filter((state) => state !== null && isAlive(state.keeper)) as ServerState[]
}

/** Takes all servers down, whoever started them, and removes every leftover. Gives their names. */
export async function downAll(): Promise<string[]> {
  const names = await serverNames()
  for (const name of names) {
    const keeper = readState(name)?.keeper ?? null
    if (keeper && isAlive(keeper)) process.kill(keeper.pid, 'SIGTERM')
    if (keeper) await until(`the keeper of ${name} to end`, () => !isAlive(keeper))
    await demolish(name)
  }
  return names
}

/** Makes the server's folder: whoever makes it has the name. */
async function claim(wanted: string | null, state: (name: string) => ServerState): Promise<string> {
  if (wanted !== null && !NAME.test(wanted)) throw new LabError(`not a server name: ${wanted} (${NAME.source})`)
  await mkdir(SERVERS_DIR, { recursive: true })
  for (let attempt = 1; ; attempt += 1) {
    const name = wanted ?? `lab-${Math.random().toString(36).slice(2, 8)}`
    try {
      await mkdir(serverPath(name), { mode: 0o711 })
      writeState(state(name))
      return name
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (wanted !== null || attempt > 20) throw new LabError(`a server named ${name} is up already`)
    }
  }
}

/** Lays out disk, home and wire. */
async function lay(name: string): Promise<void> {
  const { lower, variant } = readState(name) as ServerState
  const disk = serverPath(name, 'disk.img')
  await must(['truncate', '--size', DISK_SIZE, disk])
  // No blocks kept for root: a full disk is full for everybody.
  await must(['mkfs.ext4', '-q', '-m', '0', '-E', 'lazy_itable_init=1,lazy_journal_init=1', disk])
  await layHome(name, await ensureKey(), await hostKeysOf(lower))
  const script = join(LAB_DIR, 'variants', `${variant}.sh`)
  if (existsSync(script)) await copyFile(script, serverPath(name, 'variant.sh'))
  await layWire(name)
}

async function startKeeper(name: string, keep: boolean): Promise<void> {
  const log = serverPath(name, 'keeper.log')
  const file = await open(log, 'a')
  const { NODE_OPTIONS: _options, ...env } = process.env
  const keeper = spawn(process.execPath, [join(LAB_DIR, 'keeper.ts'), name, ...(keep ? [] : ['--owned'])], {
    // Not of our process group: a Ctrl-C is for us, and our end is told by the pipe.
    detached: true,
    stdio: [keep ? 'ignore' : 'pipe', file.fd, file.fd],
    env,
    cwd: '/',
  })
  await file.close()
  await until('the keeper to start', async () => {
    if (existsSync(serverPath(name, 'control.sock'))) return true
    if (keeper.exitCode === null && keeper.signalCode === null) return false
    const said = (await readFile(log, 'utf8')).trim().split('\n').slice(-5).join(' | ')
    throw new LabError(`${name} did not come up: ${said}`)
  })
  keeper.unref()
  // A pipe is a socket underneath; open, it is how the keeper knows that we live, but no reason for us to.
  ;(keeper.stdin as Socket | null)?.unref()
}
