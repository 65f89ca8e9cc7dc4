import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFrames } from '../../../src/services/host/frames.ts'
import { createLines } from '../../../src/services/host/lines.ts'

const B = '0123456789abcdef'

/** Feeds bytes in pieces of the given sizes, over and over. */
function parse(bytes: Buffer, sizes: readonly number[]) {
  const frames = new Map<string, { data: string; status: number | null }>()
  let noise = ''
  const { feed } = createFrames(B, {
    begin: (id) => frames.set(id, { data: '', status: null }),
    data: (id, chunk) => {
      const frame = frames.get(id)
      if (frame) frame.data += chunk.toString('latin1')
    },
    end: (id, status) => {
      const frame = frames.get(id)
      if (frame) frame.status = status
    },
    noise: (chunk) => {
      noise += chunk.toString('latin1')
    },
  })
  let turn = 0
  for (let at = 0; at < bytes.length; ) {
    const size = sizes[turn++ % sizes.length] ?? 1
    feed(bytes.subarray(at, at + size))
    at += size
  }
  return { frames, noise }
}

const piece = fc.string({ unit: fc.constantFrom('\n', B, ' ', 'begin', 'end', 'x', '1', B.slice(0, 9)), maxLength: 30 })
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })

describe('frames', () => {
  it('give output back byte for byte, however it is cut', () => {
    // A mark that ends the frame can't be in hostile output: nobody there knows the boundary.
    const content = piece.filter((value) => !`${value}\n`.includes(`\n${B} end`) && !value.includes(`\n${B} begin`))
    fc.assert(
      fc.property(content, content, sizes, (first, second, cut) => {
        const bytes = Buffer.from(
          `noise\n${B} begin a\n${first}\n${B} end a 3\n\n${B} begin b\n${second}\n${B} end b 0\n`,
        )
        const { frames, noise } = parse(bytes, cut)
        expect(noise).toBe('noise')
        expect(frames.get('a')).toEqual({ data: first, status: 3 })
        expect(frames.get('b')).toEqual({ data: second, status: 0 })
      }),
    )
  })

  it('tell parts, and nothing else, where parts are asked for', () => {
    const seen: string[] = []
    const { feed } = createFrames(B, {
      part: (_id, name) => seen.push(`<${name}>`),
      data: (_id, chunk) => seen.push(chunk.toString('latin1')),
      end: (_id, status) => seen.push(`${status}`),
    })
    const marks = `\n${B} part outside\n\n${B} begin a\n\n${B} part one two\nx\n${B} part \n${B} part`
    feed(Buffer.from(`${marks}\u0007y\n@@three\n 0 part four\n\n${B} part five\n\n${B} end a 0\n`))
    expect(seen.join('')).toBe(`<one two>x\n${B} part \n${B} part\u0007y\n@@three\n 0 part four\n<five>0`)
  })

  it('do not take marks without a status, of another id or inside a line for an end', () => {
    const body = `x ${B} end a 0\n${B} end a\n${B} end b 0\n${B} end a -1\n${B} end a 0x`
    const { frames } = parse(Buffer.from(`\n${B} begin a\n${body}\n${B} end a 7\n`), [7])
    expect(frames.get('a')).toEqual({ data: body, status: 7 })
  })

  it('hold back no more than a mark of a line that never ends', () => {
    const { frames } = parse(Buffer.from(`\n${B} begin a\n\n${B} ${'z'.repeat(5_000)}`), [100])
    expect(frames.get('a')?.data.length).toBeGreaterThan(4_500)
  })
})

describe('lines', () => {
  it('are the same however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('\n', 'a', 'é', '\u{1f600}'), maxLength: 40 }),
        sizes,
        (whole, cut) => {
          const lines: string[] = []
          const splitter = createLines((line) => lines.push(line))
          const bytes = Buffer.from(whole)
          let turn = 0
          for (let at = 0; at < bytes.length; ) {
            const size = cut[turn++ % cut.length] ?? 1
            splitter.feed(bytes.subarray(at, at + size))
            at += size
          }
          splitter.finish()
          expect(lines).toEqual(
            whole.endsWith('\n') || whole === '' ? whole.split('\n').slice(0, -1) : whole.split('\n'),
          )
        },
      ),
    )
  })

  it('keep the beginning of an open one, though what it came in is written over', () => {
    const lines: string[] = []
    const splitter = createLines((line) => lines.push(line))
    const chunk = Buffer.from('one\nthe beginning')
    splitter.feed(chunk)
    chunk.fill('x')
    splitter.feed(Buffer.from(' and the end\n'))
    expect(lines).toEqual(['one', 'the beginning and the end'])
  })

  it('are cut at their limit, and the next one is whole again', () => {
    const lines: string[] = []
    const splitter = createLines((line) => lines.push(line), 10)
    for (const part of ['0123456', '789abc', 'def\nnext\n', '0123456789ab\nlast']) splitter.feed(Buffer.from(part))
    splitter.finish()
    expect(lines).toEqual(['0123456789', 'next', '0123456789', 'last'])
  })
})
