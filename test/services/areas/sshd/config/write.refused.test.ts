import { describe, expect, it, test } from 'vitest'
import { addsUp, namesOf } from '../../../../../src/services/areas/sshd/config/keywords.ts'
import { setKeyword } from '../../../../../src/services/areas/sshd/config/write.ts'
import { filesOf, INCLUDE, set, type Texts } from './files.ts'
import { GROUND } from './ground.ts'

describe('nothing is written', () => {
  const NO = 'would not be read as'
  it.each<[keyword: string, values: string[], match: string | null, why: string]>([
    ['Port', ['1\nBanner x'], null, NO],
    ['Port', ['1\r'], null, NO],
    ['Port', ['1\0'], null, NO],
    ['Port', ['1 # x'], null, NO],
    ['Port', ['# x'], null, NO],
    ['Port', [' 1'], null, NO],
    ['Port', ['1 '], null, NO],
    ['Port', [''], null, NO],
    ['Banner', ['"x'], null, NO],
    ['Banner', ['=x'], null, NO],
    ['Banner', ['x\f'], null, NO],
    ['Banner', ['x', 'y'], null, 'Banner takes one value, not 2.'],
    ['Banner x', ['y'], null, 'is no keyword'],
    ['#Banner', ['y'], null, 'is no keyword'],
    ['', ['y'], null, 'is no keyword'],
    ['Match', ['all'], null, 'is no keyword'],
    ['include', ['x'], null, 'is no keyword'],
    ['Banner', ['x'], 'User x\nPort 1', NO],
    ['Banner', ['x'], 'User x\r', NO],
    ['Banner', ['x'], 'User "x', NO],
    ['Banner', ['x'], '', NO],
    ['Banner', ['x'], '# x', NO],
  ])('of %j %j in %j', (keyword, values, match, why) => {
    expect(set({ sshd_config: `${INCLUDE}Port 3\n` }, keyword, values, match)).toContain(why)
  })

  it.each<[what: string, files: Texts, why: string]>([
    ['sshd would not start', { sshd_config: 'Port\n' }, 'sshd would refuse its files as they are'],
    ['there is no main file', { a: 'Port 1\n' }, '/etc/ssh/sshd_config is not there.'],
    ['the line is of no text file', { sshd_config: '#\0\nBanner a\nPort 2\n' }, 'has a NUL byte in it'],
    ['the file would be of no text file', { sshd_config: '#\0\nPort 2\n' }, 'has a NUL byte in it'],
    [
      'the main file is not ours, nor is our file read',
      { sshd_config: '# foreign\nBanner a\n' },
      '/etc/ssh/sshd_config line 2 decides Banner',
    ],
    ['no file is ours', { sshd_config: '# foreign\n' }, 'No line in /etc/ssh/sshd_config or'],
  ])('where %s', (_what, files, why) => {
    const foreign = files.sshd_config?.startsWith('# foreign') ?? false
    const made = setKeyword(
      filesOf(files),
      { kind: 'keyword', keyword: 'Banner', values: ['z'], match: null },
      { ...GROUND, isForeign: (path) => foreign && path === GROUND.main },
    )
    expect(made.ok ? [...made.value.values()] : made.error).toContain(why)
  })
})

test('of a keyword with other names, the name that is asked for may be any of them', () => {
  expect(namesOf('SkeyAuthentication')).toContain('kbdinteractiveauthentication')
  expect(namesOf('UsePAM')).toEqual(['usepam'])
  expect([addsUp('Port'), addsUp('UsePAM')]).toEqual([true, false])
})
