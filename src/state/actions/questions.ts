import type { Ask } from '../../services/model/host.ts'
import { say } from '../../services/model/safe.ts'
import type { Kit } from '../kit.ts'
import { type OpenQuestion, openQuestion, promptCount, takesOver } from '../slices/questions.ts'
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

/** Who waits for an answer, and the signal that he will ask nothing more. */
type Asker = {
  readonly resolve: (answers: readonly string[] | null) => void
  readonly over: AbortSignal | undefined
}

/**
 * Questions from the host, answered one after the other. Answers never leave this room but to who asked. The sheet of one
 * that was answered stays until he asks again or has gone on: what is typed meanwhile, a password in the three seconds that
 * PAM takes, would be commands otherwise.
 */
export function createQuestionActions(kit: Kit): QuestionActions {
  const askers = new Map<number, Asker>()
  /** Askers whose next question is cancelled already. */
  const givenUp = new WeakSet<AbortSignal>()
  const first = (): OpenQuestion | undefined => kit.get().questions.queue[0]
  const setQueue = (next: (queue: readonly OpenQuestion[]) => readonly OpenQuestion[]): void =>
    kit.set(({ questions }) => ({ questions: { queue: next(questions.queue) } }))
  const change = (next: (question: OpenQuestion) => OpenQuestion): void =>
    setQueue((queue) => queue.map((question, at) => (at === 0 ? next(question) : question)))
  const drop = (id: number): void => {
    setQueue((queue) => queue.filter((one) => one.id !== id))
    askers.delete(id)
  }
  const cancel = ({ id, answered }: OpenQuestion): void => {
    const asker = askers.get(id)
    drop(id)
    if (answered && asker?.over) givenUp.add(asker.over)
    else asker?.resolve(null)
  }
  const answer = (question: OpenQuestion, answers: readonly string[]): void => {
    const asker = askers.get(question.id)
    if (asker?.over === undefined || asker.over.aborted) drop(question.id)
    else change((one) => ({ ...one, answers: [], field: emptyField, answered: true }))
    asker?.resolve(answers)
  }
  const withField = (field: TextField): void => change((question) => ({ ...question, field, error: null }))

  return {
    ask: (question, over) =>
      new Promise((resolve) => {
        if (over?.aborted || (over && givenUp.has(over))) return resolve(null)
        const opened = openQuestion(kit.nextNumber(), question)
        const { id } = opened
        const before = kit.get().questions.queue.find((one) => one.answered && askers.get(one.id)?.over === over)
        askers.set(id, { resolve, over })
        over?.addEventListener(
          'abort',
          () => {
            const left = kit.get().questions.queue.find((one) => one.id === id)
            if (left && !left.answered) cancel(left)
            else drop(id)
          },
          { once: true },
        )
        if (!before) return setQueue((queue) => [...queue, opened])
        const next = takesOver(opened, before) ? { ...opened, field: before.field } : opened
        setQueue((queue) => queue.map((one) => (one.id === before.id ? next : one)))
        askers.delete(before.id)
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
      if (!question || question.answered) return
      const { text } = question.field
      if (question.question.kind === 'host-key' && text !== 'yes') {
        change((one) => ({
          ...one,
          field: emptyField,
          error: say`Type yes, all three letters, to trust this key; Esc to leave without connecting.`,
        }))
        return
      }
      const answers = [...question.answers, text]
      const count = promptCount(question.question)
      if (answers.length >= count) answer(question, answers.slice(0, count))
      else change((one) => ({ ...one, answers, field: emptyField }))
    },
    cancelQuestion: () => {
      const question = first()
      if (question) cancel(question)
    },
    cancelAll: () => {
      for (const question of kit.get().questions.queue) cancel(question)
    },
  }
}
