// The variants of a server, and packages on top of one.
import { describe, expect, it } from 'vitest'
import { up, whyNoLab } from './lab.ts'

const reason = whyNoLab()

describe.skipIf(reason !== null)(`variants of the lab's servers${reason ? ` (skipped: ${reason})` : ''}`, () => {
  it.each(['debian12', 'sysvinit'] as const)('restore saved rules at boot: persistent %s', async (flavour) => {
    await using server = await up({ flavour, variant: 'persistent' })
    expect((await server.sh('ls /etc/iptables/rules.v4')).status).toBe(2)
    await server.must('iptables -A INPUT -p tcp --dport 99 -j DROP; netfilter-persistent save')
    await server.reboot()
    expect(await server.must('iptables -S INPUT')).toContain('--dport 99 -j DROP')
  })

  it.each(['debian12', 'debian13'] as const)('start sshd by socket activation: socket %s', async (flavour) => {
    await using server = await up({ flavour, variant: 'socket' })
    expect(await server.must('systemctl is-active ssh.socket')).toBe('active')
    expect((await server.sh('systemctl is-active ssh.service')).stdout).toBe('inactive\n')
    expect(await server.canLogin()).toBe(true)
    expect(await server.canLogin({ address: server.address6 })).toBe(true)
    await server.powerCut()
    expect(await server.canLogin()).toBe(true)
  })

  it.each(['debian12', 'sysvinit'] as const)(
    'keep log and rules where Red Hat does: rhel-layout %s',
    async (flavour) => {
      await using server = await up({ flavour, variant: 'rhel-layout' })
      expect(await server.canLogin()).toBe(true)
      expect(await server.must('cat /var/log/secure')).toContain('Accepted publickey for root')
      expect((await server.sh('ls /var/log/auth.log')).status).toBe(2)
      await server.must('iptables -A INPUT -p tcp --dport 99 -j DROP; iptables-save > /etc/sysconfig/iptables')
      await server.reboot()
      expect(await server.must('iptables -S INPUT')).toContain('--dport 99 -j DROP')
    },
  )

  it('are not had where they make no sense', async () => {
    await expect(up({ flavour: 'sysvinit', variant: 'socket' })).rejects.toThrow('socket activation needs systemd')
  })

  it('have any Debian package on top', async () => {
    await using server = await up({ packages: ['bind9'] })
    expect(await server.must('systemctl is-active named')).toBe('active')
    await server.must('named-checkconf')
  })
})
