import { pieceProbe, readPiece } from '../../../services/areas/securelog/piece.ts'
import type { ProbeOutput } from '../../../services/model/command.ts'
import { say } from '../../../services/model/safe.ts'
import type { Kit } from '../../kit.ts'
import { prependEntries, release } from '../../slices/log.ts'
import { withPane } from '../../slices/view.ts'
import { putCursor } from '../../under-cursor/put.ts'
import type { Now } from '../area-view.ts'
import { OLDER_ROW } from './list.ts'

/** Pieces that are read one after the other where nothing of ours stands in one: others fill the same file. */
const IN_A_ROW = 8

/**
 * Reads the lines before the oldest one that is there. What comes meanwhile is held back, so that nothing moves under the
 * operator; at the end of the list, or by p, it comes in.
 */
export async function readOlder(kit: Kit): Promise<void> {
  const server = kit.server()
  const { log, connection } = kit.get()
  const { host } = connection
  if (!server || !host || log.reading || log.before === null || log.before === 'start') return
  kit.set((state) => ({
    log: { ...state.log, reading: true, held: state.log.held ?? { entries: [], lost: 0 } },
  }))
  let place = log.before
  for (let asked = 1; ; asked++) {
    const [first] = kit.get().log.entries
    if (!first) break
    let output: ProbeOutput | null = null
    const probed = await server.host.probe([pieceProbe(place)], {
      facts: () => {},
      output: (one) => {
        output = one
      },
    })
    // Another reading may have begun the list anew meanwhile.
    if (kit.get().log.entries[0] !== first) break
    const piece = readPiece(probed.ok ? output : null, place, host, first)
    if (!piece.ok) {
      kit.tell('bad', say`Older lines could not be read: ${probed.ok ? piece.error : probed.error.message}.`)
      break
    }
    const { entries, before, broken } = piece.value
    if (broken) kit.tell('bad', say`${broken} could not be unpacked to its end: lines of it are missing here.`)
    if (entries.length === 0 && before !== null && asked < IN_A_ROW) {
      place = before
      continue
    }
    kit.set((state) => ({ log: prependEntries(state.log, entries, before) }))
    // On the way up the cursor goes on where it came from, one row higher.
    const { items } = kit.lists.pane(kit.get(), 'securelog')
    const was = items.findIndex((item) => item.id === `log:${first.id}`)
    const to = items[Math.max(0, was - 1)]
    if (to) putCursor(kit, 'securelog', to.id)
    return
  }
  kit.set((state) => ({ log: { ...state.log, reading: false } }))
}

/** Lets in what was held back, and says what of it is lost. */
function goOn(kit: Kit): void {
  const { held } = kit.get().log
  kit.set((state) => ({
    log: release(state.log),
    view: withPane(state.view, 'securelog', { cursor: null, at: 0, top: 0 }),
  }))
  if (held && held.lost > 0) kit.tell('info', say`${held.lost} lines came and went meanwhile; a and l count them all.`)
}

/** p: holds back what comes, or lets it in. */
export function togglePause(kit: Kit): Now {
  const { held, follow } = kit.get().log
  if (held) return { run: () => goOn(kit) }
  if (follow !== 'following') return { why: say`the log is not followed` }
  return {
    run: () => {
      kit.set(({ log }) => ({ log: { ...log, held: { entries: [], lost: 0 } } }))
      kit.tell('info', say`Held: new lines wait. p lets them in.`)
    },
  }
}

/** The cursor has come somewhere: to the top, where older lines are, or to the end, where what was held back comes in. */
export function cameTo(kit: Kit, id: string | null): void {
  if (id === OLDER_ROW) void readOlder(kit)
  const { view, log } = kit.get()
  if (log.held && !log.reading && view.logShows === 'lines' && view.panes.securelog.cursor === null) goOn(kit)
}
