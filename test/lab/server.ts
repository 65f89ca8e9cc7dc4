// A server of the lab, as tests see it.
import { existsSync, readFileSync } from 'node:fs'
import { Client, type Login, type LoginOptions, type Target } from './client.ts'
import { order } from './control.ts'
import { demolish } from './demolish.ts'
import { cut, type Direction, heal, type Party } from './network.ts'
import { ADDRESSES, netnsPath, serverPath } from './paths.ts'
import type { Flavour, Variant } from './recipe.ts'
import { LabError, type Result, type RunOptions, run, until, type WaitOptions } from './run.ts'
import { needState, readState } from './state.ts'

const FILLER = '/var/tmp/.lab-filler'
/** State of a listening socket in /proc/net/tcp (proc(5)). */
const LISTEN = '0A'
/** What a program inside a server finds set. */
const INSIDE = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C',
  TERM: process.env.TERM ?? 'dumb',
}

export class Server {
  readonly name: string
  readonly flavour: Flavour
  readonly variant: Variant
  readonly address = ADDRESSES.server.v4
  readonly address6 = ADDRESSES.server.v6
  /** Path of the private ed25519 key that every user accepts. */
  readonly key: string
  /** Path of a known_hosts file that has this server on every port, by both addresses. */
  readonly knownHosts: string
  /** A HOME with .ssh/config, key and known_hosts, in which the server's name is a Host alias. */
  readonly home: string
  /** Public host keys as "type base64". */
  readonly hostKeys: readonly string[]
  /** Path of its network namespace; a new namespace is behind it after every boot. */
  readonly netns: string
  /** The operator's machine. */
  readonly client: Client
  /** A third party on the same network: another address, whose link is its own. */
  readonly bystander: Client

  constructor(name: string) {
    const { flavour, variant } = needState(name)
    this.name = name
    this.flavour = flavour
    this.variant = variant
    this.home = serverPath(name, 'home')
    this.key = `${this.home}/.ssh/id_ed25519`
    this.knownHosts = `${this.home}/.ssh/known_hosts`
    const known = readFileSync(this.knownHosts, 'utf8').trim().split('\n')
    this.hostKeys = known.map((line) => line.slice(line.indexOf(' ') + 1))
    this.netns = netnsPath(name, 'server')
    this.client = new Client(name, 'client')
    this.bystander = new Client(name, 'bystander')
  }

  private leader(): number {
    const { leader } = needState(this.name)
    if (leader === null) throw new LabError(`${this.name} is off`)
    return leader
  }

  /** The argv that runs a program inside the server as root, by nsenter(1): for a terminal (`npm run lab -- sh`). */
  insideArgv(argv: readonly string[]): string[] {
    const env = Object.entries(INSIDE).map(([name, value]) => `${name}=${value}`)
    return [...this.enterArgv(), '/usr/bin/env', '-i', ...env, ...argv]
  }

  private enterArgv(): string[] {
    const into = ['--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--time', '--root', '--wd']
    return ['nsenter', '--target', String(this.leader()), ...into, '--']
  }

  /**
   * Runs a POSIX-sh script as root inside the server, whatever its firewall, sshd and network do. It is not a login: no
   * PAM, no session, no tty. `input` is the script's standard input. Never throws for a bad exit status.
   */
  async sh(script: string, options: RunOptions = {}): Promise<Result> {
    return run([...this.enterArgv(), '/bin/sh', '-c', script], { env: INSIDE, ...options })
  }

  /** As `sh`, but gives standard output without its last newline, and throws when the exit status is not 0. */
  async must(script: string, options: RunOptions = {}): Promise<string> {
    const { status, stdout, stderr } = await this.sh(script, options)
    if (status === 0) return stdout.replace(/\n$/, '')
    throw new LabError(`on ${this.name}: "${script}" failed (${status ?? 'killed'}): ${stderr.trim() || stdout.trim()}`)
  }

  /** Seconds since this boot, as its own /proc/uptime has it; starts from zero at every boot. */
  async uptime(): Promise<number> {
    return Number((await this.must('cat /proc/uptime')).split(' ')[0])
  }

  /** How often it has booted. A test that reboots it by its own means notes this first, for `waitForBoot`. */
  boots(): number {
    return needState(this.name).boots
  }

  /** Whether it is powered on. */
  isOn(): boolean {
    return readState(this.name)?.leader != null
  }

  /** Waits until a boot later than the given one is complete: every service started, logins allowed, port 22 or not. */
  async waitForBoot({ after = 0, ...wait }: WaitOptions & { readonly after?: number } = {}): Promise<void> {
    const asked = { timeoutMs: 60_000, ...wait }
    await until(`${this.name} to boot`, () => this.boots() > after && this.isOn(), asked)
    const done =
      this.flavour === 'sysvinit'
        ? '[ -e /run/lab-booted ]'
        : 'case $(systemctl is-system-running) in running|degraded) ;; *) exit 1 ;; esac'
    await until(
      `${this.name} to finish booting`,
      async () => this.isOn() && (await run(this.insideArgv(['/bin/sh', '-c', done]))).status === 0,
      asked,
    )
  }

  /** Throws when a service of a systemd server has failed: what a test builds on should not be half broken already. */
  async checkHealth(): Promise<void> {
    if (this.flavour === 'sysvinit') return
    const failed = await this.must('systemctl list-units --failed --no-legend --plain')
    if (failed !== '') throw new LabError(`${this.name} has failed units: ${failed.replaceAll(/\s+/g, ' ')}`)
  }

