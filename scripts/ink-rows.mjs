// What the bundle's Ink does otherwise than Ink (patches.mjs): of a screen that is drawn anew for each key, most rows are
// as they were, and those that are not are whole rows. Ink takes each apart into cells, measures those and puts them
// together again, every time: 3 of 5 ms. Here a row is put together from its texts, and a text is looked at once.

/** What is one column wide everywhere and joins with nothing: ASCII, dots and dashes, arrows, lines, blocks, shapes. */
const SINGLE = /^[ -~·…‐-―←-⇿─-▟■-◼⚠✓✗]*$/u
const SGR = /\u001b\[[\d;]*m/g
const RESET = '\u001b[0m'
/** Texts that are remembered; all are forgotten at once. A screen has some hundreds. */
const MOST = 4_000

/** A function of one text that remembers what it gave. */
export function once(make) {
  let known = new Map()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    if (known.size >= MOST) known = new Map()
    const made = make(text)
    known.set(text, made)
    return made
  }
}

/** Columns that a text without escape sequences takes, or -1 where that takes more than counting. */
export const singleWidth = (text) => (SINGLE.test(text) ? text.length : -1)

/** Columns of a row's text; -1 where it has a line break, a control, anything wide or joined, or leaves a look switched on. */
export const rowWidth = once((text) => {
  const last = text.lastIndexOf('\u001b')
  if (last !== -1 && !text.startsWith(RESET, last)) return -1
  return singleWidth(last === -1 ? text : text.replace(SGR, ''))
})

/**
 * The rows that whole texts beside each other make, as strings, and what was written to all the others. A row is left to
 * Ink where a text of it is not plain (`rowWidth`), reaches beyond the screen or over another, or something is clipped.
 */
export function joinedRows(operations, width, height) {
  const rows = Array.from({ length: height }, () => '')
  const ends = new Array(height).fill(0)
  const left = new Set()
  for (const { type, x, y, text, transformers } of operations) {
    if (type !== 'write') return { rows: [], rest: operations }
    const lines = text.split('\n').length
    const look = lines === 1 ? transformers.reduce((made, transform) => transform(made, 0), text) : ''
    const size = rowWidth(look)
    const fits = lines === 1 && size >= 0 && Number.isInteger(x) && x >= (ends[y] ?? 0) && x + size <= width
    if (!fits) for (let at = 0; at < lines; at++) left.add(y + at)
    if (rows[y] === undefined || left.has(y)) continue
    rows[y] += ' '.repeat(x - ends[y]) + look
    ends[y] = x + size
  }
  return {
    rows: rows.map((row, y) => (left.has(y) ? undefined : row.trimEnd())),
    rest: operations.filter(({ y, text }) => left.has(y) || text.includes('\n')),
  }
}
