import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from 'ssh2'
import { describe, expect, type TestContext, test } from 'vitest'
import type { Practice } from '../../../src/services/practice/practice.ts'
import { until } from '../../support/guard-bench.ts'
import { exec, logIn, practise, type Way } from './log-in.ts'

const FILES = ['passwd', 'shadow', 'group', 'gshadow']
const textsOf = ({ root }: Practice): readonly string[] =>
  FILES.map((file) => readFileSync(join(root, 'etc', file), 'utf8'))

/** Somebody with the operator's key, a password and no more rights than `groups` give. */
async function addUser(client: Client, name: string, groups = ''): Promise<void> {
  const keys =
    'mkdir -m 700 $HARDTUI_ROOT/home/$name/.ssh && cp -p $HARDTUI_ROOT/root/.ssh/authorized_keys $HARDTUI_ROOT/home/$name/.ssh'
  const made = await exec(
    client,
    `name=${name}; useradd -m -d /home/$name -s /bin/bash ${groups && `-G ${groups}`} $name && ${keys} && echo "$name:geheim" | chpasswd`,
  )
  expect(made).toEqual({ status: 0, stdout: '', stderr: '' })
}

const enter = async (context: TestContext, practice: Practice, way: Way): Promise<Client> => {
  const client = await logIn(practice, way)
  context.onTestFinished(() => void client.end())
  return client
}

