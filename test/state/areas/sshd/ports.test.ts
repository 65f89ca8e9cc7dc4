import { describe, expect, test } from 'vitest'
import { awaiting, someTimer } from '../../../support/fake-transactions.ts'
import { filter } from '../../../support/firewall-checks.ts'
import { type Keys, keysOf, type Options } from '../../../support/headless.ts'
import { someTexts } from '../../../support/probe-texts.ts'
import { CONFIG, openEditor, sshdServer } from '../../../support/sshd-bench.ts'

const TIGHT = filter(
  'INPUT DROP',
  '-A INPUT -i lo -j ACCEPT',
  '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  '-A INPUT -s 198.51.100.0/24 -p tcp -m tcp --dport 22 -j ACCEPT',
)
const TIGHT_V6 = filter('INPUT DROP', '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT')

/** A server with these rules in both families; `more` of the parts that are read of them. */
const behind = (iptables: string, ip6tables = TIGHT_V6, more: Readonly<Record<string, string>> = {}): Options => ({
  texts: { firewall: { ...someTexts().firewall, iptables, ip6tables, ...more } },
})

async function opened(config = CONFIG, options: Options = {}): Promise<Keys> {
  const bench = await keysOf(sshdServer(config, options))
  await bench.press('1', 'p')
  return bench
}

/** The same with other ports typed in place of what is proposed, and Enter. */
async function asked(ports: string, config = CONFIG, options: Options = {}): Promise<Keys> {
  const bench = await opened(config, options)
  await bench.press('Ctrl-u')
  await bench.type(ports)
  await bench.press('Enter')
  return bench
}
const errorOf = (bench: Keys): string | null => openEditor(bench).error
const TWO = `Port 22\nPort 10022\n${CONFIG}`

describe('p', () => {
  test.each([
    [CONFIG, 'now 22', '22 10022'],
    [`Port 10022\n${CONFIG}`, 'now 10022', '10022'],
    [TWO, 'now 22 10022', '10022'],
    [`Port 2222\nPort 10022\n${CONFIG}`, 'now 2222 10022', '2222 10022'],
  ])('proposes what comes next', async (config, now, text) => {
    const bench = await opened(config)
    expect(openEditor(bench)).toMatchObject({
      title: `ports that SSH listens on, ${now}`,
      field: { text, cursor: text.length },
      area: 'sshd',
      task: { kind: 'ports' },
    })
  })

  test('goes on from what is staged', async () => {
    const bench = await opened()
    await bench.press('Enter', 'p')
    expect(openEditor(bench)).toMatchObject({
      title: 'ports that SSH listens on, now 22 10022',
      field: { text: '10022' },
    })
  })

  test.each([['sshd was given its port on the command line', { options: '-p\n22' }, 'sshd was started with -p']])(
    'does not open where %s, and says so',
    async (_what, sshd, reason) => {
      const bench = await opened(CONFIG, { texts: { sshd: { ...someTexts().sshd, ...sshd } } })
      expect([bench.shows(), bench.said()]).toEqual(['dashboard', expect.stringContaining(reason)])
    },
  )

  test('is about the socket unit’s ports too where that holds the listener', async () => {
    const sockets = 'Id=ssh.socket\nActiveState=active\nListen=[::]:22 (Stream)'
    const bench = await opened(CONFIG, { texts: { sshd: { ...someTexts().sshd, sockets } } })
    await bench.press('Enter')
    expect(bench.staged()).toEqual(expect.arrayContaining([expect.stringContaining('ssh.socket.d/hardtui.conf')]))
  })

  test.each<[what: string, selinux: string, refused: string | null]>([
    ['has the port', 'enforcing\n10022, 22', null],
    ['has it in a range', 'enforcing\n22, 10000-10100', null],
    ['has it not', 'enforcing\n22', 'run semanage port -a -t ssh_port_t -p tcp 10022 first'],
    ['does not say', 'enforcing', 'install semanage'],
    ['does not enforce', '', null],
  ])('is held against SELinux where that %s', async (_what, selinux, refused) => {
    const bench = await opened(CONFIG, { texts: { sshd: { ...someTexts().sshd, selinux } } })
    await bench.press('Enter')
    const { dialog } = bench.console.store.getState().view
    expect(dialog?.kind === 'edit' ? dialog.error : null).toEqual(
      refused === null ? null : expect.stringContaining(refused),
    )
    expect(bench.staged().length > 0).toBe(refused === null)
  })

  test('says which rules stay behind at the old port, and what a jail needs', async () => {
    const jailed = filter('INPUT ACCEPT', '-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd').replace(
      'COMMIT',
      ':f2b-sshd - [0:0]\nCOMMIT',
    )
    const bench = await opened(CONFIG, behind(jailed, filter('INPUT ACCEPT')))
    await bench.press('Enter')
    const plan = bench.console.lists.plan(bench.console.store.getState())
    expect(plan?.whatIf.find(({ question }) => question.startsWith('rules that know'))).toEqual({
      answer: 'unsure',
      question: 'rules that know port 22 and not 10022',
      because:
        "fail2ban's jail needs port = 22,10022, and a reload; v4 filter INPUT: -p tcp -m multiport --dports 22 -j f2b-sshd",
    })
  })

  test('has no form and nothing to complete: it is one line', async () => {
    const bench = await opened()
    await bench.press('Tab')
    expect(bench.said()).toBe('Tab (complete): type the line, and Enter.')
    await bench.press('Down')
    expect([openEditor(bench).form, bench.said()]).toEqual([null, 'Down (form): type the line, and Enter.'])
    await bench.press('Backspace')
    expect(openEditor(bench).field.text).toBe('22 1002')
  })
})

