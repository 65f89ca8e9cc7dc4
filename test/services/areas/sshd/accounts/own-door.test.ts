import { describe, expect, test } from 'vitest'
import { layAccount } from '../../../../../src/services/areas/sshd/accounts/edits.ts'
import { guardAccount } from '../../../../../src/services/areas/sshd/accounts/own-door.ts'
import { accountOf, keysOf } from '../../../../../src/services/areas/sshd/accounts/usable.ts'
import type { AccountChange } from '../../../../../src/services/model/account.ts'
import type { AccountFacts } from '../../../../../src/services/model/account-facts.ts'
import type { FileBytes } from '../../../../../src/services/model/file-bytes.ts'
import type { HostFacts, LoginNeeds } from '../../../../../src/services/model/host.ts'
import { say } from '../../../../../src/services/model/safe.ts'
import { hostFacts } from '../../../../support/plans.ts'
import { ASKS, ED25519, FREE, of, SET, SETTINGS, type Some, someAccounts } from './some-accounts.ts'

const SUM = 'a'.repeat(64)
const FILE = '/home/pat/.ssh/authorized_keys'
const pat = (more: Some = {}, settings = SETTINGS): AccountFacts =>
  someAccounts(
    {
      ...of('pat', {
        unread: `bytes ${Buffer.from(`${ED25519} mine\n`).toString('base64')}\nsum ${SUM}`,
        password: SET,
        sudo: FREE,
        ...more,
      }),
      ...of('sam', { password: SET }),
    },
    { settings },
  )
const printOf = (facts: AccountFacts): string => {
  const account = accountOf(facts, 'pat')
  return (account && keysOf(facts, account).keys[0]?.key.fingerprint) ?? 'SHA256:none'
}
const needs = (method: 'publickey' | 'password', facts = pat()): LoginNeeds => ({
  methods: [method],
  keys: method === 'publickey' ? [{ type: 'ssh-ed25519', bits: null, fingerprint: printOf(facts), line: ED25519 }] : [],
  offered: [],
  can: { hostKey: [], kex: [], cipher: [], hmac: [] },
})
const host = (how: LoginNeeds): HostFacts => ({
  ...hostFacts,
  login: { user: say`pat`, uid: 1001, escalation: 'sudo' },
  needs: how,
})

function guard(change: AccountChange, method: 'publickey' | 'password' = 'publickey', before = pat(), usePam = 'yes') {
  const laid = layAccount(before, change)
  if (!laid.ok) throw new Error(laid.error)
  const { whatIf, blockers } = guardAccount(before, laid.value, host(needs(method, before)), usePam)
  return {
    said: whatIf.map(({ answer, because }) => `${answer} ${because}`),
    blocked: blockers.map(({ kind }) => kind),
  }
}

const takeOut: AccountChange = {
  ...{ verb: 'keys', name: 'pat', file: FILE, was: SUM },
  add: [],
  remove: [`${ED25519} mine` as FileBytes],
}
const lock = (name = 'pat'): AccountChange => ({ verb: 'lock', name, was: 'set' })
const noShell: AccountChange = { verb: 'shell', name: 'pat', shell: '/usr/sbin/nologin', was: '/bin/bash' }

describe('a change of the operator’s own account', () => {
  test('that takes out the key he came by locks him out', () => {
    const { said, blocked } = guard(takeOut)
    expect(said).toEqual([expect.stringMatching(/^no your key \(ssh-ed25519 SHA256:\S+\) would be taken out/)])
    expect(blocked).toEqual(['lock-out'])
  })

  test('takes out nothing of his where he came by password', () => {
    expect(guard(takeOut, 'password')).toEqual({ said: [], blocked: [] })
  })

  test('that takes out his key is unsure where other sources may hold it', () => {
    const settings = `${SETTINGS}authorizedkeyscommand /usr/bin/keys\n`
    expect(guard(takeOut, 'publickey', pat({}, settings))).toMatchObject({
      said: [expect.stringMatching(/^unsure your key/)],
      blocked: [],
    })
  })

  test('that locks the password he came by locks him out, and not who came by key', () => {
    expect(guard(lock(), 'password').said).toEqual(['no you came in by password, and your password is locked'])
    expect(guard(lock()).said).toEqual([])
  })

  test('that locks his password keeps his key out too where sshd asks no PAM', () => {
    expect(guard(lock(), 'publickey', pat(), 'no').said).toEqual(['no UsePAM no, and your password is locked'])
  })

  test('that locks the password which sudo asks for leaves no way to root', () => {
    expect(guard(lock(), 'publickey', pat({ sudo: ASKS }))).toEqual({
      said: ['no sudo asks for your password, which is locked'],
      blocked: ['lock-out'],
    })
  })

  test('that takes his shell away locks him out', () => {
    expect(guard(noShell)).toEqual({
      said: ['no your shell would be /usr/sbin/nologin'],
      blocked: ['lock-out'],
    })
  })
})

test('another one’s account is no matter of the operator’s login', () => {
  expect(guard(lock('sam'), 'password')).toEqual({ said: [], blocked: [] })
})
