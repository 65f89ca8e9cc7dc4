import { describe, expect, test } from 'vitest'
import { putActTogether, readAct, takeActApart } from '../../../../../src/services/areas/sshd/accounts/act.ts'
import { layAccount } from '../../../../../src/services/areas/sshd/accounts/edits.ts'
import { usableKeys } from '../../../../../src/services/areas/sshd/accounts/usable.ts'
import { parseSettings } from '../../../../../src/services/areas/sshd/parse.ts'
import type { AccountFacts } from '../../../../../src/services/model/account-facts.ts'
import { ED25519, of, rsa, SET, SETTINGS, type Some, someAccounts } from './some-accounts.ts'

const SUM = 'a'.repeat(64)
const OTHER = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSVZFVWZXbrZdVIDqgXPXX6UEUfK1hFL4gTULFJqk'
const PRINT = 'SHA256:UaIxRgzp9kKo8Zk0Lb2pZ+nOTkX3W2jHYGn4dkJ3gXc'
const door = { settings: parseSettings(SETTINGS), views: [], unjudged: [] }
const mine = [{ type: 'ssh-ed25519', bits: null, fingerprint: 'SHA256:x', line: OTHER }]

/** pat with these keys in a file that was read to its end. */
const withKeys = (keys: readonly string[], more: Some = {}): AccountFacts =>
  someAccounts(
    of('pat', {
      unread: `bytes ${Buffer.from(`${keys.join('\n')}\n`).toString('base64')}\nsum ${SUM}`,
      ...more,
    }),
  )
const read = (line: string, facts = withKeys([`${ED25519} laptop`]), who = mine, at = door) =>
  readAct(line, facts, at, who)
const FILE = '/home/pat/.ssh/authorized_keys'
const fingerprintOf = (facts: AccountFacts): string => usableKeys(facts, 'pat')?.[0]?.key.fingerprint ?? PRINT

test.each(['', 'pat', 'pat add', `pat add ${ED25519} a  b`, 'mysql shell /usr/sbin/nologin'])(
  'the parts of %j make the line again',
  (line) => {
    expect(putActTogether(takeActApart(line))).toBe(line)
  },
)

describe('a key is added', () => {
  test('as it was pasted, options and comment with it, to the file that was read', () => {
    const line = `from="192.0.2.0/24" ${OTHER} work laptop`
    expect(read(`pat add ${line}`)).toEqual({
      ok: true,
      value: [{ verb: 'keys', name: 'pat', file: FILE, add: [line], remove: [], was: SUM }],
    })
  })

  test('to a file that is not there yet, where sshd would look for it', () => {
    const at = { ...door, settings: parseSettings(`${SETTINGS}authorizedkeysfile keys/%u .ssh/other\n`) }
    const made = read('pat add mine', someAccounts(of('pat', {})), mine, at)
    expect(made).toMatchObject({ ok: true, value: [{ file: '/home/pat/keys/pat', was: null }] })
  })

  test('by the word mine: those of the operator that are not there yet', () => {
    expect(read('pat add mine')).toMatchObject({ ok: true, value: [{ add: [`${OTHER} added by hardtui`] }] })
    expect(read('pat add mine', withKeys([OTHER]))).toEqual({ ok: false, error: 'pat has your keys already.' })
    expect(read('pat add mine', withKeys([]), [])).toEqual({
      ok: false,
      error: 'No key of yours is known: come with one (-i FILE, or an agent).',
    })
  })

  test.each<[what: string, line: string, error: string | RegExp]>([
    ['is there', `pat add ${ED25519} again`, `pat has this key already: line 1 of ${FILE}.`],
    ['is none', 'pat add ssh-ed25519 AAAA', /^That is no public key: /],
    ['is a private one', 'pat add -----BEGIN OPENSSH PRIVATE KEY-----', /^That is no public key: /],
    ['has an option that sshd breaks on', `pat add from="x ${OTHER}`, /^That is no public key: /],
    ['has an option that sshd does not know', `pat add no-such-option ${OTHER}`, /^sshd would not take it: /],
    ['is left out', 'pat add', /^Paste a line/],
  ])('and not where it %s', (_what, line, error) => {
    const made = read(line)
    expect(made.ok ? '' : made.error).toMatch(error)
  })

  test('and not to a file outside of his home, nor to one that was not read', () => {
    const at = { ...door, settings: parseSettings(`${SETTINGS}authorizedkeysfile /etc/keys/%u\n`) }
    expect(read(`pat add ${OTHER}`, withKeys([]), mine, at)).toMatchObject({
      error: expect.stringContaining('sshd looks for keys in /etc/keys/%u, which is no file in his home'),
    })
    expect(read(`pat add ${OTHER}`, withKeys([], { unread: 'hidden' }))).toMatchObject({
      error: `${FILE} was not read: the account itself can’t read it.`,
    })
  })
})

