/** Longest line kept, in bytes; what is beyond is dropped until the line ends. */
const LINE_LIMIT = 64 * 1024
const NEWLINE = 10

/**
 * Splits chunks into lines without ever holding more than one line's limit. Each line is a text of its own: one that was
 * cut out of a chunk's would keep all of the chunk in memory for as long as anybody keeps a word of it.
 */
export function createLines(onLine: (line: string) => void, limit: number = LINE_LIMIT) {
  let open: Buffer[] = []
  let length = 0
  let early = false
  const keep = (part: Buffer): void => {
    if (length >= limit || part.length === 0) return
    // A copy: what comes in a chunk may be written over.
    open.push(Buffer.from(part.subarray(0, limit - length)))
    length += part.length
  }
  const hand = (): void => {
    onLine(Buffer.concat(open).toString('utf8'))
    open = []
    length = 0
  }
  return {
    feed: (chunk: Buffer): void => {
      let from = early && chunk[0] === NEWLINE ? 1 : 0
      if (chunk.length > 0) early = false
      for (let at = chunk.indexOf(NEWLINE, from); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
        if (length === 0) onLine(chunk.toString('utf8', from, Math.min(at, from + limit)))
        else {
          keep(chunk.subarray(from, at))
          hand()
        }
        from = at + 1
      }
      keep(chunk.subarray(from))
    },
    /** Hands over the open line before its newline, which is what comes next unless nothing does. */
    early: (): void => {
      if (length === 0) return
      hand()
      early = true
    },
    /** Hands over a last line that has no newline. */
    finish: (): void => {
      if (length > 0) hand()
    },
  }
}
