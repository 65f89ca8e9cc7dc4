import type { Follow } from '../model/host.ts'
import { type Safe, say } from '../model/safe.ts'
import { quote } from '../model/shell.ts'
import type { Lease } from './channels.ts'
import followScript from './follow.sh'
import { createFrames } from './frames.ts'
import { type Input, type Launch, launchInput, REMOTE_COMMAND } from './launch.ts'
import { createLines } from './lines.ts'
import type { Privileges } from './privilege.ts'
import { sendInput } from './run.ts'
import type { Wire } from './wire.ts'

/** What a follow tells: lines as they arrive, all that came at once in one call, and its end. */
export type FollowHandlers = {
  /** It begins: once, and again after it had to make room for another command. */
  readonly onBegin?: () => void
  /** What it returns is waited for before more is taken from the server. */
  readonly onLines: (lines: readonly string[]) => Promise<void> | undefined
  readonly onEnd: (reason: Safe) => void
}

/** The server stops a follow that has heard nothing from us for three of these. Milliseconds. */
const HEARTBEAT = 15_000

/**
 * Follows a log over a channel of its own. It ends on the server when we stop it, when the channel closes, and when
 * our heartbeat stays away. Where another command needs the only channel, it makes room and starts again afterwards.
 * Nothing is kept here: how many lines are worth keeping, and for how long, whoever follows knows.
 */
export function startFollow(wire: Wire, privileges: Privileges, script: string, on: FollowHandlers): Follow {
  let stopped = false
  let lease: Lease | null = null
  const hand = (lines: readonly string[]): Promise<void> | undefined => (stopped ? undefined : on.onLines(lines))
  const end = (reason: Safe): void => {
    if (stopped) return
    stopped = true
    on.onEnd(reason)
  }
  const begin = async (): Promise<void> => {
    let yielded = false
    const onYield = (): void => {
      yielded = true
      lease?.release()
    }
    const opened = await wire.channels.open({ command: REMOTE_COMMAND, onYield })
    if (!opened.ok) return end(opened.error.message)
    lease = opened.value
    if (stopped || yielded) lease.release()
    if (stopped) return
    if (!yielded) on.onBegin?.()
    const reason = yielded ? null : await pipe(lease, inputFor(wire, privileges, script), hand)
    lease = null
    if (stopped) return
    if (yielded) return begin()
    end(wire.gone() ?? reason ?? say`The log ended on the server.`)
  }
  begin()
  return {
    stop: () => {
      stopped = true
      lease?.release()
    },
  }
}

const inputFor = (wire: Wire, privileges: Privileges, script: string) => {
  const boundary = wire.boundary()
  const wanted = privileges.launch()
  const launch: Launch = wanted === null ? { how: 'login' } : wanted.how === 'root' ? { ...wanted, how: 'try' } : wanted
  // One brace group: the shell must have read all of it before it begins to read heartbeats from the same stdin.
  const text = `b=${quote(boundary)} script=${quote(script)}\n{\n${followScript}\n}\n`
  return { boundary, input: launchInput(launch, text, wire.root) }
}

const pipe = (
  { channel, release }: Lease,
  { boundary, input }: { readonly boundary: string; readonly input: Input },
  onLines: FollowHandlers['onLines'],
): Promise<Safe | null> =>
  new Promise((resolve) => {
    let reason: Safe | null = null
    let came: string[] = []
    const lines = createLines((line) => came.push(line))
    const frames = createFrames(boundary, {
      data: (_id, chunk) => lines.feed(chunk),
      held: () => lines.early(),
      noise: (chunk) => onNoise(chunk),
      end: (_id, status) => {
        lines.finish()
        reason = say`The log ended on the server with status ${status}.`
        release()
      },
    })
    const beat = setInterval(() => channel.write('\n'), HEARTBEAT)
    channel.on('data', (chunk: Buffer) => {
      frames.feed(chunk)
      if (came.length === 0) return
      const ready = came
      came = []
      const isBusy = onLines(ready)
      if (!isBusy) return
      channel.pause()
      void isBusy.then(() => channel.resume())
    })
    channel.stderr.resume()
    channel.on('error', () => {})
    channel.once('close', () => {
      clearInterval(beat)
      resolve(reason)
    })
    // Never the last of it: heartbeats follow.
    const onNoise = sendInput(input, (text) => channel.write(text))
  })
