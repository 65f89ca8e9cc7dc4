import type { Answer } from './answer.ts'
import type { View } from './view.ts'

/**
 * Whether an option of a rule, taken without its `!`, holds for a packet. `value` is what stands behind the option,
 * `words` the whole rule.
 */
export type Test = (value: string, view: View, negated: boolean, words: readonly string[]) => Answer
