/** A line being typed. `text` is the operator's own raw text: draw it through `safe`. The cursor counts code points. */
export type TextField = { readonly text: string; readonly cursor: number }

/** Longest line that can be typed or pasted. */
const LONGEST = 4096

export const emptyField: TextField = { text: '', cursor: 0 }

/** A field holding a text, with the cursor at its end. */
export const fieldOf = (text: string): TextField => ({ text, cursor: [...text].length })

/** Puts typed or pasted text in at the cursor. Line breaks and other control characters never enter a field. */
export function insertText(field: TextField, text: string): TextField {
  const clean = [...text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')]
  const chars = [...field.text]
  const room = Math.max(0, LONGEST - chars.length)
  const taken = clean.slice(0, room)
  chars.splice(field.cursor, 0, ...taken)
  return { text: chars.join(''), cursor: field.cursor + taken.length }
}

/** Pasted text as one line: what follows the first line break is left out, and `cut` says so. */
export function pastedLine(text: string): { readonly line: string; readonly cut: boolean } {
  const lines = text.split(/\r\n|\r|\n/).filter((line, at) => at === 0 || line.trim() !== '')
  const first = lines.find((line) => line.trim() !== '') ?? ''
  return { line: first, cut: lines.filter((line) => line.trim() !== '').length > 1 }
}

const clamp = (field: TextField, cursor: number): TextField => ({
  ...field,
  cursor: Math.max(0, Math.min([...field.text].length, cursor)),
})

/** Removes the code points from `start` to `end` and leaves the cursor at `start`. */
function cut(field: TextField, start: number, end: number): TextField {
  const chars = [...field.text]
  const from = Math.max(0, start)
  chars.splice(from, Math.max(0, Math.min(chars.length, end) - from))
  return { text: chars.join(''), cursor: from }
}

function startOfWord(field: TextField): number {
  const chars = [...field.text]
  let at = field.cursor
  while (at > 0 && chars[at - 1] === ' ') at--
  while (at > 0 && chars[at - 1] !== ' ') at--
  return at
}

/** What an editing key does to a line: the keys of readline(3) and the arrow keys. */
export const FIELD_KEYS: readonly {
  readonly keys: readonly string[]
  readonly label: string
  readonly edit: (field: TextField) => TextField
}[] = [
  { keys: ['Left'], label: 'one character left', edit: (field) => clamp(field, field.cursor - 1) },
  { keys: ['Right'], label: 'one character right', edit: (field) => clamp(field, field.cursor + 1) },
  { keys: ['Home', 'Ctrl-a'], label: 'to the start of the line', edit: (field) => clamp(field, 0) },
  { keys: ['End', 'Ctrl-e'], label: 'to the end of the line', edit: (field) => clamp(field, Number.POSITIVE_INFINITY) },
  { keys: ['Backspace', 'Ctrl-h'], label: 'delete to the left', edit: (f) => cut(f, f.cursor - 1, f.cursor) },
  { keys: ['Delete', 'Ctrl-d'], label: 'delete under the cursor', edit: (f) => cut(f, f.cursor, f.cursor + 1) },
  { keys: ['Ctrl-u'], label: 'delete to the start of the line', edit: (f) => cut(f, 0, f.cursor) },
  {
    keys: ['Ctrl-k'],
    label: 'delete to the end of the line',
    edit: (f) => cut(f, f.cursor, Number.POSITIVE_INFINITY),
  },
  { keys: ['Ctrl-w'], label: 'delete the word to the left', edit: (f) => cut(f, startOfWord(f), f.cursor) },
]

/** The field after an editing key or a printable character; null when the stroke is neither. */
export function editField(field: TextField, stroke: string): TextField | null {
  const key = FIELD_KEYS.find((one) => one.keys.includes(stroke))
  if (key) return key.edit(field)
  if (stroke === 'Space') return insertText(field, ' ')
  return [...stroke].length === 1 ? insertText(field, stroke) : null
}
