/**
 * The paths that a pattern of Include stands for, as glob(3) gives them to sshd: in the order of their bytes; a dot in front
 * of a name is met by a dot alone. A relative pattern is below /etc/ssh; `~` is nobody's home. Paths and pattern are bytes.
 * Each comes as it is in `paths`. Never throws.
 */
export function pathsOf(pattern: string, paths: Iterable<string>): readonly string[] {
  // sshd looks for ~ below its working directory, where nothing is.
  if (pattern.startsWith('~')) return []
  const wanted = namesIn(pattern.startsWith('/') ? pattern : `/etc/ssh/${pattern}`)
  const met = [...paths].filter((path) => {
    const names = namesIn(path)
    return names.length === wanted.length && wanted.every((name, at) => nameFits(name, names[at] as string))
  })
  return met.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

/** The names of a path; what comes to nothing (`//`, `/.`, `/x/..`) is left out, by its text alone. */
function namesIn(path: string): readonly string[] {
  const names: string[] = []
  for (const name of path.split('/')) {
    if (name === '..') names.pop()
    else if (name !== '' && name !== '.') names.push(name)
  }
  return names
}

/** What one place of a name may be: any run of characters, or one of some kind. */
type Piece = 'run' | ((char: string) => boolean)

function nameFits(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !/^\\?\./.test(pattern)) return false
  const pieces = piecesOf(pattern)
  let piece = 0
  let at = 0
  let back: readonly [piece: number, at: number] | null = null
  // Only the last run is ever made longer, so that no pattern takes more than its length times the name's.
  while (at < name.length) {
    const now = pieces[piece]
    if (now === 'run') back = [++piece, at]
    else if (now?.(name[at] as string)) {
      piece++
      at++
    } else if (back) {
      back = [back[0], back[1] + 1]
      piece = back[0]
      at = back[1]
    } else return false
  }
  return pieces.slice(piece).every((left) => left === 'run')
}

function piecesOf(pattern: string): readonly Piece[] {
  const pieces: Piece[] = []
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] as string
    const close = char === '[' ? pattern.indexOf(']', at + (pattern[at + 1] === '!' ? 3 : 2)) : -1
    if (char === '*') pieces.push('run')
    else if (char === '?') pieces.push(() => true)
    else if (close > 0) {
      pieces.push(oneOf(pattern.slice(at + 1, close)))
      at = close
    } else {
      const literal = char === '\\' && at + 1 < pattern.length ? (pattern[++at] as string) : char
      pieces.push((one) => one === literal)
    }
  }
  return pieces
}

/** A set of characters in brackets, `a-z` and `!` as well. Named classes are not known, and fit nothing but their letters. */
function oneOf(set: string): (char: string) => boolean {
  const not = set.startsWith('!')
  const ranges: (readonly [from: string, to: string])[] = []
  for (let at = not ? 1 : 0; at < set.length; at++) {
    const from = set[at] as string
    const to = set[at + 1] === '-' && at + 2 < set.length ? (set[at + 2] as string) : from
    ranges.push([from, to])
    if (set[at + 1] === '-' && at + 2 < set.length) at += 2
  }
  return (char) => ranges.some(([from, to]) => from <= char && char <= to) !== not
}
