import { ADDRESS_BITS, type Address, dotted, inPrefix, maskOf, readAddress, readEnd } from '../../model/addresses.ts'
import { ACCESS_FILES, type AccessFile, type TcpwrappersFacts } from './facts.ts'
import { HARMLESS } from './options.ts'
import { type AccessRule, type PlacedRule, rulesOf } from './rules.ts'

/** `depends`: on names, users or files that are not looked up from here. */
type Matches = 'yes' | 'no' | 'depends'

/** Who decides about a client, and what comes of it: a rule of a file, or an unfinished line of it; null: none does. */
export type Decision = {
  readonly answer: 'in' | 'out' | 'depends'
  readonly by: { readonly file: AccessFile; readonly rule: PlacedRule | 'broken' } | null
}

/**
 * What hosts_access(3) answers a daemon about an address: the first rule of hosts.allow that matches lets in, else the
 * first of hosts.deny that does keeps out, unless an option of hosts_options(5) says otherwise. A line of hosts.deny that
 * libwrap can't read keeps out everybody. `port` is the daemon's own, where that is known.
 */
export function decide(facts: TcpwrappersFacts, daemon: string, client: string, port: number | null = null): Decision {
  const address = readEnd(client)
  return firstOf(facts, {
    daemon: (word) => daemonMatches(word, daemon, port),
    client: (word) => clientMatches(word, address),
  })
}

/** What they answer any daemon about whom no rule names. */
export const decideRest = (facts: TcpwrappersFacts): Decision =>
  firstOf(facts, {
    daemon: (word) => daemonMatches(word, null, null),
    // These may stand for everybody as well.
    client: (word) => (/^ALL$/i.test(word) ? 'yes' : /^known$|[*?]|\/0+(\.|$)/i.test(word) ? 'depends' : 'no'),
  })

type Test = (word: string) => Matches

function firstOf({ files }: TcpwrappersFacts, test: { readonly daemon: Test; readonly client: Test }): Decision {
  for (const file of ACCESS_FILES) {
    const { rules, broken } = rulesOf(files[file])
    for (const rule of rules) {
      const matches = both(listMatches(rule.daemons, test.daemon), listMatches(rule.clients, test.client))
      if (matches === 'no') continue
      return { answer: matches === 'yes' ? outcomeOf(file, rule) : 'depends', by: { file, rule } }
    }
    if (broken && file === 'deny') return { answer: 'out', by: { file, rule: 'broken' } }
  }
  return { answer: 'in', by: null }
}

function outcomeOf(file: AccessFile, { options }: AccessRule): Decision['answer'] {
  const last = options.at(-1)?.toLowerCase()
  const said = last === 'allow' ? 'in' : last === 'deny' ? 'out' : null
  // With an option that it can't read libwrap keeps out; twist and aclexec hand over to another program.
  if (!(said ? options.slice(0, -1) : options).every((option) => HARMLESS.test(option))) return 'depends'
  return said ?? (file === 'allow' ? 'in' : 'out')
}

const both = (a: Matches, b: Matches): Matches =>
  a === 'no' || b === 'no' ? 'no' : a === 'yes' && b === 'yes' ? 'yes' : 'depends'

/** A list, with what is excepted from it (EXCEPT binds to the right). */
function listMatches(words: readonly string[], test: Test): Matches {
  const at = words.findIndex((word) => word.toUpperCase() === 'EXCEPT')
  const listed = (at < 0 ? words : words.slice(0, at)).map(test)
  const matches: Matches = listed.includes('yes') ? 'yes' : listed.includes('depends') ? 'depends' : 'no'
  if (at < 0 || matches === 'no') return matches
  const excepted = listMatches(words.slice(at + 1), test)
  return both(matches, excepted === 'yes' ? 'no' : excepted === 'no' ? 'yes' : 'depends')
}

/** Whether a word is about a daemon; null: about one that no rule names. */
function daemonMatches(word: string, daemon: string | null, port: number | null): Matches {
  if (word.toUpperCase() === 'ALL') return 'yes'
  const [name = '', ...ends] = word.split('@')
  // A pattern may be any daemon's name, and of which of the server's own addresses it is, is not known from here.
  if (!/^[\w+-]+$/.test(name) || /^(all|(un)?known)$/i.test(name)) return 'depends'
  // Debian's libwrap takes a number for the port that the client came to, whatever the daemon is called.
  if (/^\d+$/.test(name) && daemon !== null) return port === null || Number(name) === port ? 'depends' : 'no'
  if (name.toLowerCase() !== daemon?.toLowerCase()) return 'no'
  return ends.length === 0 ? 'yes' : 'depends'
}

/** What is a name, or is looked up by one, depends on a resolver that is not asked from here. */
function clientMatches(word: string, address: Address | null): Matches {
  if (word.toUpperCase() === 'ALL') return 'yes'
  if (address === null || /^[.@/]|@|[*?]/.test(word)) return 'depends'
  if (/^[\d.]*\.$/.test(word)) return typeof address === 'number' && dotted(address).startsWith(word) ? 'yes' : 'no'
  const { net = null, bits = null } = networkOf(word) ?? {}
  if (net === null) return 'depends'
  if (typeof net !== typeof address) return 'no'
  if (bits === null) return 'depends'
  // libwrap masks the client's IPv4 address only: a rule for 192.0.2.7/24 matches nobody.
  if (typeof net === 'number' && (net & ~(maskOf(net, bits) as number)) !== 0) return 'no'
  return inPrefix(net, bits, address) ? 'yes' : 'no'
}

/**
 * An address or network among the clients, as far as it is one; null for a word of another kind. An IPv6 address stands in
 * brackets, with the length of its prefix behind them; an IPv4 one never does.
 */
export function networkOf(word: string): { readonly net: Address | null; readonly bits: number | null } | null {
  const found = /^(?:\[([^\]]*)\]|([\d.]*\d))(?:\/(.*))?$/.exec(word)
  if (!found) return null
  const [, in6, in4, length] = found
  const read = readAddress(in6 ?? in4 ?? '')
  const net = in6 !== undefined && typeof read === 'number' ? null : read
  return { net, bits: net === null ? null : bitsOf(net, length) }
}

/** The length of a prefix, for IPv4 perhaps as a mask in dots; null for what libwrap does not take as one, or may not. */
function bitsOf(net: Address, length: string | undefined): number | null {
  const most = ADDRESS_BITS[typeof net === 'number' ? 'v4' : 'v6']
  if (length === undefined) return most
  if (/^\d{1,3}$/.test(length))
    return Number(length) > most || (most === 32 && Number(length) === 0) ? null : Number(length)
  const mask = readAddress(length)
  if (typeof mask !== 'number' || typeof net !== 'number') return null
  const bits = Math.clz32(~mask >>> 0)
  // Holes in it make it no prefix.
  return bits === 32 || (mask << bits) >>> 0 === 0 ? bits : null
}
