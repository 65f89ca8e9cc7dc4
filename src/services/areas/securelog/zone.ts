import type { Zone } from '../../model/securelog.ts'

/** Offsets that are remembered. A log of a hundred years has more quarters of an hour. */
const MOST = 100_000
/** No zone has changed its clocks at any other minute for long. Milliseconds. */
const QUARTER = 900_000

/** `+0200`, as date(1) prints %z, in minutes; 0 for what is none. */
function offsetMinutes(text: string): number {
  const match = /^([+-])(\d\d):?(\d\d)$/.exec(text)
  if (!match) return 0
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]))
}

/** What a zone of that name was ahead of UTC at a moment, in minutes, by the tables of this machine; null where it has none. */
function offsetsByName(name: string): ((at: number) => number) | null {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en', { timeZone: name, timeZoneName: 'longOffset' })
  } catch {
    return null
  }
  return (at) => {
    const words = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? ''
    return offsetMinutes(words.replace('GMT', ''))
  }
}

/**
 * Reads what `secure_zone` prints: `+0100 1795836000 Europe/Berlin`. The name is believed where this machine knows it, and
 * by it comes to the same for that moment as the server.
 */
export function readZone(text: string): Zone {
  const [offset = '', seconds = '', name = ''] = text.trim().split(' ')
  const minutes = offsetMinutes(offset)
  const byName = name === '' || seconds === '' ? null : offsetsByName(name)
  return { minutes, name: byName?.(Number(seconds) * 1000) === minutes ? name : null }
}

/** The moment at which that was printed, on the server's wall clock in milliseconds; null where it does not say. */
export function wallClockOf(text: string): number | null {
  const [offset = '', seconds = ''] = text.trim().split(' ')
  return /^\d{9,11}$/.test(seconds) ? Number(seconds) * 1000 + offsetMinutes(offset) * 60_000 : null
}

/** What a zone was ahead of UTC at any moment (milliseconds since 1970), in minutes: summer time comes and goes. */
export function offsetsOf({ minutes, name }: Zone): (at: number) => number {
  const byName = name === null ? null : offsetsByName(name)
  if (!byName) return () => minutes
  const known = new Map<number, number>()
  return (at) => {
    const quarter = Math.floor(at / QUARTER)
    let offset = known.get(quarter)
    if (offset === undefined) {
      offset = byName(quarter * QUARTER)
      if (known.size < MOST) known.set(quarter, offset)
    }
    return offset
  }
}
