import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { type AccountChange, travels, whyNoPassword } from '../../../src/services/model/account.ts'
import { bytesOf } from '../../../src/services/model/file-bytes.ts'
import { accountParts, accountScript, accountStep } from '../../../src/services/steps/account-step.ts'

const KEY = bytesOf('ssh-ed25519 AAAA dora')
const create: AccountChange = {
  verb: 'create',
  name: 'dora',
  groups: ['sudo', 'adm'],
  shell: '/bin/bash',
  keys: [KEY],
  password: true,
}
const keys: AccountChange = {
  verb: 'keys',
  name: 'guest',
  file: '/home/guest/.ssh/authorized_keys',
  add: [KEY],
  remove: [bytesOf('ssh-rsa BBBB \u001b[2J')],
  was: 'a'.repeat(64),
}
const lock: AccountChange = { verb: 'lock', name: 'guest', was: 'set' }
const shell: AccountChange = { verb: 'shell', name: 'guest', shell: '/usr/sbin/nologin', was: '' }
const shown = (change: AccountChange): readonly string[] =>
  accountStep(change)?.diff.map(({ mark, text }) => `${mark} ${text}`) ?? []

describe('an account in review', () => {
  test('that is made shows all that it has, and of a password no more than that there is one', () => {
    expect(shown(create)).toEqual([
      '@ account dora (new)',
      '+ shell /bin/bash',
      '+ groups sudo adm',
      '+ password: typed when it is applied',
      '+ ssh-ed25519 AAAA dora',
    ])
    expect(shown({ ...create, groups: [], keys: [], password: false } as AccountChange)).toEqual([
      '@ account dora (new)',
      '+ shell /bin/bash',
      '+ password: none (locked)',
    ])
    expect(accountStep(create)?.commands).toEqual([
      'useradd -m -s /bin/bash -G sudo,adm dora',
      'cat > ~dora/.ssh/authorized_keys',
      'chpasswd',
    ])
  })

  test('that changes shows what goes and what comes, drawn safely', () => {
    expect(shown(keys)).toEqual([
      '@ account guest: /home/guest/.ssh/authorized_keys',
      '- ssh-rsa BBBB ␛[2J',
      '+ ssh-ed25519 AAAA dora',
    ])
    expect(shown(lock)).toEqual(['@ account guest', '- password: set', '+ password: locked'])
    expect(shown(shell)).toEqual(['@ account guest', '- shell /bin/sh', '+ shell /usr/sbin/nologin'])
  })

  test.each([
    { ...keys, add: [], remove: [] },
    { ...lock, was: 'locked' },
    { verb: 'unlock', name: 'guest', was: 'set' },
    { ...shell, was: '/usr/sbin/nologin' },
  ] as AccountChange[])('that is as it shall be is no step: %j', (change) => {
    expect(accountStep(change)).toBe(null)
  })
})

describe('what can’t be sent', () => {
  test.each([
    { ...create, name: 'Dora' },
    { ...create, name: 'a b' },
    { ...create, name: '-r' },
    { ...create, name: '' },
    { ...create, groups: ['sudo,adm'] },
    { ...create, shell: '/bin/ba sh' },
    { ...create, shell: '/bin/../sh' },
    { ...create, keys: [bytesOf('one\ntwo')] },
    { ...create, keys: [bytesOf(' ')] },
    { ...keys, file: 'home/guest' },
    { ...keys, file: '/home/guest/' },
    { ...keys, was: 'abc' },
    { ...shell, was: 'a b' },
  ] as AccountChange[])('is a blocker that nobody can override: %j', (change) => {
    expect(travels(change)).toBe(false)
    expect(accountParts([change]).blockers).toMatchObject([{ kind: 'irreversible' }])
  })

  test('is nothing of what is usual', () => {
    expect(accountParts([create, keys, lock, shell])).toMatchObject({ blockers: [], steps: [{}, {}, {}, {}] })
  })

  test('is a password that is none, or that chpasswd would read otherwise', () => {
    expect(whyNoPassword('correct horse: "battery" ünd $x')).toBe(null)
    for (const odd of ['', 'a\nb', 'a\0', '\u001b[A', 'x'.repeat(513)]) expect(whyNoPassword(odd)).not.toBe(null)
  })
})

test('written out, it is a script of the same, which asks for the password', () => {
  const script = [create, keys, lock, shell].map(accountScript).join('')
  expect(spawnSync('sh', ['-n'], { input: script }).stderr.toString()).toBe('')
  expect(script).toContain("useradd -m -s '/bin/bash' -G 'sudo,adm' 'dora'\n")
  expect(script).toContain("passwd 'dora'\n")
  expect(script).toContain("usermod -L 'guest'\nusermod -s '/usr/sbin/nologin' 'guest'\n")
  expect(script).not.toContain('\u001b')
})
