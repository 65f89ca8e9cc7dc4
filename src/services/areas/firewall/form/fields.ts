import { quoteWord, splitWords } from '../words.ts'

/** The parts of a rule that have a field of their own in the form; all else stays in the line as it is. */
export type FieldId =
  | 'protocol'
  | 'dport'
  | 'sport'
  | 'source'
  | 'destination'
  | 'in'
  | 'out'
  | 'state'
  | 'limit'
  | 'comment'
  | 'target'

/** The fields in the order they are shown. */
export const FIELD_IDS: readonly FieldId[] = [
  ...(['protocol', 'dport', 'sport', 'source', 'destination', 'in', 'out', 'state', 'limit', 'comment'] as const),
  'target',
]

/** Options of iptables(8) and iptables-extensions(8) by the field they belong to. */
const OPTIONS: ReadonlyMap<string, FieldId> = new Map(
  (
    [
      ['protocol', '-p --protocol --proto'],
      ['source', '-s --source --src'],
      ['destination', '-d --destination --dst'],
      ['in', '-i --in-interface'],
      ['out', '-o --out-interface'],
      ['dport', '--dport --destination-port --dports --destination-ports'],
      ['sport', '--sport --source-port --sports --source-ports'],
      ['state', '--ctstate --state'],
      ['limit', '--limit --limit-burst'],
      ['comment', '--comment'],
      ['target', '-j --jump -g --goto'],
    ] as const
  ).flatMap(([field, options]) => options.split(' ').map((option) => [option, field] as const)),
)

/** Match modules that only carry options of one field, so that they come and go with it. */
const MODULES: ReadonlyMap<string, readonly FieldId[]> = new Map([
  ['tcp', ['dport', 'sport']],
  ['udp', ['dport', 'sport']],
  ['multiport', ['dport', 'sport']],
  ['conntrack', ['state']],
  ['state', ['state']],
  ['limit', ['limit']],
  ['comment', ['comment']],
])

/** Where a field's words go among others: as iptables-save(8) orders them. Words before the rule itself come first. */
const RANKS: readonly (FieldId | 'other')[] = [
  ...([
    'source',
    'destination',
    'in',
    'out',
    'protocol',
    'sport',
    'dport',
    'state',
    'limit',
    'other',
    'comment',
  ] as const),
  'target',
]
const HEADS: ReadonlySet<string> = new Set([
  '-A',
  '-I',
  '-t',
  '--append',
  '--insert',
  '--table',
  '-w',
  '--wait',
  '-4',
  '-6',
])

type Segment = { readonly field: FieldId | 'other' | 'head'; readonly words: readonly string[] }

/** The option a word is, and the field of it; null for a value. */
export const fieldOfOption = (word: string): FieldId | null => OPTIONS.get(word) ?? null

/** The value of each field in a line that is being typed; a line that can't be split into words has none. */
export function readFields(line: string): ReadonlyMap<FieldId, string> {
  const values = new Map<FieldId, string>()
  for (const { field, words } of segmentsOf(line) ?? [])
    if (field !== 'other' && field !== 'head' && !values.has(field)) values.set(field, valueIn(field, words))
  return values
}

/** The line with another value in one field; an empty value takes the field's words out. What it does not touch stays. */
export function writeField(line: string, field: FieldId, value: string): string {
  const segments = segmentsOf(line)
  if (!segments) return line
  const words = value.trim() === '' ? [] : wordsFor(field, value.trim())
  const at = segments.findIndex((one) => one.field === field)
  const made: Segment[] = words.length > 0 ? [{ field, words }] : []
  const rank = RANKS.indexOf(field)
  const after = segments.findIndex((one) => one.field !== 'head' && RANKS.indexOf(one.field) > rank)
  const place = at >= 0 ? at : after >= 0 ? after : segments.length
  const now = [...segments.slice(0, place), ...made, ...segments.slice(at >= 0 ? place + 1 : place)]
  return now.flatMap((one) => one.words.map(quoteWord)).join(' ')
}

