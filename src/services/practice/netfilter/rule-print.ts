import type { Family } from '../../model/firewall.ts'
import type { Module, Option } from './options.ts'
import { Refusal } from './refusal.ts'
import { TARGETS } from './targets.ts'
import { networks, protocolName } from './values.ts'

/** A rule as iptables-save prints it; several where -s or -d held a list. `target` null has no effect but counting. */
export type ReadRule = {
  readonly texts: readonly string[]
  readonly target: string | null
  readonly isChain: boolean
  readonly hasIn: boolean
  readonly hasOut: boolean
  readonly protocol: string | null
  /** What iptables itself finds wrong once all options are read. */
  readonly wrong: Refusal | null
}

/** A match or target that is loaded, with the options it was given as they are printed. */
export type Loaded = {
  readonly name: string
  readonly module: Module
  readonly given: Map<Option, string>
  open: string
  /** Loaded for the sake of an option of its protocol; a `-m` that comes later means this one. */
  implied: boolean
  /** Such a `-m` came: what was given before it may be given again, and the last counts. */
  again: boolean
}

/** The protocol that `-p` names, negated or not; null where any will do. */
export const protocolOf = (base: ReadonlyMap<string, string>): string | null => {
  const given = base.get('p')
  return given === undefined ? null : protocolName(given.replace('! ', ''))
}

/** The options of a module in its own order, with what it adds by itself. */
function optionsText(family: Family, { module, given, open }: Loaded): string {
  if (module.needsOne && given.size === 0) throw new Refusal('usage', module.needsOne)
  const groups = new Set([...given.keys()].flatMap((option) => option.group ?? []))
  const texts = module.options.flatMap((option) => {
    const text = given.get(option)
    if (text !== undefined) return text === '' ? [] : [text]
    if (option.otherwise === undefined || (option.group && groups.has(option.group))) return []
    const usual = typeof option.otherwise === 'string' ? option.otherwise : option.otherwise[family]
    return [usual === '' ? (option.names[0] as string) : `${option.names[0]} ${usual}`]
  })
  return `${texts.map((text) => ` ${text}`).join('')}${open}`
}

/** Puts a rule together that was read to its end. */
export function finished(
  family: Family,
  base: ReadonlyMap<string, string>,
  matches: readonly Loaded[],
  target: Loaded | null,
): ReadRule {
  const protocol = protocolOf(base)
  const simple = (letter: string, value = base.get(letter)): string => {
    if (value === undefined) return ''
    return value.startsWith('! ') ? ` ! -${letter} ${value.slice(2)}` : ` -${letter} ${value}`
  }
  const negated = base.get('p')?.startsWith('! ') ? '! ' : ''
  const tail = [
    simple('i'),
    simple('o'),
    protocol === null ? '' : simple('p', `${negated}${protocol}`),
    base.has('f') ? (base.get('f')?.startsWith('!') ? ' ! -f' : ' -f') : '',
    ...matches.map((one) => ` -m ${one.name}${optionsText(family, one)}`),
    target === null ? '' : ` -${base.has('g') ? 'g' : 'j'} ${target.name}${optionsText(family, target)}`,
  ].join('')
  const texts = addresses(family, base, 's').flatMap((source) =>
    addresses(family, base, 'd').map((destination) => `${source}${destination}${tail}`.trimStart()),
  )
  return {
    texts,
    target: target?.name ?? null,
    isChain: target !== null && (base.has('g') || !Object.hasOwn(TARGETS, target.name)),
    hasIn: base.has('i'),
    hasOut: base.has('o'),
    protocol: negated ? null : protocol,
    wrong: wrongProtocol(matches, protocol),
  }
}

function wrongProtocol(matches: readonly Loaded[], protocol: string | null): Refusal | null {
  const wrong = matches.find(({ module }) => module.protocol !== undefined && module.protocol !== protocol)
  if (!wrong) return null
  return new Refusal('usage', `${wrong.name.toUpperCase()} match requires '-p ${wrong.name}'`)
}

function addresses(family: Family, base: ReadonlyMap<string, string>, letter: 's' | 'd'): readonly string[] {
  const value = base.get(letter)
  if (value === undefined) return ['']
  const negated = value.startsWith('! ')
  const found = networks(family, negated ? value.slice(2) : value)
  return found.map((one) => (one === null && !negated ? '' : ` ${negated ? '! ' : ''}-${letter} ${one ?? '0.0.0.0/0'}`))
}
