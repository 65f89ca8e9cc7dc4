import { describe, expect, test } from 'vitest'
import { SPOKEN } from '../../../../../src/services/areas/sshd/advice/algorithms.ts'
import { riskWords } from '../../../../../src/services/areas/sshd/advice/row.ts'
import { ROWS } from '../../../../../src/services/areas/sshd/advice/table.ts'
import { sshd } from '../../../../../src/services/areas/sshd/area.ts'
import { keywordOf } from '../../../../../src/services/areas/sshd/keywords/table.ts'
import { ALGORITHMS } from '../../../../../src/services/host/algorithms.ts'
import { safe } from '../../../../../src/services/model/safe.ts'
import { someHost } from '../../some-host.ts'
import { facts, fixOn, person, verdictOn } from './some-facts.ts'

/** A failing value of each row, what is said of it, what its fix writes (null: it has none), and a value that passes. */
type Case = readonly [keyword: string, bad: string, verdict: string, fix: string | null, good: string]

const CASES: readonly Case[] = [
  ['PermitRootLogin', 'permitrootlogin yes', 'yes', 'no', 'permitrootlogin no'],
  ['PermitRootLogin', 'permitrootlogin forced-commands-only', 'forced-commands-only', 'no', 'permitrootlogin no'],
  ['PasswordAuthentication', 'passwordauthentication yes', 'yes', 'no', 'passwordauthentication no'],
  [
    'KbdInteractiveAuthentication',
    'kbdinteractiveauthentication yes\nusepam yes',
    'yes',
    'no',
    'kbdinteractiveauthentication yes\nusepam no',
  ],
  ['PubkeyAuthentication', 'pubkeyauthentication no', 'no', 'yes', 'pubkeyauthentication yes'],
  ['AuthenticationMethods', 'authenticationmethods any', 'any', null, 'authenticationmethods publickey'],
  ['PermitEmptyPasswords', 'permitemptypasswords yes', 'yes', 'no', 'permitemptypasswords no'],
  ['AllowUsers', 'port 22', 'everyone', null, 'allowgroups ssh'],
  ['HostbasedAuthentication', 'hostbasedauthentication yes', 'yes', 'no', 'hostbasedauthentication no'],
  ['IgnoreRhosts', 'ignorerhosts shosts-only', 'shosts-only', 'yes', 'ignorerhosts yes'],
  ['GSSAPIAuthentication', 'gssapiauthentication yes', 'yes', 'no', 'gssapiauthentication no'],
  ['StrictModes', 'strictmodes no', 'no', 'yes', 'strictmodes yes'],
  ['UsePAM', 'usepam no\nkbdinteractiveauthentication no', 'no', 'yes', 'usepam yes'],
  ['Protocol', 'protocol 2,1', '2,1', '2', 'protocol 2'],
  ['MaxAuthTries', 'maxauthtries 6', '6', '4', 'maxauthtries 4'],
  ['MaxAuthTries', 'maxauthtries 0', '0', '4', 'maxauthtries 1'],
  ['LoginGraceTime', 'logingracetime 120', '120', '60', 'logingracetime 60'],
  ['LoginGraceTime', 'logingracetime 0', '0', '60', 'logingracetime 30'],
  ['MaxStartups', 'maxstartups 10:30:100', '10:30:100', '10:30:60', 'maxstartups 10:30:60'],
  ['MaxStartups', 'maxstartups 10:20:60', '10:20:60', '10:30:60', 'maxstartups 5:50:40'],
  ['MaxStartups', 'maxstartups 61', '61', '10:30:60', 'maxstartups 60'],
  ['MaxSessions', 'maxsessions 11', '11', '10', 'maxsessions 10'],
  ['MaxSessions', 'maxsessions 2', '2, and this console needs 3', '10', 'maxsessions 3'],
  ['ClientAliveInterval', 'clientaliveinterval 0', '0', '300', 'clientaliveinterval 300'],
  ['ClientAliveInterval', 'clientaliveinterval 301', '301', '300', 'clientaliveinterval 15'],
  ['ClientAliveCountMax', 'clientalivecountmax 0', '0', '3', 'clientalivecountmax 3'],
  ['ClientAliveCountMax', 'clientalivecountmax 4', '4', '3', 'clientalivecountmax 1'],
  ['PerSourcePenalties', 'persourcepenalties no', 'no', 'yes', 'persourcepenalties crash:90 authfail:5'],
  ['LogLevel', 'loglevel SILENT', 'QUIET', 'VERBOSE', 'loglevel INFO'],
  ['LogLevel', 'loglevel ERROR', 'ERROR', 'VERBOSE', 'loglevel VERBOSE'],
  ['LogLevel', 'loglevel DEBUG2', 'DEBUG2', 'VERBOSE', 'loglevel INFO'],
  ['UseDNS', 'usedns yes', 'yes', 'no', 'usedns no'],
  ['Banner', 'banner none', 'none', null, 'banner /etc/issue.net'],
  ['X11Forwarding', 'x11forwarding yes', 'yes', 'no', 'x11forwarding no'],
  ['X11Forwarding', 'x11forwarding yes', 'yes', 'no', 'x11forwarding yes\ndisableforwarding yes'],
  ['AllowAgentForwarding', 'allowagentforwarding yes', 'yes', 'no', 'allowagentforwarding no'],
  ['AllowTcpForwarding', 'allowtcpforwarding local', 'local', null, 'allowtcpforwarding no'],
  ['PermitTunnel', 'permittunnel ethernet', 'ethernet', 'no', 'permittunnel no'],
  ['GatewayPorts', 'gatewayports clientspecified', 'clientspecified', 'no', 'gatewayports no'],
  ['PermitUserEnvironment', 'permituserenvironment LANG,LC_*', 'LANG,LC_*', 'no', 'permituserenvironment no'],
  [
    'KexAlgorithms',
    'kexalgorithms curve25519-sha256,diffie-hellman-group14-sha1,diffie-hellman-group1-sha1,diffie-hellman-group14-sha256',
    'weak: diffie-hellman-group14-sha1, diffie-hellman-group1-sha1',
    'curve25519-sha256,diffie-hellman-group14-sha256',
    'kexalgorithms mlkem768x25519-sha256,curve25519-sha256',
  ],
  [
    'Ciphers',
    'ciphers aes256-ctr,aes256-cbc,3des-cbc,arcfour128,aes128-gcm@openssh.com',
    'weak: aes256-cbc, 3des-cbc, arcfour128',
    'aes256-ctr,aes128-gcm@openssh.com',
    'ciphers chacha20-poly1305@openssh.com,aes128-ctr',
  ],
  [
    'MACs',
    'macs umac-64-etm@openssh.com,hmac-sha1,hmac-md5-96,umac-128@openssh.com,hmac-sha2-256,hmac-sha1-96-etm@openssh.com',
    'weak: umac-64-etm@openssh.com, hmac-sha1, hmac-md5-96, hmac-sha1-96-etm@openssh.com',
    'umac-128@openssh.com,hmac-sha2-256',
    'macs hmac-sha2-512-etm@openssh.com',
  ],
  ...(['HostKeyAlgorithms', 'PubkeyAcceptedAlgorithms', 'CASignatureAlgorithms'] as const).map(
    (keyword): Case => [
      keyword,
      `${keyword} ssh-ed25519,ssh-rsa,ssh-dss-cert-v01@openssh.com,rsa-sha2-512,rsa-sha2-512-cert-v01@openssh.com`,
      'weak: ssh-rsa, ssh-dss-cert-v01@openssh.com',
      'ssh-ed25519,rsa-sha2-512,rsa-sha2-512-cert-v01@openssh.com',
      `${keyword} ssh-ed25519,rsa-sha2-256`,
    ],
  ),
  ['RequiredRSASize', 'requiredrsasize 1024', '1024', '3072', 'requiredrsasize 4096'],
]

