import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { addsUp, namesOf } from '../../../../../src/services/areas/sshd/config/keywords.ts'
import { decidingOf, readConfig, sameCriteria } from '../../../../../src/services/areas/sshd/config/read.ts'
import { bytesOf } from '../../../../../src/services/model/file-bytes.ts'
import { filesOf } from './files.ts'

/** Each statement as `file:line keyword args [blocks]`. */
const read = (files: Readonly<Record<string, string>>) =>
  readConfig(filesOf(files)).statements.map(({ path, line, blocks }) =>
    [
      `${path.replace('/etc/ssh/', '')}:${line.number}`,
      line.keyword,
      ...line.args,
      ...blocks.map((one) => `[${one}]`),
    ].join(' '),
  )

/** The lines that decide a keyword, and those that come to nothing. */
const decided = (files: Readonly<Record<string, string>>, keyword: string, match: string | null = null) => {
  const { statements } = readConfig(filesOf(files))
  const { deciding, shadowed } = decidingOf(statements, namesOf(keyword), addsUp(keyword), match)
  const named = (all: typeof deciding) => all.map(({ line }) => line.args.join(' '))
  return { deciding: named(deciding), shadowed: named(shadowed) }
}

describe('files are read', () => {
  it('in the order of their names, where the Include stands', () => {
    const files = {
      sshd_config: 'Port 1\nInclude /etc/ssh/sshd_config.d/*.conf\nPort 2\n',
      'sshd_config.d/b.conf': 'Port 4\n',
      'sshd_config.d/a.conf': '\nPort 3\n',
      'sshd_config.d/no': 'Port 5\n',
    }
    expect(read(files)).toEqual([
      'sshd_config:1 port 1',
      'sshd_config.d/a.conf:2 port 3',
      'sshd_config.d/b.conf:1 port 4',
      'sshd_config:3 port 2',
    ])
  })

  it('pattern by pattern, and as often as they are named', () => {
    const files = { sshd_config: 'Include b a\nInclude *\\a', a: 'Port 1', b: 'Port 2' }
    expect(read(files)).toEqual(['b:1 port 2', 'a:1 port 1', 'a:1 port 1'])
  })

  it('with the line of the main file that brings each in', () => {
    const files = filesOf({ sshd_config: '\nInclude a\nPort 3', a: '\n\n\nInclude b', b: 'Port 1' })
    expect(readConfig(files).statements.map(({ from }) => from)).toEqual([2, 3])
  })

  it('from the main file that is named', () => {
    expect(readConfig(new Map([['/x', bytesOf('Port 1')]]), '/x').statements).toHaveLength(1)
    expect(readConfig(new Map()).statements).toEqual([])
  })
})

describe('a Match holds', () => {
  it('until the next one, or the end of its file', () => {
    const files = {
      sshd_config: 'Include a\nA 1\nMatch User x\nA 2\nMatch Address 10.0.0.0/8 # y\nA 3\nMatch all\nA 4',
      a: 'B 1\nMatch User "z"\nB 2\n',
    }
    expect(read(files)).toEqual([
      'a:1 b 1',
      'a:3 b 2 [User "z"]',
      'sshd_config:2 a 1',
      'sshd_config:4 a 2 [User x]',
      'sshd_config:6 a 3 [Address 10.0.0.0/8]',
      'sshd_config:8 a 4 [all]',
    ])
  })

  it('for what is included below it, together with those that are inside', () => {
    const files = { sshd_config: 'Match User x\nInclude a\nA 3', a: 'A 1\nMatch Address 10.0.0.1\nA 2' }
    expect(read(files)).toEqual([
      'a:1 a 1 [User x]',
      'a:3 a 2 [User x] [Address 10.0.0.1]',
      'sshd_config:3 a 3 [User x]',
    ])
    expect(readConfig(filesOf(files)).statements.map(({ match }) => match)).toEqual([
      'User x',
      'Address 10.0.0.1',
      'User x',
    ])
    expect(readConfig(filesOf(files)).blocks.map(({ path, blocks }) => [path, blocks])).toEqual([
      ['/etc/ssh/sshd_config', ['User x']],
      ['/etc/ssh/a', ['User x', 'Address 10.0.0.1']],
    ])
  })
})

describe('criteria are the same', () => {
  it.each([
    ['User x', 'user x'],
    ['User x', ' USER\t"x"  # who'],
    ['User x', 'user=x'],
    ['User x', 'user = x'],
    ['User x Address 10.0.0.1', 'user x address 10.0.0.1'],
    ['all', 'ALL'],
    ['invalid-user User x', 'Invalid-User user=x'],
  ])('%j and %j', (one, other) => {
    expect(sameCriteria(one)).toBe(sameCriteria(other))
  })

  it.each([
    ['User x', 'User X'],
    ['User x', 'Group x'],
    ['User x', 'User x,y'],
    ['User x Address y', 'Address y User x'],
    ['User all', 'all'],
    ['invalid-user User x', 'User x invalid-user'],
  ])('never: %j and %j', (one, other) => {
    expect(sameCriteria(one)).not.toBe(sameCriteria(other))
  })
})

