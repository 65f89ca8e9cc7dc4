import type { Ask } from '../../services/model/host.ts'
import { say } from '../../services/model/safe.ts'
import type { Kit } from '../kit.ts'
import { type OpenQuestion, openQuestion, promptCount } from '../slices/questions.ts'
import { editField, emptyField, insertText, pastedLine, type TextField } from '../text-field.ts'

export type QuestionActions = {
  /** Given to the host: puts a question to the operator and waits. */
  readonly ask: Ask
  readonly typeAnswer: (stroke: string) => void
  readonly pasteAnswer: (text: string) => void
  readonly submitAnswer: () => void
  readonly cancelQuestion: () => void
  /** Gives up every open question: the console is leaving. */
  readonly cancelAll: () => void
}

/** Questions from the host, answered one after the other. Answers never leave this room but to who asked. */
export function createQuestionActions(kit: Kit): QuestionActions {
  const waiting = new Map<number, (answers: readonly string[] | null) => void>()
  const first = (): OpenQuestion | undefined => kit.get().questions.queue[0]
  const change = (next: (question: OpenQuestion) => OpenQuestion): void =>
    kit.set(({ questions }) => ({
      questions: { queue: questions.queue.map((question, at) => (at === 0 ? next(question) : question)) },
    }))
  const settle = (question: OpenQuestion, answers: readonly string[] | null): void => {
    kit.set(({ questions }) => ({ questions: { queue: questions.queue.filter((one) => one.id !== question.id) } }))
    waiting.get(question.id)?.(answers)
    waiting.delete(question.id)
  }
  const withField = (field: TextField): void => change((question) => ({ ...question, field, error: null }))

  return {
    ask: (question, over) =>
      new Promise((resolve) => {
        const open = openQuestion(kit.nextNumber(), question)
        if (over?.aborted) return resolve(null)
        over?.addEventListener('abort', () => waiting.has(open.id) && settle(open, null), { once: true })
        waiting.set(open.id, resolve)
        kit.set(({ questions }) => ({ questions: { queue: [...questions.queue, open] } }))
      }),
    typeAnswer: (stroke) => {
      const question = first()
      const field = question && editField(question.field, stroke)
      if (field) withField(field)
    },
    pasteAnswer: (text) => {
      const question = first()
      if (question) withField(insertText(question.field, pastedLine(text).line))
    },
    submitAnswer: () => {
      const question = first()
      if (!question) return
      const answer = question.field.text
      if (question.question.kind === 'host-key' && answer !== 'yes') {
        change((one) => ({
          ...one,
          field: emptyField,
          error: say`Type yes, all three letters, to trust this key; Esc to leave without connecting.`,
        }))
        return
      }
      const answers = [...question.answers, answer]
      if (answers.length >= promptCount(question.question)) settle(question, answers)
      else change((one) => ({ ...one, answers, field: emptyField }))
    },
    cancelQuestion: () => {
      const question = first()
      if (question) settle(question, null)
    },
    cancelAll: () => {
      for (const question of kit.get().questions.queue) settle(question, null)
    },
  }
}
