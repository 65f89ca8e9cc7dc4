import { type Safe, safe, say } from '../../services/model/safe.ts'
import type { Timer } from '../../services/model/transaction.ts'
import type { ConsoleState } from '../../state/console-state.ts'
import { EMPTY, indent, type Line, line, span, wrap } from '../text/line.ts'

/** `armed by ops from 198.51.100.20 at 09:18:07, id 7f3a`; once it was taken over, who holds it since when. */
export const ownerWords = (timer: Timer): Safe => {
  const id = safe(timer.id, 16)
  if (!timer.taken) return say`armed by ${timer.owner} from ${timer.from} at ${timer.armedAt}, id ${id}`
  return say`armed at ${timer.armedAt}, held by ${timer.owner} from ${timer.from} since ${timer.taken.at}, id ${id}`
}

/** The same as the start of a sentence. */
export const holderWords = (timer: Timer): Safe =>
  timer.taken
    ? say`${timer.owner} (from ${timer.from}) took this change over at ${timer.taken.at} from ${timer.taken.from}`
    : say`${timer.owner} (from ${timer.from}) armed this change at ${timer.armedAt}`

/** A console that ended or was cut off leaves its change behind: then the other operator is oneself. */
export function perhapsYou(timer: Timer, state: ConsoleState): Safe | null {
  const { host } = state.connection
  if (!host || timer.owner !== host.login.user) return null
  return timer.from === safe(host.session.clientAddress)
    ? say`Perhaps that is you, on another console or on one that ended: it is your login, from your address.`
    : say`Perhaps that is you, on another console: it is your login, from another address.`
}

/** What the change does, one line a change. */
export const summaryLines = ({ summary }: Timer, width: number): readonly Line[] =>
  summary.length > 0
    ? [line(say`It changes:`, 'dim'), ...summary.flatMap((one) => indent(wrap(one, width - 2), 2))]
    : [line(say`What it changes is not recorded.`, 'dim')]

/** What somebody may do about a change that another console holds; the keys stand first, whatever is listed below. */
export function othersChangeLines(timer: Timer, state: ConsoleState, width: number): readonly Line[] {
  const perhaps = perhapsYou(timer, state)
  const key = (name: Safe, words: Safe): readonly Line[] =>
    wrap(words, width - 6).map((row, at): Line => [span(at === 0 ? say`  ${name}   ` : say`      `, 'key'), ...row])
  return [
    ...wrap(say`${holderWords(timer)}. This console does not hold it.`, width, timer.taken ? 'bad' : 'strong'),
    ...(perhaps ? wrap(perhaps, width) : []),
    EMPTY,
    ...key(
      say`T`,
      say`${tookFromYou(timer, state) ? say`take it back` : say`take it over`}: then C and + are yours, and that console is told`,
    ),
    ...key(say`X`, say`roll it back now, after a question`),
    ...key(say` `, say`or watch: without a confirm the server rolls it back at ${timer.deadlineAt}`),
    EMPTY,
    ...summaryLines(timer, width),
  ]
}

const tookFromYou = (timer: Timer, { connection: { host } }: ConsoleState): boolean =>
  host !== null && timer.taken?.from === say`${host.login.user} (from ${safe(host.session.clientAddress)})`