  /** Whether something listens on a TCP port, seen in the server's namespace: no packet is sent, no rule matters. */
  listens(port = 22): boolean {
    const { leader } = needState(this.name)
    if (leader === null) return false
    const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
    return ['tcp', 'tcp6'].some((table) => {
      const path = `/proc/${leader}/net/${table}`
      const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []
      return lines.some((line) => {
        const [, local, , state] = line.trim().split(/\s+/)
        return state === LISTEN && local?.endsWith(wanted)
      })
    })
  }

  /** Waits until sshd (or systemd for it) listens. Looks, and does not connect: sshd 9.8 and later counts those. */
  async waitForSshd({ port = 22, ...wait }: WaitOptions & { readonly port?: number } = {}): Promise<void> {
    await until(`${this.name} to listen on port ${port}`, () => this.listens(port), wait)
  }

  /** Waits until a login works, by trying. On debian13 each failed login, not each refused connection, is a penalty. */
  async waitForLogin({ timeoutMs = 30_000, ...login }: LoginOptions = {}): Promise<void> {
    let last = ''
    const tried = async (): Promise<boolean> => {
      const { ok, reason } = await this.login({ timeoutMs: 3000, ...login })
      last = reason
      return ok
    }
    await until(() => `a login on ${this.name} (the last one: ${last})`, tried, { timeoutMs, everyMs: 100 })
  }

  /** `client.canLogin`: a new connection from the operator's machine, key exchange, login and `true`. */
  canLogin(options: LoginOptions = {}): Promise<boolean> {
    return this.client.canLogin(options)
  }

  /** `client.login`: as `canLogin`, with the time it took and ssh's reason for a failure. */
  login(options: LoginOptions = {}): Promise<Login> {
    return this.client.login(options)
  }

  /** `client.dial`: a unix socket path that leads to the server's port from the operator's machine. */
  dial(target: Target = {}): Promise<string> {
    return this.client.dial(target)
  }

  /** A clean reboot, by its own `reboot`: services stop, disks sync, the kernel's rules are gone. Waits for the boot. */
  async reboot(): Promise<void> {
    const after = this.boots()
    await this.sh('reboot')
    await this.waitForBoot({ after })
  }

  /**
   * The power goes, and comes back unless `stayOff`: nothing more is sent, all processes and kernel state are gone, and so
   * is what was not fsynced. Waits for the boot.
   */
  async powerCut({ stayOff = false }: { readonly stayOff?: boolean } = {}): Promise<void> {
    await order(this.name, 'power-cut')
    if (!stayOff) await this.powerOn()
  }

  /** Boots a server that is off, and waits for the boot. */
  async powerOn(): Promise<void> {
    const after = this.boots()
    await order(this.name, 'power-on')
    await this.waitForBoot({ after })
  }

  /**
   * Drops every frame in a direction (in: towards the server), silently and outside the server's own rules. By default on
   * the server's link, which cuts everybody off; `party: 'client'` cuts the operator only. Cuts add up until `heal`.
   */
  async cut(direction: Direction = 'both', { party = 'server' }: { readonly party?: Party } = {}): Promise<void> {
    await cut(this.name, direction, party)
  }

  /** Ends every cut. */
  async heal(): Promise<void> {
    await heal(this.name)
  }

  /** Makes the operator's line slow: this much more per round trip, in ms; 0 ends it. Stays over reboots. */
  async delay(roundTripMs: number): Promise<void> {
    await order(this.name, `delay ${roundTripMs}`)
  }

  /** Stops a daemon that runs jobs later, as found on a server where it is installed and not running. */
  async stopTimerDaemon(daemon: 'atd' | 'cron' = 'atd'): Promise<void> {
    await this.must(`service ${daemon} stop`)
    await until(`${daemon} to end`, async () => (await this.sh(`pgrep -x ${daemon}`)).status === 1)
  }

  /** Fills the disk to the last byte, so that even root's writes fail with ENOSPC. */
  async fillDisk(): Promise<void> {
    const rest = `dd if=/dev/zero bs=4k status=none >> ${FILLER}; dd if=/dev/zero bs=1 status=none >> ${FILLER}; sync ${FILLER}`
    await this.sh(`fallocate -l "$(($(stat -f -c '%a * %S' /)))" ${FILLER}; ${rest}`)
    const { status } = await this.sh(`dd if=/dev/zero of=${FILLER}.probe bs=4k count=1 status=none`)
    await this.sh(`rm -f ${FILLER}.probe`)
    if (status === 0) throw new LabError(`the disk of ${this.name} did not fill`)
  }

  /** Gives the space of `fillDisk` back. */
  async freeDisk(): Promise<void> {
    await this.must(`rm -f ${FILLER} ${FILLER}.probe; sync -f /`)
  }

  /**
   * Always throws: a container has the host's CLOCK_REALTIME, which time_namespaces(7) do not cover, and the lab never
   * sets the host's clock. It takes a virtual machine.
   */
  clockJump(_seconds: number): never {
    throw new LabError('the lab cannot set a clock: a container has the date of its host (time_namespaces(7))')
  }

  /** Takes the server away, with everything it left on this machine. May be called twice. */
  async down(): Promise<void> {
    this.client.close()
    this.bystander.close()
    const state = readState(this.name)
    if (state === null) return
    // A keeper that is dead or dying can't answer; what it left is removed all the same.
    await order(this.name, 'down').catch(() => demolish(this.name))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down()
  }
}
