import { ADDRESS_BITS, type Family } from '../../model/addresses.ts'
import type { Safe } from '../../model/safe.ts'
import { portNamed } from './port-names.ts'
import { icmpType } from './walk/icmp-types.ts'
import { printedProtocol } from './walk/protocols.ts'
import { quoteText, quoteWord, splitWords } from './words.ts'

/** One option with its values, as it is compared. */
type Clause = { readonly not: boolean; readonly option: string; readonly values: readonly string[] }

/** Other names of options, in iptables-save(8)'s words. */
const NAMES: ReadonlyMap<string, string> = new Map(
  (
    '--source -s --src -s --destination -d --dst -d --protocol -p --proto -p --in-interface -i --out-interface -o ' +
    '--jump -j --goto -g --match -m --source-port --sport --destination-port --dport --source-ports --sports ' +
    '--destination-ports --dports --log-prefix --log-prefix'
  )
    .match(/\S+ \S+/g)
    ?.map((pair) => pair.split(' ') as [string, string]),
)

/** Options without a value. */
const BARE = new Set(
  '--syn -f --fragment --set --rcheck --update --remove --rsource --rdest --rttl --reap --connlimit-saddr --connlimit-daddr --notrack --random --log-ip-options --log-tcp-options --log-tcp-sequence --log-uid --save-mark --restore-mark'.split(
    ' ',
  ),
)

/** Options whose value is any text, which is quoted unless it is a plain word (xtables_save_string). */
const TEXTS: ReadonlySet<string> = new Set(['--comment', '--log-prefix', '--nflog-prefix', '--string', '--helper'])

/** What iptables-save prints before everything else, in this order. */
const CORE: readonly string[] = ['-s', '-d', '-i', '-o', '-p', '-f']

/** Matches that come with a protocol by themselves when an option of theirs is used. */
const IMPLIED: ReadonlyMap<string, string> = new Map([
  ['icmp', 'icmp'],
  ['ipv6-icmp', 'icmp6'],
  ['icmpv6', 'icmp6'],
])

/**
 * A rule as iptables-save(8) would print it, as far as is known here: names of ports and ICMP types as numbers, addresses
 * with their mask, options in its order, what is left out and meant all the same. Two rules that load as one come to one
 * text; what is not known stays as it is.
 */
export function canonicalRule(text: string, family: Family, portNames: ReadonlyMap<string, Safe>): string {
  const split = splitWords(text)
  return split.ok ? canonicalWords(split.value, family, portNames) : text
}

/** The same of a rule's words. */
export function canonicalWords(words: readonly string[], family: Family, portNames: ReadonlyMap<string, Safe>): string {
  const clauses = readClauses(words)
  const protocol = clauses.find(({ option }) => option === '-p')?.values[0]?.toLowerCase() ?? ''
  const core = CORE.flatMap((name) => clauses.filter(({ option }) => option === name))
  const jump = clauses.findIndex(({ option }) => option === '-j' || option === '-g')
  const cut = jump < 0 ? clauses.length : jump
  const matches = withImplied(
    clauses.slice(0, cut).filter(({ option }) => !CORE.includes(option)),
    protocol,
  )
  const target = [...clauses.slice(cut).filter(({ option }) => !CORE.includes(option))]
  const [name] = target[0]?.values ?? []
  if (name === 'REJECT' && target.length === 1)
    target.push({
      not: false,
      option: '--reject-with',
      values: [family === 'v4' ? 'icmp-port-unreachable' : 'icmp6-port-unreachable'],
    })
  return [...core, ...matches, ...target]
    .map((clause) => printed(clause, family, protocol, portNames))
    .filter((words) => words !== '')
    .join(' ')
}

function readClauses(words: readonly string[]): readonly Clause[] {
  const clauses: Clause[] = []
  let not = false
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string
    if (word === '!') {
      not = true
      continue
    }
    const option = NAMES.get(word) ?? word
    const values: string[] = []
    if (words[at + 1] === '!' && !BARE.has(option) && !TEXTS.has(option)) {
      not = true
      at++
    }
    const most = BARE.has(option) ? 0 : option === '--tcp-flags' || option === '--match-set' ? 2 : 1
    // A value may begin with a dash only where one must come.
    while (values.length < most && at + 1 < words.length) values.push(words[++at] as string)
    clauses.push({ not, option, values })
    not = false
  }
  return clauses
}

