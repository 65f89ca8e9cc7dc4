import type { Probe, ProbeOutput } from '../model/command.ts'
import { fail, ok, type Result } from '../model/errors.ts'
import type { HostFacts } from '../model/host.ts'
import { safe, say } from '../model/safe.ts'
import head from './batch.sh'
import factsScript from './facts.sh'
import { parseFacts } from './facts.ts'
import { failure } from './failures.ts'
import { type Launch, launchInput } from './launch.ts'
import { needsPassword, type Privileges } from './privilege.ts'
import { type Ran, run } from './run.ts'
import { quote } from './shell.ts'
import { runFailure, type Wire } from './wire.ts'

export type BatchHandlers = {
  readonly facts: (facts: HostFacts) => void
  readonly output: (output: ProbeOutput) => void
}

/** One probe may print this much; what is beyond is dropped and the probe counts as cut off. Bytes. */
const PROBE_CAP = 32 * 1024 * 1024
/** Added to the probes' own limits: login, privilege, facts and the line. Milliseconds. */
const OVERHEAD = 20_000
/** As it is, with a terminal, with a password: what sudo may want is found out one by one. */
const ROUNDS = 4
/** What timeout(1) leaves when it had to kill; KILL reaches the probe's children as well. */
const KILLED = 137

/**
 * The batch as one script. Facts come first; with `mayAsk`, a host where sudo wants a password gets no further, so
 * that the operator is asked before the same probes are run a second time.
 */
export const batchScript = (boundary: string, probes: readonly Probe[], mayAsk: boolean): string =>
  [
    `b=${quote(boundary)}`,
    head,
    'begin facts; (',
    factsScript,
    ') </dev/null; end facts 0',
    mayAsk ? 'if test "$HARDTUI_ESCALATION" = password; then exit 0; fi' : ':',
    ...probes.map(({ id, timeoutSeconds, script }) => `probe ${quote(id)} ${timeoutSeconds} ${quote(script)}`),
    'begin done; end done 0; exit 0',
    '',
  ].join('\n')

type Once = { readonly ran: Ran; readonly facts: HostFacts | null }

/**
 * Runs all probes in one batch over one channel: one round trip where root or a silent sudo is at hand. Where sudo
 * asks, the password is asked for once and the batch is sent again; without it the probes run as the login user.
 */
export async function runBatch(
  wire: Wire,
  privileges: Privileges,
  probes: readonly Probe[],
  on: BatchHandlers,
): Promise<Result<void>> {
  if (probes.some(({ id }) => !/^[A-Za-z0-9._-]+$/.test(id))) {
    return fail(failure('bug', say`A probe has a name that can't be framed.`, say`Please report it.`))
  }
  const limitMs = OVERHEAD + wire.slackMs + probes.reduce((sum, { timeoutSeconds }) => sum + timeoutSeconds * 1000, 0)
  for (let round = 1; ; round += 1) {
    const wanted = privileges.launch()
    const launch: Launch =
      wanted === null ? { how: 'login' } : wanted.how === 'root' ? { ...wanted, how: 'try' } : wanted
    const mayAsk = launch.how === 'try'
    const once = await batchOnce(wire, privileges, launch, { probes, mayAsk, limitMs }, on)
    if (!once.ok) return once
    const { ran, facts } = once.value
    if (facts !== null) privileges.learn(facts.login.escalation, facts.escalationReason)
    const asks = facts === null ? needsPassword(ran) : mayAsk && facts.login.escalation === 'password'
    if (ran.ending === 'complete') return ok(undefined)
    const refused = mayAsk && facts?.login.escalation === 'none' && ran.ending === 'closed' && wire.gone() === null
    if (round > ROUNDS || (!asks && !refused)) {
      return fail(runFailure(wire, ran, say`The host was being read.`, limitMs))
    }
    // Whatever the answer: the next round runs with what there is then.
    if (asks) await privileges.obtain(wire, facts?.escalationReason ?? ran.noise.stderr)
    if (wire.gone() !== null) return fail(runFailure(wire, ran, say`The host was being read.`, limitMs))
  }
}

type Batch = { readonly probes: readonly Probe[]; readonly mayAsk: boolean; readonly limitMs: number }

async function batchOnce(
  wire: Wire,
  privileges: Privileges,
  launch: Launch,
  { probes, mayAsk, limitMs }: Batch,
  on: BatchHandlers,
): Promise<Result<Once>> {
  const boundary = wire.boundary()
  let facts: HostFacts | null = null
  let parts: Buffer[] = []
  let size = 0
  const frame = (id: string, status: number): void => {
    const stdout = Buffer.concat(parts).toString('utf8')
    if (id === 'facts') {
      facts = withReason(parseFacts(stdout, Date.now()), privileges)
      on.facts(facts)
    } else if (id.startsWith('probe:')) {
      on.output({ id: id.slice('probe:'.length), status, stdout, timedOut: status === KILLED || size > PROBE_CAP })
    }
  }
  const ran = await run(wire.channels, () => ({
    boundary,
    input: launchInput(launch, batchScript(boundary, probes, mayAsk), wire.root),
    limitMs,
    last: 'done',
    stdout: {
      begin: () => {
        parts = []
        size = 0
      },
      data: (_id, chunk) => {
        size += chunk.length
        if (size <= PROBE_CAP) parts.push(chunk)
      },
      end: frame,
    },
  }))
  return ran.ok ? ok({ ran: ran.value, facts }) : ran
}

/** A login that goes on without root says why in our words where sudo was not even asked. */
function withReason(facts: HostFacts, privileges: Privileges): HostFacts {
  const denied = privileges.denied()
  return facts.login.escalation === 'none' && denied !== null ? { ...facts, escalationReason: safe(denied) } : facts
}
