import { describe, expect, test } from 'vitest'
import { keysFor, makeAdmin } from '../../../../src/services/areas/sshd/admin.ts'
import { textOf } from '../../../../src/services/model/file-bytes.ts'
import type { ClientKey, HostFacts, LoginNeeds } from '../../../../src/services/model/host.ts'
import { safe } from '../../../../src/services/model/safe.ts'
import type { SshdFacts } from '../../../../src/services/model/sshd.ts'
import { someHost } from '../some-host.ts'
import { someAccounts } from './accounts/some-accounts.ts'
import { sshdOf } from './some-facts.ts'

const SUDO = 'path =/etc/sudoers\nseen at 8120 0 0 1 1\nend\n'
const OPEN = 'permitrootlogin yes\npasswordauthentication yes\nkbdinteractiveauthentication yes'
const key = (name: string): ClientKey => ({
  type: 'ssh-ed25519',
  bits: null,
  fingerprint: `SHA256:${name}`,
  line: `ssh-ed25519 ${name}`,
})
const needs = (more: Partial<LoginNeeds> = {}): LoginNeeds => ({
  methods: ['publickey'],
  keys: [key('used')],
  offered: [key('used'), key('other')],
  can: { hostKey: [], kex: [], cipher: [], hmac: [] },
  ...more,
})
const OPS: HostFacts = { ...someHost(), needs: needs() }
const ROOT: HostFacts = { ...someHost({ user: safe('root'), uid: 0, escalation: 'root' }), needs: needs() }

type Given = {
  readonly groups?: string
  readonly shells?: string
  readonly files?: string
  readonly parts?: Readonly<Record<string, string>>
}
const accounts = ({ groups = 'sudo:27:\n', shells = '/bin/bash\n', files = SUDO, parts = {} }: Given = {}) =>
  someAccounts({ pat: {} }, { groups, parts: { shells: `${shells}end\n`, files, ...parts } })
const server = (given: Given = {}, settings = OPEN, more: Partial<SshdFacts> = {}): SshdFacts =>
  sshdOf([{ settings }], {}, { accounts: accounts(given), ...more })

function made(facts: SshdFacts, host: HostFacts, name = 'dora') {
  const result = makeAdmin(facts, host, name)
  if (!result.ok) throw new Error(result.error)
  const [account, file, ...rest] = result.value
  if (account?.kind !== 'account' || account.change.verb !== 'create') throw new Error('no account is made')
  if (file?.kind !== 'file') throw new Error('no file is written')
  const closed = rest.map((edit) => (edit.kind === 'keyword' ? `${edit.keyword} ${edit.values} ${edit.match}` : ''))
  return { change: account.change, file, closed }
}
const whyNot = (facts: SshdFacts, host: HostFacts, name = 'dora'): string => {
  const result = makeAdmin(facts, host, name)
  return result.ok ? '' : result.error
}

