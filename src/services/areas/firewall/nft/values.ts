import type { NftSet } from '../../../model/firewall.ts'
import { type Answer, anyOf, both, fixed, invert } from '../walk/answer.ts'
import { withFlags } from '../walk/transport-matches.ts'
import type { View } from '../walk/view.ts'
import { FIELDS, type Field } from './fields.ts'
import { isObject, type Json } from './json.ts'

export type Sets = ReadonlyMap<string, NftSet>

/** More elements than this are not gone through for every question. */
const ELEMENTS = 20_000

/** Whether a match (libnftables-json(5), MATCH) holds for a packet. */
export function holds({ op, left, right }: Json, sets: Sets, view: View): Answer {
  const flags = flagsAsked(op, left, right)
  if (flags) return flags.protocol(view) === 'no' ? 'no' : flags.answer(view)
  const asked = keyOf(left)
  if (!asked) return 'maybe'
  return both(asked.has(view), compared(asked, op, right, sets, view))
}

function compared(asked: Key, op: unknown, right: unknown, sets: Sets, view: View): Answer {
  const list = Array.isArray(right) || (isObject(right) && '|' in right)
  if (op === 'in' || (op === '==' && !list)) return asked.equals(right, sets, view, false)
  if (op === '!=' && !list) return invert(asked.equals(right, sets, view, true))
  if (typeof right !== 'number' || !asked.within) return 'maybe'
  const [from, end] = BOUNDS[String(op)]?.(right) ?? [1, 0]
  return from > end ? 'maybe' : asked.within(String(from), String(end), view)
}

/** Numbers on one side of another: ports are the only ones that are compared like this. */
const BOUNDS: Readonly<Record<string, (than: number) => readonly [number, number]>> = {
  '<': (than) => [0, than - 1],
  '<=': (than) => [0, than],
  '>': (than) => [than + 1, 65_535],
  '>=': (than) => [than, 65_535],
}

/** What is looked at: one field, or several at once. */
type Key = {
  readonly has: (view: View) => Answer
  readonly equals: (value: unknown, sets: Sets, view: View, negated: boolean) => Answer
  readonly within?: Field['within']
}

function keyOf(left: unknown): Key | null {
  const parts = isObject(left) && Array.isArray(left.concat) ? left.concat.map(keyOf) : null
  if (parts) return parts.every((part): part is Key => part !== null) ? severalOf(parts) : null
  const field = FIELDS.get(nameOf(left))
  if (!field) return null
  return { ...field, equals: (value, sets, view, negated) => isValue(field, value, sets, view, negated) }
}

const severalOf = (parts: readonly Key[]): Key => {
  const one = (value: unknown, sets: Sets, view: View, negated: boolean): Answer => {
    const several = elementsOf(value, sets)
    if (several) return ofElements(several, (element) => one(element, sets, view, negated))
    const values = isObject(value) && Array.isArray(value.concat) ? value.concat : null
    if (values?.length !== parts.length) return 'maybe'
    return parts.map((part, at) => part.equals(values[at], sets, view, negated)).reduce(both, 'yes')
  }
  return { has: (view) => parts.map((part) => part.has(view)).reduce(both, 'yes'), equals: one }
}

/** The name of a field: `tcp dport`, `meta iifname`, `ct state`, `fib type daddr`. */
function nameOf(left: unknown): string {
  if (!isObject(left)) return ''
  const { payload, meta, ct, fib } = left
  if (isObject(payload)) return `${String(payload.protocol)} ${String(payload.field)}`
  if (isObject(meta)) return `meta ${String(meta.key)}`
  if (isObject(ct)) return ct.dir === undefined ? `ct ${String(ct.key)}` : ''
  return isObject(fib) ? `fib ${String(fib.result)} ${[fib.flags].flat().join(' ')}` : ''
}

function isValue(field: Field, value: unknown, sets: Sets, view: View, negated: boolean): Answer {
  const several = elementsOf(value, sets)
  if (several) return ofElements(several, (element) => isValue(field, element, sets, view, negated))
  if (typeof value === 'string' || typeof value === 'number') return field.is(String(value), view, negated)
  if (!isObject(value)) return 'maybe'
  const { prefix, range } = value
  if (isObject(prefix)) return field.is(`${String(prefix.addr)}/${String(prefix.len)}`, view, negated)
  return Array.isArray(range) && range.length === 2 ? field.within(String(range[0]), String(range[1]), view) : 'maybe'
}

