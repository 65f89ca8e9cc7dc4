// hardtui as a person runs it, from the bundle, against a server of the tests; what it costs is measured from outside.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from '../../scripts/build.mjs'
import type { TestServer } from '../support/ssh-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'hardtui-hostile-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
let built: Promise<string> | null = null

const program = (): Promise<string> => {
  built ??= (async () => {
    const file = join(folder, 'hardtui.js')
    await bundle(file)
    return file
  })()
  return built
}

export type Ended = {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  /** The most memory it ever held, in MB. */
  readonly memoryMb: number
  readonly seconds: number
}

/** The most memory that a process has held so far, in MB (VmHWM, proc(5)); 0 once it has gone. */
export function memoryOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

/** The processor time that a process has used so far, in ms (utime and stime of proc(5), in hundredths of a second). */
export function processorTimeOf(pid: number): number {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ').slice(11, 13) ?? []
  return (Number(user) + Number(system)) * 10
}

/** Arguments that lead to the server, past the ssh_config of whoever runs the tests. */
export const argumentsFor = ({ port, folder: files, keyFile }: TestServer): readonly string[] => [
  ...['-F', '/dev/null', '-i', keyFile, '-o', `UserKnownHostsFile=${join(files, 'known_hosts')}`],
  `pat@127.0.0.1:${port}`,
]

/** Runs `hardtui VERB` to its end; killed after `limitMs`, which leaves the status null. */
export async function runCommand(verb: string, server: TestServer, limitMs: number): Promise<Ended> {
  const file = await program()
  const env = { ...process.env, SSH_AUTH_SOCK: '' }
  const started = performance.now()
  const child = spawn(process.execPath, [file, verb, ...argumentsFor(server)], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let memoryMb = 0
  const looking = setInterval(() => {
    memoryMb = Math.max(memoryMb, memoryOf(child.pid ?? 0))
  }, 50)
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs)
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  clearInterval(looking)
  clearTimeout(timer)
  return { status, stdout: stdout(), stderr: stderr(), memoryMb, seconds: (performance.now() - started) / 1000 }
}

function collect(stream: ChildProcess['stdout']): () => string {
  let text = ''
  stream?.on('data', (chunk: Buffer) => {
    if (text.length < 1 << 20) text += chunk.toString()
  })
  return () => text
}

/** Command line of the console in a pty of its own (script(1)). */
export async function consoleCommand(server: TestServer): Promise<readonly string[]> {
  const file = await program()
  const words = [process.execPath, file, ...argumentsFor(server)].map((word) => `'${word}'`).join(' ')
  return ['script', '-qfec', `stty rows 40 cols 120; exec ${words}`, '/dev/null']
}
