import { bytesOf, type FileBytes, textOf } from './file-bytes.ts'
import { safe } from './safe.ts'
import { quote } from './shell.ts'

/** One line as it is to be printed: what stands for it in a here-document, or null where it can't, and its bytes. */
type Printed = { readonly plain: string | null; readonly bytes: FileBytes; readonly ended: boolean }

/**
 * Lines as commands of sh(1) that print them byte for byte. Lines of plain text go into here-documents whose word is
 * quoted, so that nothing in them is looked at; what a terminal would act on is written in octal for printf(1), and so
 * is a line that would end the here-document.
 */
export const printing = (lines: readonly string[], end: string): string =>
  commandsOf(
    lines.map((line) => printed(bytesOf(line), true, end)),
    end,
  )

/** A command with lines on its standard input, byte for byte: one here-document where all of them are plain. */
export const feeding = (command: string, lines: readonly string[], end: string): string =>
  fed(
    command,
    lines.map((line) => printed(bytesOf(line), true, end)),
    end,
  )

/** A command with a file on its standard input, in whatever encoding it is, and its last line ended only where it is. */
export function feedingFile(command: string, file: FileBytes, end: string): string {
  const lines = file.split('\n') as FileBytes[]
  const last = lines.pop() ?? ''
  const ended = lines.map((line) => printed(line, true, end))
  return fed(command, last === '' ? ended : [...ended, printed(last, false, end)], end)
}

function printed(bytes: FileBytes, ended: boolean, end: string): Printed {
  const text = textOf(bytes)
  const fits = ended && text !== end && bytesOf(text) === bytes && isPlain(text)
  return { plain: fits ? text : null, bytes, ended }
}

const fed = (command: string, lines: readonly Printed[], end: string): string =>
  lines.every(({ plain }) => plain !== null)
    ? `${command} <<'${end}'\n${lines.map(({ plain }) => `${plain}\n`).join('')}${end}\n`
    : `{\n${commandsOf(lines, end)}\n} | ${command}\n`

function commandsOf(lines: readonly Printed[], end: string): string {
  const commands: string[] = []
  let open = false
  for (const { plain, bytes, ended } of lines) {
    if (open && plain === null) commands.push(end)
    if (plain !== null && !open) commands.push(`  cat <<'${end}'`)
    commands.push(plain ?? `  printf '%b${ended ? '\\n' : ''}' '${octal(bytes)}'`)
    open = plain !== null
  }
  if (open) commands.push(end)
  return commands.join('\n')
}

/** Whether a terminal draws it as it is; a tab moves nothing but the next word. */
export const isPlain = (line: string): boolean => {
  const drawn = line.replaceAll('\t', ' ')
  return safe(drawn, drawn.length) === drawn
}

/** One word of sh(1), whatever it holds; nothing that a terminal would act on is written as it is. */
export const plainWord = (text: string): string =>
  text
    .split('\n')
    .map((line) => (isPlain(line) ? quote(line) : `"$(printf '%b' '${octal(bytesOf(line))}')"`))
    .join("'\n'")

/** Text for the `%b` of printf(1), in ASCII and without any character that means something inside or outside of quotes. */
const octal = (bytes: FileBytes): string =>
  bytes.replace(/[^ -~]|['\\$`]/g, (byte) => `\\0${byte.charCodeAt(0).toString(8).padStart(3, '0')}`)
