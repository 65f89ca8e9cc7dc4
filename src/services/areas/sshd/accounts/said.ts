import type { Account } from '../../../model/account-facts.ts'
import type { Verdict } from '../../../model/area.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { joined } from '../judge.ts'

/** What a check found, before it is one verdict. */
export type Found = {
  /** What should not be, each in a word or two, with a line about it. */
  readonly failing: readonly (readonly [short: Safe, line: Safe])[]
  /** Why it may be elsewhere too. */
  readonly unsure: readonly Safe[]
  /** What is seen where nothing fails and nothing is unsure. */
  readonly good: Safe
  /** Lines that count for nothing. */
  readonly notes?: readonly Safe[]
}

/** Lines of details that are shown at most. */
const MOST = 100

/** It fails for what fails; else it is unknown for what is unsure; else it passes. */
export function verdictOf({ failing, unsure, good, notes = [] }: Found): Verdict {
  const names = [...new Set(failing.map(([short]) => short))]
  const reasons = [...new Set(unsure)]
  const lines = [...failing.map(([, line]) => line), ...reasons, ...notes]
  const shown = lines.length > MOST ? [...lines.slice(0, MOST), say`and ${lines.length - MOST} more`] : lines
  const details = shown.length > 0 ? { details: shown } : {}
  if (names.length > 0) return { outcome: 'fail', observed: few(names), ...details }
  if (reasons.length > 0) return { outcome: 'unknown', observed: few(reasons, 1), ...details }
  return { outcome: 'pass', observed: good, ...details }
}

/** The first ones, and how many more there are. */
export function few(words: readonly Safe[], most = 4): Safe {
  const first = joined(words.slice(0, most), say`, `)
  return words.length > most ? say`${first} and ${words.length - most} more` : first
}

export const nameOf = ({ name }: Pick<Account, 'name'>): Safe => safe(name, 40)

/** `0644` */
export const octal = (mode: number): Safe => safe(mode.toString(8).padStart(4, '0'))
