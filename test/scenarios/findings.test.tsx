import { describe, expect, test } from 'vitest'
import { type Bench, cursorTo, openConsole } from '../support/console.tsx'
import { filter } from '../support/firewall-checks.ts'
import { someTexts } from '../support/probe-texts.ts'

const staged = (bench: Bench): readonly string[] =>
  bench.console.store.getState().staging.changes.map((change) => `${change.target} ${change.summary}`)

/** The firewall pane of a server with these rules. */
async function onRules(iptables: string, options: Parameters<typeof openConsole>[0] = {}): Promise<Bench> {
  const { firewall } = someTexts()
  const services = 'tcp/22 ssh\ntcp/80 http\ntcp/443 https'
  const bench = await openConsole({ ...options, texts: { firewall: { ...firewall, iptables, services } } })
  await bench.press('2')
  return bench
}

const SSH = 'v4 filter INPUT 3 + -p tcp -m tcp --dport 22 -j ACCEPT'

describe('the fix of a finding', () => {
  test('stages the policy with all that must go on, in one step that u takes back', async () => {
    const bench = await onRules('')
    cursorTo(bench, 'FW-default-deny-v4')
    await bench.press('Space')
    await bench.sees('4 staged', 'fix staged', /\+ +1 ACCEPT +all +in lo/, 'policy ACCEPT → DROP')
    expect(staged(bench)).toEqual([
      'v4 filter INPUT 1 + -i lo -j ACCEPT',
      'v4 filter INPUT 2 + -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      SSH,
      'v4 filter INPUT policy ACCEPT → DROP',
    ])
    await bench.press('u')
    await bench.lacks('4 staged')
    expect(staged(bench)).toEqual([])
    await bench.press('Ctrl-r')
    await bench.sees('4 staged')
  })

  test('never locks the operator out: what is staged can be armed', async () => {
    const bench = await onRules('')
    cursorTo(bench, 'FW-default-deny-v4')
    await bench.press('Space', 's')
    await bench.sees('what if', 'accepted', 'your next login', 'from a finding')
    await bench.press('A', 'N', 'Y')
    expect(bench.transactions.calls).toContain('apply')
  })

  test('is taken back by Space, and nothing else with it', async () => {
    const bench = await onRules(filter())
    await bench.press('a')
    await bench.sees('new rule in')
    await bench.type('-p tcp --dport 8443 -j ACCEPT')
    await bench.press('Enter')
    await bench.sees('1 staged')
    cursorTo(bench, 'FW-default-deny-v4')
    await bench.press('Space')
    await bench.sees('5 staged')
    await bench.press('Space')
    await bench.sees('the fix is taken back', '1 staged')
    expect(staged(bench)).toEqual(['v4 filter INPUT 1 + -p tcp -m tcp --dport 8443 -j ACCEPT'])
  })

  test('counts with what is staged: no rule is wanted twice, and a deleted one is missed', async () => {
    const bench = await onRules(filter('-A INPUT -i lo -j ACCEPT', '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT'))
    cursorTo(bench, '-i lo -j ACCEPT')
    await bench.press('x')
    cursorTo(bench, '--dport 22')
    await bench.press('x')
    cursorTo(bench, 'FW-default-deny-v4')
    await bench.press('Space')
    await bench.sees('6 staged')
    expect(staged(bench)).toContain(SSH)
    expect(staged(bench)).toContain('v4 filter INPUT 1 + -i lo -j ACCEPT')
  })

  test('of two findings that want the same rule stages it once', async () => {
    const bench = await onRules(filter('INPUT DROP', '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT'))
    cursorTo(bench, 'FW-loopback-v4')
    await bench.press('Space')
    await bench.sees('1 staged')
    cursorTo(bench, 'FW-established-v4')
    await bench.press('Space')
    await bench.sees('2 staged')
    cursorTo(bench, 'FW-v6-open')
    await bench.press('Space')
    await bench.sees(/1[0-9] staged/)
    expect(staged(bench).filter((one) => one.startsWith('v4'))).toHaveLength(2)
    expect(staged(bench).join('\n')).toContain('-p ipv6-icmp -m icmp6 --icmpv6-type 135 -j ACCEPT')
    cursorTo(bench, 'FW-v6-open')
    await bench.press('Space')
    await bench.sees('2 staged')
  })

  test('is not staged a second time by another finding that it mends', async () => {
    const bench = await onRules('')
    cursorTo(bench, 'FW-default-deny-v4')
    await bench.press('Space')
    await bench.sees('4 staged')
    cursorTo(bench, 'FW-empty-v4')
    await bench.press('Space')
    await bench.sees('mends it already')
    expect(staged(bench)).toHaveLength(4)
  })

  test('is refused with a reason where only the operator knows', async () => {
    const bench = await onRules(filter('INPUT DROP', '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT'))
    cursorTo(bench, 'FW-ssh-source-v4')
    await bench.press('Space')
    await bench.sees('only you know from where you log in')
    expect(staged(bench)).toEqual([])
  })
})

