import { expect, test } from 'vitest'
import { tcpwrappers } from '../../../../src/services/areas/tcpwrappers/area.ts'
import { bytesOf, sumOf, toBase64 } from '../../../../src/services/model/file-bytes.ts'
import { hostFacts } from '../../../support/plans.ts'

const file = (text: string): string =>
  `state file\nowner 0 root\ngroup 0 root\nmode 644\nsize ${text.length}\nmodified 1\nkind regular file\nsum ${sumOf(bytesOf(text))}\nbytes\n${toBase64(bytesOf(text))}\nend\n`
const ABSENT = 'state absent\nend\n'
const read = (parts: Readonly<Record<string, string>>) =>
  tcpwrappers.parse(
    () => ({ id: 'tcpwrappers', status: 0, parts: new Map(Object.entries(parts)), cut: null, timedOut: false }),
    hostFacts,
    1,
  )

test('both files are read to the byte, and whether sshd asks them by its own binaries', () => {
  const reading = read({
    allow: file('sshd: ALL'),
    deny: ABSENT,
    sshd: 'without /usr/sbin/sshd\nasks /usr/lib/openssh/sshd-session\n',
  })
  expect(reading).toMatchObject({
    state: 'present',
    facts: { files: { allow: 'sshd: ALL', deny: null }, sshdAsks: true },
  })
  expect(read({ allow: ABSENT, deny: ABSENT, sshd: 'without /usr/sbin/sshd\n' })).toMatchObject({
    facts: { sshdAsks: false },
  })
  expect(
    read({ allow: ABSENT, deny: ABSENT, sshd: 'without /usr/sbin/sshd\nunread /usr/lib/openssh/sshd-session\n' }),
  ).toMatchObject({ facts: { sshdAsks: null } })
  expect(read({ allow: ABSENT, deny: ABSENT, sshd: '' })).toMatchObject({ facts: { sshdAsks: null } })
})

test('what runs beside sshd is told where all of it was read, and else nothing is', () => {
  const parts = { allow: ABSENT, deny: ABSENT, sshd: '', daemons: 'asks /usr/sbin/rpcbind\nall\n', ondemand: 'end\n' }
  expect(read(parts)).toMatchObject({ facts: { daemons: [{ name: 'rpcbind', asks: true }] } })
  const output = {
    id: 'tcpwrappers',
    status: 0,
    parts: new Map(Object.entries(parts)),
    cut: 'daemons',
    timedOut: false,
  }
  expect(tcpwrappers.parse(() => output, hostFacts, 1)).toMatchObject({ facts: { daemons: null } })
  expect(read({ ...parts, ondemand: 'odd\nend\n' })).toMatchObject({ facts: { daemons: null } })
})

test.each([
  ['was not read', { deny: ABSENT, sshd: '' }, 'was not read to its end'],
  ['can’t be read', { allow: 'state unreadable\nreason Permission denied\nend\n', deny: ABSENT }, 'Permission denied'],
  [
    'is a link',
    { allow: `state absent\nlink ${toBase64(bytesOf('/etc/other'))}\nend\n`, deny: ABSENT },
    'a symbolic link to /etc/other',
  ],
])('a file that %s makes all of it unreadable, never empty', (_name, parts, words) => {
  expect(read(parts as Record<string, string>)).toMatchObject({
    state: 'unreadable',
    reason: expect.stringContaining(words),
  })
})
