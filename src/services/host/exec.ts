import type { Command, Output } from '../model/command.ts'
import { fail, ok, type Result } from '../model/errors.ts'
import { safe, say } from '../model/safe.ts'
import { hasNul } from '../model/shell.ts'
import { createCollector } from './collector.ts'
import { failure } from './failures.ts'
import { type Launch, launchInput } from './launch.ts'
import { createLines } from './lines.ts'
import { needsPassword, type Privileges } from './privilege.ts'
import { type Ran, run } from './run.ts'
import { commandScript } from './shell.ts'
import { runFailure, type Wire } from './wire.ts'

/** More than this on stdout ends the command with an error. Bytes. */
const STDOUT_CAP = 32 * 1024 * 1024
const STDERR_CAP = 256 * 1024
/** The server's own timeout is heard of this much later. Milliseconds. */
const GRACE = 3_000

/**
 * Runs one command on one channel. It counts only with an integer exit status and our end mark; everything else is an
 * error. Where root needs a password, it is asked for and proved first.
 */
export async function execCommand(
  wire: Wire,
  privileges: Privileges,
  command: Command,
  onLine?: (line: string) => void,
): Promise<Result<Output>> {
  if (command.argv.length === 0 || [...command.argv, command.stdin ?? ''].some(hasNul)) {
    const next = say`Please report it with what you did.`
    return fail(failure('bug', say`A command was built that no shell can run.`, next))
  }
  for (let round = 1; ; round += 1) {
    const launch: Launch | null = command.privilege === 'login' ? { how: 'login' } : privileges.launch()
    if (launch === null) return fail(privileges.error())
    const once = await execOnce(wire, launch, command, onLine)
    if (!once.ok) return once
    const { ran, output } = once.value
    if (output !== null) return ok(output)
    if (command.privilege === 'root' && needsPassword(ran) && round < 4) {
      const got = await privileges.obtain(wire, ran.noise.stderr)
      if (!got.ok) return got
    } else {
      const what = say`${safe(command.argv[0] ?? '')} was running.`
      return fail(runFailure(wire, ran, what, command.timeoutMs))
    }
  }
}

type Once = { readonly ran: Ran; readonly output: Output | null }

async function execOnce(
  wire: Wire,
  launch: Launch,
  command: Command,
  onLine: ((line: string) => void) | undefined,
): Promise<Result<Once>> {
  const [stdout, stderr] = [createCollector(STDOUT_CAP), createCollector(STDERR_CAP)]
  const lines = onLine === undefined ? null : createLines(onLine)
  const seconds = Math.max(1, Math.ceil(command.timeoutMs / 1000))
  const boundary = wire.boundary()
  let status = -1
  let tooMuch = false
  const started = performance.now()
  const ran = await run(wire.channels, (stop) => ({
    boundary,
    input: launchInput(launch, commandScript(boundary, command, seconds), wire.root),
    limitMs: command.timeoutMs + GRACE + wire.slackMs,
    last: 'out',
    stdout: {
      data: (_id, chunk) => {
        lines?.feed(chunk)
        if (stdout.add(chunk)) return
        tooMuch = true
        stop()
      },
      held: () => lines?.early(),
      end: (_id, code) => {
        status = code
        lines?.finish()
      },
    },
    stderr: { data: (_id, chunk) => void stderr.add(chunk), end: () => {} },
  }))
  if (!ran.ok) return ran
  if (tooMuch) return fail(tooLong(command))
  if (ran.value.ending !== 'complete') return ok({ ran: ran.value, output: null })
  // timeout(1): 124 when it stopped the command, 137 when it had to kill it.
  const outOfTime = (status === 124 || status === 137) && performance.now() - started >= command.timeoutMs
  if (outOfTime) return fail(stopped(command, seconds))
  return ok({ ran: ran.value, output: { status, stdout: stdout.text(), stderr: stderr.text() } })
}

const tooLong = ({ argv }: Command) =>
  failure(
    'unsupported-host',
    say`${safe(argv[0] ?? '')} printed more than ${STDOUT_CAP / 1024 / 1024} MB and was cut off.`,
    say`Look at it on the server itself.`,
  )

const stopped = ({ argv }: Command, seconds: number) =>
  failure(
    'timeout',
    say`${safe(argv[0] ?? '')} did not end within ${seconds} s and was stopped on the server.`,
    say`Read the state again; the server may be busy.`,
  )