describe('what is advised', () => {
  test.each(CASES)('of %s: %j fails as “%s”, its fix writes %j, and %j passes', (keyword, bad, verdict, fix, good) => {
    const id = `SSH-${keyword}`
    expect(verdictOn(id, facts(bad))).toBe(`fail ${verdict}`)
    expect(fixOn(id, facts(bad))).toEqual(fix === null ? null : [`${keyword} ${fix}`])
    expect(verdictOn(id, facts(good))).toMatch(/^pass /)
    expect(fixOn(id, facts(good))).toBeNull()
  })

  test('has a case here for every row but the one that only informs', () => {
    const named = new Set(CASES.map(([keyword]) => keyword))
    expect(ROWS.map(({ keyword }) => keyword).filter((keyword) => !named.has(keyword))).toEqual(['DisableForwarding'])
    expect(verdictOn('SSH-DisableForwarding', facts('disableforwarding yes'))).toBe('pass yes')
    expect(verdictOn('SSH-DisableForwarding', facts('disableforwarding no'))).toBe(
      'notapplicable no: the single keywords decide',
    )
  })

  test.each(ROWS.map((row) => [row.keyword, row] as const))('of %s is whole', (keyword, row) => {
    const known = keywordOf(keyword)
    expect(known?.name).toBe(keyword)
    // What may stand in a Match block is judged for everybody who was asked for.
    expect(row.of === 'server').toBe(!known?.inMatch)
    expect(row.references.length).toBeGreaterThan(0)
    expect(row.riskWhy).toMatch(/^(?:[^.]|\.(?=\S))+\.$/)
    expect(row.advised !== undefined || row.noFix !== undefined).toBe(true)
    if (Array.isArray(row.advised)) {
      for (const value of row.advised) expect(known?.check(value)).toBeNull()
      expect(
        row.accepts(
          row.advised.flatMap((value) => known?.printed(value, 'OpenSSH_7.0') ?? [value]),
          {} as never,
          someHost(),
        ),
      ).toBe(true)
    }
    if (row.noFix !== undefined) expect(row.noFix).not.toMatch(/\.( |$)/)
  })

  test('tells the risk of its change where the reader of its reason finds it, and why it has no fix', () => {
    for (const row of ROWS) {
      const check = sshd.checks.find(({ id }) => id === `SSH-${row.keyword}`)
      expect(check?.rationale).toBe(`${row.rationale} ${riskWords(row)}`)
      expect(check?.noFix).toBe(row.noFix)
      expect(check?.fix === undefined).toBe(row.advised === undefined)
    }
    expect(sshd.checks.find(({ id }) => id === 'SSH-PermitRootLogin')?.rationale).toContain(
      'The change may shut you out: whoever comes in as root needs another login',
    )
  })
})

