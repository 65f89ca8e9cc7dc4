import { describe, expect, test } from 'vitest'
import { safe } from '../../src/services/model/safe.ts'
import { AREA_IDS } from '../../src/state/areas/table.ts'
import { cursorTo, openConsole } from '../support/console.tsx'
import { someTexts } from '../support/probe-texts.ts'

const SIZES = [
  [80, 24],
  [120, 40],
  [200, 60],
] as const

const manyRules = (count: number): string =>
  `*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n${Array.from(
    { length: count },
    (_, at) =>
      `[${at}:0] -A INPUT -s 10.${at >> 16}.${(at >> 8) & 255}.${at & 255}/32 -p tcp -m tcp --dport 22 -j ACCEPT`,
  ).join('\n')}\nCOMMIT\n`

const withRules = (iptables: string) => ({ firewall: { ...someTexts().firewall, iptables } })

describe('the dashboard', () => {
  test.each(SIZES)('fills the screen exactly at %d x %d, header to footer', async (columns, rows) => {
    const { terminal } = await openConsole({ columns, rows })
    const screen = terminal.rows()
    expect(screen[0]).toContain('ops@web1.example.net:10022')
    expect(screen.at(-1)).toContain('? help')
    expect(screen.at(-1)).toContain('q quit')
    const bordered = screen.filter((row) => /^[│╭╰]/.test(row))
    expect(bordered.length).toBeGreaterThan(rows - 6)
    for (const row of bordered) expect(row).toHaveLength(columns)
  })

  test.each(SIZES)('tells what matters of all four areas at %d x %d', async (columns, rows) => {
    const { press, sees } = await openConsole({ columns, rows })
    await press('1')
    await sees('PermitRootLogin', /✗ PasswordAuth/)
    await press('2')
    await sees('INPUT', 'policy ACCEPT', 'you come in here', 'of fail2ban')
    await press('3')
    await sees('avahi-daemon', 'rpcbind', ':80')
    await press('4')
    await sees('ACCEPTED', 'failed', 'invalid', 'you', 'not yours')
  })

  test.each(['OpenSSH_9.2, OpenSSL 3.0.20 7 Apr 2026', 'OpenSSH_9.2p1 Debian-2+deb12u3'])(
    'names of %s no more in the header than which OpenSSH it is',
    async (openssh) => {
      const { sees } = await openConsole({ columns: 200, rows: 60, facts: { openssh: safe(openssh) } })
      await sees('Debian 12 · OpenSSH 9.2 · iptables 1.8.9 nft')
    },
  )

  test('shows one pane under tabs where there is no room for four, and Tab goes through them', async () => {
    const { press, sees, lacks } = await openConsole({ columns: 80, rows: 24 })
    // By as much of their names as there is room for.
    await sees('[1 SSH]', '2 Fire', '3 Serv', '4 Secu', '5 TCP')
    await lacks('avahi-daemon')
    await press('Tab')
    await sees('[2 Firewall]', 'INPUT')
    await press('Tab', 'Tab')
    await sees('[4 Secure log]', 'ACCEPTED')
    await press('Shift-Tab', 'Shift-Tab', 'Shift-Tab')
    await sees('[1 SSH]')
    // Around, to the last.
    await press('Shift-Tab')
    await sees(new RegExp(`\\[${AREA_IDS.length} `))
  })

  test('follows the terminal when it is resized, and says when it is too small', async () => {
    const { terminal, sees } = await openConsole({ columns: 120, rows: 40 })
    terminal.resize(80, 24)
    await sees('[1 SSH]')
    terminal.resize(50, 10)
    await sees('too small')
    terminal.resize(200, 60)
    await sees('╭ 4 Secure log')
    for (const row of terminal.rows().filter((one) => one.startsWith('│'))) expect(row).toHaveLength(200)
  })

  test('zooms a pane and comes back', async () => {
    const { press, sees, lacks } = await openConsole()
    await press('z')
    await lacks('2 Firewall')
    await press('Esc')
    await sees('2 Firewall')
  })

  test('moves in 10,000 rules and draws only those that are seen', async () => {
    const { press, sees, terminal, console } = await openConsole({ texts: withRules(manyRules(10_000)) })
    await press('2', 'G')
    await sees(' 10000 ACCEPT', '↑')
    await press('g')
    await sees('IPv6 is open while', '↓')
    const before = terminal.written().length
    await press('j')
    await sees(/▸/)
    expect(terminal.written().length - before).toBeLessThan(4000)
    expect(console.lists.pane(console.store.getState(), 'firewall').total).toBeGreaterThan(10_000)
  })

  test('takes keys typed ahead one by one', async () => {
    const { type, sees } = await openConsole()
    await type('2jjjjj')
    await sees(/▸\s+2 ACCEPT/)
  })

  test('keeps the cursor on its rule when the rules are read again and others have come before it', async () => {
    const bench = await openConsole({ texts: withRules(manyRules(3)) })
    await bench.press('2')
    cursorTo(bench, '10.0.0.2')
    await bench.sees(/▸\s+3 ACCEPT.*10\.0\.0\.2/)
    const more = manyRules(3).replace('[0:0] -A INPUT', '[0:0] -A INPUT -i lo -j ACCEPT\n[0:0] -A INPUT')
    bench.server.texts = { ...bench.server.texts, ...withRules(more) }
    await bench.press('R')
    await bench.sees(/▸\s+4 ACCEPT.*10\.0\.0\.2/)
  })

  test('filters while it is typed; Esc puts everything back', async () => {
    const { press, type, sees, lacks } = await openConsole()
    await press('2', '/')
    await type('3306')
    await sees('3306')
    await lacks('dports 80,443')
    await press('Enter')
    await sees('filter: ')
    await press('Esc')
    await sees('dports 80,443')
  })

  test('shows all about a row on Enter', async () => {
    const { press, sees } = await openConsole({ columns: 80, rows: 24 })
    await press('Enter')
    await sees('Root can log in directly', 'expected', 'CIS 5.1.20')
    await press('Esc')
    await sees('[1 SSH]')
  })

  test('goes through tables and families of the firewall', async () => {
    const { press, sees } = await openConsole()
    await press('2', ']')
    await sees('v4 nat', 'POSTROUTING', 'MASQUERADE')
    await press('[', 'v')
    await sees('v6 filter')
  })

  test('has every key on the help screen, with the reason why some do nothing now', async () => {
    const { press, sees } = await openConsole({ rows: 60 })
    await press('?')
    await sees('Everywhere', 'Moving', 'nothing is staged')
    await press('Esc')
    await sees('1 SSH')
  })

  test('runs a command from the palette by its name', async () => {
    const { press, type, sees } = await openConsole()
    await press(':')
    await type('zoom')
    await sees('▸ zoom')
    await press('Enter')
    await sees('1 SSH')
  })

  test('copies the row under the cursor', async () => {
    const { press, sees, copied } = await openConsole()
    await press('y')
    await sees('Copied')
    expect(copied[0]).toContain('SSH-PermitRootLogin')
  })

  test('follows the log in groups, at most ten a second', async () => {
    const { press, host, clock, sees, console } = await openConsole()
    let changes = 0
    console.store.subscribe((now, before) => {
      if (now.log !== before.log) changes += 1
    })
    for (let at = 0; at < 500; at++)
      host.log(
        `2026-11-23T09:20:00.000000+00:00 web1 sshd[9${at}]: Failed password for u${at} from 203.0.113.9 port 40022 ssh2`,
      )
    clock.advance(1000)
    await press('4')
    await sees('u499')
    expect(changes).toBeLessThanOrEqual(10)
  })

  test('keeps 10,000 log lines and no more', async () => {
    const { host, clock, console } = await openConsole()
    const line = 'Nov 23 09:20:00 web1 sshd[9]: Failed password for root from 203.0.113.9 port 40022 ssh2'
    for (let at = 0; at < 5; at++) {
      host.log(...Array.from({ length: 4000 }, () => line))
      clock.advance(100)
    }
    expect(console.store.getState().log.entries).toHaveLength(10_000)
  })

  test('keeps log entries in the log alone, those that were read as well', async () => {
    const { press, console, host } = await openConsole()
    const kept = () => {
      const { log, readings } = console.store.getState()
      const reading = readings.byArea.securelog
      return [log.entries.length, reading.state === 'present' ? reading.facts.entries.length : null]
    }
    const [read] = kept()
    expect(read).toBeGreaterThan(0)
    expect(kept()).toEqual([read, 0])
    const probes = host.probes()
    await press('R')
    expect(host.probes()).toBe(probes + 1)
    expect(kept()).toEqual([read, 0])
  })

  test('says why an area can not be shown, and shows the others', async () => {
    const { sees } = await openConsole({
      texts: { firewall: { ...someTexts().firewall, 'iptables-status': 'absent', 'ip6tables-status': 'absent' } },
    })
    await sees('iptables is not installed', 'avahi-daemon')
  })

  test('draws no colour where NO_COLOR asks for none', async () => {
    const { terminal } = await openConsole({ env: { NO_COLOR: '1' } })
    expect(terminal.written()).not.toMatch(/\u001b\[(?:3[0-7]|9[0-7]|38|48)(?:;\d+)*m/)
  })
})

test('a key that means nothing says so until the next one', async () => {
  const bench = await openConsole()
  await bench.press('Q')
  await bench.sees('Q does nothing here: the last line has keys that do.')
  await bench.press('2')
  await bench.lacks('Q does nothing here')
})
