/** ssh_config(5) PATTERNS: `*` and `?`. Without a regular expression: a pattern may be hostile to one. */
export function matchesPattern(text: string, pattern: string): boolean {
  let [t, p, star, mark] = [0, 0, -1, 0]
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p
      p += 1
      mark = t
    } else if (pattern[p] === '?' || pattern[p] === text[t]) {
      t += 1
      p += 1
    } else if (star >= 0) {
      p = star + 1
      mark += 1
      t = mark
    } else return false
  }
  while (pattern[p] === '*') p += 1
  return p === pattern.length
}
