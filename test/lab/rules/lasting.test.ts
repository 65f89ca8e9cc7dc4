// What is said to last does, and what will not is said: by what the next boot really loads.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { insertFirst } from '../../support/plans.ts'
import { up, whyNoLab } from '../lab.ts'
import { closeOperators, logIn, phase } from '../operator.ts'
import type { Server } from '../server.ts'

const RULE = '-p tcp -m tcp --dport 8443 -j ACCEPT'
const USER_RULE = '-s 203.0.113.0/24 -j DROP'

/** Stands in for Docker as far as rules go: makes its chains anew whenever it starts. */
const DOCKER = `cat >/usr/local/sbin/fake-docker <<'S'
#!/bin/sh
iptables -N DOCKER-USER 2>/dev/null && iptables -A DOCKER-USER -j RETURN && iptables -I FORWARD -j DOCKER-USER
iptables -N DOCKER 2>/dev/null
iptables -C DOCKER -o app0 -j ACCEPT 2>/dev/null || iptables -A DOCKER -o app0 -j ACCEPT
iptables -C FORWARD -i app0 -j ACCEPT 2>/dev/null || iptables -A FORWARD -i app0 -j ACCEPT
S
chmod 755 /usr/local/sbin/fake-docker
cat >/etc/systemd/system/docker.service <<'U'
[Unit]
# As Docker's own, which comes after the network, and that after the rules.
After=netfilter-persistent.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/fake-docker
[Install]
WantedBy=multi-user.target
U
systemctl daemon-reload; systemctl -q enable --now docker`

describe.skipIf(whyNoLab() !== null)('what lasts', () => {
  let server: Server
  beforeAll(async () => {
    server = await up({ variant: 'persistent' })
  })
  afterEach(closeOperators)
  afterAll(() => server?.down())

  test('fault 73: a loader that is installed and switched off is none', async () => {
    await server.must('systemctl -q disable netfilter-persistent')
    const operator = await logIn(server)
    const plan = await operator.plan((facts) => [insertFirst(facts, RULE)])
    expect(plan.persistence).toMatchObject({ kind: 'none' })
    expect(plan.persistence?.message).toContain('netfilter-persistent is there, but not started at boot')
    await server.must('systemctl -q enable netfilter-persistent')
  })

  test('fault 73: a loader that is switched off inside the window loads nothing, and that is said', async () => {
    const operator = await logIn(server)
    await operator.transactions.apply(await operator.plan((facts) => [insertFirst(facts, RULE)]))
    await server.must('systemctl -q disable netfilter-persistent')
    await operator.transactions.confirm()
    const end = await phase(operator, 'confirmed')
    expect(end).toMatchObject({ lasts: false })
    expect(end.notes.map(({ text }) => text).join()).toContain(
      'netfilter-persistent, which loads them, is not started at boot',
    )
    const past = await operator.transactions.history()
    expect(past).toMatchObject({ ok: true, value: [{ outcome: 'confirmed', lasts: false }] })
    await server.must(
      'systemctl -q enable netfilter-persistent; iptables -F; rm -rf /var/lib/hardtui /etc/iptables/rules.v4',
    )
  })

  test('fault 73: nftables.service that clears all rules at its start makes nothing last', async () => {
    const operator = await logIn(server)
    await operator.transactions.apply(await operator.plan((facts) => [insertFirst(facts, RULE)]))
    await server.must(`printf '[Service]\\nExecStart=/bin/true\\n[Install]\\nWantedBy=sysinit.target\\n' >/etc/systemd/system/nftables.service
      printf 'flush ruleset\\n' >/etc/nftables.conf; systemctl -q enable nftables`)
    await operator.transactions.confirm()
    const end = await phase(operator, 'confirmed')
    expect(end.lasts).toBe(false)
    expect(end.notes.map(({ text }) => text).join()).toContain('nftables.service clears all rules')
    await server.must('systemctl -q disable nftables; rm -f /etc/systemd/system/nftables.service /etc/nftables.conf')
    await server.must('iptables -F; rm -rf /var/lib/hardtui')
  })

  test('fault 74: what WireGuard’s files add when it comes up is left to them', async () => {
    await server.must(`ip link add wg0 type bridge; mkdir -p /etc/wireguard
      printf '[Interface]\\nPostUp = iptables -A FORWARD -i %%i -j ACCEPT; iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE; touch /root/ran\\n' >/etc/wireguard/wg0.conf
      iptables -A FORWARD -i wg0 -j ACCEPT; iptables -A FORWARD -i wg1 -j ACCEPT; iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE`)
    const operator = await logIn(server)
    await operator.transactions.apply(await operator.plan((facts) => [insertFirst(facts, RULE)]))
    await operator.transactions.confirm()
    expect(await phase(operator, 'confirmed')).toMatchObject({ lasts: true })
    const saved = await server.must('cat /etc/iptables/rules.v4')
    expect(saved).toContain('-i wg1')
    expect(saved).not.toContain('-i wg0')
    expect(saved).not.toContain('MASQUERADE')
    expect((await server.sh('test -e /root/ran')).status).toBe(1)
    await server.must('ip link del wg0; rm -rf /etc/wireguard /var/lib/hardtui; iptables -F; iptables -t nat -F')
  })

  test('fault 74: rules of one’s own in DOCKER-USER come back after Docker has made it anew, and Docker’s are not there twice', async () => {
    await server.must(DOCKER)
    const operator = await logIn(server)
    const at = { family: 'v4', table: 'filter', chain: 'DOCKER-USER' } as const
    const plan = await operator.plan((facts) => {
      const v4 = facts.families.v4
      const rules = v4.state === 'present' ? v4.ruleSet.tables.flatMap((table) => table.chains) : []
      const before = rules.find((chain) => chain.name === at.chain)?.rules[0]?.id ?? null
      return [{ kind: 'insert', at, before, ruleId: 'mine', text: USER_RULE }, insertFirst(facts, RULE)]
    })
    expect(plan.persistence?.message).toContain('hardtui-docker-user.service')
    await operator.transactions.apply(plan)
    await operator.transactions.confirm()
    expect(await phase(operator, 'confirmed')).toMatchObject({ lasts: true })
    const before = await server.must('iptables-save | grep ^-A | sort')
    await server.reboot()
    await server.waitForLogin()
    const after = await server.must('systemctl start docker; iptables-save | grep ^-A | sort')
    expect(after).toBe(before)
    expect(after).toContain(`-A DOCKER-USER ${USER_RULE}`)
    // Once more: nothing doubles from boot to boot.
    await server.reboot()
    await server.waitForLogin()
    expect(await server.must('iptables-save | grep ^-A | sort')).toBe(before)
  })
})
