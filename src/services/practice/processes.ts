import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import type { Outcome, Run } from './netfilter/programs.ts'

const nothingSaid = (status: number): Outcome => ({ status, stdout: '', stderr: '' })

/** sha256sum(1) of standard input, where the machine has none. */
export function sha256sum({ stdin }: Pick<Run, 'stdin'>): Outcome {
  return { ...nothingSaid(0), stdout: `${createHash('sha256').update(stdin()).digest('hex')}  -\n` }
}

/** timeout(1), where the machine has none: `[-k SECONDS] SECONDS COMMAND`, other options are passed over. */
export async function limited({ args }: Pick<Run, 'args'>): Promise<Outcome> {
  let graceSeconds = 0
  let at = 0
  for (; args[at]?.startsWith('-'); at++) if (args[at] === '-k') graceSeconds = Number(args[++at])
  const [seconds = '0', program = '', ...words] = args.slice(at)
  const child = spawn(program, words, { stdio: 'inherit' })
  const ended = new Promise<number>((resolve) => {
    child.once('error', () => resolve(127))
    // A command that a signal ended has no status of its own: 128 and the signal's number, as the shell has it.
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 143)))
  })
  let late = false
  let killer: NodeJS.Timeout | undefined
  const timer = setTimeout(() => {
    late = true
    child.kill('SIGTERM')
    if (graceSeconds > 0) killer = setTimeout(() => child.kill('SIGKILL'), graceSeconds * 1000)
  }, Number(seconds) * 1000)
  const status = await ended
  clearTimeout(timer)
  clearTimeout(killer)
  return nothingSaid(late && status !== 137 ? 124 : status)
}
