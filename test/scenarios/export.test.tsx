import { describe, expect, test } from 'vitest'
import { openConsole } from '../support/console.tsx'
import { someTexts } from '../support/probe-texts.ts'

describe('E in the firewall pane', () => {
  test('writes the live rules as a script and says where it is', async () => {
    const bench = await openConsole()
    await bench.press('2', 'E')
    await bench.sees('The live rules are in ./hardtui-web1.sh')
    expect(bench.scripts[0]).toMatch(/^#!\/bin\/sh\n# The firewall rules of web1 \(web1\.example\.net\)/)
    expect(bench.scripts[0]).toContain('as they were on the server')
    expect(bench.scripts[0]).toContain('--comment "old database" -j DROP')
    // fail2ban makes its chain itself.
    expect(bench.scripts[0]).not.toMatch(/^(:f2b|-A f2b|.* -j f2b)/m)
  })

  test('writes the rules as they are staged, of both families, whichever is shown', async () => {
    const bench = await openConsole()
    await bench.press('2', 'a')
    await bench.sees('new rule in')
    await bench.type('-p tcp --dport 8443 -j ACCEPT')
    await bench.press('Enter')
    await bench.sees('1 staged')
    await bench.press('v', 'E')
    await bench.sees('The staged rules are in')
    expect(bench.scripts[0]).toContain('as they were staged')
    expect(bench.scripts[0]).toContain('\n-A INPUT -p tcp -m tcp --dport 8443 -j ACCEPT\n')
    expect(bench.transactions.calls).not.toContain('apply')
  })

  test('works for who only looks: nothing reaches the server', async () => {
    const bench = await openConsole({ readOnly: true })
    await bench.press('2', 'E')
    await bench.sees('The live rules are in')
  })

  test('writes nothing while something staged no longer fits', async () => {
    const bench = await openConsole()
    await bench.press('2')
    const { lists, store, actions } = bench.console
    const item = lists.pane(store.getState(), 'firewall').items.find((one) => one.search().includes('3306'))
    actions.putCursor('firewall', item?.id ?? '')
    await bench.press('x')
    await bench.sees('1 staged')
    const iptables = bench.server.texts.firewall.iptables?.replace(/^.*3306.*\n/m, '') ?? ''
    bench.server.texts = { ...bench.server.texts, firewall: { ...bench.server.texts.firewall, iptables } }
    await bench.press('R')
    await bench.lacks('old database')
    await bench.press('E')
    await bench.sees('no longer fits')
    expect(bench.scripts).toEqual([])
  })

  test('says why where another program owns them', async () => {
    const bench = await openConsole({ texts: { firewall: { ...someTexts().firewall, managers: 'ufw' } } })
    await bench.press('2', 'E')
    await bench.sees("these rules are ufw's")
    expect(bench.scripts).toEqual([])
  })

  test('says why where there are no rules', async () => {
    const bench = await openConsole({
      texts: { firewall: { 'iptables-status': 'absent', 'ip6tables-status': 'absent' } },
    })
    await bench.press('2', 'E')
    await bench.sees('there are no rules to write: iptables is not installed on this host')
    expect(bench.scripts).toEqual([])
  })
})
