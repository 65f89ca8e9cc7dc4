/**
 * The one place where values become shell text. Everything is POSIX sh (XCU 2.2.2): inside single quotes every byte
 * but the quote itself stands for itself, so one rule is enough for any value without NUL.
 */

/** One value as one shell word. */
export const quote = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`

/** An argument list as shell text. */
export const words = (argv: readonly string[]): string => argv.map(quote).join(' ')

/** Neither sh nor execve(2) can carry a NUL byte. */
export const hasNul = (value: string): boolean => value.includes('\0')
