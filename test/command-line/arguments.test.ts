import { expect, test } from 'vitest'
import { readArguments, readDuration } from '../../src/command-line/arguments.ts'

test('a destination alone opens the console with the usual window', () => {
  expect(readArguments(['ops@web1:10022'])).toMatchObject({
    ok: true,
    value: {
      verb: 'console',
      destination: 'ops@web1:10022',
      options: { windowSeconds: 180, readOnly: false, port: null },
    },
  })
})

test('options may stand on either side of the destination', () => {
  const options = { port: 10022, user: 'ops', identityFiles: ['k'], windowSeconds: 600, readOnly: true, color: false }
  const argv = ['-p', '10022', '-lops', 'web1', '-i', 'k', '--timer', '10m', '--read-only', '--no-color']
  expect(readArguments(argv)).toMatchObject({ ok: true, value: { verb: 'console', options } })
})

test('export takes one server', () => {
  expect(readArguments(['export', '-p', '10022', 'ops@web1'])).toMatchObject({
    ok: true,
    value: { verb: 'export', destination: 'ops@web1', options: { port: 10022 } },
  })
})

test.each([
  [[], 'Say which server'],
  [['-p', '99999', 'h'], 'is not a port'],
  [['-p', 'ssh', 'h'], 'is not a port'],
  [['--timer', 'soon', 'h'], 'takes a time'],
  [['--timer', '5s', 'h'], 'between 30s and 2h'],
  [['--timer', '3h', 'h'], 'between 30s and 2h'],
  [['--frobnicate', 'h'], 'see hardtui --help'],
  [['confirm'], 'Say which server'],
  [['web1', 'web2'], 'see hardtui --help'],
  [['status', 'a', 'b'], 'One server at a time'],
  [['export'], 'Say which server'],
  [['export', 'a', 'b'], 'One server at a time'],
])('%j is refused in one line', (argv, words) => {
  const result = readArguments(argv)
  expect(result.ok).toBe(false)
  if (result.ok) return
  expect(result.error).toContain(words)
  expect(result.error).not.toContain('\n')
})

test.each([
  ['90', 90],
  ['90s', 90],
  ['3m', 180],
  ['2h', 7200],
  ['', null],
  ['-3m', null],
  ['3 m', null],
  ['1d', null],
])('the duration %j is %j seconds', (text, seconds) => {
  expect(readDuration(text)).toBe(seconds)
})
