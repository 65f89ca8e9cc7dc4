import { describe, expect, test } from 'vitest'
import {
  closeServices,
  describeAccount,
  layAccount,
  lockEmpty,
} from '../../../../../src/services/areas/sshd/accounts/edits.ts'
import { serviceLogin } from '../../../../../src/services/areas/sshd/accounts/logins.ts'
import { groupsOf, usableKeys } from '../../../../../src/services/areas/sshd/accounts/usable.ts'
import { sshdEditing } from '../../../../../src/services/areas/sshd/editing.ts'
import { parseSettings } from '../../../../../src/services/areas/sshd/parse.ts'
import type { AccountChange } from '../../../../../src/services/model/account.ts'
import type { AccountFacts } from '../../../../../src/services/model/account-facts.ts'
import { bytesOf } from '../../../../../src/services/model/file-bytes.ts'
import { say } from '../../../../../src/services/model/safe.ts'
import { hostFacts } from '../../../../support/plans.ts'
import { UNSEEN } from '../../../../support/seen.ts'
import { sshdOf } from '../some-facts.ts'
import { ED25519, SETTINGS, type Some, someAccounts } from './some-accounts.ts'

const SET = 'set:y:20000:0:99999:7::'
const door = { settings: parseSettings(SETTINGS), views: [], unjudged: [] }
const DAEMON: Some = { uid: 1, shell: '/usr/sbin/nologin' }
const changes = (some: Readonly<Record<string, Some>>) =>
  closeServices(someAccounts(some), door)?.map(({ change }) => change) ?? null

describe('service accounts that can log in', () => {
  test('get the program that others have in place of a shell', () => {
    expect(changes({ daemon: DAEMON, mysql: { uid: 110, password: SET }, pat: { uid: 1000, password: SET } })).toEqual([
      { verb: 'shell', name: 'mysql', shell: '/usr/sbin/nologin', was: '/bin/bash' },
    ])
  })

  test('have their password locked too where it would forward ports without a shell', () => {
    const open = {
      ...door,
      settings: parseSettings(SETTINGS.replace('passwordauthentication no', 'passwordauthentication yes')),
    }
    const facts = someAccounts({ daemon: DAEMON, mysql: { uid: 110, password: SET } })
    const edits = closeServices(facts, open)?.map(({ change }) => change) ?? []
    expect(edits).toEqual([
      { verb: 'shell', name: 'mysql', shell: '/usr/sbin/nologin', was: '/bin/bash' },
      { verb: 'lock', name: 'mysql', was: 'set' },
    ])
    const after = edits.reduce((held: AccountFacts, change) => {
      const laid = layAccount(held, change)
      if (!laid.ok) throw new Error(laid.error)
      return laid.value
    }, facts)
    expect(serviceLogin(after, open).outcome).toBe('pass')
  })

  test('are left to a person where a key would still let one in, or nobody here has nologin', () => {
    expect(changes({ daemon: DAEMON, mysql: { uid: 110, keys: [ED25519] } })).toBeNull()
    expect(changes({ mysql: { uid: 110, password: SET } })).toEqual([{ verb: 'lock', name: 'mysql', was: 'set' }])
    expect(changes({ daemon: DAEMON })).toBeNull()
  })
})

test('who needs no password is locked, but root is for a person to mend', () => {
  const empty = 'empty:-::::::'
  expect(
    lockEmpty(someAccounts({ pat: { password: empty }, sam: { password: SET } }))?.map(({ change }) => change),
  ).toEqual([{ verb: 'lock', name: 'pat', was: 'empty' }])
  expect(lockEmpty(someAccounts({ root: { uid: 0, password: empty } }))).toBeNull()
  expect(lockEmpty(someAccounts({ pat: { password: SET } }))).toBeNull()
})

