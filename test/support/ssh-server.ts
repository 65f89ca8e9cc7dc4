import { type ChildProcess, spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import ssh2, { type Connection, type ServerChannel, type Session } from 'ssh2'
import { SYSTEM_PATH } from '../../src/services/host/launch.ts'
import type { Target } from '../../src/services/model/host.ts'
import { FAKE_ENV, FAKE_ID, FAKE_SUDO } from './fake-programs.ts'
import { type HostKeyType, makeKey } from './ssh-keys.ts'
import { authenticator, type LoginRules, PASSWORD, USER } from './ssh-server-login.ts'

/**
 * How the stand-in for sudo answers: never asks, asks for `PASSWORD`, asks but never allows, is not there; is sudo-rs;
 * asks nothing but wants a terminal; fails after the right password with words of its own; asks nothing and keeps the
 * caller's environment, PATH too.
 */
export type FakeSudo = 'free' | 'asks' | 'never' | 'missing' | 'reads-ahead' | 'wants-terminal' | 'expired' | 'keeps'

/** What a login server does; everything has a well-behaved default. */
export type ServerOptions = LoginRules & {
  /** The user's id as `id -u` tells it; 1000 unless told. Root is 0. */
  readonly uid?: number
  readonly sudo?: FakeSudo
  /** What a login has in its environment beside what it should. */
  readonly environment?: Readonly<Record<string, string>>
  readonly banner?: string
  /** Session channels at once, as MaxSessions of sshd_config(5). */
  readonly maxSessions?: number
  /** Run instead of whatever is asked for, as ForceCommand. */
  readonly forceCommand?: string
  /** Put before every command, as a login shell that prints things. */
  readonly rc?: string
  /** The login shell: argv before the command; `sh -c` unless told. */
  readonly shell?: readonly string[]
  /** Host key types on offer. */
  readonly hostKeys?: readonly HostKeyType[]
  /** Lines before the version. */
  readonly greeting?: string
  /** Gets each connection as it comes, to send what no server should. */
  readonly tamper?: (client: Connection) => void
  /** Gets each command's channel and what the client sends to it, in the place of a shell. */
  readonly onExec?: (channel: ServerChannel, client: Connection) => void
}

/** A running server; `close` ends everything it started. */
export type TestServer = {
  readonly port: number
  /** Its folder: for the client's files too. */
  readonly folder: string
  /** The first host key as a known_hosts line without the name. */
  readonly hostKey: string
  /** Private key file that is let in. */
  readonly keyFile: string
  /** A target that knows the server's key and has the key that is let in. */
  readonly target: (change?: Partial<Target>) => Target
  /** What was tried to log in, in order: `user method outcome`. */
  readonly attempts: readonly string[]
  /** Connections open now. */
  readonly connections: () => number
  /** Session channels open now, and the most there ever were. */
  readonly sessions: () => { readonly now: number; readonly most: number; readonly refused: number }
  /** Processes of commands that still run. */
  readonly running: () => number
  /** Argument lists sudo was started with, one line each. */
  readonly sudoLog: () => string
  /** Ends all connections without a word, as when the machine dies; new ones still get through. */
  readonly drop: () => void
  /** Changes what the server does from the next login or channel on. */
  readonly change: (options: ServerOptions) => void
  readonly close: () => Promise<void>
}

type State = {
  options: ServerOptions
  readonly folder: string
  readonly path: string
  readonly allowed: Buffer
  readonly attempts: string[]
  readonly children: Set<ChildProcess>
  sessions: number
  most: number
  refused: number
}

const blobOf = (line: string): Buffer => Buffer.from(line.split(' ')[1] ?? '', 'base64')

/** Lays the stand-ins into a folder and gives the PATH of the login; sudo is nowhere on it when it is `missing`. */
function installPrograms(folder: string, sudo: FakeSudo = 'free'): string {
  const put = (name: string, text: string): void => writeFileSync(join(folder, name), text, { mode: 0o755 })
  put('id', FAKE_ID)
  put('env', FAKE_ENV)
  if (sudo !== 'missing') {
    put('sudo', FAKE_SUDO)
    return `${folder}:/usr/bin:/bin`
  }
  const others = join(folder, 'bin')
  mkdirSync(others)
  for (const name of new Set(['/usr/bin', '/bin'].flatMap((from) => readdirSync(from)))) {
    const from = existsSync(join('/usr/bin', name)) ? '/usr/bin' : '/bin'
    if (name !== 'sudo') symlinkSync(join(from, name), join(others, name))
  }
  return `${folder}:${others}`
}

/** Starts an SSH server on a port of its own that really runs commands, as the user who runs the tests. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'hardtui-ssh-'))
  const path = installPrograms(folder, options.sudo)
  const hostKeys = (options.hostKeys ?? ['ed25519']).map((type) => makeKey(type))
  const clientKey = makeKey('ed25519')
  const keyFile = join(folder, 'key')
  writeFileSync(keyFile, clientKey.private, { mode: 0o600 })
  const state: State = {
    options,
    folder,
    path,
    allowed: blobOf(clientKey.public),
    attempts: [],
    children: new Set(),
    sessions: 0,
    most: 0,
    refused: 0,
  }
  const sockets = new Set<Socket>()
  const server = new ssh2.Server(
    { hostKeys: hostKeys.map((key) => key.private), ...greetings(options) } as ssh2.ServerConfig,
    (client, info) => serveClient(client, `${info.ip} ${info.port} 127.0.0.1 ${port}`, state),
  )
  const inner = (server as unknown as { _srv: NetServer })._srv
  inner.on('connection', (socket: Socket) => {
    socket.setNoDelay(true)
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const hostKey = hostKeys[0]?.public ?? ''
  const knownHosts = join(folder, 'known_hosts')
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${hostKey}\n`)
  return {
    port,
    folder,
    hostKey,
    keyFile,
    target: (change) => ({
      name: `${USER}@127.0.0.1:${port}`,
      host: '127.0.0.1',
      port,
      user: USER,
      identityFiles: [keyFile],
      agent: null,
      knownHostsFiles: [knownHosts],
      hostKeyAlias: '127.0.0.1',
      ...change,
    }),
    attempts: state.attempts,
    connections: () => sockets.size,
    sessions: () => ({ now: state.sessions, most: state.most, refused: state.refused }),
    running: () => state.children.size,
    sudoLog: () => readIfThere(join(folder, 'sudo.log')),
    drop: () => {
      for (const socket of sockets) socket.destroy()
    },
    change: (next) => {
      state.options = { ...state.options, ...next }
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      for (const child of state.children) killGroup(child)
      await new Promise<void>((resolve) => server.close(() => resolve()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const greetings = ({ banner, greeting }: ServerOptions): object => ({
  ...(banner === undefined ? {} : { banner }),
  ...(greeting === undefined ? {} : { greeting }),
})

function serveClient(client: Connection, connection: string, state: State): void {
  let sessions = 0
  const { allowed, attempts } = state
  state.options.tamper?.(client)
  client.on(
    'authentication',
    authenticator({ rules: () => state.options, allowed, note: (line) => attempts.push(line) }),
  )
  client.on('error', () => {})
  client.on('session', (accept, reject) => {
    if (sessions >= (state.options.maxSessions ?? 10)) {
      state.refused += 1
      return reject()
    }
    sessions += 1
    state.sessions += 1
    state.most = Math.max(state.most, sessions)
    const session = accept()
    session.once('close', () => {
      // The slot comes free a little after the channel is closed, as with OpenSSH.
      setImmediate(() => {
        sessions -= 1
        state.sessions -= 1
      })
    })
    serveSession(session, connection, state, client)
  })
}

function serveSession(session: Session, connection: string, state: State, client: Connection): void {
  session.on('exec', (accept, _reject, { command }) => {
    const channel = accept()
    const { options, folder, path } = state
    if (options.onExec) return options.onExec(channel, client)
    const { rc, forceCommand, uid = 1000, sudo = 'free', shell = ['sh', '-c'] } = options
    const text = forceCommand ?? (rc === undefined ? command : `${rc}\n${command}`)
    const [file = 'sh', ...args] = shell
    const child = spawn(file, [...args, text], {
      detached: true,
      env: {
        PATH: path,
        HOME: folder,
        LOGNAME: USER,
        SSH_CONNECTION: connection,
        FAKE_UID: String(uid),
        FAKE_SUDO: sudo,
        FAKE_PASSWORD: PASSWORD,
        FAKE_FOLDER: folder,
        ...options.environment,
      },
    })
    state.children.add(child)
    pipeChild(child, channel, sudo === 'missing' ? path : `${folder}:${SYSTEM_PATH}`, () =>
      state.children.delete(child),
    )
  })
}

/** `path` is what this machine has for the directories of a system; a launch line names those first of all. */
function pipeChild(child: ChildProcess, channel: ServerChannel, path: string, onEnd: () => void): void {
  const { stdin, stdout, stderr } = child
  if (stdin === null || stdout === null || stderr === null) throw new Error('a pipe is missing')
  let begun = false
  const launch = new Transform({
    transform: (chunk: Buffer, _, done) => {
      done(null, begun ? chunk : Buffer.from(chunk.toString('latin1').replaceAll(SYSTEM_PATH, path), 'latin1'))
      begun = true
    },
  })
  channel.pipe(launch).pipe(stdin)
  stdout.pipe(channel, { end: false })
  stderr.pipe(channel.stderr, { end: false })
  for (const stream of [stdin, stdout, stderr, channel]) stream.on('error', () => {})
  child.once('exit', onEnd)
  child.once('close', (code, signal) => {
    if (channel.destroyed || !channel.writable) return
    if (code !== null) channel.exit(code)
    else channel.exit((signal ?? 'KILL').replace('SIG', ''), false, '')
    channel.end()
  })
  // A command outlives its channel; it only loses its pipes.
  channel.once('close', () => {
    stdin.destroy()
    stdout.destroy()
    stderr.destroy()
  })
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** A listener that is no SSH server; gives its port and how to end it. */
export async function startListener(
  onSocket: (socket: Socket) => void,
): Promise<{ readonly port: number; readonly close: () => void }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onSocket(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