describe('the ports that are typed', () => {
  test.each([
    ['', 'Type one or more ports'],
    ['22 ssh', '“ssh” is no port: a number from 1 to 65535.'],
    ['22 70000', '“70000” is no port: a number from 1 to 65535.'],
    ['22', 'sshd listens there already.'],
    ['10022', 'Port 22, which you came in by, stays until the new one is proven'],
  ])('%j are refused with the reason, and nothing is staged', async (ports, reason) => {
    const bench = await asked(ports)
    expect(errorOf(bench)).toContain(reason)
    expect(bench.staged()).toEqual([])
  })

  test('are staged with the rules of both families, open from the same addresses as the old one', async () => {
    const bench = await asked('22 10022', CONFIG, behind(TIGHT))
    expect(bench.shows()).toBe('dashboard')
    expect(bench.staged()).toEqual([
      'v4 filter INPUT 3 + -s 198.51.100.0/24 -p tcp -m tcp --dport 10022 -j ACCEPT',
      'v6 filter INPUT 1 + -p tcp -m tcp --dport 10022 -j ACCEPT',
      'sshd Port 22 → 22 10022',
    ])
    expect(bench.said()).toBe(
      'Staged: SSH on port 10022 as well, with 2 changes to the rules; once that is confirmed, p closes the old port',
    )
    await bench.press('u')
    expect(bench.staged()).toEqual([])
  })

  test('need no rule where everything is let in', async () => {
    const bench = await asked('22 10022', CONFIG, behind(filter(), filter()))
    expect(bench.staged()).toEqual(['sshd Port 22 → 22 10022'])
    expect(bench.said()).toContain('with no change to the rules')
  })

  test('that go take their rules along', async () => {
    const both = filter(
      'INPUT DROP',
      '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT',
      '-A INPUT -p tcp -m tcp --dport 10022 -j ACCEPT',
    )
    const bench = await asked('10022', TWO, behind(both, ''))
    expect(bench.staged()).toEqual([
      'v4 filter INPUT 1 - -p tcp -m tcp --dport 22 -j ACCEPT',
      'sshd Port 22 10022 → 10022',
    ])
    expect(bench.said()).toBe('Staged: SSH off port 22, with 1 change to the rules')
  })

  test('follow the addresses that are named with ports of their own', async () => {
    const bench = await asked('22 10022', `ListenAddress 192.0.2.10:22\n${CONFIG}`)
    expect(bench.staged()).toEqual([
      'sshd Port 22 → 22 10022',
      'sshd ListenAddress 192.0.2.10:22 → 192.0.2.10:22 192.0.2.10:10022',
    ])
  })

  test('follow an address that stands for all, where it has a port of its own', async () => {
    const bench = await asked('22 10022', `ListenAddress 0.0.0.0:22\n${CONFIG}`)
    expect(bench.staged()).toEqual([
      'sshd Port 22 → 22 10022',
      'sshd ListenAddress 0.0.0.0:22 → 0.0.0.0:22 0.0.0.0:10022',
    ])
  })
})

