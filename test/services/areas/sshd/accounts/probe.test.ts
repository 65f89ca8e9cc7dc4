import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parseAccounts } from '../../../../../src/services/areas/sshd/accounts/parse.ts'
import probeScript from '../../../../../src/services/areas/sshd/accounts/probe.sh'
import { accountOf, usableKeys } from '../../../../../src/services/areas/sshd/accounts/usable.ts'
import { parseSettings } from '../../../../../src/services/areas/sshd/parse.ts'
import type { AccountFacts, KeyFile } from '../../../../../src/services/model/account-facts.ts'
import { quote } from '../../../../../src/services/model/shell.ts'
import { outputFrom } from '../../../../support/probe-output.ts'
import { runProbe, SHELLS } from '../../stand-in-host.ts'
import { ED25519, SETTINGS } from './some-accounts.ts'

const ME = process.getuid?.() ?? 0
const GROUP = process.getgid?.() ?? 0
const HASH = '$6$salt$NobodyOutsideOfThisServerSeesThis'

const PASSWD = `root:x:0:0:root:/root:/bin/sh
me:x:${ME}:${GROUP}:Me,,,:/home/me:/bin/bash
eve:x:4242:4242:/tmp:/home/eve:/bin/sh
old:${HASH}:4243:4243::/nowhere:
none::4244:4244::/nowhere:/bin/false
sp ace:*:4245:4245::/home/sp ace:/usr/sbin/nologin
`
const SHADOW = `root:*:19000:0:99999:7:::
me:${HASH}:19001:1:90:7:14:20000:
eve:!${HASH}:19000:0:99999:7:::
`
const SUDO = `#!/bin/sh
[ "$1 $2 $3" = '-n -l -U' ] || exit 1
case $4 in
  eve) printf 'Matching Defaults entries for eve on x:\\n    env_reset\\n\\nUser eve may run the following commands on x:\\n    (ALL : ALL) ALL\\n' ;;
  old) exit 1 ;;
  *) echo "User $4 is not allowed to run sudo on x." ;;
esac
`

type Tree = Readonly<Record<string, string>>

async function tree(files: Tree = {}): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'accounts-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const all: Tree = {
    'etc/passwd': PASSWD,
    'etc/shadow': SHADOW,
    'etc/group': `root:x:0:\nsudo:x:27:eve\nme:x:${GROUP}:\n`,
    'etc/sudoers':
      'Defaults:%sudo env_reset\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n',
    'etc/sudoers.d/more': 'User_Alias ADMINS = old, \\\n  "sp ace" # none\nADMINS ALL = ALL\n',
    'etc/sudoers.d/off.not': 'none ALL = ALL\n',
    'etc/shells': '# shells\n/bin/sh # plain\n/bin/bash\n',
    'etc/ssh/sshd_config': 'Port 22\n',
    'bin/sudo': SUDO,
    'bin/sh': '',
    'home/me/.ssh/authorized_keys': `# mine\n${ED25519} me\n\nrubbish\n`,
    'home/eve/readme': '',
    'etc/keys/eve': `from="10.0.0.1" ${ED25519}`,
    ...files,
  }
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(root, path)), { recursive: true, mode: 0o755 })
    await writeFile(join(root, path), text, { mode: path.startsWith('bin/') ? 0o755 : 0o644 })
  }
  await chmod(join(root, 'etc/shadow'), 0o600)
  await chmod(root, 0o755)
  return root
}

/** Where these tools come from: coreutils and the like, or busybox. */
const TOOLS = ['awk', 'sed', 'readlink', 'tr']
const BUSYBOX = TOOLS.map((tool) => `${tool}() { /bin/busybox ${tool} "$@"; }\n`).join('')
const toolsOf = (from: string): Record<string, string> =>
  Object.fromEntries(['stat', 'base64', 'head'].map((tool) => [tool, `exec ${from}${tool} "$@"`]))

