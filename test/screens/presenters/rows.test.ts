import { describe, expect, test } from 'vitest'
import { firewallPresenter } from '../../../src/screens/areas/firewall.ts'
import { securelogPresenter } from '../../../src/screens/areas/securelog.ts'
import { findingRow, settingRow } from '../../../src/screens/presenters/finding-row.ts'
import { listenerWords } from '../../../src/screens/presenters/listeners.ts'
import { clockWords, rateWords, shortCount, tookWords } from '../../../src/screens/presenters/numbers.ts'
import { type Line, lineCells } from '../../../src/screens/text/line.ts'
import { createFolder } from '../../../src/services/areas/securelog/events.ts'
import type { Finding } from '../../../src/services/model/area.ts'
import { safe, say } from '../../../src/services/model/safe.ts'
import type { LogEntry } from '../../../src/services/model/securelog.ts'
import type { Listener } from '../../../src/services/model/units.ts'
import type { FirewallItem } from '../../../src/state/areas/firewall/items.ts'
import { firewallItems } from '../../../src/state/areas/firewall/list.ts'
import { ruleWords } from '../../../src/state/areas/firewall/rule-words.ts'
import type { LogItem } from '../../../src/state/areas/securelog/list.ts'
import { someConsole } from '../../state/some-console.ts'
import { rulesWith } from '../../support/make-plan.ts'
import { firewallFacts, hostFacts, insertFirst, staged } from '../../support/plans.ts'

const textOf = (line: Line): string =>
  line
    .map((part) => part.text)
    .join('')
    .trimEnd()
const state = someConsole().store.getState()

describe('numbers', () => {
  test('counters are short', () => {
    expect([7, 999, 1_000, 98_211, 1_234_567, 5e12].map(shortCount)).toEqual([
      '7',
      '999',
      '1.0 k',
      '98 k',
      '1.2 M',
      '5.0 T',
    ])
  })

  test('a countdown shows the second that has begun, and never goes below nothing', () => {
    expect([161, 160.2, 59.01, 0, -5, 3723].map(clockWords)).toEqual([
      '2:41',
      '2:41',
      '1:00',
      '0:00',
      '0:00',
      '1:02:03',
    ])
  })

  test('rates', () => {
    expect([null, 0, 0.01, 0.44, 9.9, 12.4, 25_000].map((rate) => rateWords(rate))).toEqual([
      '',
      '',
      '<0.1/s',
      '0.4/s',
      '9.9/s',
      '12/s',
      '25 k/s',
    ])
  })

  test('times taken', () => {
    expect([48, 400, 1234].map(tookWords)).toEqual(['48 ms', '0.4 s', '1.2 s'])
  })
})

describe('a rule in short words', () => {
  test.each([
    ['-i lo -j ACCEPT', 'ACCEPT all in lo'],
    ['-p tcp -m tcp --dport 22 -j ACCEPT', 'ACCEPT tcp dport 22'],
    ['-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT', 'ACCEPT all RELATED,ESTABLISHED'],
    ['! -s 10.0.0.0/8 -p udp -j DROP', 'DROP udp ! from 10.0.0.0/8'],
    ['! -p tcp -j DROP', 'DROP all ! -p tcp'],
    ['-g elsewhere', '→ elsewhere all'],
    ['-p tcp -m recent --set --name x', '(no target) tcp -m recent --set --name x'],
    ['-m comment --comment "a \\"b\\"" -j LOG', 'LOG all # a "b"'],
    ['-m comment --comment "open', '?  -m comment --comment "open'],
  ])('%s', (text, expected) => {
    const { target, protocol, rest } = ruleWords(text)
    expect(`${target} ${protocol} ${rest}`.trimEnd()).toBe(expected)
  })
})

