import { describe, expect, test } from 'vitest'
import { keysIn } from '../../../../src/services/areas/sshd/accounts/act.ts'
import { layAccount, withSudo } from '../../../../src/services/areas/sshd/accounts/edits.ts'
import { accountOf } from '../../../../src/services/areas/sshd/accounts/usable.ts'
import { guardLogin } from '../../../../src/services/areas/sshd/guards.ts'
import { parseSettings } from '../../../../src/services/areas/sshd/parse.ts'
import type { TriedPerson } from '../../../../src/services/areas/sshd/trial.ts'
import type { HostFacts, LoginNeeds } from '../../../../src/services/model/host.ts'
import { safe } from '../../../../src/services/model/safe.ts'
import type { SshdFacts } from '../../../../src/services/model/sshd.ts'
import { someHost } from '../some-host.ts'
import { ED25519, someAccounts } from './accounts/some-accounts.ts'
import { sshdOf } from './some-facts.ts'

const STOCK = `permitrootlogin yes
pubkeyauthentication yes
passwordauthentication yes
kbdinteractiveauthentication no
usepam yes
maxsessions 10
maxstartups 10:30:100
requiredrsasize 1024
forcecommand none
chrootdirectory none
listenaddress [::]:22
listenaddress 0.0.0.0:22
pubkeyacceptedalgorithms ssh-ed25519,rsa-sha2-512
kexalgorithms curve25519-sha256,sntrup761x25519-sha512
ciphers aes256-gcm@openssh.com,aes256-ctr
macs hmac-sha2-512
hostkeyalgorithms ssh-ed25519,rsa-sha2-512`

const KEY = { type: 'ssh-ed25519', bits: null, fingerprint: 'SHA256:x', line: 'ssh-ed25519 AAAA' }
const NEEDS: LoginNeeds = {
  methods: ['publickey'],
  keys: [KEY],
  offered: [KEY],
  can: {
    kex: ['curve25519-sha256'],
    cipher: ['aes256-gcm@openssh.com', 'aes256-ctr'],
    hmac: ['hmac-sha2-512'],
    hostKey: ['ssh-ed25519'],
  },
}

/** The settings with some keywords otherwise; a text without a value leaves the keyword out. */
function settingsWith(lines: string): string {
  const words = lines.split('\n').map((line) => line.split(' ')[0])
  const kept = STOCK.split('\n').filter((line) => !words.includes(line.split(' ')[0]))
  return [...kept, ...lines.split('\n').filter((line) => line.includes(' '))].join('\n')
}

function guard(
  after: string,
  {
    host = someHost(),
    needs = NEEDS as LoginNeeds | null,
    before = STOCK,
    facts: more = {} as Partial<SshdFacts>,
  } = {},
) {
  const facts = sshdOf([{ settings: before }], {}, { groups: ['ops', 'sudo'], ...more })
  const [view] = facts.views
  if (!view) throw new Error('nobody')
  const changed = [...new Set(after.split('\n').flatMap((line) => line.split(' ')[0] ?? []))]
  const own: TriedPerson = {
    view,
    sum: '',
    before: parseSettings(before),
    after: parseSettings(settingsWith(after)),
    changed: after === '' ? [] : changed,
  }
  const seen: HostFacts = needs ? { ...host, needs } : host
  const { whatIf, blockers } = guardLogin({ people: [own] }, { base: facts, after: facts }, { host: seen })
  return {
    answers: whatIf.map(({ answer, because }) => `${answer} ${because}`),
    blocked: blockers.map(({ kind, message }) => `${kind} ${message}`),
  }
}
const locksOut = (because: string) => ({
  answers: expect.arrayContaining([`no ${because}`]),
  blocked: expect.arrayContaining([`lock-out This locks you out: ${because}.`]),
})
const root = someHost({ user: safe('root'), uid: 0, escalation: 'root' })
const password: LoginNeeds = { ...NEEDS, methods: ['password'], keys: [] }
const rsa = (bits: number): LoginNeeds => ({ ...NEEDS, keys: [{ ...KEY, type: 'ssh-rsa', bits }] })

