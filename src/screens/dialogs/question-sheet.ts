import type { Question } from '../../services/model/host.ts'
import { type Safe, say } from '../../services/model/safe.ts'
import { THEIR_ROWS } from '../../state/sheet-rows.ts'
import { echoes, type OpenQuestion } from '../../state/slices/questions.ts'
import { fieldLine } from '../parts/field-line.ts'
import { EMPTY, type Line, line, lineCells, span, wrap } from '../text/line.ts'
import type { Sheet } from './sheet.ts'

const again = (attempt: number): Safe => (attempt > 1 ? say` That was not right; try ${attempt}.` : say``)

type ServerQuestion = Extract<Question, { kind: 'keyboard-interactive' }>
type Wording = { readonly title: Safe; readonly lines: (width: number) => readonly Line[]; readonly prompt: Safe }

function asked(question: Question, answered: number): Wording {
  switch (question.kind) {
    case 'host-key':
      return {
        title: say`Unknown host key`,
        lines: (width) => [
          ...wrap(
            say`${question.host} has not been seen from here before. Compare its key with what the server's owner told you:`,
            width,
          ),
          ...wrap(say`${question.keyType}  ${question.fingerprint}`, width, 'strong'),
          ...wrap(say`Trusting it adds a line to ${question.file}.`, width, 'dim'),
        ],
        prompt: say`Type yes to trust it:`,
      }
    case 'password':
      return {
        title: say`Password`,
        lines: (width) =>
          wrap(say`${question.user}@${question.host} asks for the password.${again(question.attempt)}`, width),
        prompt: say`Password:`,
      }
    case 'passphrase':
      return {
        title: say`Passphrase`,
        lines: (width) => wrap(say`The key ${question.file} is locked.${again(question.attempt)}`, width),
        prompt: say`Passphrase:`,
      }
    case 'sudo-password':
      return {
        title: say`sudo password`,
        lines: (width) =>
          wrap(
            say`sudo on the server asks for the password of ${question.user}. Esc goes on without root, to look only.${again(question.attempt)}`,
            width,
          ),
        prompt: say`Password:`,
      }
    case 'new-password':
      return {
        title: say`New password`,
        lines: (width) => [
          ...(question.why ? wrap(question.why, width, 'bad') : []),
          ...wrap(
            question.again
              ? say`The same once more, for account ${question.user}.`
              : say`The password that sudo will ask ${question.user} for. It is kept in memory alone. Esc: nothing is sent.`,
            width,
          ),
        ],
        prompt: say`Password:`,
      }
    case 'keyboard-interactive':
      return {
        title: say`The server asks${question.round > 1 ? say` again (${question.round})` : say``}: ${question.user}@${question.host}`,
        lines: (width) => {
          const { name, instructions, prompts } = question
          const words = [...(name === '' ? [] : [name]), ...instructions, prompts[answered]?.text ?? say``]
          return theirs(words, width)
        },
        prompt: prompts(question, answered),
      }
  }
}

const prompts = ({ prompts: all }: ServerQuestion, answered: number): Safe => {
  if (all.length === 0) return say`Enter goes on:`
  return all.length === 1 ? say`Answer:` : say`Answer ${answered + 1} of ${all.length}:`
}

/**
 * The server's own words, each row behind a bar: no row of ours has one, so that nothing he writes can look like a question
 * of this program. What comes last is what he asks: where all does not fit, the middle is left out.
 */
function theirs(words: readonly Safe[], width: number): readonly Line[] {
  const rows = words.flatMap((one) => wrap(one, width - 2))
  const shown =
    rows.length <= THEIR_ROWS
      ? rows
      : [
          ...rows.slice(0, THEIR_ROWS - 3),
          line(say`… ${rows.length - THEIR_ROWS + 1} more lines`, 'dim'),
          ...rows.slice(-2),
        ]
  return shown.map((row) => [span(say`┃ `, 'warn'), ...row])
}

/** The sheet of a question from the host. */
export function questionSheet(open: OpenQuestion, width: number): Sheet {
  const { title, lines, prompt } = asked(open.question, open.answers.length)
  const waits = say`Waiting for the server. What is typed now is kept for its next question, and for nothing else.`
  const text = open.answered ? wrap(waits, width, 'dim') : lines(width)
  const start: Line = [...line(prompt, 'strong'), span(say` `)]
  const field = fieldLine(open.field, Math.max(10, width - lineCells(start)), echoes(open))
  const error = open.error ? line(open.error, 'bad') : EMPTY
  return { title, lines: text, foot: [[...start, ...field], error] }
}
