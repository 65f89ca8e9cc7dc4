// sshd's settings changed on real servers through the console's own keys, and what would lock the operator out.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { eachFlavour } from './faults/each-flavour.ts'
import { TWO_KINDS } from './kinds.ts'
import { up } from './lab.ts'
import { until } from './run.ts'
import type { Server } from './server.ts'
import { applyStaged, backToPanes, confirm, undoLast } from './steps.ts'
import { KEYS, openTerminal, type Terminal, type TerminalOptions } from './terminal.ts'
import { USERS, type User } from './users.ts'

const CTRL_U = '\u0015'
const DROP_IN = '/etc/ssh/sshd_config.d/00-hardtui.conf'

/** Consoles of one server, the last one first to go. */
function consolesOf(server: () => Server) {
  const open: Terminal[] = []
  afterEach(() => {
    for (const one of open.splice(0)) one.kill()
  })
  return async (user: User, options: TerminalOptions = {}): Promise<Terminal> => {
    const one = openTerminal(server(), user, options)
    open.push(one)
    // pat has no key where none is given, and types his password: for the login, and for sudo.
    for (const asked of options.key === null ? [/[Pp]assword/, /following|sudo/] : []) {
      await one.waitFor(asked)
      if (!one.screen().includes('following')) one.press(`${USERS.pat.password}${KEYS.enter}`)
    }
    await one.waitFor('following')
    return one
  }
}

/** Types a line into the editor of the SSH pane and stages it. */
async function stage(on: Terminal, line: string): Promise<void> {
  on.press('1')
  on.press('a')
  await on.waitFor('a keyword of sshd_config(5)')
  on.press(CTRL_U)
  on.press(line)
  await on.waitFor(`> ${line}`)
  on.press(KEYS.enter)
  await on.waitFor('Staged: sshd')
}

