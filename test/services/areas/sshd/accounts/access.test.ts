import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canBecomeRoot, otherAdmins } from '../../../../../src/services/areas/sshd/accounts/admins.ts'
import { accountChecks } from '../../../../../src/services/areas/sshd/accounts/checks.ts'
import { parseAccounts, rightsOf } from '../../../../../src/services/areas/sshd/accounts/parse.ts'
import { accountOf, usableKeys } from '../../../../../src/services/areas/sshd/accounts/usable.ts'
import { parseSettings } from '../../../../../src/services/areas/sshd/parse.ts'
import { safe } from '../../../../../src/services/model/safe.ts'
import { outputFrom } from '../../../../support/probe-output.ts'
import { NOTHING_AROUND, someHost } from '../../some-host.ts'
import {
  ASKS,
  CERTIFICATE,
  ED25519,
  FREE,
  LOCKED,
  of,
  printed,
  rsa,
  SET,
  SETTINGS,
  type Some,
  someAccounts,
} from './some-accounts.ts'

describe('keys that sshd takes', () => {
  const taken = (one: Some, more: Parameters<typeof someAccounts>[1] = {}) =>
    usableKeys(someAccounts(of('pat', { uid: 1001, ...one }), more), 'pat')?.length ?? null
  const modes = (home: string, ssh: string, file: string): Some => ({ keys: [ED25519], modes: [home, ssh, file] })
  const mine = '1001 1001'
  test.each<[name: string, some: Some, count: number | null]>([
    ['as they should be', { keys: [ED25519] }, 1],
    ['root’s, and open to read', modes(`41ed 0 0`, `41ed 0 0`, `81a4 0 0`), 1],
    ['root’s, and closed', modes(`41ed ${mine}`, `41ed ${mine}`, `8180 0 0`), 0],
    ['in a folder that is closed to it', modes(`41ed ${mine}`, `41c0 0 0`, `81a4 ${mine}`), 0],
    ['writable by all', modes(`41ed ${mine}`, `41c0 ${mine}`, `8182 ${mine}`), 0],
    ['in a writable home', modes(`41ff ${mine}`, `41c0 ${mine}`, `8180 ${mine}`), 0],
    ['another’s', modes(`41ed ${mine}`, `41c0 ${mine}`, `81a4 1002 1002`), 0],
    ['writable by its own group', modes(`41fd ${mine}`, `41f8 ${mine}`, `81b4 ${mine}`), 1],
    ['writable by a group of others', modes(`41ed ${mine}`, `41c0 ${mine}`, `81b0 1001 50`), 0],
    ['a pipe', modes(`41ed ${mine}`, `41c0 ${mine}`, `1180 ${mine}`), 0],
    ['a certificate authority', { keys: [`cert-authority ${ED25519}`] }, null],
    ['a certificate', { keys: [CERTIFICATE] }, 0],
    ['over', { keys: [`expiry-time="20200101" ${ED25519}`] }, 0],
    ['not over', { keys: [`expiry-time="20990101" ${ED25519}`] }, 1],
    ['with an option of tomorrow', { keys: [`no-magic ${ED25519}`] }, null],
    ['with a broken option', { keys: [`command=x ${ED25519}`] }, 0],
    ['too short', { keys: [rsa(1016)] }, 0],
    ['of a type that is off', { keys: [ED25519.replace('ssh-ed25519', 'ssh-ed448')] }, 0],
    ['not to be read', { unread: 'skipped' }, null],
  ])('are %s', (_name, some, count) => {
    expect(taken(some)).toBe(count)
  })

  test('are so whatever the modes without StrictModes, and of more files by a command', () => {
    const open = modes('41ff 1001 1001', '41ff 1001 1001', '81b6 1001 1001')
    expect(taken(open, { settings: SETTINGS.replace('strictmodes yes', 'strictmodes no') })).toBe(1)
    expect(taken(open, { settings: SETTINGS.replace('strictmodes yes\n', '') })).toBeNull()
    expect(taken({}, { settings: `authorizedkeyscommand /bin/x\n${SETTINGS}` })).toBeNull()
    expect(taken({}, { settings: `authorizedkeyscommand none\n${SETTINGS}` })).toBe(0)
    expect(
      taken({ keys: [rsa(2048)] }, { settings: SETTINGS.replace('requiredrsasize 1024', 'requiredrsasize 3072') }),
    ).toBe(0)
  })

  test('of a group that nobody else is in are taken by Debian’s sshd, and by others perhaps', () => {
    const group = modes('41ed 1001 1001', '41c0 1001 1001', '81b4 1001 1001')
    expect(taken(group, { parts: { vendor: 'OpenSSH_9.9p1, OpenSSL 3\n' } })).toBeNull()
    expect(taken({ ...group, gid: 50 }, {})).toBe(0)
    expect(taken(group, { groups: 'x:50:\n', parts: { groups: 'pat:1001:eve\nend\n' } })).toBe(0)
    expect(taken(group, { parts: { groups: 'pat:1001:pat\nend\n' } })).toBe(1)
    expect(taken(group, { parts: { groups: 'pat:1001:pat,eve\nend\n' } })).toBe(0)
  })

  test('of who is not there are none, or not known where not all were read', () => {
    expect(usableKeys(someAccounts({}), 'eve')).toEqual([])
    expect(usableKeys(someAccounts({}, { parts: { sources: 'passwd: files ldap\n' } }), 'eve')).toBeNull()
  })
})

