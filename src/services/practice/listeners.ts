import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import type { WriteLog } from './log.ts'

/** What the listening sshd of the practice server needs of the world around it. */
export type ListenerParts = {
  readonly root: string
  /** Takes a connection that came by one of the server's own ports. */
  readonly accept: (socket: Socket, port: number) => void
  readonly log: WriteLog
}

/** The socket of the first listener. */
const FIRST_INODE = 20_417
/** What stands before it among the descriptors of a process. */
const FIRST_FD = 3

type Place = { readonly host: string; readonly port: number; readonly inode: number }

/** How often sshd looks whether it was told to read its files again, in milliseconds. */
const LOOK_EVERY = 40
/** Addresses that this server has, as ip.sh says. */
const OWN_ADDRESSES: ReadonlySet<string> = new Set([
  '0.0.0.0',
  '::',
  '127.0.0.1',
  '::1',
  '203.0.113.10',
  '2001:db8:5::10',
])
/** Those by which the practising operator comes. */
const REACHED: ReadonlySet<string> = new Set(['0.0.0.0', '203.0.113.10'])
/** The file in which systemctl leaves what sshd goes by; none where it does not run. */
const settingsFile = (root: string): string => join(root, 'run', 'sshd.settings')

/**
 * sshd's listening sockets. Each port of the practice server on which sshd listens, by the files that it has read, is a
 * port of this machine's own, any that is free; the practice server's /proc, and what its ss tells, say the same. What
 * somebody else there has is refused, as bind(2) does. Connections live on when their listener goes.
 */
export class Listeners {
  readonly #parts: ListenerParts
  readonly #servers = new Map<number, Server>()
  #seen = ''
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  readonly #inodes = new Map<string, number>()

  constructor(parts: ListenerParts) {
    this.#parts = parts
  }

  /** Starts listening, and goes on looking for what sshd is told. */
  async start(): Promise<void> {
    await this.#look(false)
    const next = (): void => {
      if (this.#stopped) return
      this.#timer = setTimeout(
        () =>
          void this.#look(true)
            .catch(() => {})
            .finally(next),
        LOOK_EVERY,
      )
      this.#timer.unref()
    }
    next()
  }

