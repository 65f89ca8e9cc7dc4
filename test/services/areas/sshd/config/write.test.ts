import { describe, expect, it } from 'vitest'
import { type Case, CLOUD, HEADER, INCLUDE, OURS, set } from './files.ts'

describe('for everybody, a value goes', () => {
  it.each<Case>([
    [
      'into a new file of ours, where that is read first',
      { sshd_config: `${INCLUDE}UsePAM yes\n`, [CLOUD]: 'UsePAM yes\n' },
      'UsePAM',
      ['no'],
      { [OURS]: `${HEADER}UsePAM no\n` },
    ],
    [
      'into our file before its Match blocks and their comments',
      { sshd_config: INCLUDE, [OURS]: `${HEADER}Port 1\n\n# Guests\nMatch User x\n\tBanner y\n` },
      'Banner',
      ['z'],
      { [OURS]: `${HEADER}Port 1\nBanner z\n\n# Guests\nMatch User x\n\tBanner y\n` },
    ],
    [
      'into the line that our file has already',
      { sshd_config: INCLUDE, [OURS]: `${HEADER}Banner = "a"  # why\r\nBanner b\n` },
      'banner',
      ['z'],
      { [OURS]: `${HEADER}Banner = z  # why\r\nBanner b\n` },
    ],
    [
      'into the line that decides, where our file is read too late',
      { sshd_config: `\tbanner=a #b\r\nBanner c\n${INCLUDE}` },
      'Banner',
      ['z'],
      { sshd_config: `\tbanner=z #b\r\nBanner c\n${INCLUDE}` },
    ],
    [
      'into the line that decides, where our file is read too late, though it has a line',
      { sshd_config: `Banner a\n${INCLUDE}`, [OURS]: 'Banner b\n' },
      'Banner',
      ['z'],
      { sshd_config: `Banner z\n${INCLUDE}` },
    ],
    [
      'into the line that decides under another name',
      { sshd_config: 'ChallengeResponseAuthentication yes\n' },
      'KbdInteractiveAuthentication',
      ['no'],
      { sshd_config: 'ChallengeResponseAuthentication no\n' },
    ],
    [
      'into the line that decides in a file of somebody who lets us',
      { sshd_config: `Include /etc/ssh/a.conf\n${INCLUDE}`, 'a.conf': 'Banner a' },
      'Banner',
      ['z'],
      { 'a.conf': 'Banner z' },
    ],
    [
      'into a file that sorts before ours',
      { sshd_config: INCLUDE, 'sshd_config.d/00-a.conf': 'Banner a\n' },
      'Banner',
      ['z'],
      { 'sshd_config.d/00-a.conf': 'Banner z\n' },
    ],
    [
      'before the Include of a file that decides and is not ours',
      { sshd_config: 'Port 1\nInclude sshd_config.d/50*\nBanner a\n', [CLOUD]: 'Banner b\n' },
      'Banner',
      ['z'],
      { sshd_config: 'Port 1\nBanner z\nInclude sshd_config.d/50*\nBanner a\n' },
    ],
    [
      'behind the comment that shows the default, no sentence',
      { sshd_config: '# Banner is nice\nPort 1\n  #banner none\n#Banner x\nUsePAM no\n' },
      'Banner',
      ['z'],
      { sshd_config: '# Banner is nice\nPort 1\n  #banner none\nBanner z\n#Banner x\nUsePAM no\n' },
    ],
    [
      'not behind such a comment where it would be too late',
      { sshd_config: 'Include sshd_config.d/50*\n#Banner none\n', [CLOUD]: 'Banner b\n' },
      'Banner',
      ['z'],
      { sshd_config: 'Banner z\nInclude sshd_config.d/50*\n#Banner none\n' },
    ],
    [
      'at the end of what is for everybody',
      { sshd_config: 'Port 1\n\n# Guests\n#\nMatch User x\n#Banner none\nBanner y\n' },
      'Banner',
      ['z'],
      { sshd_config: 'Port 1\nBanner z\n\n# Guests\n#\nMatch User x\n#Banner none\nBanner y\n' },
    ],
    ['at the end of the file', { sshd_config: 'Port 1\n\n' }, 'Banner', ['z'], { sshd_config: 'Port 1\n\nBanner z\n' }],
    ['at the end without a line end', { sshd_config: 'Port 1' }, 'Banner', ['z'], { sshd_config: 'Port 1\nBanner z' }],
    ['into an empty file', { sshd_config: '' }, 'Banner', ['z'], { sshd_config: 'Banner z\n' }],
    [
      'with the line ends of its file',
      { sshd_config: 'Port 1\r\nUsePAM no\r\n' },
      'Banner',
      ['z'],
      { sshd_config: 'Port 1\r\nUsePAM no\r\nBanner z\r\n' },
    ],
    [
      'with the line ends of its file, the last without one',
      { sshd_config: 'Port 1\r\nUsePAM no' },
      'Banner',
      ['z'],
      { sshd_config: 'Port 1\r\nUsePAM no\r\nBanner z' },
    ],
    [
      'below Match all, where that decides',
      { sshd_config: `${INCLUDE}Banner a\nMatch User x\nMatch all\n Banner b\n` },
      'Banner',
      ['z'],
      { sshd_config: `${INCLUDE}Banner a\nMatch User x\nMatch all\n Banner z\n` },
    ],
    ['nowhere, if it is there', { sshd_config: `Port 1\nBanner "z"\n${INCLUDE}` }, 'Banner', ['z'], {}],
    ['nowhere, if another file says it', { sshd_config: INCLUDE, [CLOUD]: 'Banner z\n' }, 'Banner', ['z'], {}],
    [
      'as it is written, in UTF-8',
      { sshd_config: 'Banner a # é\n' },
      'Banner',
      ['"/é \'"'],
      { sshd_config: 'Banner "/é \'" # é\n' },
    ],
    [
      'over all that a command is, its # as well',
      { sshd_config: 'ForceCommand  a # b\n' },
      'ForceCommand',
      ["c 'd' # e"],
      { sshd_config: "ForceCommand  c 'd' # e\n" },
    ],
    [
      'into the only line, where releases take another one of several',
      { sshd_config: `IPQoS ef\nPort 1\nIPQoS cs1\n${INCLUDE}` },
      'IPQoS',
      ['af11'],
      { sshd_config: `IPQoS af11\nPort 1\n${INCLUDE}` },
    ],
    [
      'nowhere below Match all that another one writes',
      { sshd_config: INCLUDE, [CLOUD]: 'Match all\nBanner a\n' },
      'Banner',
      ['z'],
      '/etc/ssh/sshd_config.d/50-cloud-init.conf line 2 decides Banner, and that file is not changed from here.',
    ],
    [
      'into no file that is included twice, where it would be for others too',
      { sshd_config: 'Include a\nMatch User x\nInclude a\n', a: 'Banner a\n' },
      'Banner',
      ['z'],
      { sshd_config: 'Banner z\nInclude a\nMatch User x\nInclude a\n' },
    ],
  ])('%s', (_what, before, keyword, values, after) => {
    expect(set(before, keyword, values)).toEqual(after)
  })
})

