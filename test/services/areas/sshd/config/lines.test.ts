import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { linesOf } from '../../../../../src/services/areas/sshd/config/lines.ts'
import { bytesOf, type FileBytes } from '../../../../../src/services/model/file-bytes.ts'

/** What sshd would make of the first line. */
const first = (text: string) => {
  const [line] = linesOf(bytesOf(text))
  return line ? [line.kind, line.keyword, line.args] : null
}

describe('a line is split as sshd does it', () => {
  it.each<[text: string, kind: string, keyword: string, args: string[]]>([
    ['Port 22', 'keyword', 'port', ['22']],
    ['  \t\rPort 22', 'keyword', 'port', ['22']],
    ['PORT\t \t22\t', 'keyword', 'port', ['22']],
    ['Port=22', 'keyword', 'port', ['22']],
    ['Port = 22', 'keyword', 'port', ['22']],
    ['Port\t=22', 'keyword', 'port', ['22']],
    ['Port == 22', 'keyword', 'port', ['=', '22']],
    ['Port = = 22', 'keyword', 'port', ['=', '22']],
    ['=Port 22', 'keyword', 'port', ['22']],
    ['= Port 22', 'keyword', 'port', ['22']],
    ['"" Port 22', 'keyword', 'port', ['22']],
    ['= =Port 22', 'comment', '', []],
    ['"Port" 22', 'keyword', 'port', ['22']],
    ['"Port"22', 'keyword', 'port', ['22']],
    ['Po"rt"22', 'keyword', 'port', ['22']],
    ['Port"22', 'comment', '', []],
    ['"Port 22', 'comment', '', []],
    ['"#Port" 22', 'comment', '', []],
    ['=#Port 22', 'comment', '', []],
    ['Port\r22', 'keyword', 'port', ['22']],
    ['Port 22\r', 'keyword', 'port', ['22']],
    ['Port 22 \t\r\f \f', 'keyword', 'port', ['22']],
    ['Port 22\fx', 'keyword', 'port', ['22\fx']],
    ['\fPort 22', 'keyword', '\fport', ['22']],
    ['Port "22"', 'keyword', 'port', ['22']],
    ["Port '22'", 'keyword', 'port', ['22']],
    ['Port 22 # here', 'keyword', 'port', ['22']],
    ['Port 22#here', 'keyword', 'port', ['22#here']],
    ['Port ""#here', 'keyword', 'port', ['#here']],
    ['Port # here', 'keyword', 'port', []],
    ['AllowUsers a "b c" d\\ e', 'keyword', 'allowusers', ['a', 'b c', 'd e']],
    ['AllowUsers "a\\ b" c\\\\d \\"e \\x', 'keyword', 'allowusers', ['a\\ b', 'c\\d', '"e', '\\x']],
    ['AllowUsers a"b\'c"d \'e"f\'', 'keyword', 'allowusers', ["ab'cd", 'e"f']],
    ['AllowUsers "" b', 'keyword', 'allowusers', ['', 'b']],
    ['AllowUsers a\\', 'keyword', 'allowusers', ['a\\']],
    ['AllowUsers \\#a #b', 'keyword', 'allowusers', ['\\#a']],
    ['ForceCommand  echo "a" # b', 'keyword', 'forcecommand', ['echo "a" # b']],
    ['VersionAddendum=a  b#c', 'keyword', 'versionaddendum', ['a  b#c']],
    ['Include /etc/ssh/*.conf x', 'include', 'include', ['/etc/ssh/*.conf', 'x']],
    ['MATCH User a,b # c', 'match', 'match', ['User', 'a,b']],
    ['# Port 22', 'comment', '', []],
    ['  #Port 22', 'comment', '', []],
    [' \t\r', 'blank', '', []],
    ['', 'blank', '', []],
    ['\f', 'keyword', '\f', []],
  ])('%j', (text, kind, keyword, args) => {
    expect(first(text)).toEqual([kind, keyword, args])
  })
})

describe('a line says why sshd refuses it', () => {
  it.each([
    ['Port', 'no argument'],
    ['Port ', 'no argument'],
    ['Port"22"', 'no argument'],
    ['Port "22', 'invalid quotes'],
    ["Banner it's", 'invalid quotes'],
    ["ForceCommand it's", 'invalid quotes'],
    ["Port 22 # it's", null],
    ['Port # none', null],
    ['"Port', null],
    ['', null],
  ])('%j: %s', (text, refused) => {
    expect(linesOf(bytesOf(text))[0]?.refused).toBe(refused)
  })
})

describe('the arguments stand', () => {
  it.each([
    ['  Port =\t"22"  # here\r', '"22"'],
    ['AllowUsers a  b\\ c\r', 'a  b\\ c'],
    ['ForceCommand a # b \r', 'a # b'],
    ['Port # none', ''],
    ['Port', ''],
    ['\t', ''],
  ])('in %j as %j', (text, args) => {
    const [line] = linesOf(bytesOf(text))
    expect(line?.raw.slice(...line.argsAt)).toBe(args)
  })
})

test('lines are counted as sshd counts them, an empty one behind the last line end too', () => {
  expect(linesOf(bytesOf('a 1\n\n#\nb 2\n')).map(({ number, keyword }) => [number, keyword])).toEqual([
    [1, 'a'],
    [2, ''],
    [3, ''],
    [4, 'b'],
    [5, ''],
  ])
})

test('a NUL takes the rest of its line and the line end with it', () => {
  const lines = linesOf(bytesOf('Port 2\0lost\n  2\nUsePAM yes'))
  expect(lines.map(({ number, keyword, args, raw }) => [number, keyword, args, raw])).toEqual([
    [1, 'port', ['22'], 'Port 2\0lost\n  2'],
    [2, 'usepam', ['yes'], 'UsePAM yes'],
  ])
})

test('a very long line is read to its end', () => {
  const users = Array.from({ length: 50_000 }, (_, at) => `user${at}`)
  expect(linesOf(bytesOf(`AllowUsers ${users.join(' ')}`))[0]?.args).toEqual(users)
})

const char = fc.constantFrom(...' \t\r\n\f\0"\'\\#=Pa,*é'.split(''), 'Match ', 'Include ', '\r\n', 'Port', '22')
const anyText = fc.oneof(
  fc.array(char, { maxLength: 60 }).map((chars) => chars.join('')),
  fc.string({ unit: 'binary' }),
)

test('whatever a file holds, its lines joined are the file', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const bytes = bytesOf(text)
      const lines = linesOf(bytes)
      expect(lines.map(({ raw }) => raw).join('\n')).toBe(bytes)
      expect(lines.map(({ number }) => number)).toEqual(lines.map((_, at) => at + 1))
    }),
    { numRuns: 2000 },
  )
})

test('what stands where the arguments are is read as the same arguments behind another keyword', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      for (const line of linesOf(bytesOf(text))) {
        const [from, to] = line.argsAt
        expect(0 <= from && from <= to && to <= line.raw.length).toBe(true)
        if (line.refused || line.args.length === 0 || line.raw.includes('\0')) continue
        const again = linesOf(`x "${line.args.length}" ${line.raw.slice(from, to)}\t#` as FileBytes)[0]
        expect(again?.args.slice(1)).toEqual(line.args)
      }
    }),
    { numRuns: 2000 },
  )
})
