import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { joined, linesOf, readLine, withText } from '../../../../src/services/areas/tcpwrappers/lines.ts'
import { bytesOf, type FileBytes, fromBytes } from '../../../../src/services/model/file-bytes.ts'

/** Texts with all that may end or lengthen a line. */
const files = fc
  .array(fc.constantFrom('a', 'b', ' ', '\\', '\n', '\\\n', '\0', '#', ':', 'é'), { maxLength: 30 })
  .map((parts) => bytesOf(parts.join('')))
const texts = fc
  .array(fc.constantFrom('a', 'b', 'c', ' ', ':'), { minLength: 1, maxLength: 8 })
  .map((parts) => bytesOf(parts.join('')))

describe('lines', () => {
  test('put together again are the file, and no two are called alike', () => {
    fc.assert(
      fc.property(fc.oneof(files, fc.uint8Array().map(fromBytes)), (file) => {
        const lines = linesOf(file)
        expect(joined(lines)).toBe(file)
        expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length)
      }),
    )
  })

  test('that go on are one, and read as one', () => {
    const lines = linesOf(bytesOf('# x\nsshd: a, \\\n  b\nALL: ALL\n'))
    expect(lines.map(({ bytes }) => readLine(bytes).text)).toEqual(['# x', 'sshd: a,   b', 'ALL: ALL'])
  })
})

describe('a line with another text', () => {
  const changed = (line: string, text: string) => withText(bytesOf(line), bytesOf(text))

  test('says that text, ended, and nothing of its own behind it', () => {
    fc.assert(
      fc.property(files, texts, (file, text) => {
        for (const { bytes } of linesOf(file)) {
          const made = withText(bytes, text)
          expect(readLine(made)).toEqual({ text, whole: true })
          expect(linesOf(`${made}x\n` as FileBytes)).toHaveLength(2)
        }
      }),
    )
  })

  test('goes on where it did, but for what changed', () => {
    const line = 'sshd: 192.0.2.1, \\\n\t192.0.2.2, \\\n\t192.0.2.3\n'
    expect(changed(line, 'sshd: 192.0.2.1, \t192.0.2.22, \t192.0.2.3')).toBe(line.replace('.2, ', '.22, '))
    expect(changed(line, 'sshd: 192.0.2.1, \t192.0.2.3')).toBe('sshd: 192.0.2.1, \\\n\t192.0.2.3\n')
    expect(changed(line, 'sshd: 192.0.2.1, \t192.0.2.2, \t192.0.2.3 : deny')).toBe(line.replace('.3\n', '.3 : deny\n'))
    expect(changed(line, 'ALL: ALL')).toBe('ALL: ALL\n')
    expect(changed('sshd: a', 'sshd: b')).toBe('sshd: b\n')
  })
})