/** Ports and types without `-m` before them are the protocol's. */
function withImplied(clauses: readonly Clause[], protocol: string): readonly Clause[] {
  const module = IMPLIED.get(protocol) ?? protocol
  const own = /^--(sport|dport|tcp-flags|syn|tcp-option|icmp-type|icmpv6-type)$/
  const first = clauses.findIndex(({ option }) => own.test(option))
  if (first < 0 || module === '' || clauses.some(({ option, values }) => option === '-m' && values[0] === module))
    return clauses
  const mine = clauses.filter(({ option }) => own.test(option))
  const before = clauses.slice(0, first).filter(({ option }) => !own.test(option))
  const after = clauses.slice(first).filter(({ option }) => !own.test(option))
  return [...before, { not: false, option: '-m', values: [module] }, ...mine, ...after]
}

function printed(clause: Clause, family: Family, protocol: string, portNames: ReadonlyMap<string, Safe>): string {
  const { not, option, values } = clause
  const [value = ''] = values
  const put = (name: string, ...words: readonly string[]): string => {
    const quote = TEXTS.has(name) ? quoteText : quoteWord
    let text = not ? `! ${name}` : name
    for (const word of words) text += ` ${quote(word)}`
    return text
  }
  switch (option) {
    case '-s':
    case '-d':
      return /^(0\.0\.0\.0\/0|::\/0)$/.test(value) ? '' : put(option, masked(value, family))
    case '-p':
      return value === 'all' ? '' : put(option, printedProtocol(value.toLowerCase()))
    case '--sport':
    case '--dport':
    case '--sports':
    case '--dports':
    case '--ports':
      return put(
        option,
        value.replace(/[A-Za-z][\w-]*/g, (name) => portOf(name, protocol, portNames)),
      )
    case '--syn':
      return put('--tcp-flags', 'FIN,SYN,RST,ACK', 'SYN')
    case '--icmp-type':
    case '--icmpv6-type': {
      const type = icmpType(option === '--icmp-type' ? 'icmp' : 'icmpv6', value)
      if (type === null || type === 'any') return put(option, value)
      return put(option, type.code === null ? `${type.type}` : `${type.type}/${type.code}`)
    }
    case '--state':
    case '--ctstate':
      return put(
        option,
        value
          .split(',')
          .toSorted((a, b) => STATES.indexOf(a) - STATES.indexOf(b))
          .join(','),
      )
    case '--limit':
      return put(
        option,
        value.replace(/\/(sec|min)[a-z]*$/, '/$1').replace(/\/(s|m|h|d)$/, (_, unit) => `/${UNITS[unit]}`),
      )
    case '--limit-burst':
      return value === '5' ? '' : put(option, value)
    case '--log-level':
      return /^(4|warn|warning)$/.test(value) ? '' : put(option, value)
    default:
      return put(option, ...values)
  }
}

const UNITS: Readonly<Record<string, string>> = { s: 'sec', m: 'min', h: 'hour', d: 'day' }
/** The order in which they are printed (xt_conntrack). */
const STATES = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT']

const portOf = (name: string, protocol: string, portNames: ReadonlyMap<string, Safe>): string =>
  portNamed(name, protocol, portNames) ?? name

/** An address with its prefix length: `10.0.0.5/32`, `10.0.0.0/255.0.0.0` as `/8`. */
function masked(value: string, family: Family): string {
  const [address = '', mask] = value.split('/')
  const all = String(ADDRESS_BITS[family])
  if (mask === undefined) return /^[\d.]+$|:/.test(address) ? `${address}/${all}` : value
  const bits = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/.test(mask)
    ? mask
        .split('.')
        .map((one) => Number(one).toString(2).padStart(8, '0'))
        .join('')
    : ''
  return /^1*0*$/.test(bits) && bits !== '' ? `${address}/${bits.indexOf('0') < 0 ? 32 : bits.indexOf('0')}` : value
}
