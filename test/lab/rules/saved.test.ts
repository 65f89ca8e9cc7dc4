// What the next boot loads: written on confirm, compared with what is live, and loaded.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { firewall as area } from '../../../src/services/areas/firewall/area.ts'
import { insertFirst } from '../../support/plans.ts'
import { type Server, up, whyNoLab } from '../lab.ts'
import { closeOperators, logIn, type Operator } from '../operator.ts'

const CASES = [
  ['netfilter-persistent', 'persistent', '/etc/iptables/rules.v4'],
  ['sysconfig', 'rhel-layout', '/etc/sysconfig/iptables'],
  ['loader', 'plain', '/etc/hardtui/rules.v4'],
] as const

/** What the finding about saved rules says: outcome and words. */
async function verdict(operator: Operator): Promise<string> {
  const { firewall, facts, listeners } = await operator.read()
  const check = area.checks.find((one) => one.id === 'FW-saved-v4')
  const said = check?.judge(firewall, facts, { listeners })
  return `${said?.outcome}: ${said?.observed}`
}

describe.skipIf(whyNoLab() !== null).each(CASES)('rules kept by %s', (kind, variant, file) => {
  let server: Server
  beforeAll(async () => {
    server = await up({ variant })
  })
  afterAll(async () => {
    closeOperators()
    await server?.down()
  })

  test('are saved on confirm without other programs’ chains, compared with live ones, and loaded at boot', async () => {
    await server.must('iptables -N f2b-sshd; iptables -A INPUT -p tcp --dport 22 -j f2b-sshd')
    const operator = await logIn(server)
    const plan = await operator.plan((facts) => [insertFirst(facts, '-p tcp -m tcp --dport 81 -j DROP')], {
      persistence: 'loader',
    })
    expect(plan.persistence?.kind).toBe(kind)
    await operator.transactions.apply(plan)
    await operator.transactions.confirm()
    expect(operator.transactions.state()).toMatchObject({ phase: 'confirmed' })
    expect((await operator.read()).firewall.persistence.kind).toBe(kind)
    const saved = await server.must(`cat ${file}`)
    expect(saved).toContain('-A INPUT -p tcp -m tcp --dport 81 -j DROP')
    expect(saved).not.toContain('f2b-sshd')
    expect(await verdict(operator)).toBe(`pass: as in ${file}`)
    await server.must('iptables -A INPUT -p tcp --dport 99 -j DROP; iptables -D INPUT -p tcp --dport 81 -j DROP')
    expect(await verdict(operator)).toMatch(/^fail: /)
    operator.close()
    await server.reboot()
    await server.waitForLogin()
    const now = await server.must('iptables-save')
    expect(now).toContain('--dport 81 -j DROP')
    expect(now).not.toContain('--dport 99')
    expect(await verdict(await logIn(server))).toBe(`pass: as in ${file}`)
  })
})
