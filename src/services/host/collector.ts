/** Chunks that are kept whole; smaller ones are put together, for each has a price of its own. Bytes. */
const BLOCK = 64 * 1024

/**
 * Keeps what comes, byte for byte, up to a cap. A server decides how small its pieces are: thirty megabytes a byte at a
 * time would be gigabytes of buffers.
 */
export function createCollector(cap: number) {
  const blocks: Buffer[] = []
  let open = Buffer.allocUnsafe(0)
  let used = 0
  let size = 0
  const close = (): void => {
    if (used > 0) blocks.push(open.subarray(0, used))
    open = Buffer.allocUnsafe(0)
    used = 0
  }
  return {
    /** False once it is more than the cap; what is beyond is dropped. */
    add: (chunk: Buffer): boolean => {
      size += chunk.length
      if (size > cap) return false
      if (used + chunk.length > open.length) {
        close()
        if (chunk.length >= BLOCK) {
          blocks.push(chunk)
          return true
        }
        open = Buffer.allocUnsafe(BLOCK)
      }
      chunk.copy(open, used)
      used += chunk.length
      return true
    },
    /** Bytes that came, those beyond the cap too. */
    size: (): number => size,
    text: (): string => Buffer.concat([...blocks, open.subarray(0, used)]).toString('utf8'),
  }
}
