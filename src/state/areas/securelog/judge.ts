import { loginsOf } from '../../../services/areas/securelog/logins.ts'
import type { Kit } from '../../kit.ts'
import { findingOf } from '../../lists/finding-of.ts'
import { surveyOf } from '../../slices/log.ts'
import { aroundOf, withReading } from '../../slices/readings.ts'

/**
 * Judges anew who got in: by all that was read of the log, the lines that came since, and who of them is known. Called
 * when one of these has changed.
 */
export function judgeLog(kit: Kit): void {
  const { readings, log, connection } = kit.get()
  const reading = readings.byArea.securelog
  const { host } = connection
  if (reading.state !== 'present' || !host) return
  const survey = surveyOf(log.whole)
  const facts = {
    ...reading.facts,
    logins: loginsOf(survey, log.held ? log.entries.concat(log.held.entries) : log.entries),
    isWhole: survey?.ended === true && survey.unread.length === 0,
    known: log.known,
    wtmp: survey?.wtmp ?? { state: 'unread' as const },
  }
  const around = aroundOf(readings.byArea.units)
  const findings = kit.areas.securelog.checks.map((check) => findingOf(check, 'securelog', facts, host, around))
  kit.set((state) => ({ readings: withReading(state.readings, 'securelog', { ...reading, facts }, findings) }))
}
