import { safe } from './safe.ts'
import { quote } from './shell.ts'

/**
 * Lines as commands of sh(1) that print them byte for byte. Lines of plain text go into here-documents whose word is
 * quoted, so that nothing in them is looked at; what a terminal would act on is written in octal for printf(1), and so
 * is a line that would end the here-document.
 */
export function printing(lines: readonly string[], end: string): string {
  const commands: string[] = []
  let open = false
  for (const line of lines) {
    const plain = fits(line, end)
    if (open && !plain) commands.push(end)
    if (plain && !open) commands.push(`  cat <<'${end}'`)
    commands.push(plain ? line : `  printf '%b\\n' '${inOctal(line)}'`)
    open = plain
  }
  if (open) commands.push(end)
  return commands.join('\n')
}

/** A command with lines on its standard input, byte for byte: one here-document where all of them are plain. */
export const feeding = (command: string, lines: readonly string[], end: string): string =>
  lines.every((line) => fits(line, end))
    ? `${command} <<'${end}'\n${lines.map((line) => `${line}\n`).join('')}${end}\n`
    : `{\n${printing(lines, end)}\n} | ${command}\n`

/** One word of sh(1), whatever it holds; nothing that a terminal would act on is written as it is. */
export const plainWord = (text: string): string =>
  text
    .split('\n')
    .map((line) => (isPlain(line) ? quote(line) : `"$(printf '%b' '${inOctal(line)}')"`))
    .join("'\n'")

const fits = (line: string, end: string): boolean => line !== end && isPlain(line)

/** Whether a terminal draws it as it is; a tab moves nothing but the next word. */
export const isPlain = (line: string): boolean => {
  const drawn = line.replaceAll('\t', ' ')
  return safe(drawn, drawn.length) === drawn
}

/** Text for the `%b` of printf(1), in ASCII and without any character that means something inside or outside of quotes. */
const inOctal = (text: string): string =>
  [...new TextEncoder().encode(text)]
    .map((byte) =>
      byte < 0x20 || byte > 0x7e || `'\\$\``.includes(String.fromCharCode(byte))
        ? `\\0${byte.toString(8).padStart(3, '0')}`
        : String.fromCharCode(byte),
    )
    .join('')
