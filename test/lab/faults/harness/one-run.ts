// One random transaction on one server, with one random fault at a random moment, and the judgement.
import type { StagedChange } from '../../../../src/services/model/plan.ts'
import { timerOf } from '../../../../src/services/model/transaction.ts'
import { logIn, type Operator } from '../../operator.ts'
import { until } from '../../run.ts'
import type { Server } from '../../server.ts'
import { CURRENT, IS_OVER, isOver } from '../world.ts'
import { type Change, randomChange } from './changes.ts'
import { FOREIGN, readWorld, unlikeBefore, unlikePlan, type World } from './judge.ts'
import { breakFor, type Mutation } from './mutations.ts'
import { FAULTS, type Fault } from './nemesis.ts'
import { randomOf } from './random.ts'

export type Outcome = {
  readonly what: string
  /** confirmed, rolled-back-timer, …; `nothing armed` where it did not come that far. */
  readonly ended: string
  readonly reached: boolean
  /** Seconds from the deadline (or the boot) to a login that works. */
  readonly lockOut: string | null
  readonly mixed: readonly string[]
}

/** After the deadline a login has to work within this many seconds. */
const GRACE = 5

export async function oneRun(server: Server, seed: number, mutation: Mutation | null): Promise<Outcome> {
  const random = randomOf(seed)
  const change = randomChange(random)
  const fits = FAULTS.filter(
    (fault) =>
      (!fault.only || (fault.only === 'sysvinit') === (server.flavour === 'sysvinit')) &&
      (!mutation || mutation.faults.includes(fault.name)),
  )
  const fault = random.pick(fits)
  const windowSeconds = random.whole(4, 8)
  // From the first moment of arming until a little after the deadline.
  const strikeAfterMs = random.whole(0, (windowSeconds + 3) * 1000)
  const wanted = random.pick(['confirm', 'confirm', 'rollback', 'leave'] as const)
  // What somebody else breaks for good is only mended by a rollback.
  const wish = fault.spoilsConfirm && wanted === 'confirm' ? 'leave' : wanted
  // Soon, as the proof has taken its share of the window: some come in time, some race the deadline, some are late.
  const wishAfterMs = random.whole(0, windowSeconds * 400)
  const before = await readWorld(server)
  const operator = await logIn(server, 'root', 0)
  try {
    const plan = await operator.plan((facts) => change.parts.flatMap((part) => part.edits?.(facts) ?? []), {
      windowSeconds,
      also: await filesOf(server, change),
    })
    let told = false
    let id = ''
    const boots = server.boots()
    operator.transactions.subscribe((now) => {
      id = timerOf(now)?.id ?? ('id' in now ? now.id : id)
      if (now.phase === 'confirmed') told = true
    })
    breakFor(operator, mutation)
    const going = operator.transactions.apply(plan).then(() => carryOut(operator, wish, wishAfterMs))
    // A fault that comes too late to break anything (a server that is gone, a disk that will not fill) is no fault.
    const striking = after(strikeAfterMs, () => fault.strike({ server, operator, random, mutation })).catch(() => {})
    const lockOut = await untilReachable(server, fault, striking, boots, plan.newPorts)
    await striking
    await server.heal()
    await server.freeDisk()
    operator.close()
    await going
    const ended = await endingOf(server, id)
    const now = await readWorld(server)
    const confirmed = ended === 'confirmed'
    const mixed = [
      ...(confirmed ? unlikePlan(before, now, plan) : unlikeBefore(before, now)),
      ...(told && !confirmed ? ['the operator was told that it is confirmed, and it is not'] : []),
      ...(await foreignLost(server, fault, boots, ended)),
    ]
    const what = `${change.name}; ${fault.name} after ${strikeAfterMs} ms of ${windowSeconds} s; wish: ${wish}`
    return { what, ended, reached: ended !== 'nothing armed', lockOut, mixed }
  } finally {
    operator.close()
  }
}

