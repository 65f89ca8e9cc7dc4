import { describe, expect, it } from 'vitest'
import { type Case, CLOUD, HEADER, INCLUDE, OURS, set } from './files.ts'

describe('in a Match block, a value goes', () => {
  const X = 'User x'
  it.each<Case>([
    [
      'into the line that is there',
      { sshd_config: 'Banner a\nMatch user="x" # it\n  Banner b # c\n  Banner d\n' },
      'Banner',
      ['z'],
      { sshd_config: 'Banner a\nMatch user="x" # it\n  Banner z # c\n  Banner d\n' },
    ],
    [
      'in front of the others, indented as they are',
      { sshd_config: 'Match User x\n\n  # y\n  UsePAM no\nMatch User y\n' },
      'Banner',
      ['z'],
      { sshd_config: 'Match User x\n  Banner z\n\n  # y\n  UsePAM no\nMatch User y\n' },
    ],
    [
      'behind a tab, where nothing else is',
      { sshd_config: 'Match User x\r\nMatch User y\r\n Banner b\r\n' },
      'Banner',
      ['z'],
      { sshd_config: 'Match User x\r\n\tBanner z\r\nMatch User y\r\n Banner b\r\n' },
    ],
    [
      'behind a line without a line end',
      { sshd_config: 'Match User x' },
      'Banner',
      ['z'],
      { sshd_config: 'Match User x\n\tBanner z' },
    ],
    [
      'into a file included below it',
      { sshd_config: 'Match User x\nInclude a\n', a: 'Banner a' },
      'Banner',
      ['z'],
      { a: 'Banner z' },
    ],
    [
      'into a new block of ours, where the block is not ours',
      { sshd_config: INCLUDE, [CLOUD]: 'Match User x\nBanner b\n' },
      'Banner',
      ['z'],
      { [OURS]: `${HEADER}Match User x\n\tBanner z\n` },
    ],
    [
      'into a new block at the end of our file',
      { sshd_config: `${INCLUDE}Match User y\nBanner b\n`, [OURS]: 'Port 1\nMatch User z\n' },
      'Banner',
      ['z'],
      { [OURS]: 'Port 1\nMatch User z\nMatch User x\n\tBanner z\n' },
    ],
    [
      'into a new block of ours, whatever is set for everybody',
      { sshd_config: `Banner a\nPort 1\n${INCLUDE}Match User y\nBanner b\n`, [CLOUD]: 'Banner c\n' },
      'Banner',
      ['z'],
      { [OURS]: `${HEADER}Match User x\n\tBanner z\n` },
    ],
    [
      'into a new block behind others, where lines add up',
      { sshd_config: 'Include sshd_config.d/50*\n', [CLOUD]: 'Match User *\nAllowUsers b\n' },
      'AllowUsers',
      ['x'],
      { sshd_config: 'Include sshd_config.d/50*\nMatch User x\n\tAllowUsers x\n' },
    ],
    [
      'into a new block before others of our file that would decide first',
      { sshd_config: INCLUDE, [OURS]: `${HEADER}Port 1\n# y\nMatch User *\n\tBanner b\n` },
      'Banner',
      ['z'],
      { [OURS]: `${HEADER}Port 1\nMatch User x\n\tBanner z\n# y\nMatch User *\n\tBanner b\n` },
    ],
    [
      'into a new block before all others of the main file, where our file is not included',
      { sshd_config: 'Port 1\n\n# y\nMatch User y\n\tBanner b\n' },
      'Banner',
      ['z'],
      { sshd_config: 'Port 1\nMatch User x\n\tBanner z\n\n# y\nMatch User y\n\tBanner b\n' },
    ],
    [
      'into a new block at the end of the main file',
      { sshd_config: 'Port 1\nInclude none' },
      'Banner',
      ['z'],
      { sshd_config: 'Port 1\nInclude none\nMatch User x\n\tBanner z' },
    ],
    [
      'into no block inside of another one',
      { sshd_config: 'Match Address 10.0.0.1\nInclude a\n', a: 'Match User x\nBanner a\n' },
      'Banner',
      ['z'],
      { sshd_config: 'Match User x\n\tBanner z\nMatch Address 10.0.0.1\nInclude a\n' },
    ],
    [
      'nowhere, where another block of another one is read first',
      { sshd_config: 'Include sshd_config.d/50*\n', [CLOUD]: 'Match User *\nBanner b\n' },
      'Banner',
      ['z'],
      '/etc/ssh/sshd_config.d/50-cloud-init.conf line 2 decides Banner for some of those.',
    ],
    [
      'nowhere, where others say it and releases differ in which of them decides',
      { sshd_config: 'Match User *\nIPQoS ef\n' },
      'IPQoS',
      ['cs1'],
      '/etc/ssh/sshd_config line 2 decides IPQoS for some of those.',
    ],
    [
      'by as many lines as are meant, where they add up',
      { sshd_config: 'AllowUsers a\nMatch User x\n AllowUsers b # c\n AcceptEnv d\n AllowUsers e\n' },
      'AllowUsers',
      ['x', 'e', 'y'],
      { sshd_config: 'AllowUsers a\nMatch User x\n AllowUsers x # c\n AcceptEnv d\n AllowUsers e\n AllowUsers y\n' },
    ],
    [
      'into a new block by as many lines as are meant',
      { sshd_config: INCLUDE },
      'AllowUsers',
      ['x', 'y'],
      { [OURS]: `${HEADER}Match User x\n\tAllowUsers x\n\tAllowUsers y\n` },
    ],
    [
      'and out of it again',
      { sshd_config: 'Banner a\nMatch User x\n\tBanner b\n\tBanner c\n' },
      'Banner',
      null,
      { sshd_config: 'Banner a\nMatch User x\n\tBanner c\n' },
    ],
    [
      'and out of it, where it stays',
      { sshd_config: 'Match User x\n\tBanner b' },
      'Banner',
      null,
      { sshd_config: 'Match User x' },
    ],
    [
      'and out of our file with its block',
      { sshd_config: INCLUDE, [OURS]: `${HEADER}Match User y\n\nMatch User x\n\tBanner b\n\n\nMatch User z\n` },
      'Banner',
      null,
      { [OURS]: `${HEADER}Match User y\n\n\n\nMatch User z\n` },
    ],
    [
      'and out of our file with all of it',
      { sshd_config: INCLUDE, [OURS]: `${HEADER}Match User x\n\tBanner b\n` },
      'Banner',
      null,
      { [OURS]: null },
    ],
    [
      'and stays in our file with a block that holds more',
      { sshd_config: INCLUDE, [OURS]: `${HEADER}Match User x\n\tBanner b\n\t# mine\n` },
      'Banner',
      null,
      { [OURS]: `${HEADER}Match User x\n\t# mine\n` },
    ],
  ])('%s', (_what, before, keyword, values, after) => {
    expect(set(before, keyword, values, X)).toEqual(after)
  })

  it('for all: into that block, not before it', () => {
    expect(set({ sshd_config: 'Banner a\nMatch all\n' }, 'Banner', ['z'], 'ALL')).toEqual({
      sshd_config: 'Banner a\nMatch all\n\tBanner z\n',
    })
  })
})
