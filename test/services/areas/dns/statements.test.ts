import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printedOf, statementsOf } from '../../../../src/services/areas/dns/config/statements.ts'
import type { Statement } from '../../../../src/services/areas/dns/facts.ts'
import { bytesOf } from '../../../../src/services/model/file-bytes.ts'

const read = (text: string): readonly Statement[] => {
  const statements = statementsOf('x', bytesOf(text))
  if (!statements.ok) throw new Error(statements.error)
  return statements.value
}
const words = ({ items }: Statement): unknown =>
  items.map((item) => (item.kind === 'word' ? item.text : item.statements.map(words)))

test('words, strings, blocks and three kinds of comments', () => {
  const text = `// one
acl "a b" { !10/8; key "k"; }; # two
options { /* three
 } */ directory "/var"; listen-on port 53 { any; }; };`
  expect(read(text).map(words)).toEqual([
    [
      'acl',
      'a b',
      [
        ['!', '10/8'],
        ['key', 'k'],
      ],
    ],
    [
      'options',
      [
        ['directory', '/var'],
        ['listen-on', 'port', '53', [['any']]],
      ],
    ],
  ])
})

test('a statement knows its line, and its bytes with the semicolon, beside letters of several bytes', () => {
  const text = '# é\noptions {\n\trecursion yes;\n};\n'
  const [options] = read(text)
  const block = options?.items[1]
  const [recursion] = block?.kind === 'block' ? block.statements : []
  expect([options?.at.line, recursion?.at.line]).toEqual([2, 3])
  const bytes = bytesOf(text)
  expect(bytes.slice(recursion?.at.from, recursion?.at.to)).toBe('recursion yes;')
  expect(bytes.slice(options?.at.from, options?.at.to)).toBe('options {\n\trecursion yes;\n};')
})

test.each([
  ['options { recursion yes; '],
  ['options { recursion yes }; '],
  ['recursion yes'],
  ['};'],
  ['a "b; c;'],
  ['/* a; b;'],
  ['{'.repeat(60)],
])('%j is refused, as named does', (text) => {
  expect(statementsOf('x', bytesOf(text)).ok).toBe(false)
})

const word = fc.oneof(fc.stringMatching(/^[a-z0-9._:*-]{1,8}$/), fc.constant('!'))
const string = fc.stringMatching(/^[ -!#-[\]-~é]{0,8}$/).map((text) => ({ string: text }))
type Made = readonly (string | { readonly string: string } | readonly Made[])[]
const statement: fc.Arbitrary<Made> = fc.letrec<{ one: Made }>((tie) => ({
  one: fc.array(fc.oneof({ maxDepth: 3 }, word, string, fc.array(tie('one'), { maxLength: 3 })), {
    minLength: 1,
    maxLength: 4,
  }),
})).one
const gap = fc.constantFrom(' ', '\n', '\t', ' /* x; } */ ', ' // {\n', ' # "\n')
const written = (made: Made, between: string): string =>
  `${made.map((item) => (typeof item === 'string' ? item : 'string' in item ? `"${item.string}"` : `{${(item as readonly Made[]).map((one) => written(one, between)).join(between)}}`)).join(between)};`
const meant = (made: Made): unknown =>
  made.map((item) =>
    typeof item === 'string' ? item : 'string' in item ? item.string : (item as readonly Made[]).map(meant),
  )

test('whatever is written is read, with any comments between', () => {
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 4 }), gap, (all, between) => {
      expect(read(all.map((one) => written(one, between)).join(between)).map(words)).toEqual(all.map(meant))
    }),
  )
})

test('what named-checkconf warns of before it prints is no part of the configuration', () => {
  const printed = '/etc/x:7: both "recursion no;" and "allow-recursion" active\noptions {\n\trecursion no;\n};\n'
  expect(printedOf(printed)).toBe('options {\n\trecursion no;\n};\n')
  expect(printedOf('/etc/x:7: nothing but words')).toBe('')
})