eachFlavour(
  'sshd’s settings on %s',
  (flavour) => {
    let server: Server
    beforeAll(async () => {
      server = await up({ flavour })
    })
    afterAll(() => server?.down())
    const openConsole = consolesOf(() => server)

    const effective = async (keyword: string, who = 'user=ops,host=x,addr=192.0.2.99'): Promise<string> =>
      (await server.must(`sshd -T -C ${who},laddr=192.0.2.10,lport=22`))
        .split('\n')
        .filter((line) => line.toLowerCase().startsWith(`${keyword.toLowerCase()} `))
        .map((line) => line.slice(keyword.length + 1))
        .join('; ')

    test('are changed for good by single keys, go back by the timer, and outlast a boot', async () => {
      const [tries, forwarding] = [await effective('maxauthtries'), await effective('x11forwarding')]
      const one = await openConsole('ops', { args: ['--timer', '30s'] })
      await stage(one, 'MaxAuthTries 3')
      await stage(one, 'X11Forwarding no')
      one.press('s')
      await one.waitFor(/✓ let in +your next login/)
      await applyStaged(one)
      expect([await effective('maxauthtries'), await effective('x11forwarding')]).toEqual(['3', 'no'])
      // Nobody confirms.
      await until('the rollback', async () => (await effective('maxauthtries')) === tries, { timeoutMs: 60_000 })
      expect(await effective('x11forwarding')).toBe(forwarding)
      expect(await server.must(`ls ${DROP_IN} 2>&1 || :`)).toContain('No such file')
      await one.waitFor('ROLLED BACK')
      // What was staged is back in staging, and rests on the server as it is now.
      one.press(KEYS.enter)
      await one.waitFor('2 changes, one transaction')
      await one.waitFor(/✓ let in +your next login/)
      await until('the reading', async () => !one.screen().includes('reading…'))
      await applyStaged(one)
      await confirm(one)
      await server.reboot()
      expect([await effective('maxauthtries'), await effective('x11forwarding')]).toEqual(['3', 'no'])
      expect(await server.canLogin()).toBe(true)
    })

    test('and service accounts are shut out by the same keys, and undone', async () => {
      await server.must('useradd -r -m -s /bin/bash shop; echo shop:shop-password | chpasswd')
      const passwd = async (): Promise<string> =>
        server.must("getent passwd shop | cut -d: -f7; passwd -S shop | cut -d' ' -f2")
      expect((await passwd()).split('\n')).toEqual(['/bin/bash', 'P'])
      const one = await openConsole('root')
      one.press('/service login')
      one.press(KEYS.enter)
      await one.waitFor(/▸ ✗ service login +shop/)
      one.press(' ')
      await one.waitFor('Staged:')
      one.press('s')
      await one.waitFor(/shell \/bin\/bash → \S*nologin/)
      await applyStaged(one)
      expect((await passwd()).split('\n')[0]).toMatch(/nologin$/)
      await confirm(one)
      await backToPanes(one)
      await undoLast(one, /shell \S*nologin → \/bin\/bash/)
      expect((await passwd()).split('\n')).toEqual(['/bin/bash', 'P'])
    })

    test('and single keys of an account are taken out and come back, but not the operator’s own', async () => {
      const file = '/home/guest/.ssh/authorized_keys'
      const print = (await server.must(`ssh-keygen -lf ${file}`)).split(' ')[1] ?? ''
      const before = await server.must(`stat -c '%U %a' ${file}; cat ${file}`)
      const one = await openConsole('root')
      const act = async (line: string): Promise<void> => {
        one.press('1')
        one.press('i')
        await one.waitFor('an account, what is done to it')
        one.press(line)
        await one.waitFor(`> ${line}`)
        one.press(KEYS.enter)
        await one.waitFor('Staged: account')
        one.press('s')
      }
      await act(`guest remove ${print}`)
      await one.waitFor('taken out')
      await applyStaged(one)
      await confirm(one)
      expect(await server.canLogin({ user: 'guest', timeoutMs: 3000 })).toBe(false)
      await backToPanes(one)
      await undoLast(one, '1 change, one transaction')
      expect(await server.must(`stat -c '%U %a' ${file}; cat ${file}`)).toBe(before)
      expect(await server.canLogin({ user: 'guest' })).toBe(true)
      await backToPanes(one)
      await act(`root remove ${print}`)
      await one.waitFor(`This locks you out: your key (ssh-ed25519 ${print})`)
    })

    test('are held against what a login is offered on the wire, which an edit without a reload does not change', async () => {
      const one = await openConsole('root')
      one.press('/Offers other')
      one.press(KEYS.enter)
      await one.waitFor(/✓ offered +\d+ key exchanges/)
      await until('the reading', async () => !one.screen().includes('reading…'))
      await server.must("sed -i '1i Ciphers aes256-ctr' /etc/ssh/sshd_config")
      one.press('R')
      await one.waitFor(/\? offered +other alg/)
      one.press('g')
      one.press(KEYS.enter)
      await one.waitFor(/Ciphers: beyond the settings chacha20/)
      await one.waitFor(/host key ED25519 256 SHA256:/)
      await server.must("sed -i '1d' /etc/ssh/sshd_config")
    })

    test('are written where they take effect: before cloud-init’s file, which stays as it is', async () => {
      const theirs = '/etc/ssh/sshd_config.d/50-cloud-init.conf'
      await server.must(`mkdir -p ${theirs.replace(/[^/]*$/, '')}; echo 'PasswordAuthentication yes' >${theirs}`)
      const one = await openConsole('root')
      await one.waitFor(/✗ PasswordAuthentication +yes/)
      one.press('/Authentication')
      one.press(KEYS.enter)
      one.press('g')
      await one.waitFor(/▸ ✗ PasswordAuthentication/)
      one.press(KEYS.enter)
      await one.waitFor(`comes from  ${theirs}:1   PasswordAuthentication yes`)
      one.press(KEYS.escape)
      one.press(' ')
      await one.waitFor('fix staged')
      one.press('s')
      await one.waitFor(/✓ let in +your next login/)
      await applyStaged(one)
      await confirm(one)
      expect(await effective('passwordauthentication')).toBe('no')
      expect(await server.must(`cat ${theirs}`)).toBe('PasswordAuthentication yes')
      await server.must(`rm ${theirs}`)
    })
  },
  TWO_KINDS,
)

