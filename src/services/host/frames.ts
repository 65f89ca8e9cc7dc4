/**
 * Frames in a byte stream. Login shells print noise and output is hostile, so what counts is marked by a random
 * boundary that was sent over stdin and that nobody else knows:
 *
 *     \n<boundary> begin <id>\n … \n<boundary> part <name>\n … \n<boundary> end <id> <status>\n
 *
 * A frame may have named parts (part.sh). The newline before a mark belongs to the mark: output comes through byte for
 * byte.
 */
export type FrameHandlers = {
  readonly begin?: (id: string) => void
  /** What follows, up to the next part or the end, is the part of this name. Without it such a mark is output. */
  readonly part?: (id: string, name: string) => void
  readonly data: (id: string, chunk: Buffer) => void
  /** All but a newline has been handed over: it waits, for it may turn out to be a mark's. */
  readonly held?: (id: string) => void
  /** `status` is the integer exit status the server gave. */
  readonly end: (id: string, status: number) => void
  /** Bytes outside any frame. */
  readonly noise?: (chunk: Buffer) => void
}

// Longer than any mark of ours (a part may be named after a table of nft's): a line that goes on is not one.
const MARK_CAP = 512
const MARK = /^(begin|end) ([A-Za-z0-9._:-]+)(?: (\d{1,3}))?$/
const PART = /^part ([\x21-\x7e][\x20-\x7e]*)$/

/** A parser to be fed with chunks as they come. It holds back less than one mark's length. */
export function createFrames(boundary: string, on: FrameHandlers): { readonly feed: (chunk: Buffer) => void } {
  const needle = Buffer.from(`\n${boundary} `, 'latin1')
  let held: Buffer = Buffer.alloc(0)
  let open: string | null = null

  const emit = (chunk: Buffer): void => {
    if (chunk.length === 0) return
    if (open === null) on.noise?.(chunk)
    else on.data(open, chunk)
  }

  const mark = (text: string): boolean => {
    const name = PART.exec(text)?.[1]
    if (name !== undefined && open !== null && on.part) {
      on.part(open, name)
      return true
    }
    const [, verb, id, status] = MARK.exec(text) ?? []
    if (id === undefined) return false
    if (verb === 'begin' && open === null) {
      open = id
      on.begin?.(id)
      return true
    }
    if (verb === 'end' && open === id && status !== undefined) {
      open = null
      on.end(id, Number(status))
      return true
    }
    return false
  }

  const feed = (chunk: Buffer): void => {
    let rest: Buffer = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    for (;;) {
      const at = rest.indexOf(needle)
      if (at < 0) {
        const keep = tailThatMayBegin(rest, needle)
        emit(rest.subarray(0, rest.length - keep))
        held = Buffer.from(rest.subarray(rest.length - keep))
        if (keep > 0 && open !== null) on.held?.(open)
        return
      }
      const from = at + needle.length
      const stop = rest.indexOf(10, from)
      if (stop < 0 && rest.length - from < MARK_CAP) {
        emit(rest.subarray(0, at))
        held = Buffer.from(rest.subarray(at))
        return
      }
      emit(rest.subarray(0, at))
      if (stop >= 0 && mark(rest.toString('latin1', from, stop))) {
        rest = rest.subarray(stop + 1)
      } else {
        emit(rest.subarray(at, from))
        rest = rest.subarray(from)
      }
    }
  }
  return { feed }
}

/** How many bytes at the end of `data` could be the start of the needle. */
function tailThatMayBegin(data: Buffer, needle: Buffer): number {
  for (let size = Math.min(needle.length - 1, data.length); size > 0; size -= 1) {
    if (data.subarray(data.length - size).equals(needle.subarray(0, size))) return size
  }
  return 0
}
