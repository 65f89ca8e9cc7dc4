import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { itemsOf } from '../../../../src/services/areas/rest/mail/checks.ts'
import { sectionsOf, wordsOf } from '../../../../src/services/areas/rest/sections.ts'
import { tokensOf } from '../../../../src/services/areas/rest/web/nginx-tree.ts'
import { protocolsOf } from '../../../../src/services/areas/rest/web/tls.ts'

describe('words', () => {
  test('of Apache come back from quotes as they were', () => {
    const word = fc.string({ unit: fc.constantFrom('a', ' ', "'", '"', '>', '/'), minLength: 1 })
    fc.assert(
      fc.property(fc.array(word), (words) => {
        expect(wordsOf(words.map((one) => `"${one.replaceAll('"', '\\"')}"`).join('  '))).toEqual(words)
      }),
    )
  })

  test('of nginx come back from quotes as they were, with the line that each begins on', () => {
    const word = fc.string({
      unit: fc.constantFrom('a', ' ', ';', '{', '}', '#', "'", '"', '\\', '\n', '$'),
      minLength: 1,
    })
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const quoted = words.map((one) => `"${one.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`)
        const tokens = [...tokensOf(quoted.join('\n'))]
        expect(tokens.map((one) => one?.text)).toEqual(words)
        const linesBefore = quoted.map((_, at) => quoted.slice(0, at).join('\n').split('\n').length + (at > 0 ? 1 : 0))
        expect(tokens.map((one) => one?.line)).toEqual(linesBefore)
      }),
    )
  })

  test('nginx has a # within a word, a { behind $, and a backslash before a mark', () => {
    expect([...tokensOf(`a#b ${'$'}{c} d\\;e;#f\ng`)].map((one) => one?.text)).toEqual([
      'a#b',
      `${'$'}{c}`,
      'd\\;e',
      ';',
      'g',
    ])
  })

  test('of exim’s lists are parted by colons, doubled where they are meant, or by the mark in front', () => {
    expect(itemsOf(' : 127.0.0.1 : ::::1')).toEqual(['127.0.0.1', '::1'])
    expect(itemsOf('<; 127.0.0.1 ; ::1')).toEqual(['127.0.0.1', '::1'])
    const item = fc.stringMatching(/^[0-9a-z.*/]{1,3}(?::[0-9a-z]{1,3}){0,2}$/)
    fc.assert(
      fc.property(fc.array(item), (items) => {
        expect(itemsOf(items.map((one) => one.replaceAll(':', '::')).join(' : '))).toEqual(items)
      }),
    )
  })

  test('of SSLProtocol add, take away or stand for all before them', () => {
    const all = (text: string): string => [...protocolsOf(text.split(' '))].join(' ')
    expect(all('all -SSLv3')).toBe('TLSv1 TLSv1.1 TLSv1.2 TLSv1.3')
    expect(all('-all +TLSv1.2')).toBe('TLSv1.2')
    expect(all('TLSv1 TLSv1.2')).toBe('TLSv1.2')
    expect(all('+SSLv3 +tlsv1')).toBe('SSLv3 TLSv1')
  })
})

test('a configuration that is longer than people write is unknown, not cut off', () => {
  const lines = (count: number) => Array.from({ length: count }, (_, at) => `${at + 1} Listen 80`)
  const whole = sectionsOf(lines(50_000))
  expect(whole.ok && whole.value.length).toBe(50_000)
  expect(sectionsOf(lines(50_001))).toEqual({ ok: false, error: 'it is too long to be read here' })
})
