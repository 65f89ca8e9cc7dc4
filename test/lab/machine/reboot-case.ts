// Fault 46: a clean reboot inside the window is a rollback, done before sshd listens.
import { type Case, seconds } from './cases.ts'
import { changeEverything } from './changes.ts'
import { APPLIED, logIn, waitFor } from './operator.ts'
import { check, mustBeSame, outcomes, worldOf } from './world.ts'

const ORDER = `
for unit in hardtui-rollback.service ssh.service; do
  systemctl show -p ActiveEnterTimestampMonotonic --value "$unit"
done
journalctl -b -o short-monotonic --no-pager | grep -E 'hardtui.*rolled back|sshd.*Server listening on 0'`

export const rebootCases: readonly Case[] = [
  {
    fault: 46,
    name: 'a clean reboot inside the window',
    run: async (machine) => {
      const before = await worldOf(machine)
      const operator = await logIn(machine)
      const going = operator.transactions.apply(await changeEverything(machine, operator, 'locks out'))
      await machine.must(waitFor(APPLIED))
      operator.close()
      await going
      await machine.reboot()
      const after = await worldOf(machine)
      mustBeSame(before, after)
      check(outcomes(before, after).join() === 'rolled-back-boot', `it ended as ${outcomes(before, after)}`)
      const lines = (await machine.must(ORDER)).split('\n')
      const [guard = 0, ssh = 0] = lines.slice(0, 2).map((line) => Number(line) / 1e6)
      const [undone = 0, listens = 0] = ['rolled back', 'listening'].map((words) => stampOf(lines, words))
      check(guard > 0 && ssh > 0 && undone > 0 && listens > 0, `the journal lacks an entry:\n${lines.join('\n')}`)
      check(undone <= guard && guard < ssh && guard < listens, `sshd was first:\n${lines.join('\n')}`)
      return `rolled back ${seconds(undone)} after the kernel's start, the guard done at ${seconds(guard)}, sshd listens at ${seconds(listens)}`
    },
  },
]

/** The time of the journal's first line that has these words, in seconds since the kernel's start. */
const stampOf = (lines: readonly string[], words: string): number =>
  Number(/^\[ *([\d.]+)\]/.exec(lines.find((line) => line.includes(words)) ?? '')?.[1] ?? 0)
