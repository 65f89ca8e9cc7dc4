// One random transaction on one server, with one random fault at a random moment, and the judgement.
import { timerOf } from '../../../../src/services/model/transaction.ts'
import type { Operator } from '../../operator.ts'
import { until } from '../../run.ts'
import type { Server } from '../../server.ts'
import { USERS, type User } from '../../users.ts'
import { CURRENT, IS_OVER } from '../world.ts'
import { portsAfter, randomChange, worldAfter } from './changes.ts'
import { planOf } from './console-plan.ts'
import { enter } from './enter.ts'
import { FOREIGN, readWorld, unlikeBefore, unlikePlan, type World } from './judge.ts'
import type { Kind } from './kinds.ts'
import { breakFor, type Mutation } from './mutations.ts'
import { type Fault, faultsOn, leftBy } from './nemesis.ts'
import { randomOf } from './random.ts'

export type Outcome = {
  readonly what: string
  /** confirmed, rolled-back-timer, …; `nothing armed` where it did not come that far. */
  readonly ended: string
  readonly reached: boolean
  /** Why nothing was armed, in the console's words. */
  readonly refused: string | null
  /** Whether the console held the change for a lock-out, and the operator went on regardless. */
  readonly overridden: boolean
  /** Seconds from the deadline (or the boot) to a login that works. */
  readonly lockOut: string | null
  readonly mixed: readonly string[]
  /** What happened when, in milliseconds from the start of the apply. */
  readonly trail: readonly string[]
}

/** After the deadline a login has to work within this many seconds. */
const GRACE = 5
/** Milliseconds for one login of those. */
const ATTEMPT = 2_500
/** What a login takes at most, in milliseconds, where nothing else keeps the machine busy. */
const USUAL = 500
/** Seconds after which what a console left that is gone is armed no more. */
const UNARMED = 12

/** One run; `among` names the faults it may pick from, null is all of them. */
export async function oneRun(
  server: Server,
  kind: Kind,
  seed: number,
  mutation: Mutation | null,
  among: readonly string[] | null,
): Promise<Outcome> {
  const random = randomOf(seed)
  const user = random.pick(['root', 'root', 'ops', 'pat'] as const)
  const change = randomChange(random, kind, user, mutation?.about ?? null)
  const fault = random.pick(faultsOn(kind, among))
  const windowSeconds = random.whole(4, 8)
  // From the first moment of arming until a little after the deadline.
  const strikeAfterMs = random.whole(0, (windowSeconds + 3) * 1000)
  const wanted = random.pick(['confirm', 'confirm', 'rollback', 'leave'] as const)
  // What somebody else breaks for good is only mended by a rollback.
  const wish = fault.spoilsConfirm && wanted === 'confirm' ? 'leave' : wanted
  // Soon, as the proof has taken its share of the window: some come in time, some race the deadline, some are late.
  const wishAfterMs = random.whole(0, windowSeconds * 400)
  const before = await readWorld(server)
  const pace = await paceOf(server, { user, ports: kind.ports })
  const operator = await enter(server, kind, user)
  try {
    const plan = await planOf({ server, kind, user, operator, change, windowSeconds })
    const ways: Ways = {
      before: { user, ports: kind.ports },
      after: { user: plan.proofAs ?? user, ports: portsAfter(change, kind) },
    }
    let told = false
    let id = ''
    let refused: string | null = null
    const boots = server.boots()
    operator.transactions.subscribe((now) => {
      // Asked for its own, the console tells of another operator's change too, once that is pending.
      const timer = timerOf(now)
      if (timer?.mine) id = timer.id
      else if (id === '' && 'id' in now) id = now.id
      if (now.phase === 'confirmed') told = true
      if (now.phase === 'aborted') refused = now.reason
    })
    breakFor(operator, mutation)
    const { trail, note } = trailFrom(Date.now())
    note(`a login takes ${Math.round(pace * USUAL)} ms here`)
    operator.transactions.subscribe(({ phase }) => note(`the operator: ${phase}`))
    const going = operator.transactions.apply(plan).then(() => carryOut(operator, wish, wishAfterMs))
    // A fault that comes too late to break anything (a server that is gone, a disk that will not fill) is no fault.
    const striking = after(strikeAfterMs, () => {
      note(`the fault begins: ${fault.name}`)
      return fault.strike({ server, kind, operator, random, mutation })
    })
      .catch((error: Error) => note(`the fault failed: ${error.message}`))
      .then(() => note('the fault is done'))
    const mayArm = (): boolean => /^(checking|arming)$/.test(operator.transactions.state().phase)
    const late = await untilReachable({ server, ways, fault, striking, boots, pace, mayArm, note })
    await striking
    await server.heal()
    await server.freeDisk()
    operator.close()
    await going
    const { ended, recorded } = await endingOf(server, id, fault)
    const confirmed = ended === 'confirmed'
    const left = leftBy(fault, kind, plan)
    const unlike = async (): Promise<readonly string[]> => {
      const now = await readWorld(server)
      const found = confirmed
        ? unlikePlan(before, now, plan, { ports: ways.after.ports, world: worldAfter(change) })
        : unlikeBefore(before, now)
      return found.filter((line) => !left.some((name) => line.startsWith(`${name}:`)))
    }
    const mixed = [
      ...(await onceSettled(unlike)),
      ...(recorded || fault.forgets ? [] : [`it ended (${ended}), and no record says so`]),
      ...(told && !confirmed ? ['the operator was told that it is confirmed, and it is not'] : []),
      ...(await foreignLost(server, fault, boots, ended)),
    ]
    // On every port that holds now, whatever came of it.
    const lockOut = late ?? (await logInBy(server, confirmed ? ways.after : ways.before, pace * 10_000))
    const what = `${user}: ${change.name}; ${fault.name} after ${strikeAfterMs} ms of ${windowSeconds} s; wish: ${wish}`
    const overridden = plan.blockers.length > 0
    return { what, ended, reached: ended !== 'nothing armed', refused, overridden, lockOut, mixed, trail }
  } finally {
    operator.close()
  }
}

