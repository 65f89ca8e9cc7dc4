/** Where the operator stands in one list. `cursor` null: at the first item (in the log: at the newest, following). */
export type ListView = {
  readonly cursor: string | null
  /** What that item is found by, which outlives its id: a staged rule gets another one once the server has it. */
  readonly words: string
  /** Where the cursor stood when it moved last: its place when the item it is on has gone. */
  readonly at: number
  readonly top: number
  readonly filter: string
}

export const AT_START: ListView = { cursor: null, words: '', at: 0, top: 0, filter: '' }
