/** Three values: `maybe` means it depends on something this program can't see (time, rate, sets, other packets). */
export type Answer = 'yes' | 'no' | 'maybe'

/** What is known for certain, as an answer. */
export const fixed = (yes: boolean): Answer => (yes ? 'yes' : 'no')

/** The opposite, which for `maybe` is `maybe`. */
export const invert = (answer: Answer): Answer => (answer === 'maybe' ? 'maybe' : fixed(answer === 'no'))

/** Whether both hold: one certain `no` decides, whatever the other is. */
export const both = (a: Answer, b: Answer): Answer =>
  a === 'no' || b === 'no' ? 'no' : a === 'maybe' || b === 'maybe' ? 'maybe' : 'yes'

/** Whether one of them holds: one certain `yes` decides. */
export const anyOf = (answers: readonly Answer[]): Answer =>
  answers.includes('yes') ? 'yes' : answers.includes('maybe') ? 'maybe' : 'no'

/** What is said by all of them, and `maybe` where they differ. */
export const agreed = (answers: readonly Answer[]): Answer => {
  const [first = 'maybe'] = answers
  return answers.every((answer) => answer === first) ? first : 'maybe'
}
