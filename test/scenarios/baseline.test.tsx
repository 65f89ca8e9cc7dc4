import { describe, expect, test } from 'vitest'
import { firewallLists } from '../../src/state/areas/firewall/lists.ts'
import { type Bench, type Options, openConsole } from '../support/console.tsx'
import { RULES_V4, someTexts } from '../support/probe-texts.ts'

const firewall = (parts: Readonly<Record<string, string>>): NonNullable<Options['texts']> => ({
  firewall: { ...someTexts().firewall, ...parts },
})
async function onBaseline(options: Options = {}): Promise<Bench> {
  const bench = await openConsole(options)
  await bench.press('2', 'B')
  await bench.sees('Baseline for web1')
  return bench
}
const staged = (bench: Bench) => bench.console.store.getState().staging.changes
const summaries = (bench: Bench): readonly string[] => staged(bench).map((one) => `${one.target} ${one.summary}`)
const isOn = (bench: Bench, id: string): boolean | undefined =>
  firewallLists(bench.console.lists)
    .baseline(bench.console.store.getState())
    ?.rows.items.find((row) => row.id === id)?.item.on

/** Moves the cursor to an item, as far as j goes. */
async function to(bench: Bench, id: string): Promise<void> {
  const { lists, store } = bench.console
  const at = firewallLists(lists).baseline(store.getState())?.rows.indexOf(id) ?? -1
  if (at < 0) throw new Error(`there is no ${id}`)
  await bench.press('g', ...Array.from({ length: at }, () => 'j'))
}

