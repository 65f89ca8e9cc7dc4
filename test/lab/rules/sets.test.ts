// Rules that name a set (ipset(8)) or a counter (nfacct(8)), which live beside the rules in the network's namespace.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { keepOut, refusal } from '../faults/by-hand.ts'
import { rulesOf } from '../faults/world.ts'
import { up, whyNoLab } from '../lab.ts'
import { closeOperators, logIn, phase } from '../operator.ts'
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
