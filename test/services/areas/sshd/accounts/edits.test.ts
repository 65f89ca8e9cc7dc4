import { describe, expect, test } from 'vitest'
import {
  closeServices,
  describeAccount,
  layAccount,
  lockEmpty,
} from '../../../../../src/services/areas/sshd/accounts/edits.ts'
import { serviceLogin } from '../../../../../src/services/areas/sshd/accounts/logins.ts'
import { sshdEditing } from '../../../../../src/services/areas/sshd/editing.ts'
import { parseSettings } from '../../../../../src/services/areas/sshd/parse.ts'
import type { AccountChange } from '../../../../../src/services/model/account.ts'
import type { AccountFacts } from '../../../../../src/services/model/account-facts.ts'
import { hostFacts } from '../../../../support/plans.ts'
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
    const seen = {
      host: hostFacts,
      listeners: null,
      persistence: 'none',
      file: () => null,
      tried: () => null,
      loginPort: 22,
    } as const
    const part = sshdEditing.part(merged, edits, seen)
    expect(part).toMatchObject({ steps: [{ kind: 'account' }], blockers: [] })
    expect(part.sshd).toBeUndefined()
    const past = { rules: [], accounts: [change], files: [], units: [] }
    expect(sshdEditing.undo(past, laid.after, () => 'x').edits).toEqual([
      { kind: 'account', change: { verb: 'shell', name: 'pat', shell: '/bin/bash', was: '/usr/sbin/nologin' } },
    ])
  })
})
