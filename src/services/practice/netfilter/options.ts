import type { Family } from '../../model/firewall.ts'

/** One option of a match or target. The first name is the one iptables-save prints. */
export type Option = {
  readonly names: readonly string[]
  readonly words: number
  /** What is printed after the name; null leaves the option out (its value is the default). */
  readonly read: (words: readonly string[], family: Family) => string | null
  /** Printed when it was not given. */
  readonly otherwise?: string | Readonly<Record<Family, string>>
  /** Refusal when it is given twice, where it is not the usual one. */
  readonly twice?: string
  /** Options of one group exclude each other. */
  readonly group?: string
}

/** A match or target extension (iptables-extensions(8)). Options are printed in this order, whatever order they came in. */
export type Module = {
  readonly options: readonly Option[]
  /** Refusal when no option was given. */
  readonly needsOne?: string
  /** The protocol it can't do without. */
  readonly protocol?: string
  /** Takes any option, as it comes: an extension that exists but is not modelled here. */
  readonly open?: true
}

/** An option that takes one word. */
export const one = (
  names: string,
  read: (word: string, family: Family) => string | null,
  more: Partial<Option> = {},
): Option => ({
  names: names.split(' '),
  words: 1,
  read: ([word], family) => read(word as string, family),
  ...more,
})
/** An option that takes none. */
export const flag = (names: string, more: Partial<Option> = {}): Option => ({
  names: names.split(' '),
  words: 0,
  read: () => '',
  ...more,
})
/** The word as it came. */
export const as = (word: string): string => word
/** The word, unless it is what is meant anyway. */
export const unless =
  (usual: string) =>
  (word: string): string | null =>
    word === usual ? null : word

/** An extension whose options are kept as they come. */
export const OPEN: Module = { options: [], open: true }
