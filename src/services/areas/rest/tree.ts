import { type Safe, safe, say } from '../../model/safe.ts'
import type { Directive } from './facts.ts'

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
