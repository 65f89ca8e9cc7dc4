import type { Result } from '../model/errors.ts'
import { ok } from '../model/errors.ts'
import type { Channels, Lease } from './channels.ts'
import { createFrames, type FrameHandlers } from './frames.ts'
import { type Input, REMOTE_COMMAND } from './launch.ts'

/** Text outside our frames is kept only to explain a failure. Bytes. */
const NOISE_CAP = 8 * 1024
/** How long the other stream's end mark may be behind stdout's, in milliseconds. */
const STRAGGLE = 1_000

export type RunRequest = {
  readonly boundary: string
  /** All that goes to the channel's stdin. */
  readonly input: Input
  /** Milliseconds from the channel's opening; the channel is closed when they are over. */
  readonly limitMs: number
  readonly stdout: FrameHandlers
  readonly stderr?: FrameHandlers
  /** Frame on stdout whose end ends the run. */
  readonly last: string
}

/** How a run came to its end. Only `complete` means that the server said so. */
export type Ran = {
  readonly ending: 'complete' | 'closed' | 'late' | 'stopped'
  /** Whether any frame of ours was begun: our script ran. */
  readonly began: boolean
  readonly code: number | null
  /** What came outside the frames, stderr's last: login noise, sudo's reason, a forced command's output. */
  readonly noise: { readonly stdout: string; readonly stderr: string }
}

/** Lets a handler end the run: the output is too long, the caller has seen enough. */
export type Stop = () => void

/** Runs one script over one channel of its own. */
export async function run(channels: Channels, prepare: (stop: Stop) => RunRequest): Promise<Result<Ran>> {
  const opened = await channels.open({ command: REMOTE_COMMAND })
  if (!opened.ok) return opened
  return ok(await drive(opened.value, prepare))
}

const noiseKeeper = () => {
  let kept: Buffer = Buffer.alloc(0)
  return {
    add: (chunk: Buffer): void => {
      if (kept.length < NOISE_CAP) kept = Buffer.concat([kept, chunk.subarray(0, NOISE_CAP - kept.length)])
    },
    text: () => kept.toString('utf8').trim(),
  }
}

/** What `ready` is looked for in: the end of what came before, and what comes. Characters. */
const READY_WINDOW = 256

/** Sends an input, then its rest once the server is ready for it: what this gives must see all that comes outside our frames. */
export function sendInput(input: Input, send: (text: string, last: boolean) => void): (noise: Buffer) => void {
  let waiting = input.rest
  let seen = ''
  send(input.first, waiting === undefined)
  return (noise) => {
    if (waiting === undefined) return
    seen += noise.toString('latin1')
    const ready = seen.includes(waiting.ready)
    seen = seen.slice(-READY_WINDOW)
    if (!ready) return
    send(waiting.text, true)
    waiting = undefined
  }
}

const drive = ({ channel, release }: Lease, prepare: (stop: Stop) => RunRequest): Promise<Ran> =>
  new Promise((resolve) => {
    const [outNoise, errNoise] = [noiseKeeper(), noiseKeeper()]
    let began = false
    let code: number | null = null
    let settled = false
    let straggler: NodeJS.Timeout | undefined
    const settle = (ending: Ran['ending']): void => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      clearTimeout(straggler)
      channel.removeListener('data', frames.feed)
      channel.stderr.removeListener('data', errors.feed)
      // What is still on its way must be drained, or the connection's window fills up with it.
      channel.resume()
      channel.stderr.resume()
      release()
      resolve({ ending, began, code, noise: { stdout: outNoise.text(), stderr: errNoise.text() } })
    }
    const request = prepare(() => settle('stopped'))
    let errorsOpen = false
    let finished = false
    const done = (): void => {
      finished = true
      if (!errorsOpen) settle('complete')
      else straggler = setTimeout(() => settle('complete'), STRAGGLE)
    }
    const frames = createFrames(request.boundary, {
      begin: (id) => {
        if (!began && request.stderr !== undefined) errorsOpen = true
        began = true
        request.stdout.begin?.(id)
      },
      ...(request.stdout.part && { part: request.stdout.part }),
      data: (id, chunk) => {
        if (!settled) request.stdout.data(id, chunk)
      },
      held: (id) => {
        if (!settled) request.stdout.held?.(id)
      },
      end: (id, status) => {
        request.stdout.end(id, status)
        if (id === request.last) done()
      },
      noise: (chunk) => {
        outNoise.add(chunk)
        onNoise(chunk)
      },
    })
    const errors = createFrames(request.boundary, {
      data: (id, chunk) => request.stderr?.data(id, chunk),
      end: (id, status) => {
        request.stderr?.end(id, status)
        errorsOpen = false
        if (finished) settle('complete')
      },
      noise: errNoise.add,
    })
    const timer = setTimeout(() => settle('late'), request.limitMs)
    channel.on('data', frames.feed)
    channel.stderr.on('data', errors.feed)
    channel.on('exit', (status: number | null) => {
      code = typeof status === 'number' ? status : null
    })
    channel.once('close', () => settle(finished ? 'complete' : 'closed'))
    channel.on('error', () => {})
    const onNoise = sendInput(request.input, (text, last) => (last ? channel.end(text) : channel.write(text)))
  })
