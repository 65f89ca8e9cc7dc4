import type { Safe } from '../../services/model/safe.ts'

export type Tone = 'info' | 'good' | 'warn' | 'bad'

/** One thing said to the operator on the status line. */
export type Message = { readonly tone: Tone; readonly text: Safe; readonly at: number }

/** `shown` stands on the status line until the next key; `all` can be read again on the help screen. */
export type MessagesSlice = { readonly shown: Message | null; readonly all: readonly Message[] }

const KEPT = 50

export const initialMessages: MessagesSlice = { shown: null, all: [] }

export const withMessage = (slice: MessagesSlice, message: Message): MessagesSlice => ({
  shown: message,
  all: [...slice.all, message].slice(-KEPT),
})