describe('a keyword that sshd does not name', () => {
  const old = 'OpenSSH_7.4p1'
  test.each([
    ['RequiredRSASize', old, 'notapplicable this release has no such keyword'],
    ['PerSourcePenalties', 'OpenSSH_9.7p1', 'notapplicable this release has no such keyword'],
    ['PerSourcePenalties', 'OpenSSH_9.8p1', 'unknown this sshd does not name it'],
    ['CASignatureAlgorithms', old, 'notapplicable this release has no such keyword'],
    ['PubkeyAcceptedAlgorithms', old, 'unknown this sshd does not name it'],
    ['DisableForwarding', 'OpenSSH_7.3p1', 'notapplicable this release has no such keyword'],
    ['Protocol', 'OpenSSH_9.2p1', 'notapplicable this release has no such keyword'],
    ['Protocol', 'OpenSSH_6.6.1p1', 'unknown this sshd does not name it'],
    ['GSSAPIAuthentication', 'OpenSSH_9.2p1', 'notapplicable this sshd was built without it'],
    ['UsePAM', 'OpenSSH_9.2p1', 'notapplicable this sshd was built without it'],
    ['MaxAuthTries', null, 'unknown this sshd does not name it'],
    ['RequiredRSASize', null, 'unknown this sshd does not name it'],
  ])('%s of %s is %s, and has no fix', (keyword, version, verdict) => {
    expect(verdictOn(`SSH-${keyword}`, facts('port 22', [], version))).toBe(verdict)
    expect(fixOn(`SSH-${keyword}`, facts('port 22', [], version))).toBeNull()
  })
})