describe('ports of a rule by name', () => {
  const name = (protocol: string, port: string) => (`${protocol}/${port}` === 'tcp/22' ? say`ssh` : null)

  test.each([
    ['-p tcp -m tcp --dport 22 -j ACCEPT', 'dport ssh (22)'],
    ['-p tcp -m multiport --dports 22,8443 -j ACCEPT', 'dports ssh,8443 (22,8443)'],
    ['-p udp -m udp --dport 22 -j ACCEPT', 'dport 22'],
    ['-p tcp -m comment --comment "--dport 22" -j DROP', '# --dport 22'],
  ])('%s', (text, rest) => {
    expect(ruleWords(text, name).rest).toBe(rest)
  })
})

describe('rows of the firewall pane', () => {
  const facts = firewallFacts(
    '*filter\n:INPUT ACCEPT [12034:1]\n[98211:1] -A INPUT -i lo -j ACCEPT\n[2:1] -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n-A INPUT -j DROP\nCOMMIT\n',
  )
  const rows = (changes: Parameters<typeof rulesWith>[2]) => {
    const rules = rulesWith(facts, 'v4', changes)
    const items: readonly FirewallItem[] = rules ? firewallItems(rules, 'filter', [], hostFacts) : []
    return items.slice(0, 5).map((item) => textOf(firewallPresenter.row(item, 60, state)).replace(/[ ─]+/g, ' '))
  }

  test('say chain, policy, number, words and counter, and where you come in', () => {
    expect(rows([])).toEqual([
      ' INPUT policy ACCEPT 3 rules · 12 k by policy',
      ' 1 ACCEPT all in lo 98 k',
      ' 2 ACCEPT tcp dport 22 ← you come in here',
      ' 3 DROP all never',
      ' FORWARD policy ACCEPT 0 rules',
    ])
  })

  test('say what is staged in a sign and in words', () => {
    const change = staged(insertFirst(facts, '-p tcp --dport 443 -j ACCEPT'))
    expect(rows([change])).toContain('+ 1 ACCEPT tcp dport 443 staged')
  })
})

describe('a finding among the rules', () => {
  const found: Finding = {
    checkId: 'FW-default-deny-v4',
    area: 'firewall',
    severity: 'high',
    title: 'IPv4 lets in what no rule forbids',
    expected: 'policy DROP (or so)',
    rationale: 'Because.',
    references: [],
    outcome: 'fail',
    observed: say`policy ACCEPT`,
  }
  const words = (width: number, staged: boolean) => {
    const row = findingRow({ finding: found, staged }, width)
    expect(lineCells(row)).toBe(width)
    return textOf(row).replace(/ +/g, ' ')
  }

  test('says what is seen, what is expected where there is room, and that its fix is staged', () => {
    expect(words(90, false)).toBe('✗ IPv4 lets in what no rule forbids policy ACCEPT → policy DROP')
    expect(words(66, false)).toBe('✗ IPv4 lets in what no rule forbids policy ACCEPT')
    expect(words(90, true)).toBe('✗ IPv4 lets in what no rule forbids policy ACCEPT → policy DROP fix staged')
  })
})

