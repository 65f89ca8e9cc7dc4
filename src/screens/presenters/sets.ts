import type { IpSet, IpSets } from '../../services/model/ip-sets.ts'
import { type Safe, safe, say } from '../../services/model/safe.ts'
import { setsOfRule } from '../../state/areas/firewall/rule-about.ts'
import type { Role } from '../text/line.ts'

/** A labelled value of a rule's detail. */
export type SetLine = { readonly label: Safe; readonly value: Safe; readonly role: Role }

/** So many members of a set are shown. */
const SHOWN = 12

/** What the sets that a rule names are, how many members they have, and the first of these. */
export function setLines(text: string, sets: IpSets | null): readonly SetLine[] {
  return setsOfRule(text).flatMap((name): readonly SetLine[] => {
    const label = say`set`
    const shown = safe(name, 40)
    if (sets === null) return [{ label, value: say`${shown}: not read`, role: 'dim' }]
    if (sets.state === 'unreadable') return [{ label, value: say`${shown}: not read: ${sets.reason}`, role: 'warn' }]
    const set = sets.byName.get(name)
    if (!set) return [{ label, value: say`${shown}: there is no such set`, role: 'warn' }]
    return [
      { label, value: say`${shown}: ${safe(set.type)}${familyWords(set)}, ${countWords(set)}`, role: 'plain' },
      ...(set.doubt ? [{ label: say``, value: set.doubt, role: 'warn' as const }] : []),
      ...set.members
        .slice(0, SHOWN)
        .map((member) => ({ label: say``, value: safe(member.text), role: 'plain' as const })),
      ...(set.members.length > SHOWN
        ? [{ label: say``, value: say`… and ${countOf(set) - SHOWN} more`, role: 'dim' as const }]
        : []),
    ]
  })
}

const familyWords = ({ family }: IpSet): Safe => (family === null ? say`` : family === 'v4' ? say` IPv4` : say` IPv6`)

const countOf = ({ entries, members }: IpSet): number => Math.max(entries ?? 0, members.length)

const countWords = (set: IpSet): Safe => {
  const count = countOf(set)
  return count === 1 ? say`1 member` : say`${count} members`
}
