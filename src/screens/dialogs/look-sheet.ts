import { type Safe, safe, say } from '../../services/model/safe.ts'
import type { KnockAnswer, PortSaid } from '../../services/model/seen-ports.ts'
import { type LookRow, lookRows } from '../../state/areas/firewall/look.ts'
import { ROWS } from '../../state/sheet-rows.ts'
import type { ConnectionSlice } from '../../state/slices/connection.ts'
import type { LookDialog } from '../../state/slices/view.ts'
import { plural } from '../presenters/numbers.ts'
import { columns, type Line, line, type Role, span, wrap } from '../text/line.ts'
import type { Sheet } from './sheet.ts'

const SAID: Readonly<Record<PortSaid['said']['answer'], Safe>> = {
  yes: say`let in`,
  no: say`dropped`,
  unsure: say`unsure`,
}

const MARKS: Readonly<Record<NonNullable<LookRow['difference']>, { readonly mark: Safe; readonly role: Role }>> = {
  open: { mark: say`✗`, role: 'bad' },
  shut: { mark: say`⚠`, role: 'warn' },
  unknown: { mark: say`?`, role: 'dim' },
  none: { mark: say`✓`, role: 'good' },
}

const seenOf = (answer: KnockAnswer | null, phase: LookDialog['phase']): Safe => {
  if (answer === null) return phase === 'asks' ? say`` : say`…`
  return answer.state === 'open' ? say`open` : answer.reason
}

const row = (mark: Safe, role: Role, cells: readonly [Safe, Safe, Safe, Safe], width: number): Line =>
  columns(
    [
      { text: mark, width: 1, role },
      { text: cells[0], width: width < 100 ? 22 : 32 },
      { text: cells[1], width: 9, role: 'dim' },
      { text: cells[2], width: 26, role },
      { text: cells[3], grow: true, role: 'dim' },
    ],
    width,
  )

function portRow(
  { family, port, process, said, answer, difference }: LookRow,
  phase: LookDialog['phase'],
  width: number,
) {
  const { mark, role } = difference ? MARKS[difference] : { mark: say` `, role: 'plain' as const }
  const who = say`${safe(family)} tcp ${port}${process ? say` ${process}` : say``}`
  return row(mark, role, [who, SAID[said.answer], seenOf(answer, phase), said.because], width)
}

/** Rows of the sheet around what it says: its borders, and the keys. */
const AROUND = 3

/** L: the ports that this machine is to knock at, and what it saw. */
export function lookSheet(dialog: LookDialog, { host, target }: ConnectionSlice, width: number): Sheet {
  const { phase, ports, seen, more } = dialog
  const above: readonly Line[] =
    phase === 'asks'
      ? wrap(
          say`${plural(ports.length, say`port`, say`ports`)} of ${safe(target.name)}: one connection each from this machine, closed at once. What bans those who scan may take it for that.`,
          width,
        )
      : [row(say` `, 'dim', [say``, say`by rules`, say`from here`, say`because`], width)]
  const room = ROWS.look - AROUND - above.length
  const rows = lookRows(dialog, host)
  const shown = rows.length > room ? rows.slice(0, room - 1) : rows
  const left = rows.length - shown.length + more
  return {
    title: titleOf(dialog, host ? lookRows(dialog, host) : []),
    lines: [
      ...above,
      ...shown.map((one) => portRow(one, phase, width)),
      ...(left > 0 ? [line(say`… and ${left} more${more > 0 ? say`, ${more} of them left out` : say``}`, 'dim')] : []),
    ],
    foot: [
      phase === 'asks'
        ? [span(say`Y`, 'key'), span(say` yes, look    `), span(say`Esc`, 'key'), span(say` look at nothing`)]
        : [
            span(say`Esc`, 'key'),
            span(phase === 'looks' ? say` stop looking (${seen.length} of ${ports.length} seen)` : say` back`),
          ],
    ],
  }
}

function titleOf({ phase }: LookDialog, rows: readonly LookRow[]): Safe {
  if (phase !== 'has looked') return say`Which ports answer from here?`
  const otherwise = rows.filter(({ difference }) => difference === 'open' || difference === 'shut').length
  const unclear = rows.filter(({ difference }) => difference === 'unknown').length
  if (otherwise > 0) return say`${plural(otherwise, say`port is`, say`ports are`)} otherwise than the rules say`
  return unclear > 0
    ? say`As the rules say, but for ${plural(unclear, say`port`, say`ports`)} not known`
    : say`From here all is as the rules say`
}
