// A machine on the server's network: the operator's, or the bystander's. Programs run in its namespace.
import { type ChildProcess, fork, type SpawnOptions, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import type { AgentReply, AgentRequest } from './client-agent.ts'
import { ADDRESSES, LAB_DIR, netnsPath, serverPath } from './paths.ts'
import { LabError, type Result, type RunOptions, run } from './run.ts'
import type { User } from './users.ts'

/** Where to log in; by default root, by key, on port 22 of the IPv4 address. `password` replaces the key. */
export type LoginOptions = {
  readonly user?: User | (string & {})
  readonly port?: number
  readonly address?: string
  readonly password?: string
  readonly key?: string
  /** The whole attempt, in ms; 5000 unless told. */
  readonly timeoutMs?: number
  /** More arguments of ssh(1), before the destination. */
  readonly args?: readonly string[]
}

/** What came of one login: `ms` from start to end, `reason` the last line ssh printed when it failed. */
export type Login = { readonly ok: boolean; readonly ms: number; readonly reason: string }

export type Target = { readonly host?: string; readonly port?: number }

type Waiting = { resolve: (socket: Socket | undefined) => void; reject: (error: Error) => void }

export class Client {
  /** Its addresses on the wire. */
  readonly address: string
  readonly address6: string
  /** Path of its network namespace. */
  readonly netns: string
  private readonly server: string
  private agent: ChildProcess | null = null
  private readonly waiting = new Map<number, Waiting>()
  private nextId = 1

  constructor(server: string, party: 'client' | 'bystander') {
    this.server = server
    this.netns = netnsPath(server, party)
    this.address = ADDRESSES[party].v4
    this.address6 = ADDRESSES[party].v6
  }

  /** A command as it has to be started from outside to run in this namespace: for a pty, tmux, script(1). */
  argv(argv: readonly string[]): string[] {
    return ['nsenter', `--net=${this.netns}`, '--', ...argv]
  }

  /** Starts a program in this namespace; child_process.spawn in all else. */
  spawn(argv: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const [file = '', ...args] = this.argv(argv)
    return spawn(file, args, options)
  }

  /** Runs a program in this namespace to its end. */
  run(argv: readonly string[], options: RunOptions = {}): Promise<Result> {
    return run(this.argv(argv), options)
  }

  /** The environment in which ssh and hardtui find the lab's key and known_hosts, and nothing of this machine's user. */
  env(): NodeJS.ProcessEnv {
    const { SSH_AUTH_SOCK: _agent, SSH_ASKPASS: _askpass, NODE_OPTIONS: _options, ...env } = process.env
    return { ...env, HOME: serverPath(this.server, 'home') }
  }

  /** The argv of ssh(1) for a login, before the remote command: OpenSSH itself, nothing read from this machine's user. */
  sshArgv(options: LoginOptions = {}): string[] {
    const { user = 'root', port = 22, address = ADDRESSES.server.v4, key, timeoutMs = 5000 } = options
    const home = serverPath(this.server, 'home', '.ssh')
    const byKey = ['-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-i', key ?? join(home, 'id_ed25519')]
    const byPassword = ['-o', 'PubkeyAuthentication=no', '-o', 'NumberOfPasswordPrompts=1']
    const how = [
      ...['-F', 'none', '-o', `UserKnownHostsFile=${home}/known_hosts`, '-o', 'GlobalKnownHostsFile=none'],
      ...['-o', 'StrictHostKeyChecking=yes', '-o', 'IdentityAgent=none', '-o', 'ControlPath=none'],
      ...['-o', `ConnectTimeout=${Math.max(1, Math.ceil(timeoutMs / 1000))}`, '-p', String(port)],
    ]
    const auth = options.password === undefined ? byKey : byPassword
    return ['ssh', ...how, ...auth, ...(options.args ?? []), `${user}@${address}`]
  }

  /** Runs a command on the server by the system's ssh. Exit status 255 is ssh's own (no connection, no login). */
  ssh(command: string, options: LoginOptions & { readonly input?: string } = {}): Promise<Result> {
    const askpass = { SSH_ASKPASS: serverPath(this.server, 'home', 'askpass'), SSH_ASKPASS_REQUIRE: 'force' }
    const secret = options.password === undefined ? {} : { ...askpass, HARDTUI_LAB_PASSWORD: options.password }
    return this.run([...this.sshArgv(options), '--', command], {
      env: { ...this.env(), ...secret },
      timeoutMs: options.timeoutMs ?? 60_000,
      ...(options.input === undefined ? {} : { input: options.input }),
    })
  }

  /** One attempt: a new TCP connection, key exchange, login and `true`. Never rejects. */
  async login(options: LoginOptions = {}): Promise<Login> {
    const started = performance.now()
    const { status, stderr } = await this.ssh('true', { timeoutMs: 5000, ...options })
    const ms = Math.round(performance.now() - started)
    const lines = stderr.trim().split('\n')
    return { ok: status === 0, ms, reason: status === 0 ? '' : lines.at(-1) || 'no answer in time' }
  }

  /** As `login`, only whether it worked. */
  async canLogin(options: LoginOptions = {}): Promise<boolean> {
    return (await this.login(options)).ok
  }

  /**
   * A TCP connection from this namespace to the server, for code in the test's own process (ssh2's `sock`).
   * Rejects with the error of connect(2), its `code` included. It carries no timeout of its own.
   */
  async connect({ host = ADDRESSES.server.v4, port = 22 }: Target = {}): Promise<Socket> {
    const socket = await this.ask({ host, port })
    if (!socket) throw new LabError('the connection was lost on its way')
    return socket
  }

  /**
   * Path of a unix socket of which every connection is a new TCP connection from this namespace to the server, for code
   * that can only be given a path. A refused connection shows as one that closes at once.
   */
  async dial({ host = ADDRESSES.server.v4, port = 22 }: Target = {}): Promise<string> {
    const path = serverPath(this.server, `dial-${process.pid}-${this.nextId}.sock`)
    await this.ask({ host, port, path })
    return path
  }

  /** Ends what `connect` and `dial` started here; connections handed over stay open. */
  close(): void {
    this.agent?.kill('SIGKILL')
    this.agent = null
  }

  private ask(request: Omit<AgentRequest, 'id'>): Promise<Socket | undefined> {
    this.agent ??= this.startAgent()
    const id = this.nextId++
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject })
      this.agent?.channel?.ref()
      this.agent?.send({ ...request, id } satisfies AgentRequest, (error) => {
        if (error) reject(new LabError(`the server's network is gone: ${error.message}`))
      })
    })
  }

  private startAgent(): ChildProcess {
    // fork() sets up the channel; nsenter execs node in place, which finds the channel's descriptor in its environment.
    const agent = fork(join(LAB_DIR, 'client-agent.ts'), [], {
      execPath: 'nsenter',
      execArgv: [`--net=${this.netns}`, '--', process.execPath],
      env: this.env(),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    agent.on('message', (reply: AgentReply, handle) => {
      const waiting = this.waiting.get(reply.id)
      this.waiting.delete(reply.id)
      if (this.waiting.size === 0) agent.channel?.unref()
      if (reply.code === undefined) return waiting?.resolve(handle as Socket | undefined)
      waiting?.reject(Object.assign(new Error(reply.message), { code: reply.code }))
    })
    agent.on('exit', () => {
      if (this.agent === agent) this.agent = null
      for (const { reject } of this.waiting.values()) reject(new LabError('the agent in the client namespace ended'))
      this.waiting.clear()
    })
    // No reason for the test process to stay, except while it waits for an answer.
    agent.unref()
    return agent
  }
}