describe('the rules', () => {
  test('of another program are left to it: its command is named, and nothing is staged', async () => {
    const bench = await asked('22 10022', CONFIG, behind(TIGHT, TIGHT_V6, { managers: 'ufw' }))
    expect(errorOf(bench)).toBe(
      "That can't be done: the rules of this host are ufw's: open port 10022 with it first (ufw allow 10022/tcp).",
    )
    expect(bench.staged()).toEqual([])
  })

  test.each([
    [
      'can’t be read',
      behind(TIGHT, TIGHT_V6, { 'iptables-status': '4', iptables: 'Permission denied' }),
      "rules can't be read: ",
    ],
    ['were not read', { texts: { firewall: undefined as never } }, "the firewall's rules can't be read: "],
  ])('that %s leave it unknown whether the port is open, and nothing is staged', async (_what, options, reason) => {
    const bench = await asked('22 10022', CONFIG, options)
    expect(errorOf(bench)).toContain("That can't be done: ")
    expect(errorOf(bench)).toContain(reason)
    expect(bench.staged()).toEqual([])
  })

  test('that are not there need no change, on a host without iptables', async () => {
    const bench = await asked('22 10022', CONFIG, {
      texts: { firewall: { ...someTexts().firewall, 'iptables-status': 'absent', 'ip6tables-status': 'absent' } },
    })
    expect(bench.staged()).toEqual(['sshd Port 22 → 22 10022'])
  })
})

describe('nothing is staged', () => {
  test('where sshd can no longer be read', async () => {
    const bench = await opened()
    bench.server.texts = { ...bench.server.texts, sshd: { ...bench.server.texts.sshd, status: '1' } }
    await bench.console.actions.refresh()
    await bench.press('Enter')
    expect(errorOf(bench)).toBe("Nothing is staged: sshd's settings were not read.")
    expect(bench.staged()).toEqual([])
  })

  test('where a change began while the ports were typed', async () => {
    const bench = await opened()
    bench.transactions.set(awaiting(someTimer(60_000)))
    await bench.press('Enter')
    expect(errorOf(bench)).toBe('Nothing is staged: a change is waiting on the server: finish it first with C or X.')
    expect(bench.staged()).toEqual([])
  })

  test('where sshd was started anew with a port of its own meanwhile', async () => {
    const bench = await opened()
    bench.server.texts = { ...bench.server.texts, sshd: { ...bench.server.texts.sshd, options: '-p\n22' } }
    await bench.console.actions.refresh()
    await bench.press('Enter')
    expect(errorOf(bench)).toBe("That can't be done: sshd was started with -p, which stands above its files.")
    expect(bench.staged()).toEqual([])
  })

  test('before the rules were read', async () => {
    const bench = await opened()
    bench.console.store.setState(({ readings }) => ({
      readings: { ...readings, byArea: { ...readings.byArea, firewall: { state: 'unread' } } },
    }))
    await bench.press('Enter')
    expect(errorOf(bench)).toBe("That can't be done: the firewall's rules have not been read yet.")
    expect(bench.staged()).toEqual([])
  })

  test('where no line may say the ports, and the reason names the file', async () => {
    const path = '/etc/ssh/sshd_config.d/50-vendor.conf'
    const bench = await asked('22 10022', CONFIG, {
      files: { [path]: 'Port 22\nPort 22022\n' },
      texts: { sshd: { ...someTexts().sshd, packaged: path } },
    })
    expect(errorOf(bench)).toMatch(/^That can't be written: .*50-vendor\.conf/)
    expect(bench.staged()).toEqual([])
  })
})