describe('a change of an account', () => {
  const facts = someAccounts({ pat: { password: SET } })
  test.each<[change: AccountChange, reason: string]>([
    [{ verb: 'shell', name: 'pat', shell: '/bin/sh', was: '/bin/dash' }, 'pat has another shell now'],
    [{ verb: 'lock', name: 'pat', was: 'empty' }, 'the password of pat changed since'],
    [{ verb: 'lock', name: 'nobody', was: 'set' }, 'there is no account nobody any more'],
    [
      { verb: 'create', name: 'pat', groups: [], shell: '/bin/sh', keys: [], password: false },
      'there is an account pat already',
    ],
  ])('%j no longer fits', (change, reason) => {
    expect(layAccount(facts, change)).toEqual({ ok: false, error: reason })
  })

  test('is refused where no account was read', () => {
    expect(layAccount(null, { verb: 'lock', name: 'pat', was: 'set' }).ok).toBe(false)
  })

  test('is told in words', () => {
    const words = (change: AccountChange) => Object.values(describeAccount(change)).join(': ')
    expect(words({ verb: 'shell', name: 'pat', shell: '/bin/sh', was: '' })).toBe(
      'account pat: shell /bin/sh → /bin/sh',
    )
    expect(words({ verb: 'lock', name: 'pat', was: 'set' })).toBe('account pat: password locked')
    expect(words({ verb: 'unlock', name: 'pat', was: 'locked' })).toBe(
      'account pat: password as it was before it was locked',
    )
  })

  test('is a step of the plan, asks nothing of sshd, and is undone by its opposite', () => {
    const base = sshdOf([{ settings: SETTINGS }], {}, { accounts: facts })
    const change: AccountChange = { verb: 'shell', name: 'pat', shell: '/usr/sbin/nologin', was: '/bin/bash' }
    const edits = [{ kind: 'account', change }] as const
    const laid = sshdEditing.lay(base, edits)
    const merged = { base, ...laid }
    expect(laid.conflicts).toEqual([])
    expect(sshdEditing.trial?.(merged)).toBeNull()
    const part = sshdEditing.part(merged, edits, { ...UNSEEN, host: hostFacts })
    expect(part).toMatchObject({ steps: [{ kind: 'account' }], blockers: [] })
    expect(part.sshd).toBeUndefined()
    const past = { rules: [], accounts: [change], files: [], units: [] }
    expect(sshdEditing.undo(past, laid.after, () => 'x').edits).toEqual([
      { kind: 'account', change: { verb: 'shell', name: 'pat', shell: '/bin/bash', was: '/usr/sbin/nologin' } },
    ])
  })
})

describe('an account that is made', () => {
  const make = (facts: AccountFacts, more: Partial<Extract<AccountChange, { verb: 'create' }>> = {}): AccountFacts => {
    const change = {
      verb: 'create',
      name: 'dora',
      groups: ['sudo'],
      shell: '/bin/bash',
      keys: [],
      password: false,
    } as const
    const laid = layAccount(facts, { ...change, ...more })
    if (!laid.ok) throw new Error(laid.error)
    return laid.value
  }
  const before = someAccounts({ pat: { uid: 1000 }, nobody: { uid: 65534 } }, { groups: 'sudo:27:pat\nwheel:10:\n' })
  const doraOf = (facts: AccountFacts) => {
    const dora = facts.accounts.at(-1)
    if (dora?.name !== 'dora') throw new Error('no dora')
    return dora
  }

  test('stands behind those that were there, with the next number, a home and a shell of its own', () => {
    const after = make(before)
    expect(after.accounts.slice(0, -1)).toEqual(before.accounts)
    expect(doraOf(after)).toMatchObject({
      ...{ name: 'dora', uid: 1001, gid: 1001, home: '/home/dora', homeReal: '/home/dora', shell: '/bin/bash' },
      source: 'file',
      homeSeen: { state: 'directory', uid: 1001, gid: 1001 },
      shellRuns: { state: 'known', value: true },
      sudo: { state: 'unknown', why: 'what sudo makes of group sudo was not read' },
    })
    expect(doraOf(make(someAccounts({}))).uid).toBe(1000)
  })

  test('has the number of no group either', () => {
    const groups = 'media:1003:\nnogroup:65534:\n'
    const after = make(someAccounts({ pat: { uid: 1000 } }, { groups }), { groups: [] })
    expect(doraOf(after)).toMatchObject({ uid: 1004, gid: 1004 })
    expect(groupsOf(after, doraOf(after))).toEqual({ state: 'known', value: ['dora'] })
  })

  test('is in the groups that it is put into, with those who were there, and in one of its own', () => {
    const after = make(before)
    expect(groupsOf(after, doraOf(after))).toEqual({ state: 'known', value: ['sudo', 'dora'] })
    const groups = after.groups.state === 'known' ? after.groups.value : []
    expect(groups.find(({ name }) => name === 'sudo')).toMatchObject({ members: ['pat', 'dora'] })
    expect(groups.find(({ name }) => name === 'wheel')).toMatchObject({ members: [] })
  })

  test('leaves groups that nobody could read unread', () => {
    const unread = { ...before, groups: { state: 'unknown', why: say`not read` } } as const
    const after = make(unread)
    expect(after.groups).toBe(unread.groups)
    expect(doraOf(after).uid).toBe(1001)
  })

  test('comes in by its keys, and by no password unless one was typed', () => {
    const after = make(before, { keys: [bytesOf(`${ED25519} made by hardtui`)] })
    expect(usableKeys(after, 'dora')).toHaveLength(1)
    expect(usableKeys(make(before), 'dora')).toEqual([])
    expect(doraOf(after).password).toMatchObject({ state: 'known', value: { state: 'locked' } })
    expect(doraOf(make(before, { password: true })).password).toMatchObject({ value: { state: 'set' } })
  })
})
