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

export type FollowHandlers = {
  readonly onLines: (lines: readonly string[]) => void
  readonly onEnd: (reason: Safe) => void
}

/** The server stops a follow that has heard nothing from us for three of these. Milliseconds. */
const HEARTBEAT = 15_000
/** Lines are handed over in groups, so that a busy log costs one update and not thousands. Milliseconds. */
const TICK = 50
/** Lines kept between two ticks; with more, the oldest are dropped. */
const GROUP = 20_000

/**
 * Follows a log over a channel of its own. It ends on the server when we stop it, when the channel closes, and when
 * our heartbeat stays away. Where another command needs the only channel, it makes room and starts again afterwards.
 */
export function startFollow(wire: Wire, privileges: Privileges, script: string, on: FollowHandlers): Follow {
  let stopped = false
  let lease: Lease | null = null
  const group = createGroups(on.onLines)
  const end = (reason: Safe): void => {
    if (stopped) return
    stopped = true
    group.flush()
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
    const reason = yielded ? null : await pipe(lease, inputFor(wire, privileges, script), group.add)
    lease = null
    if (stopped) return
    if (yielded) return begin()
    end(wire.gone() ?? reason ?? say`The log ended on the server.`)
  }
  begin()
  return {
    stop: () => {
      stopped = true
      group.drop()
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
  onLine: (line: string) => void,
): Promise<Safe | null> =>
  new Promise((resolve) => {
    let reason: Safe | null = null
    const lines = createLines(onLine)
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
    channel.on('data', frames.feed)
    channel.stderr.resume()
    channel.on('error', () => {})
    channel.once('close', () => {
      clearInterval(beat)
      resolve(reason)
    })
    // Never the last of it: heartbeats follow.
    const onNoise = sendInput(input, (text) => channel.write(text))
  })

/** Collects lines and hands them over once per tick. */
function createGroups(onLines: (lines: readonly string[]) => void) {
  let lines: string[] = []
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    const ready = lines
    lines = []
    if (ready.length > 0) onLines(ready)
  }
  return {
    add: (line: string): void => {
      lines.push(line)
      if (lines.length > 2 * GROUP) lines = lines.slice(-GROUP)
      timer ??= setTimeout(flush, TICK)
    },
    flush,
    drop: (): void => {
      clearTimeout(timer)
      lines = []
    },
  }
}
