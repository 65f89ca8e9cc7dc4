import type { Probe, ProbeOutput } from '../model/command.ts'
import { fail, ok, type Result } from '../model/errors.ts'
import type { HostFacts } from '../model/host.ts'
import { safe, say } from '../model/safe.ts'
import { quote } from '../model/shell.ts'
import head from './batch.sh'
import { createCollector } from './collector.ts'
import factsScript from './facts.sh'
import { parseFacts } from './facts.ts'
import { failure } from './failures.ts'
import filePartScript from './file-part.sh'
import { type Launch, launchInput } from './launch.ts'
import partScript from './part.sh'
import { needsPassword, type Privileges } from './privilege.ts'
import { type Ran, run } from './run.ts'
import { runFailure, type Wire } from './wire.ts'

export type BatchHandlers = {
  readonly facts: (facts: HostFacts) => void
  readonly output: (output: ProbeOutput) => void
}

/**
 * A probe may print this much unless it says otherwise; what is beyond is dropped, and it counts as cut off. So much is read
 * in less than a tenth of a second, for which the screen stands still. Bytes.
 */
const CAP = 2 * 1024 * 1024
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
    `b=${quote(boundary)} parts=${quote(partScript + filePartScript)}`,
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
  let parts = createParts(CAP)
  const heard = new Set<string>()
  const frame = (id: string, status: number): void => {
    // Once each: a host that repeats them would have the screen drawn without end.
    if (heard.has(id)) return
    heard.add(id)
    const timedOut = status === KILLED
    if (id === 'facts') {
      facts = { ...withReason(parseFacts(parts.head(), Date.now()), privileges), needs: wire.needs }
      on.facts(facts)
    } else if (id.startsWith('probe:')) {
      on.output({ id: id.slice('probe:'.length), status, timedOut, ...parts.read(timedOut) })
    }
  }
  const ran = await run(wire.channels, () => ({
    boundary,
    input: launchInput(launch, batchScript(boundary, probes, mayAsk), wire.root),
    limitMs,
    last: 'done',
    stdout: {
      begin: (id) => {
        const own = probes.find((probe) => id === `probe:${probe.id}`)
        parts = createParts(own?.capBytes ?? CAP)
      },
      part: (_id, name) => parts.begin(name),
      data: (_id, chunk) => parts.add(chunk),
      end: frame,
    },
  }))
  return ran.ok ? ok({ ran: ran.value, facts }) : ran
}

/** Each set of ipset(8) is one. */
const MOST_PARTS = 70_000

/** Collects a frame's parts, up to so many bytes. Text before the first part counts for nothing in a probe's frame. */
function createParts(cap: number) {
  const parts = new Map<string, string>()
  let name: string | null = null
  let left = cap
  let open = createCollector(left)
  let cut: string | null = null
  const close = (): void => {
    // The first of a name counts.
    if (name !== null && !parts.has(name)) parts.set(name, open.text())
    left = Math.max(0, left - open.size())
    open = createCollector(left)
  }
  return {
    begin: (next: string): void => {
      if (cut !== null) return
      close()
      if (parts.size < MOST_PARTS) name = next
      else cut = next
    },
    add: (chunk: Buffer): void => {
      if (!open.add(chunk)) cut ??= name ?? ''
    },
    /** What came before any part. */
    head: () => open.text(),
    /** `killed`: the last part was still being printed. */
    read: (killed: boolean): Pick<ProbeOutput, 'parts' | 'cut'> => {
      close()
      return { parts, cut: cut ?? (killed ? (name ?? '') : null) }
    },
  }
}

/** A login that goes on without root says why in our words where sudo was not even asked. */
function withReason(facts: HostFacts, privileges: Privileges): HostFacts {
  const denied = privileges.denied()
  return facts.login.escalation === 'none' && denied !== null ? { ...facts, escalationReason: safe(denied) } : facts
}
