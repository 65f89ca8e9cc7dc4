import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from 'ssh2'
import { describe, expect, test } from 'vitest'
import { exec, logIn, practise } from './log-in.ts'

const settings = async (client: Client, who: string, keyword: string): Promise<readonly string[]> =>
  (await exec(client, `sshd -T ${who}`)).stdout
    .split('\n')
    .flatMap((line) => (line.startsWith(`${keyword} `) ? [line.slice(keyword.length + 1)] : []))

const as = (user: string, address = '198.51.100.20'): string =>
  `-C user=${user},host=${address},addr=${address},laddr=203.0.113.10,lport=22`

describe.concurrent('sshd of a practice server', () => {
  test('has a host key of its own, whose fingerprint ssh-keygen gives', async (context) => {
    const { client } = await practise(context)
    const { stdout } = await exec(client, 'cd $HARDTUI_ROOT/etc/ssh && ssh-keygen -lf ssh_host_ed25519_key.pub')
    expect(stdout).toMatch(/^256 SHA256:\S{43} root@practice \(ED25519\)\n$/)
    expect(await exec(client, 'ssh-keygen -lf $HARDTUI_ROOT/etc/passwd')).toMatchObject({ status: 255 })
  })

  test('reads what it includes first, and the first word counts', async (context) => {
    const { client, practice } = await practise(context)
    writeFileSync(
      join(practice.root, 'etc/ssh/sshd_config.d/10-own.conf'),
      'Port 10022\nPermitRootLogin no # not root\n',
    )
    writeFileSync(join(practice.root, 'etc/ssh/sshd_config.d/not-read'), 'MaxAuthTries 1\n')
    expect(await settings(client, '', 'permitrootlogin')).toEqual(['no'])
    expect(await settings(client, '', 'maxauthtries')).toEqual(['6'])
    expect(await settings(client, '', 'port')).toEqual(['10022', '22'])
    expect(await settings(client, '', 'listenaddress')).toEqual([
      '[::]:10022',
      '[::]:22',
      '0.0.0.0:10022',
      '0.0.0.0:22',
    ])
  })

  test('keeps a Match block for whom it names', async (context) => {
    const { client, practice } = await practise(context)
    const blocks =
      'Match User s*,!root Address 198.51.100.0/24,!198.51.100.9\nMaxAuthTries 2\nMatch Group mysql\nMaxAuthTries 3\n'
    const config = join(practice.root, 'etc/ssh/sshd_config')
    writeFileSync(config, blocks, { flag: 'a' })
    const tries = (who: string) => settings(client, who, 'maxauthtries')
    expect(await tries(as('shop'))).toEqual(['2'])
    expect(await tries(as('shop', '198.51.100.9'))).toEqual(['6'])
    expect(await tries(as('shop', '192.0.2.1'))).toEqual(['6'])
    expect(await tries(as('mysql'))).toEqual(['3'])
    expect(await tries(as('root'))).toEqual(['6'])
    expect(await tries('')).toEqual(['6'])
    const told = await exec(client, `sshd -ddd -T ${as('shop')} 2>&1 >/dev/null`)
    expect(told.stdout).toMatch(
      /checking match for 'User s\*,!root [^']*' user shop host .*\n.*match found\ndebug3: reprocess config:\d+ setting MaxAuthTries 2\n/,
    )
  })

  test('refuses what it does not know, and what may not stand in a block', async (context) => {
    const { client, practice } = await practise(context)
    const config = join(practice.root, 'etc/ssh/sshd_config')
    writeFileSync(config, 'Frob yes\nMatch Usr x\nMatch User x\nPort 3\n')
    expect(await exec(client, 'sshd -t')).toMatchObject({
      status: 255,
      stderr: [
        '/etc/ssh/sshd_config: line 1: Bad configuration option: frob',
        '/etc/ssh/sshd_config line 2: Unsupported Match attribute usr',
        "/etc/ssh/sshd_config line 4: Directive 'port' is not allowed within a Match block",
        '/etc/ssh/sshd_config: terminating, 3 bad configuration options\n',
      ].join('\n'),
    })
    // A reload asks first and leaves what runs alone; a restart finds out too late.
    expect(await exec(client, 'systemctl reload ssh; systemctl is-active ssh')).toMatchObject({ stdout: 'active\n' })
    expect(await exec(client, 'systemctl restart ssh; systemctl is-active ssh')).toMatchObject({ stdout: 'failed\n' })
  })

  test('offers on the wire what it was told, and takes no other signatures', async (context) => {
    const { client, practice } = await practise(context)
    const told = join(practice.root, 'etc/ssh/sshd_config.d/10-own.conf')
    writeFileSync(told, 'Ciphers aes256-ctr,aes128-cbc\nMACs -hmac-sha1*\nKexAlgorithms +diffie-hellman-group14-sha1\n')
    expect(await settings(client, '', 'ciphers')).toEqual(['aes256-ctr,aes128-cbc'])
    expect(await settings(client, '', 'macs')).toEqual([
      'hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512',
    ])
    expect((await settings(client, '', 'kexalgorithms'))[0]).toMatch(
      /^curve25519-sha256,.*,diffie-hellman-group14-sha1$/,
    )
    const only = (cipher: 'aes128-gcm@openssh.com' | 'aes256-ctr') =>
      logIn(practice, { algorithms: { cipher: [cipher] } }).then(
        (one) => void one.end(),
        (error: Error) => error.message,
      )
    expect(await only('aes128-gcm@openssh.com')).toBeUndefined()
    await exec(client, 'systemctl reload ssh')
    expect(await only('aes256-ctr')).toBeUndefined()
    expect(await only('aes128-gcm@openssh.com')).toMatch(/no matching C->S cipher/)
    writeFileSync(told, 'PubkeyAcceptedAlgorithms ssh-rsa,rsa-sha2-256\n')
    await exec(client, 'systemctl reload ssh')
    await expect(logIn(practice)).rejects.toThrow(/authentication methods failed/)
    writeFileSync(told, 'Ciphers aes512\n')
    expect((await exec(client, 'sshd -t')).stderr).toContain(
      "/etc/ssh/sshd_config.d/10-own.conf line 1: Bad SSH2 cipher spec 'aes512'.",
    )
  })
})
