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