describe.concurrent('accounts of a practice server', () => {
  test('are made, changed and taken away in its own files', async (context) => {
    const { client, practice } = await practise(context)
    const before = textsOf(practice)
    await addUser(client, 'ops', 'sudo')
    const [passwd, shadow, group, gshadow] = textsOf(practice)
    expect(passwd).toMatch(/^ops:x:1001:1001::\/home\/ops:\/bin\/bash$/m)
    expect(shadow).toMatch(/^ops:\$6\$[^:]+:\d{5}:0:99999:7:::$/m)
    expect(group).toMatch(/^sudo:x:27:ops$/m)
    expect(gshadow).toMatch(/^ops:!::$/m)
    expect(readFileSync(join(practice.root, 'etc/passwd-'), 'utf8')).toBe(before[0])
    await exec(client, 'usermod -L ops; usermod -s /bin/sh ops; usermod -aG www-data ops')
    expect(textsOf(practice)[1]).toMatch(/^ops:!\$6\$/m)
    expect((await exec(client, 'id ops; id -Gn ops; getent passwd 1001')).stdout).toBe(
      'uid=1001(ops) gid=1001(ops) groups=1001(ops),27(sudo),33(www-data)\nops sudo www-data\nops:x:1001:1001::/home/ops:/bin/sh\n',
    )
    expect(await exec(client, 'useradd ops')).toMatchObject({
      status: 9,
      stderr: "useradd: user 'ops' already exists\n",
    })
    expect((await exec(client, 'userdel -r ops')).status).toBe(0)
    expect(textsOf(practice)).toEqual(before)
    expect(existsSync(join(practice.root, 'home/ops'))).toBe(false)
    expect(existsSync('/home/ops')).toBe(false)
  })

  test('come in by their own keys and passwords, and are who they are', async (context) => {
    const { client, practice } = await practise(context)
    await addUser(client, 'ops')
    const ops = await enter(context, practice, { user: 'ops' })
    expect(
      (
        await exec(
          ops,
          'id -un; id -u; env -i PATH="$PATH" HARDTUI_ROOT="$HARDTUI_ROOT" sh -c "id -u"; pwd; echo $USER $LOGNAME $HOME $SHELL',
        )
      ).stdout,
    ).toBe(`ops\n1001\n1001\n${practice.root}/home/ops\nops ops ${practice.root}/home/ops /bin/bash\n`)
    expect((await exec(ops, 'stat -c "%u %U %a" .ssh/authorized_keys $HARDTUI_ROOT/etc/shadow')).stdout).toBe(
      '1001 ops 600\n0 root 640\n',
    )
    for (const command of ['useradd x', 'iptables-save', 'sshd -T', 'visudo -c', 'setpriv --reuid=0 id'])
      expect((await exec(ops, command)).status, command).not.toBe(0)
    await enter(context, practice, { user: 'ops', password: 'geheim' })
    await expect(logIn(practice, { user: 'ops', password: 'falsch' })).rejects.toThrow(/authentication methods failed/)
    await expect(logIn(practice, { user: 'nobody' })).rejects.toThrow(/authentication methods failed/)
    // The end of their processes ends their connections.
    const ended = new Promise<void>((resolve) => ops.once('close', () => resolve()))
    await exec(
      client,
      'for s in $(grep -l "^Uid:.1001" $HARDTUI_ROOT/proc/*/status); do kill $(basename $(dirname $s)); done',
    )
    await ended
    await until(
      async () => (await exec(client, 'ls $HARDTUI_ROOT/proc | grep -c "^[0-9]"')).stdout === '1\n',
      5,
      'them',
    )
  })

  test('are kept out as sshd does: by its lists, a lock without PAM, a shell that is not there, open modes', async (context) => {
    const { client, practice } = await practise(context)
    await addUser(client, 'ops')
    const log = () => readFileSync(join(practice.root, 'var/log/auth.log'), 'utf8')
    const keptOut = async (setUp: string, words: string): Promise<void> => {
      await exec(client, `${setUp}; systemctl reload ssh`)
      await expect(logIn(practice, { user: 'ops' }), setUp).rejects.toThrow(/authentication methods failed/)
      expect(log()).toContain(words)
    }
    const config = '>$HARDTUI_ROOT/etc/ssh/sshd_config.d/1.conf'
    await keptOut(`echo AllowUsers root ${config}`, 'User ops not allowed because not listed in AllowUsers')
    await keptOut(`echo DenyGroups o* ${config}`, 'User ops not allowed because a group is listed in DenyGroups')
    await keptOut(`usermod -L ops; echo UsePAM no ${config}`, 'User ops not allowed because account is locked')
    await exec(client, `: ${config}; systemctl reload ssh`)
    // With PAM a lock closes the password alone.
    await enter(context, practice, { user: 'ops' })
    await expect(logIn(practice, { user: 'ops', password: 'geheim' })).rejects.toThrow()
    await keptOut('chmod g+w $HARDTUI_ROOT/home/ops/.ssh', 'Authentication refused: bad ownership or modes for file')
    await keptOut('usermod -s /bin/fish ops', 'User ops not allowed because shell /bin/fish does not exist')
    await exec(client, 'chmod g-w $HARDTUI_ROOT/home/ops/.ssh; usermod -s /usr/sbin/nologin ops')
    const nobody = await enter(context, practice, { user: 'ops' })
    expect(await exec(nobody, 'id')).toMatchObject({ status: 1, stdout: 'This account is currently not available.\n' })
    // What a Match block says holds for whom it names, once sshd has read it.
    const block = 'printf "Match User ops\\nPubkeyAuthentication no\\n"'
    await exec(client, `${block} ${config}`)
    await enter(context, practice, { user: 'ops' })
    await keptOut(`${block} ${config}`, 'Failed publickey for ops')
    await enter(context, practice, {})
  })

  test('become root by sudo as far as sudoers lets them', async (context) => {
    const { client, practice } = await practise(context)
    for (const [name, groups] of [
      ['plain', ''],
      ['asked', 'sudo'],
      ['free', ''],
    ] as const)
      await addUser(client, name, groups)
    await exec(client, 'echo "free ALL=(ALL:ALL) NOPASSWD: ALL" >$HARDTUI_ROOT/etc/sudoers.d/free')
    const [plain, asked, free] = [
      await enter(context, practice, { user: 'plain' }),
      await enter(context, practice, { user: 'asked' }),
      await enter(context, practice, { user: 'free' }),
    ]
    expect(await exec(free, 'sudo -n -- id -un')).toMatchObject({ status: 0, stdout: 'root\n' })
    for (const one of [plain, asked])
      expect(await exec(one, 'sudo -n -- id -un')).toMatchObject({
        status: 1,
        stderr: 'sudo: a password is required\n',
      })
    const typed = 'sudo -k -S -p "" -- sh -c "id -un; cat"'
    expect(await exec(asked, typed, 'geheim\nthe rest\n')).toMatchObject({ status: 0, stdout: 'root\nthe rest\n' })
    expect(await exec(asked, typed, 'falsch\n')).toMatchObject({
      status: 1,
      stderr: 'sudo: 1 incorrect password attempt\n',
    })
    expect(await exec(plain, typed, 'geheim\n')).toMatchObject({
      status: 1,
      stderr: 'plain is not in the sudoers file.\n',
    })
    expect((await exec(client, 'for u in plain asked free; do sudo -n -l -U $u; done')).stdout).toBe(
      [
        'User plain is not allowed to run sudo on practice.',
        'User asked may run the following commands on practice:',
        '    (ALL : ALL) ALL',
        'User free may run the following commands on practice:',
        '    (ALL : ALL) NOPASSWD: ALL\n',
      ].join('\n'),
    )
    expect((await exec(client, 'visudo -c')).stdout).toContain('/etc/sudoers.d/free: parsed OK\n')
    await exec(client, 'echo "free ALL" >$HARDTUI_ROOT/etc/sudoers.d/free')
    expect(await exec(client, 'visudo -c')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('/etc/sudoers.d/free:1:1: syntax error'),
    })
  })
})