describe('a keyword is decided', () => {
  it('by the first line for everybody, by all where they add up, by the last where sshd has it so', () => {
    const files = { sshd_config: 'UsePAM yes\nUsePAM no\nPort 1\nPort 2\nIPQoS ef\nIPQoS cs1\nMatch User x\nBanner y' }
    expect(decided(files, 'usepam')).toEqual({ deciding: ['yes'], shadowed: ['no'] })
    expect(decided(files, 'port')).toEqual({ deciding: ['1', '2'], shadowed: [] })
    expect(decided(files, 'ipqos')).toEqual({ deciding: ['cs1'], shadowed: ['ef'] })
    expect(decided(files, 'banner')).toEqual({ deciding: [], shadowed: [] })
    expect(decided(files, 'Banner', 'user=x')).toEqual({ deciding: ['y'], shadowed: [] })
  })

  it('by whatever name sshd takes for it', () => {
    const files = { sshd_config: 'ChallengeResponseAuthentication yes\nKbdInteractiveAuthentication no' }
    expect(decided(files, 'KbdInteractiveAuthentication')).toEqual({ deciding: ['yes'], shadowed: ['no'] })
  })

  it('in a block by all blocks of the same criteria, but none inside of others', () => {
    const files = {
      sshd_config: 'Banner 0\nMatch User y\nInclude a\nMatch User x\nBanner 1\nMatch all\nMatch user=x\nBanner 2\n',
      a: 'Match User x\nBanner 3',
    }
    expect(decided(files, 'banner', 'User x')).toEqual({ deciding: ['1'], shadowed: ['2'] })
  })

  it('below Match all before what stands outside, if it may be matched', () => {
    const files = { sshd_config: 'Banner 1\nPort 1\nAllowUsers a\nMatch all\nBanner 2\nPort 2\nAllowUsers b' }
    expect(decided(files, 'banner')).toEqual({ deciding: ['2'], shadowed: ['1'] })
    expect(decided(files, 'allowusers')).toEqual({ deciding: ['b'], shadowed: ['a'] })
    expect(decided(files, 'port')).toEqual({ deciding: ['1', '2'], shadowed: [] })
    expect(decided(files, 'banner', 'all')).toEqual({ deciding: ['2'], shadowed: [] })
  })
})

describe('files are refused', () => {
  it.each<[files: Record<string, string>, refused: string]>([
    [{ sshd_config: 'Port 1\nPort' }, '/etc/ssh/sshd_config line 2: no argument'],
    [{ sshd_config: 'Include a', a: '\nBanner "x' }, '/etc/ssh/a line 2: invalid quotes'],
    [
      { sshd_config: 'Include sshd_config\nInclude sshd_config' },
      '/etc/ssh/sshd_config line 1: files include each other more than 16 deep',
    ],
  ])('%j: %s', (files, refused) => {
    expect(readConfig(filesOf(files)).refused).toBe(refused)
  })

  it('at 17 files inside each other, not at 16', () => {
    const chain = (length: number) =>
      Object.fromEntries(
        Array.from({ length }, (_, at) => [`${at === 0 ? 'sshd_config' : at}`, `Include ${at + 1}\nPort ${at + 1}`]),
      )
    expect(readConfig(filesOf(chain(17))).refused).toBe(null)
    expect(readConfig(filesOf(chain(17))).statements).toHaveLength(17)
    expect(readConfig(filesOf(chain(18))).refused).not.toBe(null)
  })

  it('soon, where they come to more than any computer holds', () => {
    const files = Object.fromEntries(
      Array.from({ length: 15 }, (_, at) => [`${at === 0 ? 'sshd_config' : at}`, `Include ${at + 1}\n`.repeat(40)]),
    )
    expect(readConfig(filesOf({ ...files, 15: 'Port 1' })).refused).toContain('more than 50000 lines')
  })
})

test('no files make it throw', () => {
  const word = fc.constantFrom(
    'Match',
    'Include',
    ' ',
    '\n',
    'all',
    '*',
    'a',
    'sshd_config',
    '"',
    '=',
    '#',
    'User',
    '\0',
    '[!',
  )
  const text = fc.array(word, { maxLength: 20 }).map((words) => words.join(''))
  fc.assert(
    fc.property(text, text, text, (main, a, match) => {
      const { statements } = readConfig(filesOf({ sshd_config: main, a }))
      decidingOf(statements, 'user', true, match)
    }),
    { numRuns: 1000 },
  )
})
