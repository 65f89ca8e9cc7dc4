// Fault 44: somebody sets the clock inside the window. The deadline is counted in uptime, which nobody can set; the
// time of day that is shown for it follows the new clock.
import { phase } from '../operator.ts'
import { type Case, seconds } from './cases.ts'
import type { Machine } from './machine.ts'
import { CURRENT, drop, logIn, waitFor } from './operator.ts'
import { check, mustBeSame, outcomes, worldOf } from './world.ts'

const PORT = 81
const WINDOW_SECONDS = 45
const DAY = 24 * 3600
const RULE_GONE = `! iptables -C INPUT -p tcp -m tcp --dport ${PORT} -j DROP 2>/dev/null`
/** Prints the uptime at which the token is gone, and the one at which the rule is. */
const WATCH = `${waitFor(`[ ! -e ${CURRENT}/state.armed ]`)}; read -r up rest </proc/uptime; echo "$up"
${waitFor(RULE_GONE)}; read -r up rest </proc/uptime; echo "$up"`

/** Steps of a time daemon that does not slew, by ADJ_SETOFFSET of adjtimex(2): two a second, for ten seconds. */
const STEPS = `perl -e '
  for (1 .. 20) {
    for my $step (0.7, -2.6) {
      my $whole = int($step) - ($step < 0);
      my $time = pack("L x68 q q x120", 0x0100, $whole, ($step - $whole) * 1e6);
      die "adjtimex: $!" if syscall(159, $time) < 0;
      select(undef, undef, undef, 0.25);
    }
  }' || exit`

const jumps = [
  { name: 'the clock jumps one hour ahead', script: 'date -s "+1 hour"', moves: 3600 },
  { name: 'the clock jumps one hour back', script: 'date -s "-1 hour"', moves: -3600 },
  { name: 'a time daemon steps the clock forty times', script: STEPS, moves: -38 },
]

export const clockCases: readonly Case[] = jumps.map(({ name, script, moves }) => ({
  fault: 44,
  name: `${name} inside the window`,
  run: async (machine) => {
    const before = await worldOf(machine)
    const operator = await logIn(machine)
    try {
      await operator.transactions.apply(await operator.plan(drop(PORT), { windowSeconds: WINDOW_SECONDS }))
      const shown = secondOfDay((await phase(operator, 'awaiting-confirm')).timer.deadlineAt)
      await machine.must(script)
      await operator.transactions.look()
      const shownNow = secondOfDay((await phase(operator, 'awaiting-confirm')).timer.deadlineAt)
      const { deadline, clock } = await deadlineOf(machine)
      const off = circular(shownNow - clock)
      check(Math.abs(off) <= 1.5, `the deadline shown is ${seconds(off)} off the new clock`)
      const moved = circular(shownNow - shown)
      check(Math.abs(moved - moves) <= 2, `the deadline shown moved by ${moved} s, not by ${moves} s`)
      const [fired = 0, undone = 0] = (await machine.must(WATCH)).split('\n').map((up) => Number(up) - deadline)
      check(fired >= 0 && fired < 2, `it fired ${seconds(fired)} after the deadline`)
      // An emulated machine takes its time over iptables.
      check(undone < 10, `the rule was gone ${seconds(undone)} after the deadline`)
      const { by } = await phase(operator, 'rolled-back')
      const after = await worldOf(machine)
      mustBeSame(before, after)
      check(outcomes(before, after).join() === 'rolled-back-timer', `it ended as ${outcomes(before, after)}`)
      return `fired ${seconds(fired)} after the deadline (by ${by}), the rule gone after ${seconds(undone)}; the time shown moved by ${moved} s`
    } finally {
      operator.close()
      await machine.sh(`date -s "@${Math.round(Date.now() / 1000)}"`).catch(() => {})
    }
  },
}))

/** The deadline in seconds of uptime, and as the machine's clock has it now, in seconds of the day. */
async function deadlineOf(machine: Machine): Promise<{ readonly deadline: number; readonly clock: number }> {
  const said = await machine.must(`cat ${CURRENT}/deadline /proc/uptime; date -u +%s.%N`)
  const [centiseconds = 0, up = 0, now = 0] = said.split('\n').map((line) => Number(line.split(' ')[0]))
  const deadline = centiseconds / 100
  return { deadline, clock: (now + deadline - up) % DAY }
}

function secondOfDay(text: string): number {
  const [hours = 0, minutes = 0, rest = 0] = text.split(':').map(Number)
  return hours * 3600 + minutes * 60 + rest
}

/** A difference of two times of the day, whichever side of midnight they are on. */
const circular = (difference: number): number => ((difference + DAY * 1.5) % DAY) - DAY / 2
