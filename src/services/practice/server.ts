import { type ChildProcess, spawn } from 'node:child_process'
import { createServer, type Server as NetServer, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { AuthContext, Connection, ParsedKey, ServerChannel, Session } from 'ssh2'
import { fingerprint } from '../host/known-hosts.ts'
import type { RuleSet } from '../model/firewall.ts'
import { matchesPattern } from '../model/pattern.ts'
import { createGate, type Wire } from './gate.ts'

import { killGroup } from './units.ts'

type Ssh2 = typeof import('ssh2')

/** What the SSH server needs of the world around it. */
export type ServerParts = {
  readonly ssh2: Ssh2
  readonly hostKey: string
  readonly user: string
  readonly password: string
  readonly authorizedKey: string
  readonly rules: () => RuleSet
  /** A keyword's first value in `sshd -T`, as of the last time that sshd read its files; null where that is not said. */
  readonly setting: (keyword: string) => string | null
  /** Environment of every command; the connection's own variables are added. */
  readonly env: Readonly<Record<string, string>>
  readonly home: string
  readonly log: (message: string) => void
}

/** The first connection's client port; each further one has the next. */
const FIRST_PORT = 50_022
/** How long a command may go on after its connection when the server stops, in milliseconds. */
const GRACE = 300
/** MaxSessions of sshd_config(5). */
const MAX_SESSIONS = 10

/** A connection as the server says it came: from one client, by the ports it counts. */
const wireOf = (clientPort: number): Wire => ({
  clientAddress: '198.51.100.20',
  clientPort,
  serverAddress: '203.0.113.10',
  serverPort: 22,
})

/** A real SSH server on a port of this machine whose commands run in real shells. */
export class PracticeServer {
  readonly #parts: ServerParts
  readonly #children = new Set<ChildProcess>()
  readonly #sockets = new Set<Socket>()
  readonly #net: NetServer
  #nextPort = FIRST_PORT

  constructor(parts: ServerParts) {
    this.#parts = parts
    const ssh = new parts.ssh2.Server({ hostKeys: [parts.hostKey], ident: 'OpenSSH_9.2p1 Debian-2+deb12u3' })
    const gate = createGate(parts.rules)
    this.#net = createServer({ noDelay: true }, async (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
      socket.on('error', () => {})
      const wire = wireOf(this.#nextPort++)
      if (!(await gate.arrive(socket, wire))) return
      ssh.injectSocket(gate.stream(socket, wire) as unknown as Socket)
    })
    ssh.on('connection', (client: Connection, { port }: { readonly port: number }) => this.#serve(client, wireOf(port)))
  }

  /** Starts listening; gives the port. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#net.once('error', reject)
      this.#net.listen(0, '127.0.0.1', resolve)
    })
    const address = this.#net.address()
    return typeof address === 'object' && address ? address.port : 0
  }

  /** Ends every connection and every command. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#net.close(() => resolve()))
    // Commands see the end of their input first: some have things of their own to end.
    for (let waited = 0; this.#children.size > 0 && waited < GRACE; waited += 20) await setTimeout(20)
    for (const child of this.#children) killGroup(child.pid)
  }

  #serve(client: Connection, wire: Wire): void {
    const from = `${wire.clientAddress} port ${wire.clientPort}`
    client.on('error', () => {})
    client.on('authentication', (context: AuthContext) => this.#authenticate(context, from))
    client.on('ready', () => {
      let open = 0
      client.on('session', (accept, reject) => {
        if (open >= MAX_SESSIONS) return reject()
        open += 1
        const session = accept()
        session.once('close', () => {
          open -= 1
        })
        this.#session(session, wire)
      })
    })
    client.once('close', () => this.#parts.log(`Disconnected from user ${this.#parts.user} ${from}`))
  }

  #authenticate(context: AuthContext, from: string): void {
    const { ssh2, user, password, authorizedKey, log } = this.#parts
    if (context.username !== user) {
      if (context.method !== 'none') log(`Invalid user ${context.username} from ${from}`)
      return context.reject(['publickey', 'password'])
    }
    const refused = this.#refusal(context)
    if (refused) {
      log(`${refused} from ${from}`)
      return context.reject(['publickey', 'password'])
    }
    if (context.method === 'password') {
      if (context.password !== password) {
        log(`Failed password for ${user} from ${from} ssh2`)
        return context.reject(['publickey', 'password'])
      }
      log(`Accepted password for ${user} from ${from} ssh2`)
      return context.accept()
    }
    if (context.method === 'publickey') {
      const key = ssh2.utils.parseKey(authorizedKey) as ParsedKey
      const known = key.type === context.key.algo && key.getPublicSSH().equals(context.key.data)
      if (!known) return context.reject(['publickey', 'password'])
      if (!context.signature || !context.blob) return context.accept()
      if (key.verify(context.blob, context.signature, context.hashAlgo) !== true)
        return context.reject(['publickey', 'password'])
      log(`Accepted publickey for ${user} from ${from} ssh2: ED25519 ${fingerprint(key.getPublicSSH())}`)
      return context.accept()
    }
    context.reject(['publickey', 'password'])
  }

  /** Why sshd takes none of what this user offers, in its words; null where it does. */
  #refusal({ method, username }: AuthContext): string | null {
    const { setting } = this.#parts
    const isRoot = username === 'root'
    const root = setting('permitrootlogin')
    if (isRoot && root === 'no') return 'ROOT LOGIN REFUSED'
    const byPassword =
      method === 'password' &&
      (setting('passwordauthentication') === 'no' || (isRoot && root !== null && root !== 'yes'))
    if (byPassword || (method === 'publickey' && setting('pubkeyauthentication') === 'no'))
      return `Failed ${method} for ${username}`
    const [allowed, denied] = [setting('allowusers'), setting('denyusers')]
    const matches = (list: string): boolean =>
      list.split(' ').some((one) => matchesPattern(username, one.split('@')[0] ?? ''))
    if (denied !== null && matches(denied)) return `User ${username} not allowed because listed in DenyUsers`
    if (allowed !== null && !matches(allowed)) return `User ${username} not allowed because not listed in AllowUsers`
    return null
  }

  #session(session: Session, wire: Wire): void {
    let child: ChildProcess | null = null
    session.on('pty', (accept) => accept?.())
    session.on('env', (accept) => accept?.())
    session.on('window-change', (accept) => accept?.())
    session.on('signal', (accept, _reject, { name }) => {
      accept?.()
      if (child?.pid) process.kill(-child.pid, `SIG${name}` as NodeJS.Signals)
    })
    session.on('exec', (accept, _reject, { command }) => {
      child = this.#run(accept(), ['-c', command], wire)
    })
    session.on('shell', (accept) => {
      child = this.#run(accept(), [], wire)
    })
  }

  #run(channel: ServerChannel, args: readonly string[], wire: Wire): ChildProcess {
    const { env, home } = this.#parts
    const connection = `${wire.clientAddress} ${wire.clientPort} ${wire.serverAddress} ${wire.serverPort}`
    const child = spawn('/bin/sh', args, {
      cwd: home,
      detached: true,
      env: {
        ...env,
        SSH_CONNECTION: connection,
        SSH_CLIENT: `${wire.clientAddress} ${wire.clientPort} ${wire.serverPort}`,
      },
    })
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