const BUSY = filter(
  'INPUT DROP',
  '[100:1] -A INPUT -i lo -j ACCEPT',
  '[20:1] -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT',
  '[7:1] -A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT',
  '[0:0] -A INPUT -p tcp -m tcp --dport 8443 -j ACCEPT',
  '[0:0] -A INPUT -s 192.0.2.7/32 -p tcp -m tcp --dport 443 -j DROP',
)

describe('what there is to say about a rule', () => {
  test.each([
    [80, 24],
    [120, 40],
    [200, 60],
  ])('stands in its row at %d x %d', async (columns, rows) => {
    const bench = await onRules(BUSY, { columns, rows })
    await bench.press('z')
    await bench.sees('dport ssh (22)', 'http,https (80,443)', 'nobody listens', 'shadowed by 3')
    await (columns >= 100 ? bench.sees('→ nginx') : bench.lacks('→ nginx'))
  })

  test('stands in the detail, however narrow the screen is', async () => {
    const bench = await onRules(BUSY, { columns: 80, rows: 24 })
    cursorTo(bench, '80,443')
    await bench.press('Enter')
    await bench.sees('tcp http,https (80,443)', 'lets in', '0.0.0.0:443', 'nginx')
    await bench.press('Esc')
    cursorTo(bench, '--dport 443')
    await bench.press('Enter')
    await bench.sees('by rule 3', 'no packet has ever met')
  })

  test('is how many packets a second it has met since the last reading', async () => {
    const bench = await onRules(BUSY)
    await bench.press('z')
    bench.clock.advance(10_000)
    const iptables = BUSY.replace('[100:', '[220:').replace('[7:', '[9:')
    bench.server.texts = { ...bench.server.texts, firewall: { ...bench.server.texts.firewall, iptables } }
    await bench.press('R')
    await bench.sees(/in lo .* 12\/s +220/, /80,443.* 0\.2\/s +9/)
    cursorTo(bench, '-i lo')
    await bench.press('Enter')
    await bench.sees('220, 12/s in the 10 s between')
  })
})

test('a finding says in its detail which ports and rules it is about', async () => {
  const bench = await onRules(filter('-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT'))
  cursorTo(bench, 'FW-open-by-policy-v4')
  await bench.press('Enter')
  await bench.sees('tcp 111 (rpcbind)', 'tcp 443 (nginx)', 'to do')
})

test('what may wait stands behind the rules, and the other family is left to its own view', async () => {
  const bench = await onRules(filter('INPUT DROP', '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT'))
  const { lists, store } = bench.console
  const ids = () => lists.pane(store.getState(), 'firewall').items.map((item) => item.id)
  expect(ids()[0]).toBe('finding:FW-v6-open')
  expect(ids().at(-1)).toBe('finding:FW-output-v4')
  expect(ids().some((id) => id.startsWith('finding:') && id.endsWith('-v6'))).toBe(false)
  await bench.press('v')
  expect(ids()).toContain('finding:FW-default-deny-v6')
  expect(ids()).not.toContain('finding:FW-output-v4')
})