/** Notes what happens, with the time since then. */
function trailFrom(began: number): { readonly trail: string[]; readonly note: (words: string) => void } {
  const trail: string[] = []
  return { trail, note: (words) => void trail.push(`${Date.now() - began} ms: ${words}`) }
}

/** As whom and where the operator comes in: as long as the change is not in force, and once it is. */
type Way = { readonly user: string; readonly ports: readonly number[] }
type Ways = { readonly before: Way; readonly after: Way }

/**
 * A reload closes old listeners in a moment of its own (apply_sshd), and named begins to answer a while after a boot;
 * everything else is done once the change is over.
 */
async function onceSettled(unlike: () => Promise<readonly string[]>): Promise<readonly string[]> {
  let found = await unlike()
  for (const [name, timeoutMs] of [
    ['listens', 3_000],
    ['named', 10_000],
  ] as const) {
    const isSettled = async (): Promise<boolean> => {
      if (!found.some((line) => line.startsWith(name))) return true
      found = await unlike()
      return false
    }
    await until(`${name} as it should be`, isSettled, { timeoutMs, everyMs: 200 }).catch(() => {})
  }
  return found
}

/** Where a record of a change that ended may be (record.sh). */
const recordsOf = (id: string): string =>
  ['/var/lib/hardtui/history/', '/var/lib/hardtui/ended.', '/run/hardtui/history/', '/run/hardtui/ended.']
    .map((place) => `${place}${id}.*`)
    .join(' ')

/** As `IS_OVER`, and no copy in memory is about to be put back. */
const IS_OVER_FOR_GOOD = `${IS_OVER} && { lost=$(cat /run/hardtui/current/meta/id 2>/dev/null)
  [ -z "$lost" ] || ls -d ${recordsOf('$lost')} 2>/dev/null | grep -q . ; }`

const BOOT_GUARDS = '/etc/systemd/system/hardtui-rollback.service /etc/init.d/hardtui-rollback /etc/cron.d/hardtui-boot'

/**
 * How that transaction ended, by the server's own record; where a fault may have taken the records away, by its log, in
 * which every end is told.
 */