/** How that transaction ended, by the server's own record. */
async function endingOf(server: Server, id: string): Promise<string> {
  if (id === '') return 'nothing armed'
  const names = await server.must(`cd /var/lib/hardtui/history 2>/dev/null && ls -d ${id}.* 2>/dev/null || :`)
  return names === '' ? 'nothing armed' : names.slice(id.length + 1)
}

const filesOf = async (server: Server, change: Change): Promise<readonly StagedChange[]> => {
  const staged: StagedChange[] = []
  for (const part of change.parts) if (part.also) staged.push(await part.also(server))
  return staged
}

const after = async <T>(ms: number, act: () => Promise<T>): Promise<T> => {
  await new Promise((resolve) => setTimeout(resolve, ms))
  return act()
}

/** What the operator does once the console waits for him; he confirms only what was proved. */
async function carryOut({ transactions }: Operator, wish: string, afterMs: number): Promise<void> {
  await after(afterMs, async () => {})
  const now = transactions.state()
  if (now.phase !== 'awaiting-confirm') return
  if (wish === 'confirm' && now.proof.outcome === 'works') await transactions.confirm()
  if (wish === 'rollback') await transactions.rollback()
}

/** Waits for the end of the change as the server sees it, heals what is cut at the deadline, and tries to log in. */
async function untilReachable(
  server: Server,
  fault: Fault,
  striking: Promise<unknown>,
  boots: number,
  newPorts: readonly number[],
): Promise<string | null> {
  let deadline: number | null = null
  let armed = false
  const started = Date.now()
  const limit = (): boolean => {
    if (deadline === null) return Date.now() - started > 20_000
    return Date.now() > deadline
  }
  let turn = 0
  await until(
    'the deadline',
    async () => {
      // One look every third time: looking must not be what keeps the server busy, and the deadline is told by our clock.
      if (turn++ % 3 !== 0) return limit()
      const { stdout } = await server
        .sh(`cat ${CURRENT}/deadline /proc/uptime; ${IS_OVER} && echo over`)
        .catch(() => ({ stdout: '' }))
      const lines = stdout.trimEnd().split('\n')
      if (lines.length >= 2 && lines[0]?.includes('-')) {
        armed = true
        const [at, up] = lines.map((line) => Number(line.split(' ')[0]))
        deadline = Date.now() + ((at as number) / 100 - (up as number)) * 1000
      }
      if (armed && lines.at(-1) === 'over') return true
      return limit() || (!armed && Date.now() - started > 12_000)
    },
    { timeoutMs: 60_000, everyMs: 100 },
  )
  await striking
  await server.heal()
  const graceEnds = Date.now() + GRACE * 1000
  if (fault.reboots && server.boots() === boots) return 'it did not boot'
  for (;;) {
    const tried = await server.login({ timeoutMs: 2_500 })
    if (tried.ok) break
    // Proved there and confirmed, sshd has moved as it was told to.
    if (newPorts[0] && (await server.login({ timeoutMs: 2_500, port: newPorts[0] })).ok) break
    if (Date.now() > graceEnds) return `no login ${GRACE} s after the deadline: ${tried.reason}`
  }
  // A boot in the first moments of arming may leave what the next arming clears away; to everybody else it is over.
  const isDone = async (): Promise<boolean> =>
    (await isOver(server)) ||
    (await server.sh('sh /var/lib/hardtui/guard.sh status raw')).stdout.startsWith('@state none')
  const over = await until('the end of the change', isDone, { timeoutMs: 12_000 }).catch(() => false)
  return over ? null : 'the change never ended'
}

/** Somebody else's rules are still there after a rollback; a boot takes them along by itself. */
async function foreignLost(server: Server, fault: Fault, boots: number, ended: string): Promise<readonly string[]> {
  if (!fault.name.startsWith('somebody ') || fault.name === 'somebody rolls back' || server.boots() !== boots) return []
  const kept = (await server.must('iptables-save')).includes(FOREIGN)
  return kept ? [] : [`somebody else's rule is gone (${ended})`]
}

export type { World }
