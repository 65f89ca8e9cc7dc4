// Fault 47: the power goes. Afterwards everybody can log in, and the server is what it was or what was confirmed.
import { setTimeout as pause } from 'node:timers/promises'
import { type Operator, phase } from '../operator.ts'
import { type Case, seconds } from './cases.ts'
import { changeEverything } from './changes.ts'
import type { Machine } from './machine.ts'
import { APPLIED, ARMED, CURRENT, logIn, waitFor } from './operator.ts'
import { check, mustBeSame, outcomes, type World, worldOf } from './world.ts'

type Moment = 'armed' | 'applied' | 'confirming' | 'saving' | 'confirmed'

/** What a confirm adds to what was applied: the rules for the next boot; and what it takes away: the boot guard. */
const KEPT = new RegExp(
  `^\\./(${[
    'hardtui/rules\\.v[46](\\.before-hardtui)?',
    'systemd/system/(multi-user\\.target\\.wants/)?hardtui-rules\\.service',
    'systemd/system/(sysinit\\.target\\.wants/)?hardtui-rollback\\.service',
  ].join('|')})$`,
)
const CONFIRMING = `[ -e ${CURRENT}/state.confirmed ]`
/** The token is on the disk by then; what follows is the next boot's to finish. */
const SAVING = `[ -e /etc/hardtui ]`
const UNFLUSHED = '/root/unflushed'
/** Written, and not flushed: lost by a cut that deserves the name. */
const CONTROL = `echo 'not flushed' >${UNFLUSHED}`

const TITLES: Readonly<Record<Moment, (wait: number) => string>> = {
  armed: (wait) => `a power cut ${wait} s after it is armed`,
  applied: (wait) => `a power cut ${wait} s after it is applied`,
  confirmed: (wait) => `a power cut ${wait} s after it is confirmed`,
  confirming: () => 'a power cut at the rename that confirms',
  saving: () => 'a power cut while what was confirmed is saved',
}

const cutAfter = (moment: Moment, wait: number): Case => ({
  fault: 47,
  name: TITLES[moment](wait),
  run: async (machine) => {
    await machine.must(`rm -f ${UNFLUSHED}; sync`)
    const before = await worldOf(machine)
    const operator = await logIn(machine)
    const confirms = moment !== 'armed' && moment !== 'applied'
    const plan = await changeEverything(machine, operator, confirms ? 'harmless' : 'locks out')
    if (moment === 'armed') dieBeforeApply(operator)
    const going = operator.transactions.apply(plan)
    if (confirms) await phase(operator, 'awaiting-confirm', 90_000)
    const changed = confirms ? await worldOf(machine) : null
    const late = await REACH[moment](machine, operator, wait)
    machine.cutPower()
    operator.close()
    await going
    await machine.powerBack()
    const login = await machine.login('ops')
    check(login.ok, `no login with sudo: ${login.reason}`)
    const lost = (await machine.sh(`[ -s ${UNFLUSHED} ]`)).status !== 0
    check(lost, 'the power cut did not bite: a file that was not flushed is there')
    const end = theEnd(moment, before, changed, await worldOf(machine))
    return `${end}${late === null ? '' : `, cut ${seconds(late)} after the answer`}`
  },
})

/** Old or new, and nothing between: at the rename itself either, after the answer only the new. */
function theEnd(moment: Moment, before: World, changed: World | null, after: World): string {
  const [ended = 'no record'] = outcomes(before, after)
  const isNew = ended === 'confirmed'
  if (moment === 'confirmed' || moment === 'saving') check(isNew, `it was confirmed, and ended as ${ended}`)
  if (changed && isNew) mustBeSame(changed, after, KEPT)
  else mustBeSame(before, after)
  return `${isNew ? 'the new state' : 'the old state'} (${ended})`
}

/** The console dies between arming and applying: the phase is told the moment before the apply is sent. */
function dieBeforeApply(operator: Operator): void {
  operator.transactions.subscribe(({ phase: now }) => {
    if (now === 'applying') operator.close()
  })
}

type Reach = (machine: Machine, operator: Operator, wait: number) => Promise<number | null>

/** Resolves at the moment of the cut; a number is how many seconds after the console's answer that is. */
const REACH: Readonly<Record<Moment, Reach>> = {
  armed: (machine, _, wait) => seenInside(machine, ARMED, wait),
  applied: (machine, _, wait) => seenInside(machine, APPLIED, wait),
  confirming: (machine, operator) => whileConfirming(machine, operator, CONFIRMING),
  saving: (machine, operator) => whileConfirming(machine, operator, SAVING),
  confirmed: async (machine, operator, wait) => {
    // What follows the answer must not wait for a file to be written.
    if (wait === 0) await machine.must(CONTROL)
    await operator.transactions.confirm()
    const answered = performance.now()
    check(operator.transactions.state().phase === 'confirmed', `it is ${operator.transactions.state().phase}`)
    if (wait > 0) await machine.must(`sleep ${wait}; ${CONTROL}`)
    return (performance.now() - answered) / 1000
  },
}

async function seenInside(machine: Machine, condition: string, wait: number): Promise<null> {
  await machine.must(`${waitFor(condition)}; ${wait > 0 ? `sleep ${wait}; ` : ''}${CONTROL}`)
  return null
}

async function whileConfirming(machine: Machine, operator: Operator, condition: string): Promise<null> {
  const seen = seenInside(machine, condition, 0)
  // The script has to be waiting before there is something to see.
  await pause(1000)
  void operator.transactions.confirm()
  return seen
}

/** The power cut itself, put to the test: it must lose what was not flushed, of the guest and of its disk, and no more. */
const bites: Case = {
  fault: 47,
  name: 'the power cut bites',
  run: async (machine) => {
    await machine.must(`cd /root; echo flushed >flushed; printf %4096s old >block; sync; ${CONTROL}
      printf %4096s new | dd of=block bs=4096 oflag=direct conv=notrunc iflag=fullblock status=none`)
    machine.cutPower()
    await machine.powerBack()
    const found = await machine.must(`cd /root; cat flushed; tr -d ' ' <block; cat ${UNFLUSHED} 2>/dev/null
      rm -f flushed block ${UNFLUSHED}; sync`)
    check(found === 'flushed\nold', `found: ${JSON.stringify(found)}`)
    return 'lost: a file in the page cache, and a block in the disk’s cache; kept: what was flushed'
  },
}

export const powerCases: readonly Case[] = [
  bites,
  // The first confirm on a server has most to save.
  cutAfter('saving', 0),
  cutAfter('confirming', 0),
  cutAfter('confirmed', 0),
  ...([0, 1, 5] as const).map((wait) => cutAfter('armed', wait)),
  ...([0, 1, 5] as const).map((wait) => cutAfter('applied', wait)),
  ...([1, 5] as const).map((wait) => cutAfter('confirmed', wait)),
]