  /** Where on this machine a port of the practice server is; null where sshd does not listen on it. */
  realPort(port: number): number | null {
    const address = this.#servers.get(port)?.address()
    return typeof address === 'object' && address !== null ? address.port : null
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    for (const server of this.#servers.values()) server.close()
    this.#servers.clear()
  }

  async #look(again: boolean): Promise<void> {
    const file = settingsFile(this.#parts.root)
    const stat = statSync(file, { throwIfNoEntry: false })
    const now = stat ? `${stat.mtimeMs} ${stat.ino} ${stat.size}` : ''
    if (now === this.#seen) return
    this.#seen = now
    const words = stat ? readFileSync(file, 'utf8') : ''
    if (!stat) this.#parts.log('Received signal 15; terminating.')
    await this.#listen(this.#bound(words, again))
  }

  /** The places of `sshd -T` that can be had. */
  #bound(settings: string, again: boolean): readonly Place[] {
    const { root, log } = this.#parts
    const taken = portsOfOthers(root)
    const places = new Map<string, Place>()
    for (const [, written = '', number] of settings.matchAll(/^listenaddress (\S+):(\d+)$/gm)) {
      const [host, port] = [written.replace(/^\[|\]$/g, ''), Number(number)]
      const name = `${host} ${port}`
      const isTaken = taken.has(port) || places.has(name)
      const why = isTaken ? 'Address already in use' : 'Cannot assign requested address'
      if (isTaken || !OWN_ADDRESSES.has(host)) log(`error: Bind to port ${port} on ${host} failed: ${why}.`)
      else {
        places.set(name, { host, port, inode: this.#inodeOf(name) })
        if (again) log(`Server listening on ${host} port ${port}.`)
      }
    }
    if (settings !== '' && places.size === 0) log('fatal: Cannot bind any address.')
    return [...places.values()]
  }

  #inodeOf(place: string): number {
    const inode = this.#inodes.get(place) ?? FIRST_INODE + this.#inodes.size
    this.#inodes.set(place, inode)
    return inode
  }

  async #listen(places: readonly Place[]): Promise<void> {
    const { root, accept } = this.#parts
    const wanted = new Set(places.flatMap(({ host, port }) => (REACHED.has(host) ? [port] : [])))
    for (const [port, server] of this.#servers)
      if (!wanted.has(port)) {
        this.#servers.delete(port)
        server.close()
      }
    for (const port of wanted) {
      if (this.#servers.has(port)) continue
      const server = createServer({ noDelay: true }, (socket) => accept(socket, port))
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(0, '127.0.0.1', resolve)
      })
      if (this.#stopped) return void server.close()
      this.#servers.set(port, server)
    }
    if (!this.#stopped) tellListeners(root, places)
  }
}

/** TCP ports on which services of the practice server listen that are not sshd. */
function portsOfOthers(root: string): ReadonlySet<number> {
  const rows = (file: string): readonly (readonly string[])[] =>
    readFileSync(join(root, 'systemd', file), 'utf8')
      .split('\n')
      .map((line) => line.split('\t'))
  const active = new Set(rows('units').flatMap(([name, , state]) => (state === 'active' ? [name] : [])))
  return new Set(
    rows('listeners').flatMap(([unit, line = '']) =>
      unit !== SSH && active.has(unit) && line.startsWith('tcp ') ? [Number(/:(\d+) /.exec(line)?.[1])] : [],
    ),
  )
}

const SSH = 'ssh.service'

/** Writes where sshd listens: into /proc, where the guard looks, and among the listeners that ss shows. */
function tellListeners(root: string, places: readonly Place[]): void {
  const [v4, v6] = [places.filter(({ host }) => !host.includes(':')), places.filter(({ host }) => host.includes(':'))]
  const folder = join(root, 'proc', '640', 'fd')
  mkdirSync(folder, { recursive: true })
  const held = places.map(({ inode }) => String(fdOf(inode)))
  const were = readdirSync(folder)
  // Whoever looks in between finds no socket without its process.
  for (const { inode } of places)
    if (!were.includes(String(fdOf(inode)))) symlinkSync(`socket:[${inode}]`, join(folder, String(fdOf(inode))))
  put(join(root, 'proc/net/tcp'), HEAD + v4.map((place, at) => row(at, hex4(place.host), place)).join(''))
  put(join(root, 'proc/net/tcp6'), HEAD + v6.map((place, at) => row(at, hex6(place.host), place)).join(''))
  for (const fd of were) if (!held.includes(fd)) rmSync(join(folder, fd))
  const file = join(root, 'systemd', 'listeners')
  const others = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(`${SSH}\t`))
  const own = places.map(({ host, port, inode }) => {
    const [here, any] = host.includes(':') ? [`[${host}]`, '[::]'] : [host, '0.0.0.0']
    return `${SSH}\ttcp LISTEN 0 128 ${here}:${port} ${any}:* users:(("sshd",pid=640,fd=${fdOf(inode)}))`
  })
  put(file, `${[...others, ...own].toSorted().join('\n')}\n`)
}

const fdOf = (inode: number): number => inode - FIRST_INODE + FIRST_FD

/** In one step: whoever reads it sees the old text or the new. */
function put(file: string, text: string): void {
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'

/** A listening socket as proc(5) has it: address and port in hexadecimal, state 0A. */
function row(at: number, address: string, { port, inode }: Place): string {
  const local = `${address}:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const nobody = `${'0'.repeat(address.length)}:0000`
  return `   ${at}: ${local} ${nobody} 0A 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 100 0 0 10 0\n`
}

/** The address as the kernel of a little-endian machine prints it. */
const hex4 = (host: string): string =>
  host
    .split('.')
    .toReversed()
    .map((part) => Number(part).toString(16).toUpperCase().padStart(2, '0'))
    .join('')
const hex6 = (host: string): string => (host === '::' ? '0'.repeat(32) : `${'0'.repeat(30)}01`)
