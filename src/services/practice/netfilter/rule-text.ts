import type { Family } from '../../model/firewall.ts'
import { MATCHES } from './matches.ts'
import type { Module, Option } from './options.ts'
import { Refusal } from './refusal.ts'
import { finished, type Loaded, protocolOf, type ReadRule } from './rule-print.ts'
import { TARGETS } from './targets.ts'

const BASE: Readonly<Record<string, string>> = {
  ...spread('s', '-s --source --src'),
  ...spread('d', '-d --destination --dst'),
  ...spread('i', '-i --in-interface'),
  ...spread('o', '-o --out-interface'),
  ...spread('p', '-p --protocol --proto'),
  ...spread('m', '-m --match'),
  ...spread('j', '-j --jump'),
  ...spread('g', '-g --goto'),
  ...spread('f', '-f --fragment'),
}

function spread(letter: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, letter]))
}

/** Reads the words of a rule after `-A CHAIN`; throws a Refusal in iptables' own words. */
export function readRule(family: Family, words: readonly string[]): ReadRule {
  const base = new Map<string, string>()
  const matches: Loaded[] = []
  let target: Loaded | null = null
  let negation = ''
  let at = 0
  const take = (option: string, count: number): readonly string[] => {
    const taken = words.slice(at, at + count)
    if (taken.length < count) throw new Refusal('usage', `option "${option}" requires an argument`)
    at += count
    return taken
  }
  const loadProtocol = (): void => {
    const name = protocolOf(base)?.replace(/^ipv6-icmp$/, 'icmp6')
    const module = name === undefined || matches.some((one) => one.name === name) ? undefined : MATCHES[name]
    if (name !== undefined && module) matches.push({ ...load(name, module), implied: true })
  }
  while (at < words.length) {
    const word = words[at++] as string
    if (word === '!') {
      negation = '! '
      continue
    }
    if (!word.startsWith('-')) throw new Refusal('bare', `Bad argument \`${word}'`)
    const letter = BASE[word]
    if (letter === 'm') {
      const [name] = take(word, 1) as [string]
      const implied = matches.find((one) => one.name === name && one.implied)
      if (implied) Object.assign(implied, { implied: false, again: true })
      else matches.push(load(name, moduleOf(name)))
    } else if (letter === 'j' || letter === 'g') {
      if (target) throw new Refusal('usage', `multiple -${letter} flags not allowed`)
      const [name] = take(word, 1) as [string]
      const module = letter === 'j' ? TARGETS[name] : undefined
      target = load(name, module ?? { options: [] })
      base.set(letter, name)
    } else if (letter !== undefined) {
      if (base.has(letter)) throw new Refusal('usage', `multiple -${letter} flags not allowed`)
      base.set(letter, `${negation}${take(word, letter === 'f' ? 0 : 1)[0] ?? ''}`)
      // An unknown protocol is refused where it stands, before anything that comes after it.
      if (letter === 'p') protocolOf(base)
    } else {
      if (!optionOf(word, matches, target)) loadProtocol()
      if (optionOf(word, matches, target)?.owner.name === 'multiport') checkMultiport(base)
      giveOption(word, negation, family, matches, target, take)
    }
    negation = ''
  }
  return finished(family, base, matches, target)
}

const load = (name: string, module: Module): Loaded => ({
  name,
  module,
  given: new Map(),
  open: '',
  implied: false,
  again: false,
})

function moduleOf(name: string): Module {
  const module = MATCHES[name]
  if (!module) throw new Refusal('usage', `Couldn't load match \`${name}':No such file or directory\n`)
  return module
}

function checkMultiport(base: ReadonlyMap<string, string>): void {
  const protocol = protocolOf(base)
  if (protocol === null)
    throw new Refusal('usage', "multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'")
  if (base.get('p')?.startsWith('!') || !/^(tcp|udp|udplite|sctp)$/.test(protocol))
    throw new Refusal('usage', 'multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP')
}

type Found = { readonly owner: Loaded; readonly option: Option | null }

/** Finds an option by name or by an unambiguous beginning of it, as getopt_long(3) does. */
function optionOf(word: string, matches: readonly Loaded[], target: Loaded | null): Found | null {
  const [name = ''] = word.split('=')
  const owners = target ? [target, ...matches.toReversed()] : matches.toReversed()
  for (const exact of [true, false])
    for (const owner of owners)
      for (const option of owner.module.options)
        if (option.names.some((one) => (exact ? one === name : name.length > 3 && one.startsWith(name))))
          return { owner, option }
  const open = owners.find((one) => one.module.open)
  return open ? { owner: open, option: null } : null
}

function giveOption(
  word: string,
  negation: string,
  family: Family,
  matches: readonly Loaded[],
  target: Loaded | null,
  take: (option: string, count: number) => readonly string[],
): void {
  const found = word.startsWith('--') ? optionOf(word, matches, target) : null
  if (!found) throw new Refusal('usage', `unknown option "${word}"`)
  const { owner, option } = found
  if (!option) {
    // Not modelled: the option and one word after it are kept as they are.
    owner.open += ` ${negation}${word} ${take(word, 1)[0]}`
    return
  }
  const equals = word.indexOf('=')
  const value = equals > 0 && option.words === 1 ? [word.slice(equals + 1)] : take(word, option.words)
  const text = option.read(value, family)
  const rival = [...owner.given.keys()].find((one) => one === option || (one.group && one.group === option.group))
  if (rival && !owner.again) throw new Refusal('usage', option.twice ?? usedTwice(owner.name, option, rival))
  if (rival) owner.given.delete(rival)
  if (text === null) owner.given.set(option, '')
  else owner.given.set(option, `${negation}${option.names[0]}${text === '' ? '' : ` ${text}`}`)
}

function usedTwice(module: string, option: Option, rival: Option): string {
  const [name, other] = [option.names.at(-1), rival.names.at(-1)]
  return option === rival
    ? `${module}: option "${name}" can only be used once.\n`
    : `${module}: option "${name}" cannot be used together with "${other}".\n`
}