describe('becoming root', () => {
  test.each([
    [['    (ALL : ALL) ALL'], 'asks'],
    [['    (ALL : ALL) NOPASSWD: ALL'], 'free'],
    [['    (ALL : ALL) ALL', '    (root) NOPASSWD: ALL'], 'free'],
    [['    (root) NOPASSWD: /bin/x, PASSWD: ALL'], 'asks'],
    [['    (root) NOPASSWD: /bin/x, ALL'], 'free'],
    [['    (root) NOPASSWD: /bin/x, /bin/ALL'], 'none'],
    [['    (www-data) NOPASSWD: ALL'], 'none'],
    [['    (ALL, !root) NOPASSWD: ALL'], 'none'],
    [['    env_reset, !authenticate', '    (ALL) ALL'], 'free'],
    [['User x is not allowed to run sudo on one.'], 'none'],
  ])('sudo says %j', (lines, root) => {
    expect(rightsOf(lines)).toMatchObject({ value: { root } })
  })

  test('takes the password that sudo asks for, and it must be the account’s own', () => {
    const answer = (one: Some) => canBecomeRoot(someAccounts(of('ops', one)), 'ops')
    expect(answer({ sudo: FREE })).toBe('yes')
    expect(answer({ sudo: ASKS, password: SET })).toBe('yes')
    expect(answer({ sudo: ASKS, password: LOCKED })).toBe('no')
    expect(answer({ sudo: ['    env_reset, targetpw', ...ASKS], password: SET })).toBe('unknown')
    expect(answer({ sudo: ['what?'] })).toBe('unknown')
    expect(answer({})).toBe('no')
    expect(answer({ uid: 0 })).toBe('yes')
    expect(canBecomeRoot(someAccounts({}), 'eve')).toBe('no')
  })

  test('others than one are named, and those that are not sure', () => {
    const facts = someAccounts({
      ops: { keys: [ED25519], sudo: FREE },
      pat: { password: SET, sudo: ASKS },
      may: { keys: [`cert-authority ${ED25519}`], sudo: FREE },
      guest: { keys: [ED25519] },
      toor: { uid: 0, keys: [ED25519] },
    })
    const names = (name: string) => {
      const { sure, maybe } = otherAdmins(facts, name)
      return [sure, maybe].map((list) => list.map(({ account }) => account.name))
    }
    expect(names('root')).toEqual([['ops', 'pat'], ['may']])
    expect(names('ops')).toEqual([['pat'], ['may']])
  })
})

describe('reading', () => {
  const all = printed({ ops: { keys: [ED25519], sudo: FREE }, pat: { password: SET } })

  test('a part that was cut off makes only its own unknown', () => {
    const facts = parseAccounts(outputFrom('accounts', all, { cut: 'sudo' }), parseSettings(SETTINGS))
    expect(facts.accounts.map(({ sudo }) => sudo.state)).toEqual(['known', 'known', 'unknown'])
    const keys = parseAccounts(outputFrom('accounts', all.replace(/over\naccount =pat[^@]*/, ''), { cut: 'keys' }), [])
    expect(keys.accounts.map(({ keyFiles }) => keyFiles)).toEqual([
      expect.objectContaining({ state: 'known' }),
      { state: 'unknown', why: 'keys was cut off' },
      { state: 'unknown', why: 'keys was cut off' },
    ])
    expect(keys.more).toBeNull()
  })

  test('folders that were not all seen make keys unsure', () => {
    const lost = all.replace(/(real =\/home\/ops\/\.ssh\/authorized_keys\n)folder .*\n/, '$1')
    const facts = parseAccounts(outputFrom('accounts', lost), parseSettings(SETTINGS))
    expect(lost).not.toBe(all)
    expect(usableKeys(facts, 'ops')).toBeNull()
  })

  test('paths of any bytes come as one word', () => {
    const path = '/home/x y\n\u202e/.ssh/authorized_keys'
    const word = `:${Buffer.from(path).toString('base64')}`
    const text = all.replaceAll('=/home/ops/.ssh/authorized_keys', word)
    const [file] = (() => {
      const files = accountOf(parseAccounts(outputFrom('a', text), []), 'ops')?.keyFiles
      return files?.state === 'known' ? files.value : []
    })()
    expect(file?.path).toBe(path)
  })

  test('never throws, whatever was printed, whole or not', () => {
    const settings = parseSettings(SETTINGS)
    const judge = (text: string): void => {
      const accounts = parseAccounts(outputFrom('accounts', text), settings)
      for (const check of accountChecks)
        check.judge({ accounts, settings, views: [], unjudged: [] }, someHost(), NOTHING_AROUND)
      otherAdmins(accounts, 'root')
    }
    fc.assert(fc.property(fc.string({ unit: 'binary' }), judge))
    fc.assert(
      fc.property(fc.nat(all.length), fc.nat(60), fc.string({ maxLength: 5 }), (at, length, put) =>
        judge(all.slice(0, at) + put + all.slice(at + length)),
      ),
    )
    const lines = all.split('\n')
    fc.assert(fc.property(fc.shuffledSubarray(lines), (some) => judge(some.join('\n'))))
    expect(parseAccounts(null, settings).more).toBe(safe('passwd could not be read'))
  })
})
