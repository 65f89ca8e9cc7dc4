import type { Question } from '../../services/model/host.ts'
import { type Safe, say } from '../../services/model/safe.ts'
import { echoes, type OpenQuestion } from '../../state/slices/questions.ts'
import { fieldLine } from '../parts/field-line.ts'
import { EMPTY, type Line, line, lineCells, span, wrap } from '../text/line.ts'
import type { Sheet } from './sheet.ts'

const again = (attempt: number): Safe => (attempt > 1 ? say` That was not right; try ${attempt}.` : say``)

type Asked = { readonly title: Safe; readonly lines: (width: number) => readonly Line[]; readonly prompt: Safe }

function asked(question: Question, answered: number): Asked {
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
    case 'keyboard-interactive':
      return {
        title: question.name === '' ? say`The server asks` : say`The server asks: ${question.name}`,
        lines: (width) => (question.instructions === '' ? [] : wrap(question.instructions, width).slice(0, 3)),
        prompt: question.prompts[answered]?.text ?? say`Answer:`,
      }
  }
}

/** The sheet of a question from the host. */
export function questionSheet(open: OpenQuestion, width: number): Sheet {
  const { title, lines, prompt } = asked(open.question, open.answers.length)
  // A server's prompt may be a paragraph: then what is typed has a row of its own.
  const asking = wrap(prompt, width, 'strong')
  const short = asking.length === 1 && lineCells(asking[0] ?? EMPTY) < width / 2
  const start: Line = short ? [...(asking[0] ?? EMPTY), span(say` `)] : [span(say`> `, 'key')]
  const field = fieldLine(open.field, Math.max(10, width - lineCells(start)), echoes(open))
  const error = open.error ? line(open.error, 'bad') : EMPTY
  return { title, lines: [...lines(width), ...(short ? [] : asking.slice(0, 4))], foot: [[...start, ...field], error] }
}
