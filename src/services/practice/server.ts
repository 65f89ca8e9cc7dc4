import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Connection, Server, ServerChannel, Session } from 'ssh2'
import type { RuleSet } from '../model/firewall.ts'
import { type PracticeAccount, readText } from './accounts.ts'
import { createAdmission } from './admission.ts'
import { algorithmsFrom } from './algorithms.ts'
import { createGate, type Wire } from './gate.ts'
import { Listeners } from './listeners.ts'
import type { WriteLog } from './log.ts'
import { showProcess } from './proc.ts'
import { killGroup } from './units.ts'

type Ssh2 = typeof import('ssh2')

/** What the SSH server needs of the world around it. */
export type ServerParts = {
  readonly ssh2: Ssh2
  readonly hostKey: string
  /** The folder that is its / : its accounts, their keys, and what sshd has read of its files. */
  readonly root: string
  readonly rules: () => RuleSet
  /** Environment of every command; the connection's own variables and the account's are added. */
  readonly env: Readonly<Record<string, string>>
  readonly log: WriteLog
}

/** The first connection's client port; each further one has the next. */
const FIRST_PORT = 50_022
/** How long a command may go on after its connection when the server stops, in milliseconds. */
const GRACE = 300
/** MaxSessions of sshd_config(5). */
const MAX_SESSIONS = 10

/** A connection as the server says it came: from one client, by the ports it counts. */
const wireOf = (clientPort: number, serverPort: number): Wire => ({
  clientAddress: '198.51.100.20',
  clientPort,
  serverAddress: '203.0.113.10',
  serverPort,
})

/** A real SSH server on ports of this machine whose commands run in real shells, as the accounts of the practice server. */
export class PracticeServer {
  readonly #parts: ServerParts
  readonly #children = new Set<ChildProcess>()
  readonly #sockets = new Set<Socket>()
  readonly #listeners: Listeners
  /** How each connection came, by its client's port, which ssh2 hands back. */
  readonly #wires = new Map<number, Wire>()
  /** By what sshd was told to offer: a connection goes by what held when it came. */
  #ssh: { readonly settings: string; readonly server: Server } | null = null
  readonly #gate: ReturnType<typeof createGate>
  #nextPort = FIRST_PORT