describe('the operator’s next login', () => {
  test('comes in where nothing keeps it out, and the way is named', () => {
    expect(guard('maxauthtries 4')).toEqual({
      answers: ['yes sshd would let you in by key (ssh-ed25519)'],
      blocked: [],
    })
    expect(guard('maxauthtries 4', { needs: password }).answers).toEqual(['yes sshd would let you in by password'])
  })

  test.each<[what: string, after: string, because: string, more?: Parameters<typeof guard>[1]]>([
    ['a list that he is not on', 'allowusers bob', 'AllowUsers bob leaves out ops'],
    ['keys that are no longer taken', 'pubkeyauthentication no', 'PubkeyAuthentication no'],
    [
      'keys of his type that are no longer taken',
      'pubkeyacceptedalgorithms rsa-sha2-512',
      'PubkeyAcceptedAlgorithms leaves out ssh-ed25519, which your key is',
    ],
    [
      'the same by its older name',
      'pubkeyacceptedalgorithms\npubkeyacceptedkeytypes rsa-sha2-512',
      'PubkeyAcceptedAlgorithms leaves out ssh-ed25519, which your key is',
    ],
    [
      'a key that is too short',
      'requiredrsasize 3072',
      'RequiredRSASize 3072, and your key is RSA of 2048 bits',
      { needs: rsa(2048) },
    ],
    [
      'no more passwords',
      'passwordauthentication no',
      'PasswordAuthentication no, and you came by password',
      { needs: password },
    ],
    [
      'no more passwords for root',
      'permitrootlogin without-password',
      'PermitRootLogin without-password, and you came by password',
      { needs: password, host: root },
    ],
    ['no more root', 'permitrootlogin no', 'PermitRootLogin no', { host: root }],
    [
      'root for commands alone',
      'permitrootlogin forced-commands-only',
      'PermitRootLogin forced-commands-only',
      { host: root },
    ],
    [
      'the keyboard-interactive door shut',
      'kbdinteractiveauthentication no',
      'KbdInteractiveAuthentication no, and you came by keyboard-interactive',
      {
        needs: { ...password, methods: ['keyboard-interactive'] },
        before: settingsWith('kbdinteractiveauthentication yes'),
      },
    ],
    [
      'other methods demanded',
      'authenticationmethods password',
      'AuthenticationMethods password leaves out what you came by (publickey)',
    ],
    [
      'no key exchange in common',
      'kexalgorithms sntrup761x25519-sha512',
      'KexAlgorithms leaves nothing that this console can use with this server',
    ],
    ['no cipher in common', 'ciphers 3des-cbc', 'Ciphers leaves nothing that this console can use with this server'],
    [
      'no MAC in common, and no cipher that needs none',
      'ciphers aes256-ctr\nmacs hmac-sha1',
      'MACs leaves nothing that this console can use',
    ],
    [
      'another host key than the known one',
      'hostkeyalgorithms rsa-sha2-512',
      'HostKeyAlgorithms leaves nothing that this console can use with this server',
    ],
    ['too few sessions', 'maxsessions 2', 'MaxSessions 2, and this console needs 3'],
    ['no shell', 'forcecommand internal-sftp', 'ForceCommand internal-sftp gives no shell'],
    ['other addresses', 'listenaddress 127.0.0.1:22', 'ListenAddress leaves out 203.0.113.10'],
    ['the addresses of the other family', 'listenaddress [::]:22', 'ListenAddress leaves out 203.0.113.10'],
  ])('is kept out by %s', (_what, after, because, more) => {
    expect(guard(after, more)).toEqual(locksOut(because))
  })

  test.each<[what: string, after: string, more?: Parameters<typeof guard>[1]]>([
    ['MACs do not count beside a cipher that needs none', 'macs hmac-sha1'],
    ['a key that is long enough', 'requiredrsasize 2048', { needs: rsa(2048) }],
    ['RSA by its signature’s name', 'pubkeyacceptedalgorithms rsa-sha2-256', { needs: rsa(4096) }],
    ['three sessions', 'maxsessions 3'],
    ['the very methods demanded', 'authenticationmethods publickey'],
    ['one of several ways', 'authenticationmethods password publickey'],
    ['any method', 'authenticationmethods any'],
    ['root by key', 'permitrootlogin without-password', { host: root }],
    ['his own address alone', 'listenaddress 203.0.113.10:22'],
    ['every address of his family', 'listenaddress 0.0.0.0:22'],
  ])('comes in: %s', (_what, after, more) => {
    expect(guard(after, more)).toMatchObject({ answers: [expect.stringMatching(/^yes /)], blocked: [] })
  })

  test.each([
    [
      'a second factor',
      'authenticationmethods publickey,password',
      'AuthenticationMethods publickey,password asks for more than you came by',
    ],
    [
      'keys looked for elsewhere',
      'authorizedkeysfile /etc/keys/%u',
      'AuthorizedKeysFile changes: whether your key is found then, a new login will show',
    ],
    [
      'modes that are looked at',
      'strictmodes yes',
      'StrictModes changes: whether your key is found then, a new login will show',
    ],
    ['few places for who has not logged in', 'maxstartups 1:30:60', 'MaxStartups 1:30:60 may turn you away'],
    ['one place for its address', 'persourcemaxstartups 1', 'PerSourceMaxStartups 1 may turn you away'],
    [
      'an address that is kept out for long',
      'persourcepenalties crash:90 authfail:5 max:3600 min:15',
      'PerSourcePenalties may keep your address out for 3600 s once logins from it have failed',
    ],
    ['another root', 'chrootdirectory /srv', 'ChrootDirectory /srv may hold no shell'],
  ])('is not sure to come in with %s, and that blocks nothing', (_what, after, because) => {
    expect(guard(after)).toEqual({ answers: [`unsure ${because}`], blocked: [] })
  })

  test.each<[what: string, modes: readonly [string, string, string], expected: readonly string[]]>([
    ['is let in where its home is his alone', ['41ed 1001 1001', '41c0 1001 1001', '8180 1001 1001'], ['yes']],
    [
      'is kept out where everybody may write to his home',
      ['41ff 1001 1001', '41c0 1001 1001', '8180 1001 1001'],
      ['no StrictModes: everybody can write to /home/ops'],
    ],
    [
      'is kept out where his file is another one’s',
      ['41ed 1001 1001', '41c0 1001 1001', '8180 1002 1001'],
      ['no StrictModes: /home/ops/.ssh/authorized_keys belongs to user 1002'],
    ],
  ])('by StrictModes, which was off, %s', (_what, modes, expected) => {
    const accounts = someAccounts({ ops: { keys: [ED25519], modes } })
    const ops = accountOf(accounts, 'ops')
    const fingerprint = ops ? (keysIn(ops)[0]?.[1].key.fingerprint ?? '') : ''
    const needs = { ...NEEDS, keys: [{ ...KEY, fingerprint }] }
    const { answers } = guard('strictmodes yes', { facts: { accounts }, needs })
    expect(answers.map((one) => one.replace(/^yes .*/, 'yes'))).toEqual(expected)
  })

  test('is not told by addresses that nobody can read, or that a socket unit holds', () => {
    expect(guard('listenaddress here.example:22').answers).toEqual([
      'unsure ListenAddress here.example may leave out 203.0.113.10',
    ])
    expect(guard('listenaddress 127.0.0.1:22', { facts: { socketActivated: true } }).blocked).toEqual([])
  })

  test('where keys are looked for is nothing to who came by password', () => {
    expect(guard('authorizedkeysfile /etc/keys/%u', { needs: password }).blocked).toEqual([])
    expect(guard('authorizedkeysfile /etc/keys/%u', { needs: password }).answers[0]).toMatch(/^yes/)
  })

  test('is not sure where nobody knows how he came in', () => {
    expect(guard('maxauthtries 4', { needs: null })).toEqual({
      answers: ['unsure how you came in is not known'],
      blocked: [],
    })
  })

  test('that is kept out already is shown, and no change is blocked for it', () => {
    const before = settingsWith('maxsessions 2')
    expect(guard('maxsessions 2\nmaxauthtries 4', { before })).toEqual({
      answers: ['no MaxSessions 2, and this console needs 3'],
      blocked: [],
    })
    expect(guard('maxsessions 1', { before }).blocked).toHaveLength(1)
  })

  test('names what is sure before what is not', () => {
    expect(guard('strictmodes yes\nkexalgorithms sntrup761x25519-sha512').answers).toEqual([
      'no KexAlgorithms leaves nothing that this console can use with this server',
      'unsure StrictModes changes: whether your key is found then, a new login will show',
    ])
  })
})

