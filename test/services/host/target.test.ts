import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { DEFAULT_POLICY } from '../../../src/services/host/login-policy.ts'
import { parseSshConfig, runSshConfig } from '../../../src/services/host/ssh-config.ts'
import { parseDestination, parsePort, resolveTarget, type Surroundings } from '../../../src/services/host/target.ts'
import { ok } from '../../../src/services/model/errors.ts'

const folder = mkdtempSync(join(tmpdir(), 'hardtui-target-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const hasSsh = spawnSync('ssh', ['-V']).error === undefined
const bare: Surroundings = { home: '/home/ann', user: 'ann', agent: '/agent', sshConfig: async () => ok(null) }

describe('a destination', () => {
  it.each([
    ['host', { user: null, host: 'host', port: null }],
    ['pat@host', { user: 'pat', host: 'host', port: null }],
    ['pat@host:2222', { user: 'pat', host: 'host', port: 2222 }],
    ['pat@192.0.2.1:22', { user: 'pat', host: '192.0.2.1', port: 22 }],
    ['pat@[2001:db8::1]:2222', { user: 'pat', host: '2001:db8::1', port: 2222 }],
    ['[2001:db8::1]', { user: null, host: '2001:db8::1', port: null }],
    ['2001:db8::1', { user: null, host: '2001:db8::1', port: null }],
    ['fe80::1%eth0', { user: null, host: 'fe80::1%eth0', port: null }],
    ['ad@domain@host', { user: 'ad@domain', host: 'host', port: null }],
    ['ssh://pat@host:22/', { user: 'pat', host: 'host', port: 22 }],
  ])('is read: %s', (text, value) => {
    expect(parseDestination(text)).toEqual({ ok: true, value })
  })

  it.each(['', '@host', 'pat@', 'host:', 'host:0', 'host:65536', 'host:22x', '[host]:22', '-oProxyCommand=x', 'a b'])(
    'is refused in one line: %s',
    (text) => {
      const parsed = parseDestination(text)
      expect(parsed.ok).toBe(false)
      if (!parsed.ok) expect(parsed.error).toMatch(/^[^\n]+\.$/)
    },
  )

  it('never throws and never lets an option or a shell through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const parsed = parseDestination(text)
        if (parsed.ok) expect(parsed.value.host).not.toMatch(/^-|[\s'"`$;&|<>\\]/)
      }),
    )
  })

  it('has a port between 1 and 65535', () => {
    expect([parsePort('1'), parsePort('65535'), parsePort('0'), parsePort('1e3'), parsePort('')]).toEqual([
      1,
      65_535,
      null,
      null,
      null,
    ])
  })
})

