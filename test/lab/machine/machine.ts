// A whole computer in software: its own kernel, its own clock, a disk that forgets. One per run of `npm run machine`.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { rmdirSync, rmSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { ADDRESSES, STATE_DIR } from '../paths.ts'
import { LabError, must, type Result, run, until } from '../run.ts'
import type { User } from '../users.ts'
import { type Disk, startDisk, withUs } from './disk.ts'
import type { Image } from './image.ts'
import { RootShell } from './root-shell.ts'

/** A folder for every process that runs one. */
export const MACHINES = join(STATE_DIR, 'machines')
/** 15 s on an idle computer; emulation suffers from whoever else is at work. */
const BOOT_MS = 300_000
const { server, client } = ADDRESSES

export class Machine {
  /** Port of 127.0.0.1 that leads to its port 22. */
  readonly port: number
  readonly key: string
  readonly knownHosts: string
  private readonly image: Image
  private readonly folder: string
  private readonly shell: RootShell
  private disk: Disk | null = null
  private emulator: ChildProcess | null = null

  private constructor(image: Image, folder: string, port: number) {
    this.image = image
    this.folder = folder
    this.port = port
    this.key = image.key
    this.knownHosts = join(folder, 'known_hosts')
    this.shell = new RootShell(join(folder, 'shell.sock'))
  }

  /** A machine that is off, with a disk of its own. */
  static async make(image: Image): Promise<Machine> {
    const machine = new Machine(image, join(MACHINES, `${process.pid}`), await freePort())
    await mkdir(machine.folder, { recursive: true, mode: 0o700 })
    await must(['cp', '--sparse=always', '--reflink=auto', image.disk, join(machine.folder, 'disk')])
    await writeFile(machine.knownHosts, image.hostKeys.map((key) => `${server.v4} ${key}\n`).join(''))
    return machine
  }

  /** Where the kernel and systemd tell of their boots. */
  get log(): string {
    return join(this.folder, 'serial.log')
  }

  /** Switches it on and waits until everything has started and a login works. Gives the seconds that took. */
  async powerOn(): Promise<number> {
    const began = performance.now()
    this.disk = await startDisk(join(this.folder, 'disk'), this.folder)
    rmSync(join(this.folder, 'shell.sock'), { force: true })
    const emulator = withUs('qemu-system-x86_64', this.argv(this.disk))
    emulator.stderr?.on('data', (text: Buffer) => process.stderr.write(`qemu: ${text}`))
    this.emulator = emulator
    // The socket is there before anybody listens on it.
    await until('the serial line', () =>
      this.shell.open().then(
        () => true,
        () => false,
      ),
    )
    await this.waitForBoot(null)
    return (performance.now() - began) / 1000
  }

  /** The power goes, this very moment. What the guest, or its disk, had not flushed is lost. */
  cutPower(): void {
    // The disk first: nothing gets to it any more.
    this.disk?.cut()
    this.emulator?.kill('SIGKILL')
  }

  /** After `cutPower`: the same disk, a new boot. */
  async powerBack(): Promise<void> {
    if (this.emulator && this.emulator.signalCode === null) await once(this.emulator, 'exit')
    this.shell.close()
    await this.powerOn()
  }

  /** A clean reboot, by its own `reboot`. */
  async reboot(): Promise<void> {
    const before = this.shell.bootId()
    await this.must('systemctl reboot')
    await this.waitForBoot(before)
  }

  /** Runs a POSIX-sh script as root, whatever firewall, sshd and network do. It is not a login. */
  async sh(script: string, timeoutMs = 120_000): Promise<Result> {
    const result = await this.shell.run(script, timeoutMs)
    if (!result) throw new LabError(`the machine gave no answer in ${timeoutMs} ms to: ${script}`)
    return result
  }

  /** As `sh`, but gives standard output without its last newline, and throws when the exit status is not 0. */
  async must(script: string, timeoutMs?: number): Promise<string> {
    const { status, stdout, stderr } = await this.sh(script, timeoutMs)
    if (status === 0) return stdout.replace(/\n$/, '')
    throw new LabError(`on the machine: "${script}" failed (${status}): ${stderr.trim() || stdout.trim()}`)
  }

  /** One attempt by OpenSSH: a new connection, key exchange, login, and root by sudo where it takes that. */
  async login(user: User = 'root', timeoutMs = 20_000): Promise<{ readonly ok: boolean; readonly reason: string }> {
    const options = [`UserKnownHostsFile=${this.knownHosts}`, `HostKeyAlias=${server.v4}`, 'StrictHostKeyChecking=yes']
    const calm = ['BatchMode=yes', 'IdentitiesOnly=yes', 'IdentityAgent=none', 'GlobalKnownHostsFile=none']
    const how = [...options, ...calm].flatMap((option) => ['-o', option])
    const what = user === 'root' ? 'true' : 'sudo -n true'
    const argv = ['ssh', '-F', 'none', ...how, '-i', this.key, '-p', `${this.port}`, `${user}@127.0.0.1`, '--', what]
    const { status, stderr } = await run(argv, { timeoutMs })
    return { ok: status === 0, reason: stderr.trim().split('\n').at(-1) || 'no answer in time' }
  }

  /** Takes it away with all that it left. Does not wait, so that it can be the last thing a process does. */
  down(): void {
    this.cutPower()
    this.shell.close()
    rmSync(this.folder, { recursive: true, force: true })
    try {
      rmdirSync(MACHINES)
    } catch {
      // another run has one there
    }
  }

  private async waitForBoot(lastBootId: string | null): Promise<void> {
    const begun = (): boolean => {
      if (this.emulator?.exitCode != null) throw new LabError(`the emulator ended (${this.emulator.exitCode})`)
      return this.shell.bootId() !== lastBootId
    }
    await until('the machine to boot', begun, { timeoutMs: BOOT_MS, everyMs: 50 })
    // Its status is that of a machine that may be "degraded".
    await this.sh('systemctl is-system-running --wait', BOOT_MS)
    let reason = ''
    const tried = async (): Promise<boolean> => {
      const login = await this.login()
      reason = login.reason
      return login.ok
    }
    await until(() => `a login (the last one: ${reason})`, tried, { timeoutMs: 120_000, everyMs: 300 })
  }

  private argv(disk: Disk): string[] {
    const forward = `hostfwd=tcp:127.0.0.1:${this.port}-${server.v4}:22`
    const net = `user,id=net,restrict=on,ipv6=off,net=192.0.2.0/24,host=${client.v4},dhcpstart=192.0.2.100,${forward}`
    return [
      ...['-name', 'hardtui', '-machine', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '512'],
      ...['-nodefaults', '-no-user-config', '-display', 'none', '-rtc', 'base=utc,clock=host'],
      ...['-kernel', this.image.kernel, '-initrd', this.image.initrd],
      ...['-append', 'console=ttyS0 quiet panic=-1 net.ifnames=0 systemd.show_status=0'],
      // The guest is told that the disk has a cache, and so it flushes; the emulator itself keeps none.
      ...['-drive', `file=nbd:unix:${disk.socket},format=raw,if=virtio,cache=none,discard=ignore`],
      ...['-netdev', net, '-device', `virtio-net-pci,netdev=net,mac=${server.mac}`],
      ...['-device', 'virtio-rng-pci'],
      ...['-chardev', `file,id=log,path=${this.log},append=on`, '-serial', 'chardev:log'],
      ...['-chardev', `socket,id=shell,path=${join(this.folder, 'shell.sock')},server=on,wait=off`],
      ...['-serial', 'chardev:shell'],
    ]
  }
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  return port
}
