import { readAddress } from '../../model/addresses.ts'
import { fail, ok, type Result } from '../../model/errors.ts'
import type { Family } from '../../model/firewall.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { quoteWord, splitWords } from './words.ts'

/** ICMP types that mean the same as ICMPv6 types (RFC 792, RFC 4443), as iptables-save prints both. */
const TYPES: readonly (readonly [v4: string, v6: string])[] = [
  ['8', '128'],
  ['0', '129'],
  ['3', '1'],
  ['3/4', '2'],
  ['11', '3'],
  ['12', '4'],
]
const REJECTS: readonly (readonly [v4: string, v6: string])[] = [
  ['icmp-port-unreachable', 'icmp6-port-unreachable'],
  ['icmp-net-unreachable', 'icmp6-no-route'],
  ['icmp-host-unreachable', 'icmp6-addr-unreachable'],
  ['icmp-admin-prohibited', 'icmp6-adm-prohibited'],
  ['tcp-reset', 'tcp-reset'],
]
/** Options whose value only one family knows. */
const ONE_FAMILY: ReadonlySet<string> = new Set([
  '-f',
  '--fragment',
  '-m ttl',
  '-m hl',
  '-m ah',
  '-m eui64',
  '-m realm',
])

/**
 * The rule in the other family's words: ICMP types, protocol and reject reasons change, what has no counterpart (an
 * address above all) is refused with the reason.
 */
export function toOtherFamily(text: string, from: Family): Result<string, Safe> {
  const split = splitWords(text)
  if (!split.ok) return split
  const words = split.value
  const out: string[] = []
  for (const [at, word] of words.entries()) {
    const option = words[at - 1] ?? ''
    const translated = translate(word, option, words[at + 1] ?? '', from)
    if (!translated.ok) return translated
    out.push(translated.value)
  }
  return ok(out.map(quoteWord).join(' '))
}

function translate(word: string, option: string, next: string, from: Family): Result<string, Safe> {
  const side = from === 'v4' ? 0 : 1
  const look = (table: readonly (readonly [string, string])[]): string | undefined =>
    table.find((pair) => pair[side] === word)?.[1 - side]
  if (option === '--comment' || option === '--log-prefix' || option === '--nflog-prefix') return ok(word)
  if (ONE_FAMILY.has(word) || ONE_FAMILY.has(`${word} ${next}`))
    return fail(say`${safe(word)} ${safe(next, 20)} means nothing in the other family.`)
  if (option === '--icmp-type' || option === '--icmpv6-type') {
    const type = look(TYPES)
    return type ? ok(type) : fail(say`ICMP type ${safe(word, 20)} has no counterpart in the other family.`)
  }
  if (option === '--reject-with') {
    const reason = look(REJECTS)
    return reason ? ok(reason) : fail(say`Rejecting with ${safe(word, 40)} has no counterpart in the other family.`)
  }
  if (option === '-p' || option === '-m' || word.startsWith('--icmp')) return ok(protocolWord(word, option, from))
  const address = word.split(/[-/,]/)[0] ?? ''
  if (ADDRESSED.has(option) || readAddress(address) !== null)
    return fail(say`It names ${safe(word, 60)}: an address has no counterpart in the other family.`)
  return ok(word)
}

const ADDRESSED: ReadonlySet<string> = new Set([
  ...['-s', '-d', '--src-range', '--dst-range', '--to-destination', '--to-source', '--ctorigsrc', '--ctorigdst'],
  ...['--ctreplsrc', '--ctrepldst', '--match-set', '--on-ip', '--gateway'],
])

function protocolWord(word: string, option: string, from: Family): string {
  if (from === 'v6')
    return word === 'icmp6' || word === 'ipv6-icmp' ? 'icmp' : word === '--icmpv6-type' ? '--icmp-type' : word
  if (word === 'icmp') return option === '-m' ? 'icmp6' : 'ipv6-icmp'
  return word === '--icmp-type' ? '--icmpv6-type' : word
}