describe('the next login of an account that is made', () => {
  const OUT = 'permitrootlogin no\npasswordauthentication no'
  const groups = 'sudo:27:\nwheel:10:\n'

  /** Both logins after a change that makes dora, by the settings that root, or ops, and dora would have. */
  function made(
    own: string,
    hers: string,
    { host = root, needs = NEEDS as LoginNeeds | null, asked = true, sudo = true, groups: in_ = ['sudo'] } = {},
  ) {
    const before = someAccounts({ pat: {} }, { groups })
    const change = { name: 'dora', groups: in_, shell: '/bin/sh', keys: [], password: false }
    const laid = layAccount(before, { verb: 'create', ...change })
    if (!laid.ok) throw new Error(laid.error)
    const base = sshdOf([{ settings: STOCK }], {}, { groups: ['root'], account: 'open', accounts: before })
    const [view] = base.views
    if (!view) throw new Error('nobody')
    const tried = (of: TriedPerson['view'], after: string): TriedPerson => ({
      ...{ view: of, sum: '', before: parseSettings(STOCK), changed: [] },
      after: parseSettings(settingsWith(after)),
    })
    const dora = tried({ ...view, you: false, user: safe('dora') }, hers)
    const { whatIf, blockers } = guardLogin(
      { people: [tried(view, own), ...(asked ? [dora] : [])] },
      { base, after: { ...base, accounts: sudo ? withSudo(laid.value, 'dora', 'free') : laid.value } },
      { host: needs ? { ...host, needs } : host },
    )
    return {
      answers: whatIf.map(({ answer, question, because }) => `${answer} ${question}: ${because}`),
      blocked: blockers.map(({ kind, message }) => `${kind} ${message}`),
    }
  }

  test('lets root close his own, which is shown and blocks nothing', () => {
    expect(made(OUT, OUT, { needs: { ...password, offered: [KEY] } })).toEqual({
      answers: [
        'yes the next login as dora (from 198.51.100.20, by your key): sshd would let you in by key (ssh-ed25519)',
        'no your next login (root from 198.51.100.20): PermitRootLogin no: the new account takes your place',
        'no your next login (root from 198.51.100.20): PasswordAuthentication no, and you came by password: the new account takes your place',
      ],
      blocked: [],
    })
  })

  test.each<[what: string, hers: string, because: string, needs?: LoginNeeds]>([
    ['a list that she is not on', 'allowusers root bob', 'AllowUsers root bob leaves out dora'],
    ['her name', 'denyusers d*', 'DenyUsers d* names dora'],
    ['groups that she is not in', 'allowgroups ops wheel', 'AllowGroups ops wheel leaves out dora'],
    ['one that she is in', 'denygroups sudo', 'DenyGroups sudo names dora'],
    ['keys that are not taken', 'pubkeyauthentication no', 'PubkeyAuthentication no'],
    [
      'keys of another type',
      'pubkeyacceptedalgorithms rsa-sha2-512',
      'PubkeyAcceptedAlgorithms leaves out ssh-ed25519, which your key is',
    ],
    [
      'a key that is too short',
      'requiredrsasize 3072',
      'RequiredRSASize 3072, and your key is RSA of 2048 bits',
      rsa(2048),
    ],
    ['an sshd without PAM, for she has no password', 'usepam no', 'UsePAM no, and the password is locked'],
    [
      'other methods demanded',
      'authenticationmethods password',
      'AuthenticationMethods password leaves out what you came by (publickey)',
      password,
    ],
  ])('is kept out by %s, and then root is not let close his own', (_what, hers, because, needs = NEEDS) => {
    const { answers, blocked } = made('permitrootlogin no', hers, { needs: { ...needs, offered: [KEY] } })
    expect(answers[0]).toBe(`no the next login as dora (from 198.51.100.20, by your key): ${because}`)
    expect(blocked).toEqual([
      'lock-out This locks you out: PermitRootLogin no.',
      `lock-out dora could not take your place: ${because}.`,
    ])
  })

  test.each([
    ['a list of names', 'allowusers dora'],
    ['the group that administers', 'allowgroups sudo'],
    ['the group of her own', 'allowgroups dora'],
    ['root shut out', 'permitrootlogin no'],
    ['keys alone demanded', 'authenticationmethods publickey'],
  ])('comes in by %s', (_what, hers) => {
    expect(made(OUT, hers).blocked).toEqual([])
    expect(made(OUT, hers).answers[0]).toMatch(/^yes the next login as dora/)
  })

  test('is taken to be by those of all offered keys that sshd takes', () => {
    const needs = { ...password, offered: [{ ...KEY, type: 'ssh-dss' }, KEY] }
    const { answers, blocked } = made(OUT, OUT, { needs })
    expect(answers[0]).toMatch(/^yes .*by key \(ssh-ed25519\)$/)
    expect(blocked).toEqual([])
  })

  test('is no way out without sudo: by no group for sure, by one perhaps, which the proof will show', () => {
    const groupless = made(OUT, OUT, { sudo: false, groups: [] })
    expect(groupless.answers[0]).toMatch(/^no .*: it can't become root: sudo does not make it root$/)
    expect(groupless.blocked).toContain(
      "lock-out dora could not take your place: it can't become root: sudo does not make it root.",
    )
    const grouped = made(OUT, OUT, { sudo: false })
    expect(grouped.answers[0]).toMatch(
      /^unsure .*: whether it becomes root: what sudo makes of group sudo was not read$/,
    )
    expect(grouped.blocked).toEqual([])
  })

  test('does not open the way out for an operator who is not root: his own login proves the change', () => {
    const { answers, blocked } = made('allowusers dora', 'allowusers dora', { host: someHost() })
    expect(answers[0]).toMatch(/^yes the next login as dora/)
    expect(blocked).toEqual(['lock-out This locks you out: AllowUsers dora leaves out ops.'])
  })

  test('that nobody could ask sshd about opens no way out', () => {
    const { answers, blocked } = made(OUT, OUT, { asked: false })
    expect(answers.join()).not.toContain('dora')
    expect(blocked).toEqual(['lock-out This locks you out: PermitRootLogin no.'])
    expect(made(OUT, OUT, { needs: null }).blocked).toEqual(['lock-out This locks you out: PermitRootLogin no.'])
  })
})