describe('a fix', () => {
  const root = someHost({ uid: 0, escalation: 'root' })
  const redHat = { ...someHost(), os: safe('Rocky Linux 9.4') }

  test('leaves root a way in by key where root is the operator’s own login', () => {
    const yes = facts('permitrootlogin yes')
    expect(fixOn('SSH-PermitRootLogin', yes, root)).toEqual(['PermitRootLogin prohibit-password'])
    expect(fixOn('SSH-PermitRootLogin', facts('permitrootlogin without-password'), root)).toBeNull()
    expect(fixOn('SSH-PermitRootLogin', facts('permitrootlogin yes', [], 'OpenSSH_6.6.1p1'), root)).toEqual([
      'PermitRootLogin without-password',
    ])
  })

  test('goes by the names of its release', () => {
    expect(
      fixOn('SSH-KbdInteractiveAuthentication', facts('challengeresponseauthentication yes', [], 'OpenSSH_8.4p1')),
    ).toEqual(['ChallengeResponseAuthentication no'])
    expect(
      fixOn(
        'SSH-PubkeyAcceptedAlgorithms',
        facts('pubkeyacceptedkeytypes ssh-rsa,ssh-ed25519,rsa-sha2-256', [], 'OpenSSH_8.4p1'),
      ),
    ).toEqual(['PubkeyAcceptedKeyTypes ssh-ed25519,rsa-sha2-256'])
  })

  test.each([
    ['PasswordAuthentication', 'passwordauthentication yes', 'publickey,password password'],
    ['KbdInteractiveAuthentication', 'kbdinteractiveauthentication yes', 'password keyboard-interactive:pam'],
    ['HostbasedAuthentication', 'hostbasedauthentication yes', 'hostbased,publickey'],
    ['GSSAPIAuthentication', 'gssapiauthentication yes', 'gssapi-with-mic'],
  ])('does not switch off what AuthenticationMethods demands: %s', (keyword, settings, methods) => {
    expect(fixOn(`SSH-${keyword}`, facts(`${settings}\nauthenticationmethods ${methods}`))).toBeNull()
    expect(fixOn(`SSH-${keyword}`, facts(`${settings}\nauthenticationmethods any`))).toHaveLength(1)
  })

  test('asks what AuthenticationMethods demands of anybody, not only of the operator', () => {
    const open = 'passwordauthentication yes\nauthenticationmethods any'
    const others = [
      person(open),
      person('passwordauthentication yes\nauthenticationmethods publickey,password', ['User x']),
    ]
    expect(fixOn('SSH-PasswordAuthentication', facts(open, others))).toBeNull()
  })

  test('leaves Kerberos where other settings say that it is used', () => {
    expect(fixOn('SSH-GSSAPIAuthentication', facts('gssapiauthentication yes\ngssapikeyexchange yes'))).toBeNull()
    expect(fixOn('SSH-GSSAPIAuthentication', facts('gssapiauthentication yes\nkerberosauthentication yes'))).toBeNull()
  })

  test('does not bring PAM’s passwords in by the keyboard-interactive door', () => {
    expect(fixOn('SSH-UsePAM', facts('usepam no\nkbdinteractiveauthentication yes'))).toBeNull()
  })

  test('leaves the names of clients where a list or a block goes by them', () => {
    expect(fixOn('SSH-UseDNS', facts('usedns yes\nallowusers ops@*.example.net'))).toBeNull()
    expect(fixOn('SSH-UseDNS', facts('usedns yes\nallowusers ops@10.0.0.0/8'))).toHaveLength(1)
    const blocked = {
      ...facts('usedns yes'),
      unjudged: [{ block: safe('User x Host *.example.net'), reason: safe('') }],
    }
    expect(fixOn('SSH-UseDNS', blocked)).toBeNull()
    expect(
      fixOn('SSH-UseDNS', { ...blocked, unjudged: [{ block: safe('Group ghosts'), reason: safe('') }] }),
    ).toHaveLength(1)
  })

  test.each([
    ['KexAlgorithms', 'diffie-hellman-group14-sha1,sntrup761x25519-sha512@openssh.com'],
    ['Ciphers', 'aes256-cbc'],
    ['MACs', 'hmac-sha1,umac-128@openssh.com'],
    ['HostKeyAlgorithms', 'ssh-rsa'],
    ['HostKeyAlgorithms', 'ssh-rsa,ssh-ed25519,rsa-sha2-512-cert-v01@openssh.com'],
    ['HostKeyAlgorithms', 'ssh-dss,sk-ssh-ed25519@openssh.com'],
  ])('of %s does not leave too little: %s', (keyword, list) => {
    expect(verdictOn(`SSH-${keyword}`, facts(`${keyword} ${list}`))).toMatch(/^fail weak: /)
    expect(fixOn(`SSH-${keyword}`, facts(`${keyword} ${list}`))).toBeNull()
  })

  test('does not touch lists that the crypto policy writes, nor one that did not come whole', () => {
    const weak = 'macs hmac-sha1,hmac-sha2-256'
    expect(fixOn('SSH-MACs', facts(weak), redHat)).toBeNull()
    expect(fixOn('SSH-MACs', facts(`${weak}…+12`))).toBeNull()
    expect(fixOn('SSH-MACs', facts(weak))).toEqual(['MACs hmac-sha2-256'])
  })

  test('counts on what this console really speaks', () => {
    const { kex, cipher, hmac } = ALGORITHMS
    expect(SPOKEN).toEqual({ KexAlgorithms: kex, Ciphers: cipher, MACs: hmac })
  })
})
