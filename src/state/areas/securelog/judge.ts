import { ONLY_THE_LAST } from '../../../services/areas/securelog/checks.ts'
import { createGathering } from '../../../services/areas/securelog/gathering.ts'
import { say } from '../../../services/model/safe.ts'
import type { LogEntry, Survey } from '../../../services/model/securelog.ts'
import type { Kit } from '../../kit.ts'
import { judged } from '../../lists/finding-of.ts'
import type { Lists } from '../../lists/lists.ts'
import { surveyOf } from '../../slices/log.ts'
import { withReading } from '../../slices/readings.ts'

/** Who got in, as far as this console has seen; one a console. */
const gatheringOf = ({ lists }: Kit) => lists.own(makeGathering)
const makeGathering = (_lists: Lists) => createGathering()

/** The log is followed from here on, with these lines at hand. */
export function judgeFollowed(kit: Kit, entries: readonly LogEntry[]): void {
  gatheringOf(kit).follow(entries)
  judgeLog(kit)
}

/** Lines came; `lost`: some of them could not be read. */
export function judgeAdded(kit: Kit, added: readonly LogEntry[], lost: boolean): void {
  const gathering = gatheringOf(kit)
  gathering.add(added)
  if (lost) gathering.lose()
  if (lost || added.some(({ kind }) => kind === 'accepted')) judgeLog(kit)
}

/** All of the log was read. */
export function judgeWhole(kit: Kit, survey: Survey): void {
  const { entries, held } = kit.get().log
  gatheringOf(kit).begin(survey, held ? entries.concat(held.entries) : entries)
  judgeLog(kit)
}

/** Judges anew who got in, and who of them is known. */
export function judgeLog(kit: Kit): void {
  const { readings, log, connection } = kit.get()
  const reading = readings.byArea.securelog
  const { host } = connection
  if (reading.state !== 'present' || !host) return
  const gathering = gatheringOf(kit)
  const facts = {
    ...reading.facts,
    logins: gathering.logins(),
    whyNotAll: gathering.whyNotAll() ?? (log.follow === 'following' ? null : say`the log is no longer followed`),
    known: log.known,
    wtmp: surveyOf(log.whole)?.wtmp ?? { state: 'unread' as const, why: ONLY_THE_LAST },
  }
  const findings = judged(kit, 'securelog', facts, host)
  kit.set((state) => ({ readings: withReading(state.readings, 'securelog', { ...reading, facts }, findings) }))
}
