import { surveyScript } from '../../../services/areas/securelog/scripts.ts'
import { createSurvey } from '../../../services/areas/securelog/survey.ts'
import { type Safe, say } from '../../../services/model/safe.ts'
import type { Kit } from '../../kit.ts'
import type { Lists } from '../../lists/lists.ts'
import { surveyOf } from '../../slices/log.ts'
import type { Now } from '../area-view.ts'
import { judgeWhole } from './judge.ts'

/** How often the screen says how far it has come. */
const SHOW_MS = 250
/** What was read so lately is shown again as it is. */
const FRESH_MS = 30_000

/** The reading that goes on; one a console. */
const runningOf = ({ lists }: Kit): { stop: (() => void) | null } => lists.own(makeRunning)
const makeRunning = (_lists: Lists): { stop: (() => void) | null } => ({ stop: null })

/** Stops a reading that is shown; null where there is none. What was read until then stays. */
export function stopReading(kit: Kit): Now | null {
  const { log, view } = kit.get()
  if (log.whole.state !== 'reading' || view.logShows === 'lines') return null
  return { run: () => runningOf(kit).stop?.() }
}

/**
 * Reads all that there is of the log, unless that is going on or was done just now. It goes on while other things are
 * done, loads the server as little as it can, and changes nothing there. Gives the reason where it can't begin.
 */
export function readWholeLog(kit: Kit): Safe | null {
  const server = kit.server()
  const { log, connection } = kit.get()
  const { host } = connection
  const { clock } = kit.deps
  const { whole } = log
  if (whole.state === 'reading') return null
  if (whole.state === 'read' && whole.cutOff === null && clock.now() - whole.at < FRESH_MS) return null
  if (!server || !host) return say`the server has not been read yet`
  const before = surveyOf(whole)
  let survey = createSurvey(host, clock.now())
  let due: (() => void) | null = null
  const show = (): void => {
    due = null
    const { lines, to } = survey.progress()
    kit.set((state) => ({ log: { ...state.log, whole: { state: 'reading', lines, upTo: to, before } } }))
  }
  show()
  const end = (reason: Safe): void => {
    runningOf(kit).stop = null
    due?.()
    const read = survey.result()
    const cutOff = read.ended ? null : reason
    // Half of it is worth less than all of it as it was a while ago.
    const kept = cutOff !== null && before?.ended ? before : read
    kit.set((state) => ({
      log: { ...state.log, whole: { state: 'read', survey: kept, cutOff, at: clock.now() } },
    }))
    judgeWhole(kit, kept)
  }
  const reading = server.host.stream(surveyScript, {
    begin: () => {
      survey = createSurvey(host, clock.now())
    },
    lines: (lines) => {
      for (const line of lines) survey.feed(line)
      due ??= clock.after(SHOW_MS, show)
    },
    end,
  })
  runningOf(kit).stop = () => {
    reading.stop()
    end(say`you stopped it`)
  }
  return null
}