describe('an administrator', () => {
  test('is an account with the key that let the operator in, and no password', () => {
    const { change } = made(server(), OPS)
    expect({ ...change, keys: change.keys.map(textOf) }).toEqual({
      verb: 'create',
      name: 'dora',
      groups: ['sudo'],
      shell: '/bin/bash',
      keys: ['ssh-ed25519 used made by hardtui'],
      password: false,
    })
  })

  test('becomes root by a file of sudo’s that is his own, new, and read by root alone', () => {
    const { file } = made(server(), OPS)
    expect(file).toMatchObject({ path: '/etc/sudoers.d/hardtui-dora', was: null, mode: 0o440 })
    const lines = textOf(file.text ?? ('' as never)).split('\n')
    expect(lines).toEqual([expect.stringMatching(/^# .*dora/), 'dora ALL=(ALL:ALL) NOPASSWD: ALL', ''])
  })

  test.each([
    ['sudo', 'wheel:10:\nsudo:27:\n', ['sudo']],
    ['wheel where there is no sudo', 'wheel:10:\n', ['wheel']],
    ['none of them where there is neither', '', []],
  ])('is in the group %s', (_which, groups, expected) => {
    expect(made(server({ groups }), OPS).change.groups).toEqual(expected)
  })

  test('is in no group that nobody could read', () => {
    expect(made(server({ parts: { groups: 'pat:1001:\n' } }), OPS).change.groups).toEqual([])
  })

  test.each([
    ['/bin/sh', '/bin/sh\n/bin/zsh\n', '/bin/sh'],
    ['bash', '/bin/sh\n/bin/bash\n', '/bin/bash'],
    ['/bin/sh where no shell is known', '', '/bin/sh'],
  ])('gets %s', (_what, shells, expected) => {
    expect(made(server({ shells }), OPS).change.shell).toBe(expected)
  })

  test('of who came by a password gets every key that could have been offered', () => {
    const host = { ...OPS, needs: needs({ methods: ['password'], keys: [] }) }
    expect(made(server(), host).change.keys.map(textOf)).toEqual([
      'ssh-ed25519 used made by hardtui',
      'ssh-ed25519 other made by hardtui',
    ])
    expect(keysFor(someHost())).toEqual([])
  })
})

describe('what the new account takes the place of', () => {
  test('stays as it is for an operator who is not root', () => {
    expect(made(server(), OPS).closed).toEqual([])
  })

  test('is closed for root: his own login, passwords, and what is asked at the keyboard', () => {
    expect(made(server(), ROOT).closed).toEqual([
      'PermitRootLogin no null',
      'PasswordAuthentication no null',
      'KbdInteractiveAuthentication no null',
    ])
  })

  test.each([
    ['permitrootlogin no', ['PasswordAuthentication no null', 'KbdInteractiveAuthentication no null']],
    ['passwordauthentication no', ['PermitRootLogin no null', 'KbdInteractiveAuthentication no null']],
    ['kbdinteractiveauthentication no', ['PermitRootLogin no null', 'PasswordAuthentication no null']],
  ])('is left alone where it is closed: %s', (line, expected) => {
    const [word = ''] = line.split(' ')
    const settings = OPEN.replace(`${word} yes`, line)
    expect(made(server({}, settings), ROOT).closed).toEqual(expected)
  })

  test('is closed where sshd did not say how it is', () => {
    expect(made(server({}, 'port 22'), ROOT).closed).toHaveLength(3)
  })

  test('is closed also where keys alone let root in', () => {
    const settings = OPEN.replace('permitrootlogin yes', 'permitrootlogin without-password')
    expect(made(server({}, settings), ROOT).closed[0]).toBe('PermitRootLogin no null')
  })

  test('is closed where a Match block closes it for root alone', () => {
    const facts = sshdOf([{ settings: OPEN.replaceAll('yes', 'no') }, { settings: OPEN }], {}, { accounts: accounts() })
    expect(made(facts, ROOT).closed).toHaveLength(3)
    const bobs = facts.views.map((view) => (view.you ? view : { ...view, block: safe('User bob') }))
    expect(made({ ...facts, views: bobs }, ROOT).closed).toEqual([])
  })

  test('is named as an older release has it', () => {
    const settings = OPEN.replace('kbdinteractiveauthentication', 'challengeresponseauthentication')
    const old = { version: safe('OpenSSH_8.4p1 Debian-5') }
    expect(made(server({}, settings, old), ROOT).closed[2]).toBe('ChallengeResponseAuthentication no null')
    expect(made(server({}, settings.replaceAll('yes', 'no'), old), ROOT).closed).toEqual([])
  })
})

describe('nobody is made', () => {
  test.each(['', 'Dora', '1st', 'do.ra', 'do ra', 'dora:x', '../x', 'dora\nroot', 'ü', 'a'.repeat(32)])(
    'by the name %j',
    (name) => {
      expect(whyNot(server(), OPS, name)).toMatch(/^“.*” is no name for an account: small letters, digits, - and _\.$/)
    },
  )

  test.each<[why: string, facts: SshdFacts, name: string, words: string]>([
    ['there is such an account', server(), 'pat', 'There is an account pat already.'],
    ['there is such a group', server(), 'sudo', 'There is a group sudo already.'],
    ['the accounts were not read', { ...server(), accounts: null }, 'dora', 'accounts of this server were not read'],
    [
      'sudo is not there',
      server({ files: 'path =/etc/sudoers\nseen absent\nend\n' }),
      'dora',
      'sudo is not installed here: install it first',
    ],
    [
      'nothing was said of sudo',
      server({ files: 'end\n' }),
      'dora',
      'it is not known whether sudo is here: /etc/sudoers was not read',
    ],
    [
      'sudo could not be looked at',
      server({ files: 'path =/etc/sudoers\nseen unreadable Permission denied\nend\n' }),
      'dora',
      'it is not known whether sudo is here: Permission denied',
    ],
  ])('where %s', (_why, facts, name, words) => {
    expect(whyNot(facts, OPS, name)).toContain(words)
  })

  test('where no key of the operator’s is known', () => {
    const none = { ...OPS, needs: needs({ methods: ['password'], keys: [], offered: [] }) }
    expect(whyNot(server(), none)).toContain('no key of yours is known')
    expect(whyNot(server(), someHost())).toContain('come with one (-i FILE, or an agent)')
  })
})
