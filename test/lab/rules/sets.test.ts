// Rules that name a set (ipset(8)) or a counter (nfacct(8)), which live beside the rules in the network's namespace.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { firewallDetail } from '../../../src/screens/areas/firewall-detail.ts'
import { firewall as area } from '../../../src/services/areas/firewall/area.ts'
import { firewallItems } from '../../../src/state/areas/firewall/list.ts'
import { ruleContext } from '../../../src/state/areas/firewall/rule-about.ts'
import { rulesWith } from '../../support/make-plan.ts'
import { keepOut, refusal } from '../faults/by-hand.ts'
import { rulesOf } from '../faults/world.ts'
import { up, whyNoLab } from '../lab.ts'
import { closeOperators, logIn, type Operator, phase } from '../operator.ts'
import type { Server } from '../server.ts'

const RULES = `
  iptables -A INPUT -m set --match-set bad src -j DROP
  iptables -A INPUT -m set ! --match-set ports dst -j ACCEPT
  iptables -A FORWARD -m nfacct --nfacct-name seen -j DROP
  ip6tables -A INPUT -m set --match-set bad6 src -j DROP`

describe.skipIf(whyNoLab() !== null).each(['nft', 'legacy'])('sets and counters beside %s rules', (backend) => {
  let server: Server
  beforeAll(async () => {
    server = await up({ packages: ['ipset', 'nfacct'] })
    await server.must(`
      for one in iptables ip6tables; do update-alternatives --set $one /usr/sbin/$one-${backend}; done
      ipset create bad hash:ip; ipset add bad 198.51.100.7
      ipset create ports bitmap:port range 0-1023; ipset add ports 81
      ipset create bad6 hash:net family inet6
      nfacct add seen
      ${RULES}`)
  })
  afterEach(closeOperators)
  afterAll(() => server?.down())

  test('a change to something else is armed, applied and rolled back', async () => {
    const before = await rulesOf(server)
    const operator = await logIn(server)
    await operator.transactions.apply(await operator.plan(keepOut))
    await phase(operator, 'awaiting-confirm')
    expect(await rulesOf(server)).toContain('--dport 81 -j DROP')
    await operator.transactions.rollback()
    expect(await phase(operator, 'rolled-back')).toMatchObject({ by: 'operator' })
    expect(await rulesOf(server)).toBe(before)
    expect(await server.must('ipset list bad')).toContain('198.51.100.7')
  })

  test('a rule about a set that there is not is refused by name, and nothing is armed', async () => {
    const operator = await logIn(server)
    const plan = await operator.plan((facts) =>
      keepOut(facts).map((edit) => ('text' in edit ? { ...edit, text: '-m set --match-set none src -j DROP' } : edit)),
    )
    expect(await refusal(operator, plan)).toMatch(/Set none doesn't exist/)
  })
})

describe.skipIf(whyNoLab() !== null)('sets that rules name', () => {
  let server: Server
  beforeAll(async () => {
    server = await up({ variant: 'persistent', packages: ['ipset', 'ipset-persistent'] })
    await server.must(`
      ipset create bad hash:net comment; ipset add bad 198.51.100.7 comment "$(printf 'seen \\033[2J')"
      ipset add bad 203.0.113.0/24; ipset add bad 203.0.113.9 nomatch
      iptables -A INPUT -m set --match-set bad src -j DROP; iptables-save >/etc/iptables/rules.v4`)
  })
  afterEach(closeOperators)
  afterAll(() => server?.down())

  const finding = async (operator: Operator, id = 'FW-sets-boot'): Promise<string> => {
    const { firewall, facts, listeners } = await operator.read()
    const said = area.checks.find((one) => one.id === id)?.judge(firewall, facts, { listeners })
    return [`${said?.outcome}: ${said?.observed}`, ...(said?.details ?? [])].join('\n')
  }

  test('are shown in its detail, hostile comments and all', async () => {
    const { firewall, facts } = await (await logIn(server)).read()
    const staged = rulesWith(firewall, 'v4', [])
    if (!staged) throw new Error('no rules')
    const item = firewallItems(staged, 'filter', [], facts, ruleContext(firewall, null, null, 0)).find(
      (one) => one.kind === 'rule' && one.rule.text.includes('bad'),
    )
    const lines = item ? firewallDetail(item, 90).map((line) => line.map(({ text }) => text).join('')) : []
    expect(lines.map((line) => line.trim().replace(/ +/g, ' '))).toEqual(
      expect.arrayContaining([
        'set bad: hash:net IPv4, 3 members',
        '198.51.100.7 comment "seen ␛[2J"',
        '203.0.113.0/24',
        '203.0.113.9 nomatch',
      ]),
    )
  })

  test('and nothing makes at boot are found, and after a boot there are no rules; with a saved set there are', async () => {
    expect(await finding(await logIn(server))).toBe('fail: bad\nbad: nothing that was found makes it')
    expect(await finding(await logIn(server), 'FW-saved-v4')).toBe('pass: as in /etc/iptables/rules.v4')
    await server.reboot()
    await server.waitForLogin()
    expect(await server.must('iptables-save')).not.toContain('--match-set bad')
    await server.must('ipset create bad hash:ip; ipset save >/etc/iptables/ipsets')
    expect(await finding(await logIn(server))).toBe("pass: bad\nbad: netfilter-persistent's plugin 10-ipset makes it")
    await server.reboot()
    await server.waitForLogin()
    expect(await server.must('iptables-save')).toContain('--match-set bad src -j DROP')
  })

  test('of hundreds of thousands of members do not hold up the rest', async () => {
    await server.must(`
      ipset create big hash:ip maxelem 1000000
      awk 'BEGIN { for (i = 0; i < 300000; i++) print "add big 10." int(i / 65536) "." int(i / 256) % 256 "." i % 256 }' |
        ipset restore
      iptables -A INPUT -m set --match-set big src -j DROP`)
    const operator = await logIn(server)
    const started = performance.now()
    const { firewall } = await operator.read()
    const took = performance.now() - started
    const v4 = firewall.families.v4
    const sets = v4.state === 'present' ? v4.ruleSet.sets : undefined
    const big = sets?.state === 'present' ? sets.byName.get('big') : undefined
    expect(big).toMatchObject({ entries: 300_000, doubt: 'only 4098 of its members were read' })
    await server.must('iptables -D INPUT -m set --match-set big src -j DROP; ipset destroy big')
    const without = performance.now()
    await operator.read()
    expect(took).toBeLessThan(2 * (performance.now() - without) + 500)
  })
})
