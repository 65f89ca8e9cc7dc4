import { safe } from '../../../model/safe.ts'

const END = 'RULES'

/**
 * Lines as commands of sh(1) that print them byte for byte. Lines of plain text go into here-documents whose word is
 * quoted, so that nothing in them is looked at; what a terminal would act on is written in octal for printf(1), in
 * ASCII and without any character that means something inside or outside of quotes. No line may be the end mark.
 */
export function printing(lines: readonly string[]): string {
  const commands: string[] = []
  let open = false
  for (const line of lines) {
    const plain = isPlain(line)
    if (open && !plain) commands.push(END)
    if (plain && !open) commands.push(`  cat <<'${END}'`)
    commands.push(plain ? line : `  printf '%b\\n' '${inOctal(line)}'`)
    open = plain
  }
  if (open) commands.push(END)
  return commands.join('\n')
}

/** Whether a terminal draws it as it is. */
export const isPlain = (line: string): boolean => safe(line, line.length) === line

const inOctal = (line: string): string =>
  [...new TextEncoder().encode(line)]
    .map((byte) =>
      byte < 0x20 || byte > 0x7e || `'\\$\``.includes(String.fromCharCode(byte))
        ? `\\0${byte.toString(8).padStart(3, '0')}`
        : String.fromCharCode(byte),
    )
    .join('')
