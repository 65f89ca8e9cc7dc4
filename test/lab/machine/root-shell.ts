// The near end of root-shell.sh: scripts in, results out, over the unix socket of the machine's second serial line.
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { LabError, type Result } from '../run.ts'

type Waiting = (result: Result) => void

export class RootShell {
  private readonly path: string
  private socket: Socket | null = null
  private read = ''
  private nextNumber = 1
  private boot: string | null = null
  private readonly waiting = new Map<number, Waiting>()

  constructor(path: string) {
    this.path = path
  }

  /** The boot that last said it is ready for scripts, by its boot_id; null until one has. */
  bootId(): string | null {
    return this.boot
  }

  /** Opens the line: what the machine says before that is lost. */
  async open(): Promise<void> {
    await this.connected()
  }

  /** Runs a script; undefined when there was no answer in time. A script whose answer is lost may have run. */
  async run(script: string, timeoutMs: number): Promise<Result | undefined> {
    const socket = await this.connected()
    const number = this.nextNumber++
    const answer = new Promise<Result>((resolve) => this.waiting.set(number, resolve))
    // What a booting kernel or a cut left on the line must not become part of ours.
    socket.write(`\n${number} ${Buffer.from(script).toString('base64')}\n`)
    const over = new AbortController()
    const result = await Promise.race([answer, pause(timeoutMs, undefined, { signal: over.signal })])
    over.abort()
    this.waiting.delete(number)
    return result
  }

  /** Ends it; what was asked and not answered gets no answer. */
  close(): void {
    this.socket?.destroy()
    this.socket = null
    this.read = ''
    this.boot = null
  }

  private async connected(): Promise<Socket> {
    if (this.socket) return this.socket
    const socket = connect(this.path)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', (error) => reject(new LabError(`the machine's serial line: ${error.message}`)))
    })
    // It ends with the emulator, which is noticed elsewhere.
    socket.on('error', () => {})
    socket.on('close', () => {
      if (this.socket === socket) this.close()
    })
    socket.setEncoding('latin1').on('data', (text: string) => this.take(text))
    this.socket = socket
    return socket
  }

  private take(text: string): void {
    const lines = (this.read + text).split('\n')
    this.read = lines.pop() ?? ''
    for (const line of lines) {
      this.boot = /= ready (\S+)\r?$/.exec(line)?.[1] ?? this.boot
      const [, number, status, stdout, stderr] = /= (\d+) (\d+) (\S+) (\S+)\r?$/.exec(line) ?? []
      if (stdout === undefined || stderr === undefined) continue
      this.waiting.get(Number(number))?.({ status: Number(status), stdout: decoded(stdout), stderr: decoded(stderr) })
    }
  }
}

const decoded = (text: string): string => (text === '-' ? '' : Buffer.from(text, 'base64').toString())
