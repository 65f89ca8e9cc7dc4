import { type Safe, safe } from '../../model/safe.ts'
import type { NeedId, Needs } from '../../model/units.ts'
import { linesOf } from '../parts.ts'

const IDS: ReadonlySet<string> = new Set<NeedId>(['nfs', 'printing', 'iscsi', 'bluetooth', 'modem', 'wifi', 'inetd'])

/** The probe's part `needs`: `nfs nfs4 mount on /srv`, and `end nfs` where all of it was looked for. */
export function parseNeeds(text: string): Needs {
  const open = new Map<string, Safe[]>()
  const needs: Partial<Record<NeedId, readonly Safe[]>> = {}
  for (const line of linesOf(text)) {
    const [, word = '', rest = ''] = /^(\S+) (.*)$/.exec(line) ?? []
    if (word === 'end' && IDS.has(rest)) needs[rest as NeedId] = open.get(rest) ?? []
    else if (IDS.has(word)) open.set(word, [...(open.get(word) ?? []), safe(rest, 120)])
  }
  return needs
}