describe('the baseline', () => {
  test.each([
    [80, 24],
    [120, 40],
    [200, 60],
  ])('shows its parts, the ways in and the rules under the cursor at %d by %d', async (columns, rows) => {
    const bench = await onBaseline({ columns, rows })
    await bench.sees(/▸ \[x\] Keep the 2 rules of your own/, /\[=\] SSH on port 22 .*always/, /\[ \] SSH only from/)
    await bench.sees(/✓ accepted +your next login/, /✓ accepted +your running session/, /✓ accepted +a login over IPv6/)
    await bench.sees('! closed though they listen: tcp 111 (rpcbind)')
    await to(bench, 'service:tcp/80')
    await bench.sees(/\[=\] tcp 80 \(nginx\) .*open/, 'A rule of your own opens it, and stays.')
    await to(bench, 'out-ntp')
    await bench.sees(
      '─ Out: time, 123 udp ─',
      '-A OUTPUT -p udp -m udp --dport 123 -m conntrack --ctstate NEW -j ACCEPT',
    )
    for (const line of bench.screen().split('\n')) expect(line.length).toBeLessThanOrEqual(columns)
  })

  test('is switched part by part, says what a part costs or risks, and what can’t be switched off', async () => {
    const bench = await onBaseline()
    await to(bench, 'out-mail')
    await bench.press('Space')
    await bench.sees('[ ] Out: mail, 25')
    await to(bench, 'ssh-mine')
    await bench.press('Space')
    await bench.sees('It locks you out when your address changes', /✗ DROPPED +a login over IPv6/)
    await to(bench, 'log-in')
    await bench.sees('costs: up to 7,200 lines a day')
    await to(bench, 'ssh')
    await bench.press('Space')
    await bench.sees('this is always on: it is your way in')
  })

  test('shows the rules of the other family with v, and one part on the whole screen with Enter', async () => {
    const bench = await onBaseline({ columns: 80, rows: 24 })
    await to(bench, 'icmp')
    await bench.press('Enter', 'v')
    await bench.sees('18 rules for v6')
    await bench.press('Ctrl-d')
    await bench.sees('--icmpv6-type 135 -m hl --hl-eq 255')
    await bench.press('Enter')
    await bench.sees('[=] SSH on port 22')
  })

  test('is staged as one step, which u takes back, and waits to be armed', async () => {
    const bench = await onBaseline()
    await bench.press('S')
    await bench.sees('Staged on web1', 'Staged the baseline (62 changes)', '62 staged')
    expect(summaries(bench)).toContain('v6 filter INPUT policy ACCEPT → DROP')
    expect(staged(bench).every((one) => one.origin === 'baseline')).toBe(true)
    // Nothing that a rule already says is said again.
    expect(summaries(bench).join()).not.toContain('v4 filter INPUT 1 ')
    expect(bench.rehearsals()).toBe(2)
    await bench.press('A', 'N')
    await bench.sees('Y')
    await bench.press('Esc', 'u')
    await bench.sees('Undone')
    expect(staged(bench)).toEqual([])
  })

  test('opened again knows what is staged: nothing is doubled, and a change takes its place', async () => {
    const bench = await onBaseline()
    await bench.press('S')
    await bench.sees('62 staged')
    const before = summaries(bench)
    await bench.press('Esc', 'B', 'S')
    await bench.sees('All of it is staged already')
    expect(summaries(bench)).toEqual(before)
    await to(bench, 'out-mail')
    await bench.press('Space', 'S')
    await bench.sees('60 staged')
    expect(summaries(bench).join()).not.toContain('--dport 25 ')
    await bench.press('u')
    await bench.sees('62 staged')
    expect(summaries(bench)).toEqual(before)
  })

  test('is laid over what is staged besides, and leaves it staged', async () => {
    const bench = await openConsole()
    await bench.press('2')
    await bench.press('a')
    await bench.sees('new rule in')
    await bench.type('-A INPUT -p tcp --dport 8443 -j ACCEPT')
    await bench.press('Enter')
    await bench.sees('1 staged')
    await bench.press('B')
    await bench.sees('Keep the 3 rules of your own')
    await bench.press('S')
    await bench.sees('63 staged')
    expect(staged(bench)[0]?.origin).toBe('operator')
  })

  test('replaces the operator’s rules where he says so, and never the jump into fail2ban’s chain', async () => {
    const bench = await onBaseline()
    await bench.press('Space', 'S')
    await bench.sees('Staged on web1')
    const deleted = summaries(bench).filter((text) => text.includes(' - '))
    expect(deleted.join()).toContain('3306')
    expect(deleted.join()).not.toContain('f2b-sshd')
  })

  test('is not staged where the server’s iptables refuses a part of it, and says why', async () => {
    const bench = await onBaseline()
    await to(bench, 'ssh-rate')
    await bench.press('Space', 'S')
    await bench.sees('Nothing was staged. For v4 iptables refuses it: unknown option "--hashlimit-above"')
    expect(staged(bench)).toEqual([])
    await bench.press('Space', 'S')
    await bench.sees('Staged the baseline')
  })

  test('opens FTP where a server listens, with a file that loads the helper at boot', async () => {
    const units = someTexts().units
    const vsftpd = 'tcp LISTEN 0 32 *:10021 *:* users:(("vsftpd",pid=700,fd=3)) cgroup:/system.slice/vsftpd.service <->'
    const bench = await onBaseline({
      texts: {
        ...firewall({
          ftp: '/etc/vsftpd.conf:listen_port=10021\n/etc/vsftpd.conf:pasv_min_port=10030\n/etc/vsftpd.conf:pasv_max_port=10049',
        }),
        units: { ...units, 'listeners-ss': `${units['listeners-ss']}\n${vsftpd}` },
      },
    })
    await to(bench, 'ftp')
    await bench.sees('[x] FTP on port 10021, passive 10030:10049', '-t raw -A PREROUTING', 'hardtui-ftp.conf')
    await bench.press('S')
    await bench.sees('Staged on web1')
    expect(summaries(bench)).toContain('/etc/modules-load.d/hardtui-ftp.conf + nf_conntrack_ftp, nf_nat_ftp at boot')
    expect(summaries(bench)).toContain('v4 raw PREROUTING 1 + -p tcp -m tcp --dport 10021 -j CT --helper ftp')
  })

  test('leaves forwarding alone on a host that does it, and says so', async () => {
    const bench = await onBaseline({ texts: firewall({ forwarding: '1\n1' }) })
    await to(bench, 'policy-forward')
    await bench.sees(/\[ \] Everything else: nothing is forwarded/, 'This host forwards packets')
    await bench.press('S')
    await bench.sees('Staged on web1')
    expect(summaries(bench).join()).not.toContain('FORWARD policy')
  })

  test('says what is in force once it is applied', async () => {
    const bench = await onBaseline({ texts: firewall({ iptables: RULES_V4.replace('INPUT ACCEPT', 'INPUT DROP') }) })
    expect(isOn(bench, 'policy-input')).toBe(true)
    await to(bench, 'loopback')
    await bench.sees('[=] Loopback, in and out')
  })

  test.each([
    ['started read-only', { readOnly: true }, 'started with --read-only'],
    ['where ufw owns the rules', { texts: firewall({ managers: 'ufw' }) }, "these rules are ufw's"],
  ] as const)('is not offered %s, and says why', async (_, options, reason) => {
    const bench = await openConsole(options)
    await bench.press('2', 'B')
    await bench.sees(reason)
    expect(bench.screen()).not.toContain('Baseline for')
  })
})