  constructor(parts: ServerParts) {
    this.#parts = parts
    this.#gate = createGate(parts.rules)
    this.#listeners = new Listeners({
      root: parts.root,
      accept: (socket, port) => void this.#accept(socket, port).catch(() => socket.destroy()),
      log: parts.log,
    })
  }

  /** Starts listening where sshd's files say. */
  async listen(): Promise<void> {
    await this.#listeners.start()
  }

  /** Where on this machine one of the practice server's ports is; null where its sshd does not listen on it. */
  realPort(port: number): number | null {
    return this.#listeners.realPort(port)
  }

  /** Ends every connection and every command. */
  async close(): Promise<void> {
    this.#listeners.stop()
    for (const socket of this.#sockets) socket.destroy()
    // Commands see the end of their input first: some have things of their own to end.
    for (let waited = 0; this.#children.size > 0 && waited < GRACE; waited += 20) await setTimeout(20)
    for (const child of this.#children) killGroup(child.pid)
  }

  async #accept(socket: Socket, port: number): Promise<void> {
    const wire = wireOf(this.#nextPort++, port)
    this.#sockets.add(socket)
    this.#wires.set(wire.clientPort, wire)
    socket.once('close', () => {
      this.#sockets.delete(socket)
      this.#wires.delete(wire.clientPort)
    })
    socket.on('error', () => {})
    if (await this.#gate.arrive(socket, wire))
      this.#current().injectSocket(this.#gate.stream(socket, wire) as unknown as Socket)
  }

  /** The server that offers what sshd was told when it read its files last. */
  #current(): Server {
    const { ssh2, hostKey, root } = this.#parts
    const settings = readText(root, 'run/sshd.settings')
    if (this.#ssh?.settings === settings) return this.#ssh.server
    const ident = 'OpenSSH_9.2p1 Debian-2+deb12u3'
    const server = new ssh2.Server({ hostKeys: [hostKey], ident, algorithms: algorithmsFrom(settings) })
    server.on('connection', (client: Connection, { port }: { readonly port: number }) => {
      const wire = this.#wires.get(port)
      if (wire) this.#serve(client, wire)
    })
    this.#ssh = { settings, server }
    return server
  }

  #serve(client: Connection, wire: Wire): void {
    const { log } = this.#parts
    let account: PracticeAccount | null = null
    const admit = createAdmission(this.#parts, wire, (came) => {
      account = came
    })
    client.on('error', () => {})
    // A file that is gone in the middle, be it because the server is being cleared away, lets nobody in.
    client.on('authentication', (context) => void admit(context).catch(() => context.reject()))
    client.on('ready', () => {
      const who = account
      if (!who) return client.end()
      if (who.uid !== 0) this.#keep(client, who)
      let open = 0
      client.on('session', (accept, reject) => {
        if (open >= MAX_SESSIONS) return reject()
        open += 1
        const session = accept()
        session.once('close', () => {
          open -= 1
        })
        this.#session(session, wire, who)
      })
    })
    client.once('close', () => {
      if (account) log(`Disconnected from user ${account.name} ${wire.clientAddress} port ${wire.clientPort}`)
    })
  }

  /** The process of sshd's that runs as the account for as long as it is here: whoever ends it ends the connection. */
  #keep(client: Connection, account: PracticeAccount): void {
    const { env, root } = this.#parts
    const child = spawn('/bin/sh', ['-c', 'read -r end'], { detached: true, stdio: ['pipe', 'ignore', 'ignore'], env })
    const hide = showProcess(root, child.pid, account.uid, `sshd: ${account.name}@notty`)
    this.#children.add(child)
    child.stdin.on('error', () => {})
    client.once('close', () => child.stdin.end())
    child.once('error', () => {})
    child.once('close', () => {
      this.#children.delete(child)
      hide()
      client.end()
    })
  }

  #session(session: Session, wire: Wire, account: PracticeAccount): void {
    let child: ChildProcess | null = null
    session.on('pty', (accept) => accept?.())
    session.on('env', (accept) => accept?.())
    session.on('window-change', (accept) => accept?.())
    session.on('signal', (accept, _reject, { name }) => {
      accept?.()
      if (child?.pid) process.kill(-child.pid, `SIG${name}` as NodeJS.Signals)
    })
    session.on('exec', (accept, _reject, { command }) => {
      child = this.#run(accept(), ['-c', command], wire, account)
    })
    session.on('shell', (accept) => {
      child = this.#run(accept(), [], wire, account)
    })
  }

  #run(channel: ServerChannel, args: readonly string[], wire: Wire, account: PracticeAccount): ChildProcess {
    const { env, root } = this.#parts
    const { name, uid, shell } = account
    const home = join(root, account.home)
    const child = spawn(join(root, shell), args, {
      cwd: existsSync(home) ? home : root,
      detached: true,
      env: {
        ...env,
        HOME: home,
        USER: name,
        LOGNAME: name,
        SHELL: shell,
        // Who is not root: the stand-ins go by it (id.sh, env.sh).
        ...(uid === 0 ? {} : { HARDTUI_AS: String(uid) }),
        SSH_CONNECTION: `${wire.clientAddress} ${wire.clientPort} ${wire.serverAddress} ${wire.serverPort}`,
        SSH_CLIENT: `${wire.clientAddress} ${wire.clientPort} ${wire.serverPort}`,
      },
    })
    const hide = uid === 0 ? () => {} : showProcess(root, child.pid, uid, name)
    this.#children.add(child)
    channel.pipe(child.stdin)
    child.stdout.pipe(channel, { end: false })
    child.stderr.pipe(channel.stderr, { end: false })
    for (const stream of [channel, channel.stderr, child.stdin, child.stdout, child.stderr])
      stream.on('error', () => {})
    // As with sshd(8), a command outlives its connection; it finds its outputs closed.
    channel.once('close', () => {
      child.stdin.destroy()
      child.stdout.destroy()
      child.stderr.destroy()
    })
    child.once('error', () => channel.close())
    child.once('exit', hide)
    child.once('close', (code, signal) => {
      this.#children.delete(child)
      if (!channel.writable) return
      if (signal) channel.exit(signal.replace(/^SIG/, ''), false, '')
      else channel.exit(code ?? 255)
      channel.end()
      channel.close()
    })
    return child
  }
}
