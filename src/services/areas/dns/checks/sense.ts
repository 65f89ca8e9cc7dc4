import type { Around, Check, Verdict } from '../../../model/area.ts'
import type { HostFacts } from '../../../model/host.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import type { DnsFacts, NamedFacts, Understood } from '../facts.ts'
import type { DnsEdit } from '../fixes.ts'
import { isNamed, outsideOf } from '../strangers.ts'

/** A check of name servers. */
export type DnsCheck = Check<DnsFacts, DnsEdit>

/** What every check of BIND rests on. */
export const REFERENCES = ['named.conf(5)', 'BIND 9 Administrator Reference Manual, 8.2']

const NO_BIND: Verdict = { outcome: 'notapplicable', observed: say`BIND is not installed` }

/** What to say where the configuration is no help; null where it was understood. */
function unread({ named: bind }: DnsFacts): Verdict | null {
  if (!bind) return NO_BIND
  if ('broken' in bind.understood) return { outcome: 'unknown', observed: bind.understood.broken }
  return null
}

/** What a check of a configuration that was understood sees. */
export type Sense = {
  readonly bind: NamedFacts
  readonly understood: Understood
  readonly facts: DnsFacts
  readonly host: HostFacts
  readonly around: Around
}

/** A check of BIND's configuration, judged where there is one that was understood. */
export const ofConfig =
  (judge: (sense: Sense) => Verdict): DnsCheck['judge'] =>
  (facts, host, around) => {
    const bind = facts.named
    const no = unread(facts)
    if (no || !bind || 'broken' in bind.understood) return no ?? NO_BIND
    return judge({ bind, understood: bind.understood, facts, host, around })
  }

/** Why it can't be mended from here, where that is so. */
export const noFixOf = ({ fixed }: Understood): Pick<Verdict, 'noFix'> =>
  fixed === null ? {} : { noFix: say`${fixed}: change it by hand` }

/** Where named can be asked from outside: its sockets, in words; null where it can't. */
export function reach({
  bind,
  around,
}: Pick<Sense, 'bind' | 'around'>): { readonly words: Safe; readonly sure: boolean } | null {
  if (!bind.running) return null
  const sockets = outsideOf(around)
  if (!sockets) return { words: say`who listens could not be read`, sure: false }
  const addresses = [...new Set(sockets.filter(isNamed).map(({ address }) => address as string))]
  return addresses.length === 0 ? null : { words: say`it listens at ${safe(addresses.join(', '), 200)}`, sure: true }
}
