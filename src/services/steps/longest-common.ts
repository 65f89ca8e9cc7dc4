/** Index pairs of a longest common subsequence; equal ends are peeled off first, so long chains stay cheap. */
export function longestCommon(a: readonly string[], b: readonly string[]): readonly (readonly [number, number])[] {
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  const head = Array.from({ length: start }, (_, i) => [i, i] as const)
  const tail = Array.from({ length: end }, (_, i) => [a.length - end + i, b.length - end + i] as const)
  return [...head, ...middle(a, b, start, a.length - end, b.length - end), ...tail]
}

function middle(
  a: readonly string[],
  b: readonly string[],
  start: number,
  endA: number,
  endB: number,
): [number, number][] {
  const rows = endA - start
  const columns = endB - start
  // Two lists with this little in common are replaced as a whole: right, only not minimal.
  if (rows * columns > 4_000_000) return []
  const width = columns + 1
  const length = new Uint32Array((rows + 1) * width)
  for (let i = rows - 1; i >= 0; i--)
    for (let j = columns - 1; j >= 0; j--)
      length[i * width + j] =
        a[start + i] === b[start + j]
          ? (length[(i + 1) * width + j + 1] as number) + 1
          : Math.max(length[(i + 1) * width + j] as number, length[i * width + j + 1] as number)
  const pairs: [number, number][] = []
  for (let i = 0, j = 0; i < rows && j < columns; ) {
    if (a[start + i] === b[start + j]) pairs.push([start + i++, start + j++])
    else if ((length[(i + 1) * width + j] as number) >= (length[i * width + j + 1] as number)) i++
    else j++
  }
  return pairs
}