describe('lines that add up are', () => {
  it.each<Case>([
    ['rewritten', { sshd_config: `Port 1\n${INCLUDE}` }, 'Port', ['2'], { sshd_config: `Port 2\n${INCLUDE}` }],
    [
      'kept where they are wanted, and rewritten in order',
      { sshd_config: 'Port 1 # a\nPort 2 # b\nPort 3\n' },
      'Port',
      ['4', '2', '5'],
      { sshd_config: 'Port 4 # a\nPort 2 # b\nPort 5\n' },
    ],
    ['taken out', { sshd_config: 'Port 1\nPort 2\nPort 3\n' }, 'Port', ['2'], { sshd_config: 'Port 2\n' }],
    [
      'put in behind the last one',
      { sshd_config: '  Port 1\r\n  port=2\r\nUsePAM no\r\n' },
      'Port',
      ['1', '2', '3'],
      { sshd_config: '  Port 1\r\n  port=2\r\n  Port 3\r\nUsePAM no\r\n' },
    ],
    [
      'put in behind the last one of a file that may be changed',
      { sshd_config: `AllowUsers a\n${INCLUDE}`, [CLOUD]: 'AllowUsers b\n' },
      'AllowUsers',
      ['a', 'b', 'c d'],
      { sshd_config: `AllowUsers a\nAllowUsers c d\n${INCLUDE}` },
    ],
    [
      'put into our file, where there is none',
      { sshd_config: `#Port 22\n${INCLUDE}`, [CLOUD]: 'Port 1\n' },
      'Port',
      ['1', '2', '3'],
      { [OURS]: `${HEADER}Port 2\nPort 3\n` },
    ],
    [
      'put behind the default, where our file is not included',
      { sshd_config: '#Port 22\nMatch User x\n' },
      'Port',
      ['1', '2'],
      { sshd_config: '#Port 22\nPort 1\nPort 2\nMatch User x\n' },
    ],
    [
      'rewritten and taken out in all files',
      { sshd_config: `#\n#\nPort 1\n${INCLUDE}`, 'sshd_config.d/60-b.conf': 'Port 2\nUsePAM no\nUseDNS no\n' },
      'Port',
      ['3'],
      { sshd_config: `#\n#\nPort 3\n${INCLUDE}`, 'sshd_config.d/60-b.conf': 'UsePAM no\nUseDNS no\n' },
    ],
    [
      'taken out rather than one of another file that says the same',
      { sshd_config: `Port 1\nPort 2\n${INCLUDE}`, [CLOUD]: 'Port 2\n' },
      'Port',
      ['1', '2'],
      { sshd_config: `Port 1\n${INCLUDE}` },
    ],
    [
      'left alone where one of another file is not wanted',
      { sshd_config: `Port 1\n${INCLUDE}`, [CLOUD]: '\nPort 2\n' },
      'Port',
      ['1'],
      '/etc/ssh/sshd_config.d/50-cloud-init.conf line 2 decides Port, and that file is not changed from here.',
    ],
    ['all taken out', { sshd_config: 'Port 1\nUsePAM no\nPort 2' }, 'Port', null, { sshd_config: 'UsePAM no' }],
    ['all taken out by no value', { sshd_config: 'Port 1\n' }, 'Port', [], { sshd_config: '' }],
    [
      'taken out below Match all as well',
      { sshd_config: 'AllowUsers a\nMatch all\nAllowUsers b\n' },
      'AllowUsers',
      null,
      { sshd_config: 'Match all\n' },
    ],
  ])('%s', (_what, before, keyword, values, after) => {
    expect(set(before, keyword, values)).toEqual(after)
  })
})

