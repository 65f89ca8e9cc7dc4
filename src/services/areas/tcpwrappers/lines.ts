import type { FileBytes } from '../../model/file-bytes.ts'
import type { AccessFile, AccessLine, TcpwrappersFacts } from './facts.ts'

/** Bytes of a line that libwrap reads (BUFLEN of tcpd.h). */
export const LONGEST = 2046

/** A backslash at the end goes on in the next line, as whatever stands before a NUL does. */
const goesOn = (physical: string): boolean => physical.endsWith('\\\n') || physical.includes('\0')

const physicalLines = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? []

/** The lines of a file, put together again they are the file; of no file none. */
export function linesOf(file: FileBytes | null): readonly AccessLine[] {
  const texts: FileBytes[] = []
  let begun = ''
  for (const physical of physicalLines(file ?? '')) {
    begun += physical
    if (goesOn(physical)) continue
    texts.push(begun as FileBytes)
    begun = ''
  }
  if (begun !== '') texts.push(begun as FileBytes)
  const alike = new Map<string, number>()
  for (const text of texts) alike.set(text, (alike.get(text) ?? 0) + 1)
  const seen = new Map<string, number>()
  return texts.map((bytes) => {
    const nth = (seen.get(bytes) ?? 0) + 1
    seen.set(bytes, nth)
    return { id: `${nth}/${alike.get(bytes)}:${bytes}`, bytes }
  })
}

/** The lines of one file, as edits have left them or as they were read. */
export const linesIn = ({ files, lines }: TcpwrappersFacts, file: AccessFile): readonly AccessLine[] =>
  lines?.[file] ?? linesOf(files[file])

/** The file that lines make. */
export const joined = (lines: readonly AccessLine[]): FileBytes => lines.map(({ bytes }) => bytes).join('') as FileBytes

/** Lines of which only the last one may have no end, so that the next is one of its own. */
export const apart = (lines: readonly AccessLine[]): readonly AccessLine[] =>
  lines.map(({ id, bytes }, at) => ({ id, bytes: at < lines.length - 1 ? ended(bytes) : bytes }))

/** A line with its end; one that goes on goes on with nothing. */
export const ended = (line: FileBytes): FileBytes => {
  const end = line.endsWith('\n') ? '' : '\n'
  return (line + end + (/\\\n?$/.test(line) ? '\n' : '')) as FileBytes
}

/** What libwrap reads of a line, its parts put together; `whole`: it takes the line, and reads on behind it. */
export function readLine(line: FileBytes): { readonly text: FileBytes; readonly whole: boolean } {
  // One of the file's lines, as nearly all are.
  if (line.indexOf('\n') === line.length - 1 && !goesOn(line)) {
    const text = line.slice(0, -1) as FileBytes
    return { text, whole: text.length <= LONGEST }
  }
  const parts = partsOf(line)
  const text = parts.map(({ from, to }) => line.slice(from, to)).join('') as FileBytes
  const isEnded = parts.at(-1)?.isLast ?? true
  return { text, whole: (isEnded || text === '') && text.length <= LONGEST }
}

/** Where the parts of a line stand that libwrap reads; the last one of a line that is ended says so. */
function partsOf(line: FileBytes): readonly { readonly from: number; readonly to: number; readonly isLast: boolean }[] {
  let start = 0
  return physicalLines(line).map((physical) => {
    const from = start
    start += physical.length
    const nul = physical.indexOf('\0')
    const length = nul >= 0 ? nul : physical.replace(/\\?\n$/, '').length
    return { from, to: from + length, isLast: physical.endsWith('\n') && !goesOn(physical) }
  })
}

/** The line with another text, ended: where it goes on in the next it still does, but within what changed. */
export function withText(line: FileBytes, text: FileBytes): FileBytes {
  const parts = partsOf(line)
  // Of each byte of the text where it stands.
  const places = parts.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, at) => from + at))
  const was = readLine(line).text
  const shorter = Math.min(was.length, text.length)
  let head = 0
  while (head < shorter && was[head] === text[head]) head++
  let tail = 0
  while (tail < shorter - head && was.at(-1 - tail) === text.at(-1 - tail)) tail++
  const end = was.length - tail
  const from = places[head] ?? parts.at(-1)?.to ?? 0
  const to = end > head ? (places[end - 1] as number) + 1 : from
  const made = ended(`${line.slice(0, from)}${text.slice(head, text.length - tail)}${line.slice(to)}` as FileBytes)
  const read = readLine(made)
  return read.whole && read.text === text ? made : ended(text)
}
