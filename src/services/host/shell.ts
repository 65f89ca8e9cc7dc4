import { quote } from '../model/shell-word.ts'

/** The one place where commands become shell text; everything is POSIX sh. */
export { quote }

/** An argument list as shell text. */
export const words = (argv: readonly string[]): string => argv.map(quote).join(' ')

/** Neither sh nor execve(2) can carry a NUL byte. */
export const hasNul = (value: string): boolean => value.includes('\0')

// A shell without a printf of its own has to exec one, and Linux takes no argument above 128 KiB.
const CHUNK = 30_000

const chunks = (text: string): readonly string[] => {
  const parts: string[] = []
  for (let at = 0; at < text.length; ) {
    let end = Math.min(at + CHUNK, text.length)
    const last = text.charCodeAt(end - 1)
    // A surrogate pair that is cut in two would be encoded as two replacement characters.
    if (end < text.length && last >= 0xd800 && last <= 0xdbff) end -= 1
    parts.push(text.slice(at, end))
    at = end
  }
  return parts
}

/**
 * Shell text that writes `text` to its standard output, byte for byte. printf and not a here-document: bash keeps
 * those in a file under /tmp, and a full disk must not stop us.
 */
export const writer = (text: string): string =>
  `{ ${chunks(text)
    .map((part) => `printf %s ${quote(part)}; `)
    .join('')}:; }`

/**
 * The script that runs one command between marks on both of its outputs. Its own stdin is never the command's, for
 * the shell that reads this script may have read ahead. `seconds` is enforced with timeout(1) where there is one.
 */
export function commandScript(
  boundary: string,
  command: { readonly argv: readonly string[]; readonly stdin?: string },
  seconds: number,
): string {
  const run = `$limit ${words(command.argv)}`
  const fed = command.stdin === undefined ? `${run} </dev/null` : `${writer(command.stdin)} | ${run}`
  return [
    'cd /',
    `b=${quote(boundary)}`,
    `if timeout -k 1 1 true 2>/dev/null; then limit='timeout -k 5 ${seconds}'`,
    `elif timeout 1 true 2>/dev/null; then limit='timeout ${seconds}'; else limit=; fi`,
    `printf '\\n%s begin err\\n' "$b" >&2; printf '\\n%s begin out\\n' "$b"`,
    fed,
    's=$?',
    `printf '\\n%s end err 0\\n' "$b" >&2; printf '\\n%s end out %s\\n' "$b" "$s"`,
    'exit 0',
    '',
  ].join('\n')
}
