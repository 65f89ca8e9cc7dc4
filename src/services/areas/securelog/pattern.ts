import type { LogKind } from '../../model/securelog.ts'

/** A message of some program, and what it means. */
export type Pattern = {
  /** Every message the pattern can match begins so: saves running the expression. */
  readonly start: string
  readonly kind: LogKind
  readonly form: RegExp
  /** The method, where the message does not name it but comes of no other. */
  readonly method?: string
  /** The user, where the message names none but can mean no other. */
  readonly user?: string
}

/** An expression whose groups are told by number. For names the engine makes an object at each match, and a log has millions. */
export type Numbered<Name extends string> = {
  readonly form: RegExp
  readonly at: Readonly<Partial<Record<Name, number>>>
}

/** The same expression with numbers for its names. It has no groups without a name; throws where one has. */
export function numbered<Name extends string>(named: RegExp): Numbered<Name> {
  const names: string[] = []
  const source = named.source.replace(/\(\?<([a-z]+)>/g, (_, name: string) => {
    names.push(name)
    return '('
  })
  const groups = (new RegExp(`${source}|`, named.flags).exec('')?.length ?? 0) - 1
  if (groups !== names.length) throw new Error(`groups without a name: ${named.source}`)
  const at = Object.fromEntries(names.map((name, index) => [name, index + 1]))
  return { form: new RegExp(source, named.flags), at: at as Numbered<Name>['at'] }
}

/** What a group took; undefined where the expression has no such group, or it took nothing. */
export const groupOf = (found: RegExpExecArray, at: number | undefined): string | undefined =>
  at === undefined ? undefined : found[at]
