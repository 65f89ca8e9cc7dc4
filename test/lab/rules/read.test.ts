// What is read of hosts that others have set up: judged by packets, and compared by what a boot would load.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { firewall as area } from '../../../src/services/areas/firewall/area.ts'
import { whyNotScript } from '../../../src/services/areas/firewall/export/owned.ts'
import type { FirewallFacts } from '../../../src/services/model/firewall.ts'
import { keepOut, refusal } from '../faults/by-hand.ts'
import { type Server, up, whyNoLab } from '../lab.ts'
import { closeOperators, logIn, type Operator } from '../operator.ts'

/** Reads a server anew, for asking checks about it. */
async function look(
  server: Server,
  by?: Operator,
): Promise<{ firewall: FirewallFacts; port: number; says: (id: string) => string }> {
  const operator = by ?? (await logIn(server))
  const { firewall, facts, listeners } = await operator.read()
  const says = (id: string): string => {
    const verdict = area.checks.find((one) => one.id === id)?.judge(firewall, facts, { listeners })
    return `${verdict?.outcome}: ${verdict?.observed}`
  }
  if (!by) operator.close()
  return { firewall, port: facts.session.serverPort, says }
}

describe.skipIf(whyNoLab() !== null)('a host of ufw, ferm, fail2ban or a hook', () => {
  let server: Server
  beforeAll(async () => {
    server = await up({ packages: ['fail2ban', 'ufw', 'ferm', 'ifupdown'] })
    await server.must(
      'systemctl disable -q --now fail2ban ferm; iptables -F; iptables -P INPUT ACCEPT; rm -f /etc/network/if-*.d/*',
    )
  }, 10 * 60_000)
  afterEach(closeOperators)
  afterAll(() => server?.down())

  test('nothing loads rules, until a hook of ifupdown does', async () => {
    expect((await look(server)).says('FW-persistent')).toBe('fail: nothing')
    await server.must(
      `printf '#!/bin/sh\\niptables-restore </etc/iptables.rules\\n' >/etc/network/if-pre-up.d/iptables; chmod 755 /etc/network/if-pre-up.d/iptables`,
    )
    const { firewall, says } = await look(server)
    expect(says('FW-persistent')).toBe('pass: the hook /etc/network/if-pre-up.d/iptables')
    expect(says('FW-saved-v4')).toMatch(/^unknown: what the hook/)
    expect(firewall.persistence).toMatchObject({ kind: 'other' })
    await server.must('rm /etc/network/if-pre-up.d/iptables')
  })

  test('ufw: closed by its chains in both families, its limit is met by a burst, and no script of it is written', async () => {
    await server.must('ufw limit 22/tcp; ufw --force enable', { timeoutMs: 60_000 })
    const { firewall, says } = await look(server)
    expect(says('FW-own-login')).not.toMatch(/^fail/)
    expect(says('FW-default-deny-v4')).toMatch(/^pass: /)
    expect(says('FW-default-deny-v6')).toMatch(/^pass: /)
    expect(says('FW-v6-open')).toBe('pass: both closed')
    expect(says('FW-ssh-rate-v4')).toBe('pass: limited')
    expect(says('FW-persistent')).toBe('pass: ufw')
    expect(whyNotScript(firewall)).toContain('ufw')
    await server.must('ufw --force reset; ufw disable', { timeoutMs: 60_000 })
    await server.must('ufw allow 22/tcp; ufw --force enable', { timeoutMs: 60_000 })
    const allowed = await look(server)
    expect(allowed.says('FW-own-login')).toBe('pass: your next login passes')
    expect(allowed.says('FW-ssh-rate-v4')).toBe('fail: none')
    await server.must('ufw disable', { timeoutMs: 60_000 })
  })

  test('fail2ban counts where its jail bans from the port of this session', async () => {
    await server.must('touch /var/log/auth.log; systemctl start fail2ban', { timeoutMs: 60_000 })
    const { port } = await look(server)
    const jail = async (ports: string): Promise<string> => {
      await server.must(
        `printf '[sshd]\\nenabled = true\\nport = ${ports}\\n' >/etc/fail2ban/jail.d/z.local; fail2ban-client reload`,
      )
      return (await look(server)).says('FW-ssh-rate-v4')
    }
    expect(await jail(String(port))).toBe('pass: fail2ban bans who fails')
    expect(await jail('2222')).toBe(`fail: fail2ban runs, and watches no port ${port}`)
    await server.must('systemctl stop fail2ban')
  })
})

describe.skipIf(whyNoLab() !== null)('a host of ferm, which loads its rules by the other backend', () => {
  test('is judged by them, and changed by nobody else', async () => {
    await using server = await up({ packages: ['ferm'] })
    // As the package leaves it: enabled, its rules in iptables-legacy, where iptables-save shows nothing of them.
    expect(await server.must('iptables-legacy-save | grep -c -- "--dport 22 "')).toBe('1')
    expect((await server.sh('iptables-save 2>/dev/null | grep -c dport')).stdout.trim()).toBe('0')
    const { says } = await look(server)
    for (const family of ['v4', 'v6'])
      expect(says(`FW-default-deny-${family}`)).toBe('pass: legacy filter INPUT policy DROP')
    expect(says('FW-own-login')).toBe('pass: your next login passes')
    expect(says('FW-persistent')).toBe('pass: ferm')
    expect(says('FW-saved-v4')).toBe('unknown: what ferm loads is not compared')
    const operator = await logIn(server)
    await server.must('iptables-legacy -I INPUT 8 -p tcp --dport 22 -j DROP')
    expect((await look(server, operator)).says('FW-own-login')).toMatch(/^fail: /)
    await server.must('iptables-legacy -D INPUT 8')
    expect(await refusal(operator, await operator.plan(keepOut))).toContain("The rules of this host are ferm's")
    closeOperators()
  })
})

describe.skipIf(whyNoLab() !== null)('a file that a person has written', () => {
  test('is compared by what it loads, and nothing is left of the trial', async () => {
    await using server = await up({ variant: 'persistent' })
    const written = [
      '*filter',
      '-P INPUT DROP',
      '-A INPUT -i lo -j ACCEPT',
      '-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
      '-A INPUT -p tcp -s 10.0.0.5 --dport ssh -j ACCEPT',
      '-A INPUT -p tcp --dport ssh -j ACCEPT',
      '-A INPUT -p icmp --icmp-type echo-request -j ACCEPT',
      '-A INPUT -j REJECT',
      'COMMIT',
      '',
    ].join('\n')
    await server.must(`cat >/etc/iptables/rules.v4 <<'EOF'\n${written}EOF\niptables-restore </etc/iptables/rules.v4`)
    const before = await server.must('iptables-save | grep -v "^#" | sed "s/\\[.*//"')
    const { says } = await look(server)
    expect(says('FW-saved-v4')).toBe('pass: as in /etc/iptables/rules.v4')
    expect(says('FW-default-deny-v4')).toMatch(/^pass: rule 6: -j REJECT/)
    await server.must('iptables -I INPUT -p tcp --dport 99 -j DROP')
    expect((await look(server)).says('FW-saved-v4')).toBe('fail: 1 rule differs, more live')
    await server.must('iptables -D INPUT 1')
    expect(await server.must('iptables-save | grep -v "^#" | sed "s/\\[.*//"')).toBe(before)
    closeOperators()
  })
})
