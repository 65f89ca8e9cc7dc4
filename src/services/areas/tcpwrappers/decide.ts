import { ADDRESS_BITS, type Address, inPrefix, readAddress, readEnd } from '../../model/addresses.ts'
import type { AccessFile, TcpwrappersFacts } from './facts.ts'
import { type AccessRule, rulesOf } from './rules.ts'

/** `depends`: on names, users or files that are not looked up from here. */
type Matches = 'yes' | 'no' | 'depends'

/** Who decides about a client, and what comes of it: a rule of a file, or an unfinished line of it; null: none does. */
export type Decision = {
  readonly answer: 'in' | 'out' | 'depends'
  readonly by: { readonly file: AccessFile; readonly rule: AccessRule | 'broken' } | null
}

/**
 * What hosts_access(3) answers a daemon about an address: the first rule of hosts.allow that matches lets in, else the
 * first of hosts.deny that does keeps out, unless an option of hosts_options(5) says otherwise. A line of hosts.deny that
 * libwrap can't read keeps out everybody.
 */
export function decide({ files }: TcpwrappersFacts, daemon: string, client: string): Decision {
  const address = readEnd(client)
  for (const file of ['allow', 'deny'] as const) {
    const { rules, broken } = rulesOf(files[file])
    for (const rule of rules) {
      const matches = both(
        listMatches(rule.daemons, (word) => daemonMatches(word, daemon)),
        listMatches(rule.clients, (word) => clientMatches(word, address)),
      )
      if (matches === 'no') continue
      const outcome = outcomeOf(file, rule)
      return { answer: matches === 'yes' ? outcome : 'depends', by: { file, rule } }
    }
    if (broken && file === 'deny') return { answer: 'out', by: { file, rule: 'broken' } }
  }
  return { answer: 'in', by: null }
}

function outcomeOf(file: AccessFile, { options }: AccessRule): Decision['answer'] {
  const words = options.map((option) => option.split(/[ =\t]/)[0]?.toLowerCase() ?? '')
  const last = words.findLast((word) => word === 'allow' || word === 'deny')
  if (last) return last === 'allow' ? 'in' : 'out'
  // With an option that it does not know libwrap keeps out; twist and aclexec hand over to another program.
  if (words.some((word) => !HARMLESS.has(word))) return 'depends'
  return file === 'allow' ? 'in' : 'out'
}

/** Options that change nothing about who is let in. */
const HARMLESS: ReadonlySet<string> = new Set(
  'severity spawn keepalive linger rfc931 banners nice setenv umask user group'.split(' '),
)

const both = (a: Matches, b: Matches): Matches =>
  a === 'no' || b === 'no' ? 'no' : a === 'yes' && b === 'yes' ? 'yes' : 'depends'

/** A list, with what is excepted from it (EXCEPT binds to the right). */
function listMatches(words: readonly string[], test: (word: string) => Matches): Matches {
  const at = words.findIndex((word) => word.toUpperCase() === 'EXCEPT')
  const listed = (at < 0 ? words : words.slice(0, at)).map(test)
  const matches: Matches = listed.includes('yes') ? 'yes' : listed.includes('depends') ? 'depends' : 'no'
  if (at < 0 || matches === 'no') return matches
  const excepted = listMatches(words.slice(at + 1), test)
  return both(matches, excepted === 'yes' ? 'no' : excepted === 'no' ? 'yes' : 'depends')
}

function daemonMatches(word: string, daemon: string): Matches {
  const [name = '', end] = word.split('@')
  if (name.toUpperCase() !== 'ALL' && name.toLowerCase() !== daemon.toLowerCase()) return 'no'
  // Of which of the server's own addresses it is, is not known from here.
  return end === undefined ? 'yes' : 'depends'
}

/** What is a name, or is looked up by one, depends on a resolver that is not asked from here. */
function clientMatches(word: string, address: Address | null): Matches {
  if (word.toUpperCase() === 'ALL') return 'yes'
  if (address === null || /^[.@/]|@|[*?]/.test(word)) return 'depends'
  const [base = '', length] = bare(word).split('/')
  if (/^[\d.]*\.$/.test(word)) return same('v4', address) && dotted(address).startsWith(word) ? 'yes' : 'no'
  const net = readAddress(base)
  if (net === null) return 'depends'
  if (typeof net !== typeof address) return 'no'
  const bits = length === undefined ? ADDRESS_BITS[typeof net === 'number' ? 'v4' : 'v6'] : bitsOf(length)
  if (bits === null || bits > ADDRESS_BITS[typeof net === 'number' ? 'v4' : 'v6']) return 'depends'
  return inPrefix(net, bits, address) ? 'yes' : 'no'
}

const same = (family: 'v4' | 'v6', address: Address): boolean => (typeof address === 'number') === (family === 'v4')

/** `[2001:db8::]/32` and `2001:db8::/32` are one. */
const bare = (word: string): string => word.replace(/^\[([^\]]*)\]/, '$1')

const dotted = (address: Address): string =>
  typeof address === 'number' ? [24, 16, 8, 0].map((by) => (address >>> by) & 255).join('.') : ''

/** The length of a prefix, or of a mask in dots; null for a mask with holes, which no prefix is. */
function bitsOf(length: string): number | null {
  if (/^\d{1,3}$/.test(length)) return Number(length)
  const mask = readAddress(length)
  if (typeof mask !== 'number') return null
  const bits = Math.clz32(~mask >>> 0)
  return bits === 32 || (mask << bits) >>> 0 === 0 ? bits : null
}