async function endingOf(server: Server, id: string, fault: Fault): Promise<{ ended: string; recorded: boolean }> {
  const nothing = { ended: 'nothing armed', recorded: true }
  if (id === '') return nothing
  const record = await server.must(`ls -d ${recordsOf(id)} 2>/dev/null | head -n 1`)
  if (record !== '') return { ended: record.slice(record.lastIndexOf('.') + 1), recorded: true }
  const told = async (): Promise<string> =>
    (await server.sh(`grep -h 'hardtui.*: \\(confirmed\\|rolled back\\) ${id}' /var/log/auth.log | tail -n 1`)).stdout
  // The log may be a moment behind.
  if (fault.forgets) await until('the log', async () => (await told()) !== '', { timeoutMs: 1500 }).catch(() => {})
  const [, verb, cause] = /: (confirmed|rolled back) \w+(?: \((\w+)\))?/.exec(await told()) ?? []
  if (!verb) return nothing
  return { ended: verb === 'confirmed' ? verb : `rolled-back-${cause}`, recorded: false }
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

type Watched = {
  readonly server: Server
  readonly ways: Ways
  readonly fault: Fault
  readonly striking: Promise<unknown>
  readonly boots: number
  /** How many times as long as usual things take (paceOf). */
  readonly pace: number
  /** Whether the console still waits for the server's word that the timer is armed. */
  readonly mayArm: () => boolean
  readonly note: (words: string) => void
}

/** Waits for the end of the change as the server sees it, heals what is cut at the deadline, and tries to log in. */
async function untilReachable({
  server,
  ways,
  fault,
  striking,
  boots,
  pace,
  mayArm,
  note,
}: Watched): Promise<string | null> {
  let deadline: number | null = null
  let armed = false
  // A slow server is still at it, which is no end: what is armed after we looked would be taken for what never ends.
  let atWork = Date.now()
  const limit = (): boolean => (deadline === null ? Date.now() - atWork > UNARMED * 1000 : Date.now() > deadline)
  let turn = 0
  await until(
    'the deadline',
    async () => {
      // One look every third time: looking must not be what keeps the server busy, and the deadline is told by our clock.
      if (turn++ % 3 !== 0) return limit()
      if (mayArm()) atWork = Date.now()
      const { stdout } = await server
        .sh(`cat ${CURRENT}/deadline /proc/uptime; ${IS_OVER_FOR_GOOD} && echo over`)
        .catch(() => ({ stdout: '' }))
      const lines = stdout.trimEnd().split('\n')
      if (lines.length >= 2 && lines[0]?.includes('-')) {
        if (!armed) note('armed, as the server has it')
        armed = true
        const [at, up] = lines.map((line) => Number(line.split(' ')[0]))
        deadline = Date.now() + ((at as number) / 100 - (up as number)) * 1000
      }
      if (armed && lines.at(-1) === 'over') return true
      return limit() || (!armed && !mayArm() && lines.at(-1) === 'over')
    },
    { timeoutMs: 120_000, everyMs: 100 },
  )
  note(
    `the end of the window, ${deadline === null ? 'which never began' : `${Date.now() - deadline} ms after the deadline`}`,
  )
  await striking
  await server.heal()
  const graceEnds = Date.now() + pace * GRACE * 1000
  if (fault.reboots && server.boots() === boots) return 'it did not boot'
  for (;;) {
    const tried = await logInBy(server, ways.before, pace * ATTEMPT)
    if (tried === null) break
    // Proved there and confirmed, sshd has moved as it was told to, or somebody took root's place.
    if (isOther(ways) && (await logInBy(server, ways.after, pace * ATTEMPT)) === null) break
    note(`no login: ${tried}`)
    if (Date.now() > graceEnds) return `no login ${Math.round(pace * GRACE)} s after the deadline: ${tried}`
  }
  note('a login works')
  // A boot in the first moments of arming may leave what the next arming clears away; to everybody else it is over.
  const isDone = async (): Promise<boolean> =>
    (await server.sh(IS_OVER_FOR_GOOD)).status === 0 ||
    // Asking the guard would make it put back what is lost: that is not the judge's to do.
    (await server.sh('[ ! -e /run/hardtui/current ] && sh /var/lib/hardtui/guard.sh status raw')).stdout.startsWith(
      '@state none',
    )
  const over = await untilDone(server, isDone)
  note(over ? 'the change is over' : 'the change does not end')
  // Whoever stands by needs a moment to clear away what a crash after the end left; what is there then is litter.
  const isClear = async (): Promise<boolean> =>
    (await server.sh(`[ -z "$(ls -d ${BOOT_GUARDS} 2>/dev/null)" ]`)).status === 0
  await until('the boot guard to go', isClear, { timeoutMs: 5_000 }).catch(() => {})
  return over ? null : 'the change never ended'
}

/**
 * Waits for the end of what is pending as long as somebody is at work on it, by his signs of life, and 12 s after the last
 * of them; a minute in all.
 */
async function untilDone(server: Server, isDone: () => Promise<boolean>): Promise<boolean> {
  const began = Date.now()
  let [sign, signAt] = ['', began]
  while (Date.now() - signAt < 12_000 && Date.now() - began < 60_000) {
    if (await isDone()) return true
    const { stdout } = await server.sh('cat /run/hardtui/beat')
    if (stdout !== sign) [sign, signAt] = [stdout, Date.now()]
    await after(100, async () => {})
  }
  return false
}

const isOther = ({ before, after }: Ways): boolean =>
  before.user !== after.user || before.ports.join() !== after.ports.join()

/**
 * How many times as long as usual a login takes while nothing is changed, at most six times: a machine that is busy with
 * something else lets nobody in any sooner, whatever the rollback did.
 */
async function paceOf(server: Server, way: Way): Promise<number> {
  const began = Date.now()
  const refused = await logInBy(server, way, 60_000)
  if (refused !== null) throw new Error(`no login before anything was changed: ${refused}`)
  return Math.min(6, Math.max(1, (Date.now() - began) / way.ports.length / USUAL))
}

/** Comes in by all of the ports and becomes root, and gives the reason of the first that does not do. */
async function logInBy(server: Server, { user, ports }: Way, timeoutMs: number): Promise<string | null> {
  const password = USERS[user as User]?.password ?? null
  const asRoot = user === 'root' ? 'true' : password === null ? 'sudo -n true' : 'sudo -S -p "" true'
  for (const port of ports) {
    const input = `${password ?? ''}\n`
    const { status, stderr } = await server.client.ssh(asRoot, { user, port, timeoutMs, input })
    if (status !== 0) return `${user} by port ${port}: ${stderr.trim().split('\n').at(-1) || 'no answer in time'}`
  }
  return null
}

/** Somebody else's rules are still there after a rollback; a boot takes them along by itself. */
async function foreignLost(server: Server, fault: Fault, boots: number, ended: string): Promise<readonly string[]> {
  if (!fault.adds || server.boots() !== boots) return []
  const kept = (await server.must('iptables-save')).includes(FOREIGN)
  return kept ? [] : [`somebody else's rule is gone (${ended})`]
}

export type { World }