describe('taking a keyword out', () => {
  it.each<Case>([
    [
      'takes the line that decides',
      { sshd_config: 'Banner a\nBanner b\n' },
      'Banner',
      null,
      { sshd_config: 'Banner b\n' },
    ],
    ['changes nothing where there is none', { sshd_config: '#Banner a\n' }, 'Banner', null, {}],
    [
      'takes our file, if that says nothing more',
      { sshd_config: INCLUDE, [OURS]: `${HEADER}\nBanner a\n` },
      'Banner',
      null,
      { [OURS]: null },
    ],
    [
      'leaves our file, if that says more',
      { sshd_config: INCLUDE, [OURS]: `${HEADER}# Mine\nBanner a\n` },
      'Banner',
      null,
      { [OURS]: `${HEADER}# Mine\n` },
    ],
    [
      'leaves the file of another one',
      { sshd_config: INCLUDE, [CLOUD]: 'Banner a\n' },
      'Banner',
      null,
      '/etc/ssh/sshd_config.d/50-cloud-init.conf line 1 decides Banner, and that file is not changed from here.',
    ],
    [
      'leaves a line that is for others as well',
      { sshd_config: 'Include a\nMatch User x\nInclude a\n', a: 'Banner a\n' },
      'Banner',
      null,
      '/etc/ssh/a line 1 decides Banner, and nothing that may be changed is read before it.',
    ],
  ])('%s', (_what, before, keyword, values, after) => {
    expect(set(before, keyword, values)).toEqual(after)
  })
})
