import type { Check, Verdict } from '../../model/area.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { acknowledgementOf, type LoginGroup, MANY_FAILURES, type SecureLogFacts } from '../../model/securelog.ts'

/** Groups that are named one by one. */
const NAMED = 50

/** Why a reading of the last lines is not all of it. */
export const ONLY_THE_LAST = say`only the last lines were read, l reads all of it`

/** Logins that are neither this session's nor known to the operator. */
const strangersOf = ({ logins, known }: SecureLogFacts): readonly LoginGroup[] =>
  logins.filter((one) => !one.own && !known?.has(acknowledgementOf(one)))

const inWords = ({ user, address, method, count, first, last, failuresBefore }: LoginGroup): Safe => {
  const times = count === 1 ? say`once, ${last.day} ${last.time}` : say`${count} times, ${first.day} to ${last.day}`
  const after = failuresBefore > 0 ? say`, after ${failuresBefore} tries that failed` : say``
  return say`${user} from ${address} by ${method}, ${times}${after}`
}

/** A moment of the server's wall clock: `2026-11-27 23:43`. */
const momentWords = (at: number): Safe => safe(new Date(at).toISOString().slice(0, 16).replace('T', ' '))

/** Fails where there are some; says that nobody was found only of a log that was read from end to end. */
function judge({ whyNotAll }: SecureLogFacts, found: readonly LoginGroup[], none: Safe): Verdict {
  if (found.length > 0) {
    const [first] = found as [LoginGroup]
    const more = found.length > 1 ? say`, and ${found.length - 1} more` : say``
    return {
      outcome: 'fail',
      observed: say`${first.user} from ${first.address}${more}`,
      details: found.slice(0, NAMED).map(inWords),
    }
  }
  return whyNotAll === null
    ? { outcome: 'pass', observed: none }
    : { outcome: 'unknown', observed: say`${none} so far: ${whyNotAll}` }
}

const REFERENCES = ['sshd(8)']

/** Who got in (the routine's S1): the loudest findings there are. */
export const securelogChecks: readonly Check<SecureLogFacts>[] = [
  {
    id: 'LOG-broken-in',
    severity: 'high',
    title: 'Somebody got in after many tries that failed',
    expected: 'nobody unknown',
    rationale:
      'A password that was guessed looks like this. Unless you know who it was, the server is no longer yours alone: what runs on it, its keys and its logs may be theirs. Keep a copy of its disk, look at authorized_keys, new accounts, sudo and timers before anything is changed, and build it anew from a source you trust.',
    references: REFERENCES,
    judge: (facts) =>
      judge(
        facts,
        strangersOf(facts).filter(({ failuresBefore }) => failuresBefore >= MANY_FAILURES),
        say`nobody`,
      ),
    noFix: 'l in the secure log shows who; K there says that you know him',
  },
  {
    id: 'LOG-strangers',
    severity: 'medium',
    title: 'Logins that nobody has acknowledged',
    expected: 'all of them known',
    rationale:
      'Whoever got in by a stolen key or password looks like everybody else in the log. Somebody who knows the people has to look at the list once; afterwards only what is new stands here.',
    references: REFERENCES,
    judge: (facts) => judge(facts, strangersOf(facts), say`nobody but you and those you know`),
    noFix: 'l in the secure log shows them; K there says that you know one',
  },
  {
    id: 'LOG-unlogged',
    severity: 'high',
    title: 'Sessions and tries that the log does not know',
    expected: 'a login for each',
    rationale:
      'Each session that wtmp(5) and lastlog(5) know began with a login that sshd wrote into the log, and each failure in btmp(5) with a try. Whoever cleans the log and forgets the other files leaves this. Another way in (telnet, a web terminal) would as well.',
    references: ['last(1)', 'lastlog(8)', 'wtmp(5)'],
    judge: ({ wtmp }) => {
      if (wtmp.state !== 'read')
        return wtmp.state === 'absent'
          ? { outcome: 'notapplicable', observed: say`no last(1), lastlog(8) or lastb(1) here` }
          : { outcome: 'unknown', observed: say`not compared: ${wtmp.why}` }
      const all = [
        ...wtmp.unlogged.map(({ user, address, at, by }) => ({
          short: say`${user} from ${address}`,
          whole: say`${user} from ${address}, ${momentWords(at)}: ${safe(by)} has it, the log has not`,
        })),
        ...wtmp.unloggedTries.map(({ address, tries }) => ({
          short: say`tries from ${address}`,
          whole: say`tries from ${address}: ${tries} by lastb(1), none by the log`,
        })),
      ]
      const [first] = all
      if (!first) return { outcome: 'pass', observed: say`a login for each` }
      return {
        outcome: 'fail',
        observed: all.length > 1 ? say`${first.short}, and ${all.length - 1} more` : first.short,
        details: all.slice(0, NAMED).map(({ whole }) => whole),
      }
    },
    noFix:
      'last -F -i, lastlog and lastb -F -i on the server show them; whoever did this, the log is not to be believed any more',
  },
]
