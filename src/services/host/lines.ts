import { StringDecoder } from 'node:string_decoder'

/** Longest line kept, in characters; what is beyond is dropped until the line ends. */
const LINE_LIMIT = 64 * 1024

/** Splits chunks into lines without ever holding more than one line's limit. */
export function createLines(onLine: (line: string) => void, limit: number = LINE_LIMIT) {
  const decoder = new StringDecoder('utf8')
  let open = ''
  let early = false
  const take = (text: string): void => {
    let from = early && text.startsWith('\n') ? 1 : 0
    if (text !== '') early = false
    for (let at = text.indexOf('\n', from); at >= 0; at = text.indexOf('\n', from)) {
      onLine(open.length >= limit ? open : (open + text.slice(from, at)).slice(0, limit))
      open = ''
      from = at + 1
    }
    if (open.length < limit) open += text.slice(from, from + limit - open.length)
  }
  return {
    feed: (chunk: Buffer): void => take(decoder.write(chunk)),
    /** Hands over the open line before its newline, which is what comes next unless nothing does. */
    early: (): void => {
      if (open === '') return
      onLine(open)
      open = ''
      early = true
    },
    /** Hands over a last line that has no newline. */
    finish: (): void => {
      take(decoder.end())
      if (open !== '') onLine(open)
      open = ''
    },
  }
}