describe.each(SHELLS.map(([name, argv]) => [name, argv] as const))('the probe of accounts under %s', (name, argv) => {
  const run = async (root: string, before = ''): Promise<string> => {
    const own = name.startsWith('busybox') ? BUSYBOX : ''
    const head = `HARDTUI_ROOT=${quote(root)}\nexport HARDTUI_ROOT\n${own}${before}\n`
    const sudo = { sudo: 'exec "$HARDTUI_ROOT/bin/sudo" "$@"' }
    return await runProbe(argv, head + probeScript, { ...toolsOf(own === '' ? '/usr/bin/' : '/bin/busybox '), ...sudo })
  }
  const read = (text: string): AccountFacts => parseAccounts(outputFrom('accounts', text), parseSettings(SETTINGS))
  const filesOf = (facts: AccountFacts, account: string): readonly KeyFile[] => {
    const files = accountOf(facts, account)?.keyFiles
    return files?.state === 'known' ? files.value : expect.fail(JSON.stringify(files))
  }

  test('reads accounts, passwords by their kind, groups and shells', async () => {
    const text = await run(await tree())
    const facts = read(text)
    expect(facts.more).toBeNull()
    expect(facts.accounts.map((one) => [one.name, one.password.state === 'known' && one.password.value.state])).toEqual(
      [
        ['root', 'star'],
        ['me', 'set'],
        ['eve', 'locked'],
        ['old', 'set'],
        ['none', 'empty'],
        ['sp ace', 'star'],
      ],
    )
    expect(accountOf(facts, 'me')?.password).toEqual({
      state: 'known',
      value: {
        state: 'set',
        method: '6',
        changed: 19001,
        minimum: 1,
        maximum: 90,
        warn: 7,
        inactive: 14,
        expires: 20000,
      },
    })
    expect(facts.groups).toMatchObject({ value: expect.arrayContaining([{ name: 'sudo', gid: 27, members: ['eve'] }]) })
    expect(facts.shells).toEqual({ state: 'known', value: ['/bin/sh', '/bin/bash'] })
    expect(facts.accounts.map(({ shellRuns }) => shellRuns.state === 'known' && shellRuns.value)).toEqual([
      true,
      false,
      true,
      true,
      false,
      false,
    ])
    expect(facts.files.get('/etc/shadow')).toMatchObject({ state: 'file', mode: 0o600, uid: ME })
    expect(facts.files.get('/etc/gshadow')).toEqual({ state: 'absent' })
    // No hash, and nothing of one, is printed.
    expect(text).not.toMatch(/salt|NobodyOutside/)
    expect(text).not.toContain(Buffer.from('NobodyOutside').toString('base64').slice(0, 12))
  })

  test('reads the files of keys by the patterns that it is given', async () => {
    const facts = read(
      await run(await tree(), 'authorized_keys_file="none /etc/keys/%u .ssh/authorized_keys %h/%%x %h/%U"'),
    )
    expect(filesOf(facts, 'me').map(({ path }) => path)).toEqual(['/home/me/.ssh/authorized_keys'])
    expect(filesOf(facts, 'eve')).toMatchObject([{ path: '/etc/keys/eve', real: '/etc/keys/eve' }])
    const [file] = filesOf(facts, 'me')
    expect(file?.lines).toMatchObject({
      value: [
        { state: 'key', line: 2, comment: 'me' },
        { state: 'broken', line: 4, text: '?' },
      ],
    })
    expect(file?.directories).toMatchObject({
      value: ['/home/me/.ssh', '/home/me', '/home', '/'].map((path) => ({ path, mode: 0o755 })),
    })
    const strange = read(await run(await tree(), 'authorized_keys_file=/keys/%q'))
    expect(accountOf(strange, 'me')?.keyFiles).toEqual({
      state: 'unknown',
      why: 'AuthorizedKeysFile has a sign that this program does not know',
    })
  })

  test('shows nothing of a file that the account itself can’t read, wherever it links to', async () => {
    const root = await tree({ 'secret/open': `AAAA ${HASH}`, 'home/eve/.ssh/x': '' })
    await symlink('../../../etc/shadow', join(root, 'home/eve/.ssh/authorized_keys'))
    await symlink('../../../secret/open', join(root, 'home/eve/.ssh/authorized_keys2'))
    await chmod(join(root, 'secret'), 0o700)
    const text = await run(root)
    const facts = read(text)
    for (const file of filesOf(facts, 'eve'))
      expect(file.lines).toEqual({ state: 'unknown', why: 'the account itself can’t read it' })
    expect(filesOf(facts, 'eve')).toHaveLength(2)
    expect(usableKeys(facts, 'eve')).toEqual([])
    expect(text).not.toContain(Buffer.from(`AAAA ${HASH}`).toString('base64').slice(0, 20))
  })

  test('can’t be told lies by names and contents', async () => {
    const forged = 'x\nover\naccount =root\nhome =/root\nseen at 41ed 0 0 1 1\nover\nend'
    const root = await tree({ [`home/eve/${forged}/authorized_keys`]: `${ED25519}\nover\nend\nbytes QQ==\n` })
    await symlink(forged, join(root, 'home/eve/.ssh'))
    const facts = read(await run(root))
    expect(filesOf(facts, 'root')).toEqual([])
    expect(accountOf(facts, 'sp ace')?.keyFiles.state).toBe('known')
    const [file] = filesOf(facts, 'eve')
    expect(file?.real).toBe(`/home/eve/${forged}/authorized_keys`)
    expect(file?.lines).toMatchObject({
      value: [{ state: 'key' }, { state: 'broken' }, { state: 'broken' }, { state: 'broken' }],
    })
  })

  test('does not follow a link of the practice server out of it, nor take for read what changes meanwhile', async () => {
    const root = await tree({ 'home/eve/.ssh/x': '' })
    const outside = await tree({ keys: ED25519 })
    await symlink(join(outside, 'keys'), join(root, 'home/eve/.ssh/authorized_keys'))
    const [out] = filesOf(read(await run(root)), 'eve')
    expect(out).toMatchObject({ real: null, lines: { state: 'unknown' } })
    // Whoever reads it writes to it first.
    const racing = `head() { case $3 in */me/*) echo more >>"$3" ;; esac; command head "$@"; }
timeout() { shift; [ "$1" = true ] || "$@"; }`
    const [changed] = filesOf(read(await run(root, racing)), 'me')
    expect(changed?.lines).toEqual({ state: 'unknown', why: 'it changes while it is being read' })
  })

  test('tells pipes, folders and files that are too long', async () => {
    const root = await tree({
      'home/eve/.ssh/authorized_keys': `${ED25519}\n${'#'.repeat(70_000)}\n`,
      'home/eve/.ssh/authorized_keys2/x': '',
    })
    const facts = read(await run(root))
    expect(filesOf(facts, 'eve')).toMatchObject([
      { seen: { state: 'file' }, lines: { state: 'unknown', why: 'it is longer than 64 KB' } },
      { seen: { state: 'directory' }, lines: { state: 'unknown' } },
    ])
  })

  test('asks sudo for whom the files name, and says of whom it did not', async () => {
    const facts = read(await run(await tree()))
    const rights = (one: string) => accountOf(facts, one)?.sudo
    expect(rights('eve')).toEqual({ state: 'known', value: { root: 'asks', othersPassword: false } })
    expect(rights('old')).toEqual({ state: 'unknown', why: 'sudo did not say what it may do' })
    expect(rights('none')).toEqual({ state: 'known', value: { root: 'none', othersPassword: false } })
    const more = read(await run(await tree({ 'etc/sudoers.d/all': 'ALL ALL=(ALL) ALL\n' })))
    expect(accountOf(more, 'none')?.sudo).toEqual({ state: 'unknown', why: 'sudo was not asked about it' })
    const net = read(await run(await tree({ 'etc/sudoers.d/all': '+admins ALL=(ALL) ALL\n' })))
    expect(accountOf(net, 'none')?.sudo.state).toBe('unknown')
    const include = read(await run(await tree({ 'etc/sudoers.d/all': '#include /etc/more\n' })))
    expect(accountOf(include, 'none')?.sudo.state).toBe('unknown')
  })

  test('says how many there are where there are too many', async () => {
    const many = Array.from({ length: 600 }, (_, at) => `u${at}:x:${5000 + at}:100::/nowhere:/bin/sh\n`).join('')
    const facts = read(await run(await tree({ 'etc/passwd': PASSWD + many })))
    expect(facts.accounts).toHaveLength(500)
    expect(facts.more).toBe('passwd has 606 lines, of which 500 were read')
  })

  test('reads so much of keys and no more, and says whose were left out', async () => {
    const many = Array.from({ length: 15 }, (_, at) => `u${at}:x:${5000 + at}:100::/home/u${at}:/bin/sh\n`).join('')
    const files = Array.from({ length: 15 }, (_, at) => [`home/u${at}/.ssh/authorized_keys`, `${'#'.repeat(60_000)}\n`])
    const facts = read(await run(await tree({ 'etc/passwd': PASSWD + many, ...Object.fromEntries(files) })))
    const states = facts.accounts.slice(-15).map(({ name: one }) => filesOf(facts, one)[0]?.lines)
    expect(states.filter((lines) => lines?.state === 'known')).toHaveLength(13)
    expect(states.at(-1)).toEqual({ state: 'unknown', why: 'there are more keys than are read' })
  })

  // busybox sh has them all within itself.
  test.skipIf(name.startsWith('busybox'))('without the tools that it needs says so', async () => {
    const root = await tree()
    const text = await runProbe(argv, `HARDTUI_ROOT=${quote(root)}\n${probeScript}`, {})
    expect(accountOf(read(text), 'me')?.keyFiles).toMatchObject({
      state: 'unknown',
      why: expect.stringMatching(/^the server lacks /),
    })
  })
})
