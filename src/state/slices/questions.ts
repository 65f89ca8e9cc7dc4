import type { Question } from '../../services/model/host.ts'
import type { Safe } from '../../services/model/safe.ts'
import { emptyField, type TextField } from '../text-field.ts'

/** A question waiting for the operator. Answers typed so far are secrets and leave with the question. */
export type OpenQuestion = {
  readonly id: number
  readonly question: Question
  readonly answers: readonly string[]
  readonly field: TextField
  /** Why the last answer was not taken. */
  readonly error: Safe | null
  /** Answered, and whoever asked has not gone on: what is typed meanwhile is for him. */
  readonly answered: boolean
}

/** Questions in the order they were asked; the first is shown. */
export type QuestionsSlice = { readonly queue: readonly OpenQuestion[] }

export const initialQuestions: QuestionsSlice = { queue: [] }

export const openQuestion = (id: number, question: Question, field: TextField = emptyField): OpenQuestion => ({
  id,
  question,
  answers: [],
  field,
  error: null,
  answered: false,
})

/** How many answers a question takes: one a prompt. */
export const promptCount = (question: Question): number =>
  question.kind === 'keyboard-interactive' ? question.prompts.length : 1

/** Whether what is typed now may be seen. */
export function echoes({ question, answers, answered }: OpenQuestion): boolean {
  if (answered) return false
  if (question.kind === 'host-key') return true
  return question.kind === 'keyboard-interactive' && (question.prompts[answers.length]?.echo ?? false)
}

/** What was typed ahead is for a question of the same kind, and never for one that shows it. */
export const takesOver = (next: OpenQuestion, before: OpenQuestion): boolean =>
  next.question.kind === before.question.kind && !echoes(next)
