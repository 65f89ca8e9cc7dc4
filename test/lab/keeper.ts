// keeper.ts NAME [--owned] - one process per server: its power supply. It boots the server, boots it again when it
// reboots itself, cuts its power, and takes it away at the end - also when the process that wanted it dies (--owned:
// standard input is a pipe whose other end that process holds). Takes orders on a unix socket, one line each.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { startDelay } from './delay.ts'
import { cgroups, demolish, killAll, removeGroup } from './demolish.ts'
import { plug, unplug } from './network.ts'
import { LAB_DIR, serverPath } from './paths.ts'
import { LabError, must, run, until } from './run.ts'
import { needState, processId, type ServerState, writeState } from './state.ts'

/** Exit status of systemd-nspawn(1) under --keep-unit when the container asked for a reboot. */
const WANTS_REBOOT = 133

/** The container's init among the descendants of a process: the first one in a pid namespace below ours (proc(5), NSpid). */
function findLeader(pid: number): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    if (/^NSpid:\s+\d+\s+1$/m.test(status)) return pid
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
    return children.map((child) => findLeader(Number(child))).find((found) => found !== null) ?? null
  } catch {
    return null
  }
}

class Keeper {
  private readonly name: string
  private container: ChildProcess | null = null
  private stopDelay: (() => Promise<void>) | null = null
  private ending = false

  constructor(name: string) {
    this.name = name
  }

  private update(change: Partial<ServerState>): ServerState {
    const state = { ...needState(this.name), ...change }
    writeState(state)
    return state
  }

  /** Takes the disk into use. One loop device for the server's life, so that no two file systems are on one image. */
  async begin(): Promise<void> {
    this.update({ keeper: processId(process.pid) })
    const loop = (await must(['losetup', '--find', '--show', serverPath(this.name, 'disk.img')])).trim()
    this.update({ loop })
    await this.powerOn()
  }

  async powerOn(): Promise<void> {
    if (this.container) throw new LabError(`${this.name} is on already`)
    const { loop, lower, boots } = needState(this.name)
    // A disk whose last mount is still going away would be mounted as it was, not read anew.
    await until('the disk to be unmounted', () => !existsSync(`/sys/fs/ext4/${loop?.slice('/dev/'.length)}`))
    await plug(this.name, 'server')
    const own = ['--mount', '--propagation', 'slave', 'sh', `${LAB_DIR}/boot.sh`]
    const child = spawn('unshare', [...own, this.name, loop ?? '', lower.join(':'), ...cgroups(this.name, 'machine')], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    this.container = child
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
    ended.then((status) => this.containerEnded(status)).catch(fail)
    const leader = await until('the container to start', () => {
      if (child.exitCode !== null || child.signalCode !== null) throw new LabError('the container did not start')
      return findLeader(child.pid ?? 0)
    })
    this.update({ leader, boots: boots + 1 })
  }

  private async containerEnded(status: number | null): Promise<void> {
    this.container = null
    if (this.ending) return
    this.update({ leader: null })
    await killAll(this.name, 'machine')
    for (const group of cgroups(this.name, 'machine')) await removeGroup(group)
    // The kernel's rules go with the namespace, as they go with the kernel in a reboot.
    await unplug(this.name, 'server')
    if (status === WANTS_REBOOT) await this.powerOn()
  }

  /**
   * The power goes, at once: no frame leaves any more, what was not fsynced is lost, every process is gone.
   * The disk's part is ext4's own: EXT4_IOC_SHUTDOWN with NOLOGFLUSH stops the file system without writing back what is
   * only in memory, and the next mount replays the journal. What the loop device was given counts as on the platter, so
   * reordering inside a disk's own cache is not played; it takes a virtual machine for that.
   */
  async powerCut(): Promise<void> {
    const { leader } = needState(this.name)
    if (leader === null || !this.container?.pid) throw new LabError(`${this.name} is off`)
    const supervisor = this.container.pid
    const script = 'open F, "<", shift or die; my $how = pack "L", 2; ioctl F, 0x8004587d, $how or die "shutdown: $!"'
    await run(['ip', '-n', `hardtui-${this.name}-wire`, 'link', 'del', 'server'])
    const disk = serverPath(this.name, 'disk')
    await must(['nsenter', `--mount=/proc/${supervisor}/ns/mnt`, 'perl', '-e', script, disk])
    process.kill(leader, 'SIGKILL')
    await until('the power to be off', () => this.container === null && needState(this.name).leader === null)
    await until('the wire to be free', () => !existsSync(`/run/netns/hardtui-${this.name}-server`))
  }

  async order(line: string): Promise<void> {
    const [verb, value] = line.split(' ')
    if (verb === 'power-on') return this.powerOn()
    if (verb === 'power-cut') return this.powerCut()
    if (verb === 'delay') {
      await this.stopDelay?.()
      this.stopDelay = Number(value) > 0 ? await startDelay(this.name, Number(value)) : null
      this.update({ delayMs: Number(value) })
      return
    }
    if (verb === 'down') return this.end()
    throw new LabError(`no such order: ${line}`)
  }

  async end(): Promise<void> {
    if (this.ending) return
    this.ending = true
    await demolish(this.name)
  }
}

function fail(error: unknown): void {
  // To keeper.log, which the process that waits for this server quotes.
  console.error(error instanceof LabError ? error.message : error)
  process.exit(1)
}

async function main(name: string, owned: boolean): Promise<void> {
  const keeper = new Keeper(name)
  const leave = (): void => {
    keeper.end().then(() => process.exit(0), fail)
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, leave)
  if (owned) process.stdin.on('end', leave).on('error', leave).resume()
  await keeper.begin()
  let last: Promise<void> = Promise.resolve()
  const server = createServer((socket) => {
    socket.on('error', () => {})
    createInterface(socket).on('line', (line) => {
      // One order after the other, whoever gives them.
      last = last
        .then(() => keeper.order(line))
        .then(
          () => void socket.end('ok\n'),
          (error: Error) => void socket.end(`${error.message}\n`),
        )
      if (line === 'down') last.then(() => process.exit(0))
    })
  })
  server.listen(serverPath(name, 'control.sock'))
}

main(process.argv[2] ?? '', process.argv[3] === '--owned').catch(fail)
