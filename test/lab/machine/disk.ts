// A disk with a cache that a power cut empties. nbdkit keeps what is written and hands it to the file only when the
// machine asks for a flush, as fsync(2) on it does in the end; killed, it takes the rest along. A plain image file would
// keep it all: it is in the cache of a host that does not lose its power.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { LabError, until } from '../run.ts'

export type Disk = {
  /** Unix socket of an NBD server. */
  readonly socket: string
  /** The power goes: whatever was not flushed is lost. */
  readonly cut: () => void
}

/** Starts a disk over a file; the folder is for its socket and its cache. */
export async function startDisk(file: string, folder: string): Promise<Disk> {
  const socket = join(folder, 'disk.sock')
  rmSync(socket, { force: true })
  const cache = ['cache=writeback', 'cache-min-block-size=4096']
  const argv = ['--foreground', '--unix', socket, '--filter=cache', 'file', file, ...cache]
  const child = withUs('nbdkit', argv, { ...process.env, TMPDIR: folder })
  let said = ''
  child.stderr?.on('data', (text: Buffer) => {
    said = `${text}`.trim()
  })
  await until('the disk to answer', () => {
    if (child.exitCode !== null) throw new LabError(`nbdkit ended: ${said}`)
    return existsSync(socket)
  })
  return { socket, cut: () => void child.kill('SIGKILL') }
}

/** Starts a program that dies with this process, however this one ends, and that a Ctrl-C on the terminal passes by. */
export const withUs = (file: string, args: readonly string[], env = process.env): ChildProcess =>
  spawn('setpriv', ['--pdeathsig', 'KILL', file, ...args], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env,
  })
