import { describe, expect, test } from 'vitest'
import { type Bench, openConsole } from '../support/console.tsx'

const toRule = (bench: Bench, text: string): void =>
  bench.console.actions.putCursor('firewall', `v4/filter/INPUT/${text}`)

const staged = (bench: Bench): readonly string[] =>
  bench.console.store.getState().staging.changes.map((change) => `${change.target} ${change.summary}`)

const MYSQL = '-p tcp -m tcp --dport 3306 -m comment --comment "old database" -j DROP'

describe('o', () => {
  test('switches a rule off where it stands, and on again', async () => {
    const bench = await openConsole()
    await bench.press('2')
    toRule(bench, MYSQL)
    await bench.press('o')
    await bench.sees(/~ +5 off DROP +tcp +dport 3306 # old datab… edit staged/)
    expect(staged(bench)).toEqual([
      'v4 filter INPUT 5 ~ -p tcp -m tcp --dport 3306 -m comment --comment "old database" -m comment --comment "off by hardtui: -j DROP"',
    ])
    await bench.press('o')
    await bench.sees('nothing is staged for it')
    expect(staged(bench)).toEqual([])
  })

  test('says what it needs', async () => {
    const bench = await openConsole()
    await bench.press('2')
    bench.console.actions.putCursor('firewall', 'chain:v4:filter:INPUT')
    await bench.press('o')
    await bench.sees('put the cursor on a rule to switch it off or on')
  })
})

describe('c', () => {
  test('opens the editor in the other family, with the rule in its words', async () => {
    const bench = await openConsole()
    await bench.press('2')
    toRule(bench, MYSQL)
    await bench.press('c')
    await bench.sees('copy to v6 filter INPUT at 1', '--comment "old database" -j DROP')
    await bench.press('Enter')
    await bench.sees('1 staged', /\[v6 open\]/)
    expect(staged(bench)).toEqual([`v6 filter INPUT 1 + ${MYSQL}`])
  })

  test('says why a rule has no counterpart', async () => {
    const bench = await openConsole({
      texts: {
        firewall: {
          iptables: '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -s 192.0.2.1/32 -j DROP\nCOMMIT\n',
          'iptables-status': '0',
          'ip6tables-status': '0',
        },
      },
    })
    await bench.press('2')
    toRule(bench, '-s 192.0.2.1/32 -j DROP')
    await bench.press('c')
    await bench.sees('It names 192.0.2.1/32: an address has no counterpart in the other family.')
  })
})