type Elements = { readonly list: readonly unknown[]; readonly sure: boolean }

/** The elements of what has some: a set, with or without a name, or a list of flags of which one is enough. */
function elementsOf(value: unknown, sets: Sets): Elements | null {
  if (Array.isArray(value)) return { list: value, sure: true }
  if (isObject(value)) {
    const list = value.set ?? value['|']
    return Array.isArray(list) ? { list, sure: true } : null
  }
  if (typeof value !== 'string' || !value.startsWith('@')) return null
  const set = sets.get(value.slice(1))
  return set && !set.changing && set.elements.length <= ELEMENTS
    ? { list: set.elements, sure: true }
    : { list: [], sure: false }
}

/** `{ "elem": { "val": … } }` is an element with a timeout, a counter or a comment. */
const bare = (element: unknown): unknown =>
  isObject(element) && isObject(element.elem) ? bare(element.elem.val) : element

const isRest = (element: unknown): boolean => bare(element) === '*'

const ofElements = ({ list, sure }: Elements, test: (element: unknown) => Answer): Answer =>
  sure ? anyOf(list.map((element) => (isRest(element) ? 'yes' : test(bare(element))))) : 'maybe'

/** The verdict that a map (libnftables-json(5), VERDICT MAP) has for a packet; `no` where it has none. */
export function verdictOf({ key, data }: Json, sets: Sets, view: View): Json | 'no' | 'maybe' {
  const asked = keyOf(key)
  if (!asked) return 'maybe'
  const has = asked.has(view)
  if (has !== 'yes') return has
  const elements = elementsOf(data, sets)
  if (!elements?.sure) return 'maybe'
  let rest: Json | 'no' = 'no'
  for (const element of elements.list) {
    const [value, verdict] = Array.isArray(element) ? element : []
    if (!isObject(verdict)) return 'maybe'
    if (isRest(value)) {
      rest = verdict
      continue
    }
    const answer = asked.equals(bare(value), sets, view, false)
    if (answer !== 'no') return answer === 'yes' ? verdict : 'maybe'
  }
  return rest
}

/** `tcp flags`, with or without a mask: one of the flags set (`in`), none of them (`!`), or just these of the mask. */
function flagsAsked(
  op: unknown,
  left: unknown,
  right: unknown,
): { readonly protocol: (view: View) => Answer; readonly answer: (view: View) => Answer } | null {
  const masked = isObject(left) && Array.isArray(left['&']) ? left['&'] : null
  if (nameOf(masked ? masked[0] : left) !== 'tcp flags') return null
  const protocol = (view: View): Answer => (view.protocol === null ? 'maybe' : fixed(view.protocol === 6))
  const [mask, set] = [masked ? flagNames(masked[1]) : null, flagNames(right)]
  const ask = (view: View): Answer => {
    if (!set) return 'maybe'
    if (!masked && (op === 'in' || op === '!')) {
      const one = anyOf(set.map((flag) => withFlags(`${flag} ${flag}`, view, false, [])))
      return op === 'in' ? one : invert(one)
    }
    if (!mask || !(op === '==' || op === '!=')) return 'maybe'
    const exactly = withFlags(`${mask.join(',')} ${set.join(',') || 'NONE'}`, view, false, [])
    return op === '==' ? exactly : invert(exactly)
  }
  return { protocol, answer: (view) => both(protocol(view), ask(view)) }
}

/** `syn`, `["syn", "ack"]`, `{"|": ["syn", "ack"]}`, 0. */
function flagNames(value: unknown): readonly string[] | null {
  if (value === 0) return []
  if (typeof value === 'string') return [value.toUpperCase()]
  const list = Array.isArray(value) ? value : isObject(value) && Array.isArray(value['|']) ? value['|'] : null
  const names = list?.map(flagNames) ?? [null]
  return names.every((one) => one !== null) ? names.flat() : null
}