eachFlavour(
  'what would lock the operator out on %s',
  (flavour) => {
    let server: Server
    beforeAll(async () => {
      server = await up({ flavour })
    })
    afterAll(() => server?.down())
    const openConsole = consolesOf(() => server)

    test.runIf(flavour !== 'sysvinit')('is named before anything is armed', async () => {
      const cases: readonly (readonly [line: string, because: string])[] = [
        ['AllowUsers nosuchuser', 'AllowUsers nosuchuser leaves out ops'],
        ['DenyUsers op*', 'DenyUsers op* names ops'],
        ['AllowGroups nosuchgroup', 'AllowGroups nosuchgroup leaves out ops'],
        ['KexAlgorithms sntrup761x25519-sha512@openssh.com', 'KexAlgorithms leaves nothing that this console'],
        ['HostKeyAlgorithms rsa-sha2-512', 'HostKeyAlgorithms leaves nothing that this console'],
        ['Ciphers 3des-cbc', 'Ciphers leaves nothing that this console'],
        ['MaxSessions 1', 'MaxSessions 1, and this console needs 3'],
        ['PubkeyAuthentication no', 'PubkeyAuthentication no'],
        ['PubkeyAcceptedAlgorithms rsa-sha2-512', 'PubkeyAcceptedAlgorithms leaves out ssh-ed25519'],
        ['ListenAddress 127.0.0.1', 'ListenAddress leaves out'],
        ['ForceCommand /bin/false', 'ForceCommand /bin/false gives no shell'],
        ['AuthenticationMethods password', 'AuthenticationMethods password leaves out'],
        ['[Address 192.0.2.0/24] PubkeyAuthentication no', 'PubkeyAuthentication no'],
        ['[User ops] AllowUsers bob', 'AllowUsers bob leaves out ops'],
        ['AuthorizedKeysCommand /bin/true', 'sshd refuses it'],
      ]
      const one = await openConsole('ops')
      const seen: (readonly [line: string, because: string | null])[] = []
      for (const [line, because] of cases) {
        await stage(one, line)
        one.press('s')
        await one.waitFor(/in the way|what if/)
        // The answer of the server's own sshd comes a moment later.
        await until('sshd’s answer', async () => !one.screen().includes('has not yet said'), { timeoutMs: 20_000 })
        const screen = one.screen().replace(/[\s│]+/g, ' ')
        seen.push([line, screen.includes('✗') && screen.includes(because) ? because : screen])
        one.press('x')
        await one.waitFor('Unstaged')
        one.press(KEYS.escape)
        await one.waitFor('1 SSH')
      }
      expect(seen).toEqual(cases)
    })

    test('is blocked for who came by password, and for root', async () => {
      const pat = await openConsole('pat', { key: null })
      await stage(pat, 'PasswordAuthentication no')
      pat.press('s')
      await pat.waitFor('This locks you out: PasswordAuthentication no, and you came by password.')
      pat.kill()
      const root = await openConsole('root')
      await stage(root, 'PermitRootLogin no')
      root.press('s')
      await root.waitFor('This locks you out: PermitRootLogin no.')
      root.press('A')
      await root.waitFor(/[Tt]ype .*name/)
    })

    test('is told by the modes that StrictModes looks at, as sshd judges them', async () => {
      const reload = 'if [ -d /run/systemd/system ]; then systemctl reload ssh; else /etc/init.d/ssh reload; fi'
      await server.must(`sed -i '1i StrictModes no' /etc/ssh/sshd_config; chmod 0777 /home/ops; ${reload}`)
      await server.waitForLogin({ user: 'ops' })
      const one = await openConsole('ops')
      await stage(one, 'StrictModes yes')
      one.press('s')
      await one.waitFor('This locks you out: StrictModes: everybody can write to /home/ops.')
      await server.must(`sed -i '1d' /etc/ssh/sshd_config; ${reload}`)
      await until('sshd’s own word', async () => !(await server.canLogin({ user: 'ops', timeoutMs: 3000 })))
      await server.must('chmod 0755 /home/ops')
      expect(await server.canLogin({ user: 'ops' })).toBe(true)
    })

    test('though nobody could know it beforehand, fails its proof and is rolled back', async () => {
      const one = await openConsole('ops', { args: ['--timer', '30s'] })
      await stage(one, 'AuthorizedKeysFile /etc/ssh/keys/%u')
      one.press('s')
      await one.waitFor(/unsure +your next login/)
      await applyStaged(one, /✗ new login/)
      expect(await server.canLogin({ user: 'ops', timeoutMs: 3000 })).toBe(false)
      one.press('X')
      await one.waitFor('ROLLED BACK')
      expect(await server.canLogin({ user: 'ops' })).toBe(true)
    })
  },
  TWO_KINDS,
)
