import { describe, expect, test } from 'vitest'
import {
  type AccountCheckId,
  accountChecks,
  accountVerdicts,
} from '../../../../../src/services/areas/sshd/accounts/checks.ts'
import { accountOf } from '../../../../../src/services/areas/sshd/accounts/usable.ts'
import { parseSettings } from '../../../../../src/services/areas/sshd/parse.ts'
import { safe } from '../../../../../src/services/model/safe.ts'
import { NOTHING_AROUND, someHost } from '../../some-host.ts'
import {
  ASKS,
  ED25519,
  FREE,
  judged,
  LOCKED,
  of,
  rsa,
  SET,
  SETTINGS,
  type Some,
  someAccounts,
} from './some-accounts.ts'

const NO_SHELL = { uid: 27, shell: '/usr/sbin/nologin' }

describe('judging accounts', () => {
  const table: readonly (readonly [id: AccountCheckId, some: Readonly<Record<string, Some>>, said: string])[] = [
    ['ACC-service-login', of('mysql', { uid: 27 }), 'pass none of 1'],
    ['ACC-service-login', of('mysql', { uid: 27, password: SET }), 'fail mysql'],
    ['ACC-service-login', of('mysql', { uid: 27, keys: [ED25519] }), 'fail mysql'],
    ['ACC-service-login', of('git', { uid: 27, keys: [`command="git-shell",restrict ${ED25519}`] }), 'pass none of 1'],
    ['ACC-service-login', of('mysql', { ...NO_SHELL, password: SET }), 'pass none of 1'],
    ['ACC-service-login', of('mysql', { ...NO_SHELL, keys: [ED25519] }), 'fail mysql'],
    ['ACC-service-login', of('mysql', { ...NO_SHELL, keys: [`restrict ${ED25519}`] }), 'pass none of 1'],
    ['ACC-service-login', of('mysql', { uid: 27, shell: '/bin/gone', password: SET }), 'pass none of 1'],
    ['ACC-service-login', of('mysql', { uid: 27, password: 'set:y:1:0:9::0:100:' }), 'pass none of 1'],
    ['ACC-service-login', of('mysql', { uid: 27, password: 'set:y:20000:0:703:7:14:' }), 'fail mysql'],
    ['ACC-service-login', of('mysql', { uid: 27, password: 'set:y:20000:0:702:7:14:' }), 'pass none of 1'],
    ['ACC-service-login', of('mysql', { uid: 27, shell: '/bin/gone', keys: [ED25519] }), 'pass none of 1'],
    ['ACC-service-login', of('nobody', { uid: 65534, password: SET }), 'fail nobody'],
    ['ACC-service-login', of('pat', { uid: 1000, password: SET }), 'pass none of 0'],
    [
      'ACC-service-login',
      of('mysql', { uid: 27, unread: 'skipped' }),
      'unknown mysql: /home/mysql/.ssh/authorized_keys: there are more keys than are read',
    ],
    ['ACC-empty-password', of('pat', { password: SET }), 'pass none'],
    ['ACC-empty-password', of('pat', { password: 'empty:-::::::' }), 'fail pat'],
    ['ACC-uid0', {}, 'pass root alone'],
    ['ACC-uid0', of('toor', { uid: 0 }), 'fail toor'],
    ['ACC-weak-keys', of('pat', { keys: [ED25519, rsa(2048)] }), 'pass none'],
    ['ACC-weak-keys', of('pat', { keys: [rsa(2040)] }), 'fail pat: RSA 2040'],
    ['ACC-weak-keys', {}, 'pass there are no keys'],
    [
      'ACC-weak-keys',
      of('pat', { unread: 'long QUFB' }),
      'unknown /home/pat/.ssh/authorized_keys: it is longer than 64 KB',
    ],
    [
      'ACC-weak-keys',
      of('pat', { unread: 'hidden', modes: ['41ed 0 0', '41ed 0 0', '8180 0 0'] }),
      'pass there are no keys',
    ],
    ['ACC-short-keys', of('pat', { keys: [rsa(2048)] }), 'fail pat: RSA 2048'],
    ['ACC-short-keys', of('pat', { keys: [rsa(3072)] }), 'pass none'],
    ['ACC-root-keys', {}, 'pass root has no keys'],
    [
      'ACC-root-keys',
      of('root', { uid: 0, gid: 0, home: '/root', keys: [ED25519, ED25519] }),
      'fail 2 keys without from= or command=',
    ],
    [
      'ACC-root-keys',
      of('root', { uid: 0, gid: 0, home: '/root', keys: [`from="10.0.0.1" ${ED25519}`] }),
      'pass each is limited',
    ],
    [
      'ACC-root-keys',
      of('root', { uid: 0, gid: 0, home: '/root', keys: [`from="*" ${ED25519}`] }),
      'fail 1 key without from= or command=',
    ],
    ['ACC-source', of('pat', { keys: [`from="10.0.0.1,*" ${ED25519}`] }), 'fail from anywhere: pat'],
    ['ACC-key-files', of('pat', { keys: [ED25519] }), 'pass nobody else can write to them'],
    [
      'ACC-key-files',
      of('pat', { uid: 1001, keys: [ED25519], modes: ['41ed 1001 1001', '41c0 1001 1001', '81b6 1001 1001'] }),
      'fail pat',
    ],
    ['ACC-key-files', of('pat', { uid: 1001, modes: ['41ff 1001 1001', '', ''] }), 'fail pat'],
    ['ACC-key-files', of('pat', { uid: 1001, modes: ['43ff 0 0', '', ''] }), 'pass nobody else can write to them'],
    ['ACC-files', {}, 'pass root’s alone to write to'],
    ['ACC-source', of('pat', { keys: [ED25519] }), 'fail from anywhere: pat'],
    ['ACC-source', of('pat', { keys: [`from="10.0.0.1" ${ED25519}`] }), 'pass every key names its addresses'],
    ['ACC-old-hashes', of('pat', { password: SET }), 'pass none of 1'],
    ['ACC-old-hashes', of('pat', { password: 'set:1:20000:0:99999:7::' }), 'fail pat (MD5)'],
    ['ACC-old-hashes', of('pat', { password: 'locked:des:20000:0:99999:7::' }), 'fail pat (DES)'],
    ['ACC-other-admin', of('pat', { keys: [ED25519] }), 'fail nobody'],
    ['ACC-other-admin', of('ops', { keys: [ED25519], sudo: FREE }), 'pass ops'],
    ['ACC-other-admin', of('ops', { keys: [ED25519], sudo: ASKS }), 'fail nobody'],
    ['ACC-other-admin', of('ops', { keys: [ED25519], sudo: ASKS, password: SET }), 'pass ops'],
    ['ACC-other-admin', of('ops', { sudo: FREE, password: SET }), 'fail nobody'],
    ['ACC-other-admin', of('ops', { keys: [`command="x" ${ED25519}`], sudo: FREE }), 'fail nobody'],
    ['ACC-other-admin', of('ops', { keys: [ED25519], sudo: FREE, shell: '/bin/false' }), 'fail nobody'],
    [
      'ACC-other-admin',
      of('ops', { keys: [ED25519], sudo: FREE, password: 'set:y:20000:0:99999:7::20001' }),
      'fail nobody',
    ],
    ['ACC-other-admin', of('ops', { unread: 'skipped', sudo: FREE }), 'unknown perhaps ops'],
    ['SSH-hostkeys', {}, 'pass ED25519 256'],
    ['SSH-files', {}, 'pass root’s alone to write to'],
    ['SSH-config-mode', {}, 'pass 0600'],
  ]
  test.each(table)('%s %#', (id, some, said) => {
    expect(judged(id, some).said).toBe(said)
  })

  test.each<[id: AccountCheckId, part: string, body: string, said: string]>([
    ['SSH-hostkeys', 'hostkeys', 'path =/k\nseen at 8180 0 0 1 1\nkey 2048 SHA256:x (RSA)\nend\n', 'fail RSA 2048'],
    ['SSH-hostkeys', 'hostkeys', 'path =/k\nseen at 81a0 0 0 1 1\nkey 256 SHA256:x (ED25519)\nend\n', 'fail /k 0640'],
    [
      'SSH-hostkeys',
      'hostkeys',
      'path =/k\nseen at 8180 5 0 1 1\nkey 256 SHA256:x (ED25519)\nend\n',
      'fail /k is not root’s',
    ],
    [
      'SSH-hostkeys',
      'hostkeys',
      'path =/k\nseen at 8180 0 0 1 1\nend\n',
      'unknown /k: ssh-keygen did not say what key it is',
    ],
    ['SSH-hostkeys', 'hostkeys', 'end\n', 'unknown no host key was found'],
    [
      'SSH-files',
      'files',
      'path =/etc/ssh/sshd_config.d/a\nseen at 81b6 0 0 1 1\nend\n',
      'fail /etc/ssh/sshd_config.d/a',
    ],
    ['SSH-files', 'files', 'path =/etc/ssh\nseen at 41ed 7 0 1 1\nend\n', 'fail /etc/ssh'],
    [
      'SSH-files',
      'files',
      'path =/etc/ssh\nseen unreadable Permission denied\nend\n',
      'unknown /etc/ssh: Permission denied',
    ],
    [
      'SSH-config-mode',
      'files',
      'path =/etc/ssh/sshd_config\nseen at 81a4 0 0 1 1\nend\n',
      'fail /etc/ssh/sshd_config 0644',
    ],
    ['ACC-files', 'files', 'path =/etc/shadow\nseen at 81a4 0 0 1 1\nend\n', 'fail /etc/shadow'],
    ['ACC-files', 'files', 'path =/etc/passwd\nseen at 81b4 0 7 1 1\nend\n', 'fail /etc/passwd'],
    ['ACC-empty-password', 'shadow', 'unreadable\nend\n', 'unknown /etc/shadow can’t be read (it needs root)'],
    [
      'ACC-uid0',
      'passwd',
      'root:shadowed:-:0:0:/root:/bin/sh:file\ncut 900\n',
      'unknown passwd has 900 lines, of which 1 were read',
    ],
    [
      'ACC-uid0',
      'passwd',
      'root:shadowed:-:0:0:/root:/bin/sh:file\n+::::::\nend\n',
      'unknown a line of /etc/passwd is no account: +::::::',
    ],
    [
      'ACC-uid0',
      'passwd',
      'root:shadowed:-:0:0:/root:/bin/sh:file\n+ann:shadowed:-:7:7:/:/bin/sh:file\nend\n',
      'unknown a line of /etc/passwd is no account: +ann:shadowed:-:7:7:/:/bin/sh:file',
    ],
    ['ACC-uid0', 'sources', 'passwd: files sss\n', 'unknown accounts come from sss too, which need not list them all'],
    ['ACC-other-admin', 'sudo', 'more\nend\n', 'unknown perhaps pat'],
    ['ACC-other-admin', 'sudo', 'absent\nend\n', 'fail nobody'],
    ['ACC-other-admin', 'sudo', 'doas\nabsent\nend\n', 'unknown perhaps pat'],
    ['ACC-weak-keys', 'keys', 'lacks base64\nend\n', 'unknown root: the server lacks base64 and 1 more'],
    ['ACC-weak-keys', 'keys', '', 'unknown root: keys could not be read and 1 more'],
  ])('%s by its part: %#', (id, part, body, said) => {
    expect(judged(id, of('pat', { keys: [ED25519] }), { parts: { [part]: body } }).said).toBe(said)
  })

  test('what stands in no file of the server’s own is not said to have no password', () => {
    const parts = {
      passwd: 'root:shadowed:-:0:0:/root:/bin/sh:file\nann:shadowed:-:27:27:/home/ann:/bin/bash:nss\nend\n',
    }
    const facts = someAccounts(of('pat', {}), { parts })
    expect(accountOf(facts, 'ann')?.password).toMatchObject({ value: { state: 'elsewhere' } })
    expect(judged('ACC-service-login', {}, { parts }).outcome).toBe('unknown')
  })

  test('details name the account, the key and its place, hostile words made visible', () => {
    const { details } = judged('ACC-weak-keys', of('pat', { keys: ['rubbish', `${rsa(1024)} \u001b]0;x`] }))
    expect(details).toEqual([
      expect.stringMatching(/^pat: RSA 1024 SHA256:\S{43}, line 2 of \/home\/pat\/\.ssh\/authorized_keys \(␛\]0;x\)$/),
      'line 1 of /home/pat/.ssh/authorized_keys is passed over: rubbish is no type of key',
    ])
  })

  test.each([
    ['AllowUsers ops@10.0.0.0/8', 'pass AllowUsers ops@10.0.0.0/8'],
    ['AllowUsers ops', 'fail from anywhere: ops'],
    ['PasswordAuthentication yes', 'fail from anywhere: ops'],
  ])('%s: who comes from where', (line, said) => {
    const settings = `${line.toLowerCase()}\n${SETTINGS}`
    expect(judged('ACC-source', of('ops', { keys: [ED25519], password: SET }), { settings }).said).toBe(said)
  })

  test.each([
    ['no', 'pass PermitRootLogin no'],
    ['forced-commands-only', 'pass PermitRootLogin forced-commands-only'],
    ['without-password', 'fail 1 key without from= or command='],
  ])('root’s keys by PermitRootLogin %s', (word, said) => {
    const settings = SETTINGS.replace('permitrootlogin yes', `permitrootlogin ${word}`)
    const root = of('root', { uid: 0, gid: 0, home: '/root', keys: [ED25519] })
    expect(judged('ACC-root-keys', root, { settings }).said).toBe(said)
    const [own, block] = [parseSettings(settings), safe('Match User root')]
    const other = {
      user: safe('root'),
      address: safe('10.0.0.1'),
      you: false,
      block,
      matched: [block],
      settings: parseSettings(SETTINGS),
    }
    expect(
      accountVerdicts['ACC-root-keys'](someAccounts(root), { settings: own, views: [other], unjudged: [] }).outcome,
    ).toBe('fail')
    const unjudged = [{ block, reason: safe('x') }]
    expect(accountVerdicts['ACC-root-keys'](someAccounts(root), { settings: own, views: [], unjudged }).outcome).toBe(
      'fail',
    )
  })

  test.each([
    ['allowusers pat', 'fail nobody'],
    ['allowusers op*', 'pass ops'],
    ['allowusers ops@10.0.0.0/8', 'unknown perhaps ops'],
    ['denyusers ops', 'fail nobody'],
    ['allowgroups wheel', 'pass ops'],
    ['denygroups wheel', 'fail nobody'],
    ['pubkeyauthentication no', 'fail nobody'],
    ['authenticationmethods password', 'fail nobody'],
    ['usepam no', 'fail nobody'],
  ])('%s: who else may administer', (line, said) => {
    const settings = `${line}\n${SETTINGS}`
    const ops = of('ops', { keys: [ED25519], sudo: FREE, password: LOCKED })
    expect(judged('ACC-other-admin', ops, { settings, groups: 'wheel:10:ops\n' }).said).toBe(said)
  })

  test('Match blocks may limit where somebody comes from, and whom the lists let in', () => {
    const facts = someAccounts(of('ops', { keys: [ED25519], sudo: FREE }))
    const look = (id: 'ACC-source' | 'ACC-other-admin', lines: string, block: string) => {
      const settings = parseSettings(lines + SETTINGS)
      const view = { user: safe('anybody'), address: safe('240.0.0.1'), you: false, block: null, matched: [], settings }
      const met = { ...view, address: safe('10.0.0.1'), block: safe(block), matched: [safe(block)] }
      return accountVerdicts[id](facts, { settings, views: [{ ...view, you: true }, view, met], unjudged: [] }).outcome
    }
    expect(look('ACC-source', '', 'Address 10.0.0.0/8')).toBe('unknown')
    expect(look('ACC-source', '', 'LocalAddress 10.0.0.1')).toBe('fail')
    expect(look('ACC-other-admin', '', 'User x')).toBe('pass')
    expect(look('ACC-other-admin', 'allowusers ops\n', 'User x')).toBe('unknown')
    expect(look('ACC-other-admin', 'allowusers pat\n', 'User x')).toBe('fail')
  })

  test('every check has words, and says that nothing was read', () => {
    for (const check of accountChecks) {
      const holder = { accounts: null, settings: [], views: [], unjudged: [] }
      expect(check.judge(holder, someHost(), NOTHING_AROUND)).toEqual({
        outcome: 'unknown',
        observed: 'accounts could not be read',
      })
      expect(check.noFix).not.toBe('')
    }
    expect(new Set(accountChecks.map(({ id }) => id)).size).toBe(accountChecks.length)
  })
})
