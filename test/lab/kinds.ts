// Which kinds of server the tests run on.
import { FLAVOURS, type Flavour } from './recipe.ts'

const [, DAY] = /^one:(\d+)$/.exec(process.env.HARDTUI_KINDS ?? '') ?? []

/**
 * Those of these cases that a test of this title is run on: all of them, unless HARDTUI_KINDS is `one:DAY`, as the whole
 * test command sets it on a machine that starts processes slowly: then one, the next one on another day.
 */
export function kindsFor<Case>(title: string, cases: readonly Case[]): readonly Case[] {
  if (DAY === undefined) return cases
  const place = [...title].reduce((sum, character) => sum + character.charCodeAt(0), Number(DAY))
  return cases.slice(place % cases.length, (place % cases.length) + 1)
}

/** The newest sshd, and the older one where there is no systemd; `HARDTUI_FAULTS=all` asks for every kind. */
export const TWO_KINDS: readonly Flavour[] = process.env.HARDTUI_FAULTS === 'all' ? FLAVOURS : ['debian13', 'sysvinit']