describe('a target', () => {
  it('has plain defaults where there is no ssh to ask', async () => {
    expect(await resolveTarget('host', {}, bare)).toMatchObject({
      ok: true,
      value: { name: 'host', host: 'host', port: 22, user: 'ann', agent: '/agent', hostKeyAlias: 'host' },
    })
  })

  it('lets the command line win over the destination and the configuration', async () => {
    const sshConfig = async () =>
      parseSshConfig('host h\nhostname 192.0.2.9\nport 2200\nuser cfg\nidentityfile ~/.ssh/k\n', bare)
    const read = await resolveTarget('h', { port: 2222, user: 'pat', identityFiles: ['/key'] }, { ...bare, sshConfig })
    expect(read).toMatchObject({
      ok: true,
      value: { host: '192.0.2.9', port: 2222, user: 'pat', identityFiles: ['/key', '/home/ann/.ssh/k'] },
    })
  })

  it.skipIf(!hasSsh)('follows ssh_config as ssh itself does', async () => {
    const config = join(folder, 'config')
    const included = join(folder, 'included')
    writeFileSync(included, 'Host web*\n  HostName %h.example.org\n  Port 2200\n  User deploy\n')
    writeFileSync(
      config,
      [
        `Include ${included}`,
        'Match host "*.example.org" exec "true"',
        '  IdentityFile ~/.ssh/%r_key',
        '  IdentitiesOnly yes',
        '  UserKnownHostsFile /one /two',
        '  HostKeyAlias the-web',
        '  IdentityAgent none',
        '  ProxyCommand nc %h %p',
        '',
      ].join('\n'),
    )
    const read = await resolveTarget('web1', { configFile: config }, { ...bare, sshConfig: runSshConfig })
    expect(read).toMatchObject({
      ok: true,
      value: {
        name: 'web1',
        host: 'web1.example.org',
        port: 2200,
        user: 'deploy',
        agent: null,
        identityFiles: ['/home/ann/.ssh/deploy_key'],
        identitiesOnly: true,
        hostKeyAlias: 'the-web',
        hostKeyAliased: true,
        proxyCommand: 'nc web1.example.org 2200',
      },
    })
    if (read.ok) expect(read.value.knownHostsFiles.slice(0, 2)).toEqual(['/one', '/two'])
  })

  it.skipIf(!hasSsh)('expands variables and tokens in file names as ssh itself does', async () => {
    const config = join(folder, 'tokens')
    writeFileSync(
      config,
      [
        'Host env',
        '  HostName 192.0.2.1',
        '  Port 2222',
        `  IdentityFile \${HOME}/.ssh/prod`,
        '  IdentityFile ~/.ssh/id_%k_%L_%l_%n_%h_%p_%r_%u_%i_%%_%C',
        `  UserKnownHostsFile \${HOME}/.ssh/kh_%k ~/.ssh/kh2`,
        'Host aliased',
        '  HostName 192.0.2.1',
        '  HostKeyAlias Web1',
        '  IdentityFile /keys/id_%k_%n',
        '',
      ].join('\n'),
    )
    const { username, homedir: home } = userInfo()
    const around = { ...bare, home, user: username, sshConfig: runSshConfig }
    for (const name of ['env', 'aliased']) {
      const read = await resolveTarget(name, { configFile: config }, around)
      const { stderr } = spawnSync('ssh', ['-v', '-F', config, '-o', 'ProxyCommand=false', name], { encoding: 'utf8' })
      const files = [...stderr.matchAll(/^debug1: identity file (\S+) type/gm)].map((match) => match[1] ?? '')
      const own = files.filter((file) => !file.endsWith('-cert'))
      expect(own.length).toBeGreaterThan(0)
      expect(read.ok && read.value.identityFiles).toEqual(own)
      if (name === 'env' && read.ok)
        expect(read.value.knownHostsFiles.slice(0, 2)).toEqual([`${home}/.ssh/kh_env`, `${home}/.ssh/kh2`])
    }
  })

  it.skipIf(!hasSsh)('hands -F on to the ssh of the jump host, whatever its name', async () => {
    const config = join(folder, "jump 100% o'file")
    writeFileSync(
      config,
      'Host bast\n  HostName 127.0.0.1\n  Port 1\n  User jump\nHost inner\n  HostName 127.0.0.2\n  ProxyJump bast\n',
    )
    const read = await resolveTarget('inner', { configFile: config }, { ...bare, sshConfig: runSshConfig })
    if (!read.ok) throw new Error(read.error)
    const ran = spawnSync('sh', ['-c', `${read.value.proxyCommand}`.replace('ssh ', 'ssh -v ')], { encoding: 'utf8' })
    expect(ran.stderr).toContain('Connecting to 127.0.0.1 [127.0.0.1] port 1.')
    expect(read.value.proxyCommand).toContain("-W '[127.0.0.2]:22' -- 'bast'")
  })

  it.skipIf(!hasSsh)("hands -o on to the jump's ssh where it says whom to trust", async () => {
    const options = ['UserKnownHostsFile=/tmp/my keys', 'Port=2222', 'StrictHostKeyChecking yes']
    const read = await resolveTarget('inner', { jump: 'jump@bast:22', options }, { ...bare, sshConfig: runSshConfig })
    if (!read.ok) throw new Error(read.error)
    const { proxyCommand = '' } = read.value
    const shown = spawnSync('sh', ['-c', proxyCommand.replace(/^ssh /, 'ssh -G ')], { encoding: 'utf8' })
    expect(shown.stdout).toMatch(/^userknownhostsfile \/tmp\/my keys$/m)
    expect(shown.stdout).toMatch(/^stricthostkeychecking (yes|true)$/m)
    expect(shown.stdout).toMatch(/^port 22$/m)
    expect(shown.stdout).toMatch(/^user jump$/m)
  })

  it.skipIf(!hasSsh)('obeys the security settings of ssh_config as ssh -G prints them', async () => {
    const config = join(folder, 'policy')
    writeFileSync(
      config,
      [
        'Host strict',
        '  StrictHostKeyChecking yes',
        '  RevokedHostKeys ~/.ssh/revoked',
        '  PreferredAuthentications password,gssapi-with-mic,publickey',
        '  KbdInteractiveAuthentication no',
        '  NumberOfPasswordPrompts 1',
        '  UserKnownHostsFile "/keys of mine/known hosts" /other',
        'Host batch',
        '  BatchMode yes',
        '  Ciphers aes256-ctr',
        'Host new',
        '  StrictHostKeyChecking accept-new',
        '  PasswordAuthentication no',
        '  PubkeyAuthentication no',
        '',
      ].join('\n'),
    )
    const policyOf = async (host: string) => {
      const read = await resolveTarget(host, { configFile: config }, { ...bare, sshConfig: runSshConfig })
      if (!read.ok) throw new Error(read.error)
      return { target: read.value, policy: read.value.policy }
    }
    const strict = await policyOf('strict')
    expect(strict.policy).toMatchObject({
      unknownHostKey: 'refuse',
      revokedHostKeys: '/home/ann/.ssh/revoked',
      methods: ['password', 'publickey'],
      passwordPrompts: 1,
      batch: false,
    })
    expect(strict.target.knownHostsFiles.slice(0, 2)).toEqual(['/keys of mine/known hosts', '/other'])
    const batch = await policyOf('batch')
    expect(batch.policy).toMatchObject({ batch: true, methods: ['publickey'], allowed: { cipher: ['aes256-ctr'] } })
    const accepts = await policyOf('new')
    expect(accepts.policy).toMatchObject({ unknownHostKey: 'accept', methods: ['keyboard-interactive'] })
    const plain = await policyOf('plain')
    expect(plain.policy?.methods).toEqual(DEFAULT_POLICY.methods)
    expect(plain.policy).toMatchObject({ unknownHostKey: 'ask', revokedHostKeys: null, batch: false })
  })

  it.skipIf(!hasSsh).each([
    ['KnownHostsCommand=/bin/keys %H', /has KnownHostsCommand .*not run here: give -o/],
    ['ProxyUseFdpass=yes', /has ProxyUseFdpass/],
    ['Ciphers=3des-cbc', /Ciphers leaves nothing that this program has/],
    ['KexAlgorithms=diffie-hellman-group1-sha1', /KexAlgorithms leaves nothing/],
    ['PreferredAuthentications=gssapi-with-mic', /leaves no way to log in/],
    ['ProxyJump=bast,$(touch /tmp/x)', /ProxyJump .* can't be used|ssh refuses/],
  ])('refuses %s with a word where it can not be obeyed', async (option, reason) => {
    const read = await resolveTarget('web1', { options: [option] }, { ...bare, sshConfig: runSshConfig })
    expect(read.ok).toBe(false)
    if (!read.ok) expect(read.error).toMatch(reason)
  })

  it.skipIf(!hasSsh)('lets no odd character of a user reach the shell through ProxyCommand', async () => {
    const config = join(folder, 'odd')
    const withUser = (user: string): void =>
      writeFileSync(config, `Host odd\n  User "${user}"\n  ProxyCommand nc -l %r %h\n`)
    for (const user of ['DOM\\ann', 'a*', 'a b', '~ann', 'a#b', 'a!b']) {
      withUser(user)
      const read = await resolveTarget('odd', { configFile: config }, { ...bare, sshConfig: runSshConfig })
      expect([user, read.ok]).toEqual([user, false])
      if (!read.ok) expect(read.error).toMatch(/uses %r, .* the shell would act on its characters|ssh refuses/)
    }
    withUser('ann.b-c@corp')
    const read = await resolveTarget('odd', { configFile: config }, { ...bare, sshConfig: runSshConfig })
    expect(read.ok && read.value.proxyCommand).toBe('nc -l ann.b-c@corp odd')
  })

  it.skipIf(!hasSsh)('tells a broken configuration in one line', async () => {
    const config = join(folder, 'broken')
    writeFileSync(config, 'NoSuchOption yes\n')
    const read = await resolveTarget('web1', { configFile: config }, { ...bare, sshConfig: runSshConfig })
    expect(read.ok).toBe(false)
    if (!read.ok) expect(read.error).toMatch(/^ssh refuses its configuration for web1: .+$/)
  })
})
