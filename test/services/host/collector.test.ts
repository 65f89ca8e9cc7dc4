import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createCollector } from '../../../src/services/host/collector.ts'

it('gives back what came, in whatever pieces, up to its cap', () => {
  const pieces = fc.array(fc.oneof(fc.constant(70_000), fc.nat(9), fc.nat(66_000)), { maxLength: 12 })
  fc.assert(
    fc.property(pieces, fc.nat(200_000), (sizes, cap) => {
      const collector = createCollector(cap)
      let expected = ''
      let total = 0
      for (const [at, size] of sizes.entries()) {
        const chunk = Buffer.alloc(size, 97 + (at % 26))
        total += size
        expect(collector.add(chunk)).toBe(total <= cap)
        if (total <= cap) expected += chunk.toString()
      }
      expect(collector.size()).toBe(total)
      expect(collector.text() === expected).toBe(true)
    }),
  )
})

it('holds a million bytes that came one by one in some blocks, not in a million', () => {
  const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed
  const collector = createCollector(1 << 24)
  for (let at = 0; at < 1_000_000; at++) collector.add(Buffer.from('x'))
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  expect(collector.text()).toHaveLength(1_000_000)
  expect(arrayBuffers + heapUsed - before).toBeLessThan(60 * 1024 * 1024)
})