describe('rows of the other panes', () => {
  const finding: Finding = {
    checkId: 'SSH-PermitRootLogin',
    area: 'sshd',
    severity: 'high',
    title: 'Root can log in directly',
    expected: 'no (or so)',
    rationale: 'Because.',
    references: [],
    outcome: 'fail',
    observed: say`yes`,
  }

  test('a setting says what is seen and what is expected', () => {
    expect(textOf(settingRow({ finding, staged: false }, 60)).replace(/ +/g, ' ')).toBe('✗ PermitRootLogin yes → no')
    expect(
      textOf(settingRow({ finding: { ...finding, outcome: 'pass', observed: say`no` }, staged: false }, 60)).replace(
        / +/g,
        ' ',
      ),
    ).toBe('✓ PermitRootLogin no')
  })

  const listener = (protocol: 'tcp' | 'udp', address: string, port: number): Listener => ({
    protocol,
    address: safe(address),
    port,
    process: null,
    pid: null,
    unit: null,
  })

  test.each([
    ['both families', [listener('tcp', '0.0.0.0', 22), listener('tcp', '[::]', 22)], ':22 v4 v6'],
    ['a wildcard of both', [listener('tcp', '*', 80)], ':80 v4 v6'],
    ['itself alone', [listener('tcp', '127.0.0.1', 25), listener('tcp', '[::1]', 25)], ':25 local'],
    ['udp', [listener('udp', '0.0.0.0', 5353)], ':5353 udp v4'],
    ['nothing', [], ''],
  ])('a service that listens on %s', (_name, listeners, expected) => {
    expect(listenerWords(listeners)).toBe(expected)
  })

  const entry: LogEntry = {
    id: 1,
    time: say`09:14:31`,
    day: say`Nov 23`,
    kind: 'accepted',
    user: say`deploy`,
    address: say`192.0.2.99`,
    at: 0,
    port: null,
    method: say`password`,
    program: say`sshd`,
    pid: null,
    text: say`Accepted password for deploy`,
    trusted: true,
    own: false,
  }
  const row = (change: Partial<LogEntry>, width = 70) => {
    const { event } = createFolder()({ ...entry, ...change })
    const item: LogItem = { kind: 'log', id: 'log:1', search: () => '', event }
    const line = securelogPresenter.row(item, width, state)
    expect(lineCells(line)).toBe(width)
    return textOf(line).replace(/ +/g, ' ')
  }

  test('a login says in words whether it is yours', () => {
    expect(row({})).toBe('Nov 23 09:14:31 ACCEPTED deploy pass 192.0.2.99 not yours')
    expect(row({ own: true, method: say`publickey` })).toBe('Nov 23 09:14:31 ACCEPTED deploy key 192.0.2.99 you')
  })

  test('where there is no room for both, the time stands, or the day where that is not today', () => {
    expect(row({}, 53)).toMatch(/^09:14:31 ACCEPTED/)
    const later = { ...state, log: { ...state.log, entries: [{ ...entry, day: say`Nov 24` }] } }
    const { event } = createFolder()(entry)
    const item: LogItem = { kind: 'log', id: 'log:1', search: () => '', event }
    expect(textOf(securelogPresenter.row(item, 53, later))).toMatch(/^Nov 23 +ACCEPTED/)
  })

  test('a line that anybody could have written is marked', () => {
    expect(row({ kind: 'failed', trusted: false })).toBe('Nov 23 09:14:31 ? failed deploy 192.0.2.99')
  })

  test.each([
    [53, {}, 'deploy pass 192.0.2.99 ×2 not yours'],
    [90, {}, 'deploy pass 192.0.2.99 ×2 Nov 23 09:14:31 not yours'],
    [53, { failuresBefore: 37 }, '✗ deploy pass 192.0.2.99 ×2 after 37 failed'],
    [53, { failuresBefore: 37, own: true }, 'deploy pass 192.0.2.99 ×2 you'],
    [53, { trusted: false }, '? deploy pass 192.0.2.99 ×2 not yours'],
  ])('who got in stands in a row of %i columns: %j', (width, change, expected) => {
    const who = { id: 'x', user: say`deploy`, address: say`192.0.2.99`, method: say`password`, key: null, count: 2 }
    const login = {
      ...who,
      first: entry,
      last: entry,
      failuresBefore: 0,
      failuresAtLast: 0,
      own: false,
      trusted: true,
      ...change,
    }
    const line = securelogPresenter.row(
      { kind: 'login', isKnown: false, id: 'login:x', search: () => '', login, place: { name: null, network: null } },
      width,
      state,
    )
    expect(lineCells(line)).toBe(width)
    expect(textOf(line).replace(/ +/g, ' ').trim()).toBe(expected)
  })

  test('another line shows its text', () => {
    expect(row({ kind: 'other', user: null, text: say`session opened` })).toBe('Nov 23 09:14:31 sshd: session opened')
  })
})
