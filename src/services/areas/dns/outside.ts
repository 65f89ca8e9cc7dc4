import { readEnd, same } from '../../model/addresses.ts'
import type { DnsReply } from '../../model/dns.ts'
import { type HostFacts, sessionFamily } from '../../model/host.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { clientOf } from './acl.ts'
import type { DnsFacts, Understood } from './facts.ts'
import { type Answer, mayRecurse } from './rulings.ts'

/** What came back when this machine asked. */
export const heardOf = ({ outside }: DnsFacts): readonly DnsReply[] =>
  outside?.asked.flatMap(({ answer }) => (answer.state === 'answered' ? [answer] : [])) ?? []

/** Whether names were looked up for the operator's address, or that was offered: of the family that he came in by. */
export const looksUp = ({ outside }: DnsFacts, host: HostFacts): boolean =>
  outside?.asked.some(
    ({ family, answer }) => family === sessionFamily(host) && answer.state === 'answered' && answer.recursion,
  ) ?? false

/** What the configuration says of the operator's own address. */
export function forYou({ config }: Understood, { own }: DnsFacts, { session }: HostFacts): Answer {
  const [from, to] = [clientOf(session.clientAddress), clientOf(session.serverAddress)]
  return from === null || to === null ? 'unknown' : mayRecurse({ config, own }, { from, to }).answer
}

/**
 * The host's address in the other family than the operator came in by, on the same interface; null where there is none that
 * others could reach.
 */
export function otherAddress({ own }: DnsFacts, { session }: HostFacts): string | null {
  const entered = readEnd(session.serverAddress)
  const at = own?.find(({ address }) => entered !== null && same(address, entered))?.interface
  const other = own?.find(
    (one) => one.interface === at && typeof one.address !== typeof entered && !/^fe[89ab]/i.test(one.text),
  )
  return other?.text ?? null
}

/** What this machine asked and heard, a line a way; nothing of ways that there are not. */
export function outsideWords({ outside }: DnsFacts): readonly Safe[] {
  if (!outside) return []
  const lines = outside.asked.flatMap(({ family, transport, answer }): readonly Safe[] => {
    const way = say`asked from here over ${safe(transport)} ${safe(family)}`
    if (answer.state === 'unreachable') return []
    if (answer.state !== 'answered') return [say`${way}: ${answer.reason}`]
    const records = answer.answers > 0 ? say`, ${answer.answers} records` : say``
    return [say`${way}: ${answer.recursion ? say`looks up names` : say`looks up nothing`} (${answer.code}${records})`]
  })
  const [first] = outside.asked
  if (lines.length > 0 || first?.answer.state !== 'unreachable') return lines
  return [say`it could not be asked from here: ${first.answer.reason}`]
}