describe('a key is taken out', () => {
  const twice = withKeys([`${ED25519} laptop`, rsa(3072), `from="192.0.2.1" ${ED25519} laptop again`])
  const print = fingerprintOf(twice)

  test('by its fingerprint, with every line that holds it, each as it stands', () => {
    expect(read(`pat remove ${print}`, twice)).toEqual({
      ok: true,
      value: [
        {
          verb: 'keys',
          name: 'pat',
          file: FILE,
          add: [],
          remove: [`${ED25519} laptop`, `from="192.0.2.1" ${ED25519} laptop again`],
          was: SUM,
        },
      ],
    })
  })

  test('by its comment, where that is the only one', () => {
    expect(read('pat remove laptop again', twice)).toMatchObject({ ok: true })
    expect(read('pat remove me', withKeys([`${ED25519} me`, `${OTHER} me`]))).toEqual({
      ok: false,
      error: '2 keys of pat have this comment: name one by its fingerprint.',
    })
    expect(read('pat remove nobody', twice)).toEqual({ ok: false, error: 'pat has no key “nobody”.' })
  })

  test('not from a file of which only a part is known', () => {
    const part = withKeys([], { unread: `bytes ${Buffer.from(`${ED25519} laptop\n`).toString('base64')}` })
    expect(read('pat remove laptop', part)).toEqual({
      ok: false,
      error: `${FILE} was not read: its sum is not known.`,
    })
  })

  test('and what is staged rests on the file that was read', () => {
    const made = read(`pat remove ${print}`, twice)
    const [change] = made.ok ? made.value : []
    if (change?.verb !== 'keys') throw new Error('no change')
    expect(layAccount(twice, { ...change, was: 'b'.repeat(64) })).toEqual({ ok: false, error: `${FILE} changed since` })
  })

  test('and what is staged shows it: the key is gone, the others stay', () => {
    const made = read(`pat remove ${print}`, twice)
    const [change] = made.ok ? made.value : []
    const laid = change ? layAccount(twice, change) : null
    expect(laid?.ok && usableKeys(laid.value, 'pat')?.map(({ key }) => key.type)).toEqual(['ssh-rsa'])
  })
})

describe('a password', () => {
  test.each<[line: string, password: string, verb: string | null]>([
    ['pat lock', SET, 'lock'],
    ['pat lock', 'empty:-::::::', 'lock'],
    ['pat unlock', 'locked:-:20000:0:99999:7::', 'unlock'],
    ['pat lock', 'locked:-:20000:0:99999:7::', null],
    ['pat unlock', SET, null],
    ['pat lock now', SET, null],
  ])('%s, where it is %s', (line, password, verb) => {
    const made = read(line, someAccounts(of('pat', { password })))
    expect(made.ok ? made.value : null).toEqual(verb ? [{ verb, name: 'pat', was: password.replace(/:.*/, '') }] : null)
  })
})

describe('a shell', () => {
  const facts = someAccounts({ pat: {}, daemon: { uid: 1, shell: '/usr/sbin/nologin' } })
  test.each<[line: string, error: string | null]>([
    ['pat shell /usr/sbin/nologin', null],
    ['daemon shell /bin/bash', null],
    ['pat shell /bin/bash', 'pat has this shell already.'],
    ['pat shell /bin/zsh', 'This server has no shell /bin/zsh: it has /bin/bash, /usr/sbin/nologin.'],
    ['pat shell bash', 'Type the path of a shell, such as /bin/bash or /usr/sbin/nologin.'],
  ])('%s', (line, error) => {
    const made = read(line, facts)
    expect(made.ok ? null : made.error).toBe(error)
  })
})

test.each<[line: string, error: string]>([
  ['', 'Type an account, what is done to it, and with what: dora add mine'],
  ['nobody add mine', 'There is no account nobody.'],
  ['pat', 'What shall be done to pat: add, remove, lock, unlock, shell?'],
  ['pat burn', 'What shall be done to pat: add, remove, lock, unlock, shell?'],
])('%j is nothing that can be done', (line, error) => {
  expect(read(line)).toEqual({ ok: false, error })
})

test('nobody is missed for sure while not all accounts were read', () => {
  const facts = someAccounts(
    { pat: {} },
    { parts: { sources: 'passwd: files ldap\n', passwd: 'pat:shadowed:-:1:1:/h:/s:file\ncut 900\n' } },
  )
  const made = read('nobody lock', facts)
  expect(made.ok ? '' : made.error).toMatch(/^No account nobody was read: /)
})
