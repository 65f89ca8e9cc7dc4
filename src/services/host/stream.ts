import { createGunzip } from 'node:zlib'
import type { Follow, Host } from '../model/host.ts'
import { type Safe, say } from '../model/safe.ts'
import { startFollow } from './follow.ts'
import { createLines } from './lines.ts'
import type { Privileges } from './privilege.ts'
import type { Wire } from './wire.ts'

/** What may wait to be unpacked before the server has to wait: it may send faster than we read. Bytes. */
const WAITING = 1024 * 1024
/** Unpacked at once; between two of them keys are answered. Bytes. */
const PIECE = 16 * 1024

/** Packs what a script prints where the server can: the first line says whether. gzip(1) at its fastest loads it least. */
export const packing = (
  script: string,
): string => `if command -v gzip >/dev/null 2>&1 && command -v base64 >/dev/null 2>&1; then
  echo packed
  (
${script}
  ) | gzip -1c | base64
else
  echo plain
  (
${script}
  )
fi
`

/** Runs a script as a follow does, and hands over the lines that it prints; see `Host.stream`. */
export function startStream(
  wire: Wire,
  privileges: Privileges,
  script: string,
  on: Parameters<Host['stream']>[1],
): Follow {
  let stopped = false
  let unpacked: Unpacked | null = null
  const give = (lines: readonly string[]): void => {
    if (!stopped) on.lines(lines)
  }
  const end = (reason: Safe): void => {
    if (stopped) return
    stopped = true
    on.end(reason)
  }
  const stop = (): void => {
    stopped = true
    unpacked?.drop()
    follow.stop()
  }
  const follow = startFollow(wire, privileges, packing(script), {
    onBegin: () => {
      unpacked?.drop()
      unpacked = unpack(give, (reason) => {
        end(reason)
        stop()
      })
      if (!stopped) on.begin()
    },
    onLines: (lines) => unpacked?.feed(lines),
    onEnd: (reason) => {
      if (unpacked) unpacked.finish(() => end(reason))
      else end(reason)
    },
  })
  return { stop }
}

type Unpacked = {
  /** Gives what to wait for before more comes. */
  readonly feed: (lines: readonly string[]) => Promise<void> | undefined
  /** Nothing more comes: calls back once all of it was handed over. */
  readonly finish: (done: () => void) => void
  readonly drop: () => void
}

function unpack(onLines: (lines: readonly string[]) => void, onBroken: (reason: Safe) => void): Unpacked {
  let packed: boolean | null = null
  let came: string[] = []
  const lines = createLines((line) => came.push(line))
  const hand = (): void => {
    const ready = came
    came = []
    if (ready.length > 0) onLines(ready)
  }
  const gunzip = createGunzip({ chunkSize: PIECE })
  gunzip.on('data', (chunk: Buffer) => {
    lines.feed(chunk)
    hand()
  })
  let goOn = (): void => {}
  gunzip.on('drain', () => goOn())
  // Broken, or no longer wanted.
  gunzip.on('close', () => goOn())
  const unpackable = (): void => onBroken(say`What came could not be unpacked.`)
  gunzip.on('error', unpackable)
  return {
    feed: (all) => {
      const [first] = all
      const rest = packed === null ? all.slice(1) : all
      packed ??= first === 'packed'
      if (!packed) return void onLines(rest)
      gunzip.write(Buffer.from(rest.join(''), 'base64'))
      if (gunzip.writableLength < WAITING || gunzip.destroyed) return undefined
      return new Promise((resolve) => {
        goOn = resolve
      })
    },
    finish: (done) => {
      if (packed !== true) return done()
      const over = (): void => {
        lines.finish()
        hand()
        done()
      }
      // What ends in the middle is handed over as far as it came.
      gunzip.off('error', unpackable)
      gunzip.once('error', ({ code }: NodeJS.ErrnoException) => (code === 'Z_BUF_ERROR' ? over() : unpackable()))
      gunzip.once('end', over)
      gunzip.end()
    },
    drop: () => void gunzip.destroy(),
  }
}
