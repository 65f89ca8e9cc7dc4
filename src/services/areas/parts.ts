/**
 * Splits a probe's output at the marks (`@@name` on a line of its own) that its script prints. The first part of a
 * name counts, and every script prints its marks before any text that a local user of the server could have written,
 * so such text can't pass itself off as another part. An unknown name gives the empty string.
 */
export function splitParts(text: string): (name: string) => string {
  const parts = new Map<string, string>()
  for (const chunk of `\n${text}`.split('\n@@').slice(1)) {
    const end = chunk.indexOf('\n')
    const name = end < 0 ? chunk : chunk.slice(0, end)
    if (!parts.has(name)) parts.set(name, end < 0 ? '' : chunk.slice(end + 1).trimEnd())
  }
  return (name) => parts.get(name) ?? ''
}

/** The lines of a text that are not empty. */
export const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line.trim() !== '')
