import { type Safe, safe, say } from '../../model/safe.ts'

/** A directive of a server's configuration with its words, or a block (a section) with what is in it. */
export type Directive = {
  /** In small letters where the program takes any. */
  readonly name: string
  readonly words: readonly string[]
  /** As it is written, or nearly. */
  readonly text: string
  readonly path: string
  /** From 1; 0 where the program does not say it. */
  readonly line: number
  readonly inside: readonly Directive[] | null
}

/** `/etc/apache2/conf-enabled/security.conf, line 9: ServerTokens OS` */
export const lineOf = ({ text, path, line }: Directive): Safe =>
  line === 0 ? say`${safe(path, 120)}: ${safe(text, 160)}` : say`${safe(path, 120)}, line ${line}: ${safe(text, 160)}`

/** The directives of a name among these, not those in blocks. */
export const named = (all: readonly Directive[], ...names: readonly string[]): readonly Directive[] =>
  all.filter(({ name }) => names.includes(name))

/** Those of a name, in blocks too. */
export function* anywhere(all: readonly Directive[], name: string): Generator<Directive> {
  for (const one of all) {
    if (one.name === name) yield one
    if (one.inside) yield* anywhere(one.inside, name)
  }
}

/** A name as it is in small letters. */
export const small = (word: string | undefined): string => (word ?? '').toLowerCase()