/** Splits a line into options with their values, each `-m` together with what it was loaded for. */
function segmentsOf(line: string): readonly Segment[] | null {
  const split = splitWords(line)
  if (!split.ok) return null
  const words = split.value
  const segments: Segment[] = []
  for (let at = 0; at < words.length; ) {
    const end = endOf(words, at)
    const segment = segmentAt(words.slice(at, end))
    const before = segments.at(-1)
    const joined = before && joins(before, segment)
    if (joined) segments[segments.length - 1] = { field: segment.field, words: [...before.words, ...segment.words] }
    else segments.push(segment)
    at = end
  }
  return segments
}

/** Where the option at a place ends: at the next option, but a target takes its own options along. */
function endOf(words: readonly string[], at: number): number {
  let option = at
  if (words[option] === '!') option++
  const field = OPTIONS.get(words[option] ?? '')
  let end = option + 1
  // Every option of a field takes a value, whatever that looks like; `-p ! tcp` is how older scripts have it.
  if (field) end += words[end] === '!' && end + 1 < words.length ? 2 : 1
  while (end < words.length) {
    const starts = (words[end] === '!' ? words[end + 1] : words[end]) ?? ''
    const ends = field === 'target' ? OPTIONS.has(starts) || /^(-m|--match)$/.test(starts) : starts.startsWith('-')
    if (ends) break
    end++
  }
  return Math.min(end, words.length)
}

function segmentAt(words: readonly string[]): Segment {
  const option = words[0] === '!' ? (words[1] ?? '') : (words[0] ?? '')
  if (HEADS.has(option) || !option.startsWith('-')) return { field: 'head', words }
  return { field: OPTIONS.get(option) ?? 'other', words }
}

const isModule = ({ words }: Segment): boolean => words.length === 2 && (words[0] === '-m' || words[0] === '--match')

/** Whether a segment belongs to the one before it: an option after its `-m`, or a burst after its limit. */
function joins(before: Segment, segment: Segment): boolean {
  if (segment.field === 'other' || segment.field === 'head') return false
  if (isModule(before)) return MODULES.get(before.words[1] ?? '')?.includes(segment.field) ?? false
  return segment.field === 'limit' && before.field === 'limit'
}

function valueIn(field: FieldId, words: readonly string[]): string {
  const rest = words.slice(/^(-m|--match)$/.test(words[0] ?? '') ? 2 : 0)
  if (field === 'limit') return [after(rest, '--limit'), after(rest, '--limit-burst')].filter(Boolean).join(' burst ')
  const [first = '', second = '', ...others] = rest
  const before = first === '!'
  const option = before ? second : first
  const values = before ? others : [second, ...others]
  const inside = !before && field !== 'comment' && values[0] === '!' && values.length > 1
  const plain = inside ? values.slice(1) : values
  if (field === 'target') return (/^(-g|--goto)$/.test(option) ? '-g ' : '') + plain.map(quoteWord).join(' ')
  return (before || inside ? '! ' : '') + plain.join(' ')
}

const after = (words: readonly string[], option: string): string =>
  words[words.indexOf(option) + 1 || words.length] ?? ''

function wordsFor(field: FieldId, value: string): readonly string[] {
  const not = /^!\s*/.exec(value)
  const plain = not ? value.slice(not[0].length) : value
  const option = (name: string, text = plain): readonly string[] => [...(not ? ['!'] : []), name, text]
  switch (field) {
    case 'protocol':
      return option('-p')
    case 'source':
      return option('-s')
    case 'destination':
      return option('-d')
    case 'in':
      return option('-i')
    case 'out':
      return option('-o')
    case 'dport':
    case 'sport':
      return plain.includes(',')
        ? ['-m', 'multiport', ...option(`--${field}s`, plain.replace(/\s*,\s*/g, ','))]
        : option(`--${field}`)
    case 'state':
      return ['-m', 'conntrack', ...option('--ctstate', plain.toUpperCase().replace(/[\s,]+/g, ','))]
    case 'limit': {
      const [rate = '', burst] = plain.split(/\s+burst\s*|\s+/)
      return ['-m', 'limit', '--limit', rate, ...(burst ? ['--limit-burst', burst] : [])]
    }
    case 'comment':
      return ['-m', 'comment', '--comment', value]
    case 'target':
      return targetWords(value)
  }
}

/** A quote that is not closed yet keeps what is typed in one word. */
function targetWords(value: string): readonly string[] {
  const split = splitWords(value)
  const words = split.ok ? split.value : [value]
  return words[0] === '-g' ? words : ['-j', ...words]
}
