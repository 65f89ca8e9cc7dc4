// What every other test takes for granted about a server of the lab, for each flavour.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { up, whyNoLab } from './lab.ts'
import { FLAVOURS, type Flavour } from './recipe.ts'
import type { Server } from './server.ts'
import { USERS } from './users.ts'

const reason = whyNoLab()

describe.skipIf(reason !== null)(`the lab${reason ? ` (skipped: ${reason})` : ''}`, () => {
  describe.each(FLAVOURS)('a %s server', (flavour: Flavour) => {
    let server: Server
    beforeAll(async () => {
      server = await up({ flavour })
    })
    afterAll(() => server?.down())

    it('lets every user in by the lab key, over IPv4 and IPv6', async () => {
      for (const user of Object.keys(USERS)) {
        expect(await server.client.ssh('id -un', { user })).toMatchObject({ status: 0, stdout: `${user}\n` })
      }
      expect(await server.login({ address: server.address6 })).toMatchObject({ ok: true })
    })

    it('lets pat and guest in by password, and nobody by a wrong one', async () => {
      for (const user of ['pat', 'guest'] as const) {
        expect(await server.login({ user, password: USERS[user].password ?? '' })).toMatchObject({ ok: true })
      }
      expect(await server.bystander.login({ user: 'pat', password: 'wrong' })).toMatchObject({ ok: false })
    })

    it('gives sudo to ops for nothing, to pat for his password, to guest never', async () => {
      const asRoot = (user: string, input = '') => server.client.ssh('sudo -S -p "" id -u', { user, input })
      expect(await asRoot('ops')).toMatchObject({ status: 0, stdout: '0\n' })
      expect(await asRoot('pat')).toMatchObject({ status: 1 })
      expect(await asRoot('pat', `${USERS.pat.password}\n`)).toMatchObject({ status: 0, stdout: '0\n' })
      expect(await asRoot('guest', `${USERS.guest.password}\n`)).toMatchObject({ status: 1 })
      expect(await server.must('cat /etc/sudoers')).toMatch(/^Defaults\s+use_pty$/m)
    })

    it('runs the init, OpenSSH and daemons it is named for', async () => {
      const init = await server.must('cat /proc/1/comm')
      expect(init).toBe(flavour === 'sysvinit' ? 'init' : 'systemd')
      const { stderr } = await server.sh('ssh -V')
      expect(stderr).toMatch(flavour === 'debian13' ? /^OpenSSH_10\./ : /^OpenSSH_9\.2/)
      for (const daemon of ['atd', 'cron', 'rsyslogd']) await server.must(`pgrep -x ${daemon}`)
      expect((await server.sh('command -v nft')).status).toBe(flavour === 'debian13' ? 0 : 127)
      expect(await server.must('hostname')).toBe(server.name)
      if (flavour !== 'sysvinit') expect(await server.must('systemctl is-system-running')).toBe('running')
    })

    it('sees the client under its own address, and knows its own host keys', async () => {
      const { stdout } = await server.client.ssh('echo $SSH_CONNECTION')
      expect(stdout).toMatch(/^192\.0\.2\.2 \d+ 192\.0\.2\.10 22\n$/)
      expect(await server.must('cat /etc/ssh/ssh_host_*_key.pub')).toContain(server.hostKeys[0])
      expect((await server.bystander.ssh('echo $SSH_CONNECTION')).stdout).toMatch(/^192\.0\.2\.3 /)
    })

    it('has a firewall, sysctls and scratch namespaces of its own', async () => {
      await server.must('iptables -I INPUT -s 192.0.2.3 -j DROP; ip6tables -S; sysctl -w net.ipv4.tcp_syncookies=0')
      expect(await server.bystander.login({ timeoutMs: 1000 })).toMatchObject({ ok: false })
      expect(await server.canLogin()).toBe(true)
      expect(await server.must('unshare --net iptables -S INPUT')).toBe('-P INPUT ACCEPT')
      await server.must('iptables -F INPUT')
      expect(await server.bystander.canLogin()).toBe(true)
    })

    it('comes back from a clean reboot with its files, without its rules, its uptime from zero', async () => {
      await server.must('iptables -A INPUT -p tcp --dport 99 -j DROP; echo kept > /root/note')
      await server.reboot()
      expect(await server.uptime()).toBeLessThan(30)
      expect(await server.must('cat /root/note; iptables -S INPUT')).toBe('kept\n-P INPUT ACCEPT')
      await server.waitForLogin()
    })

    it('comes back when it is rebooted over ssh', async () => {
      const after = server.boots()
      await server.client.ssh('sudo -n reboot', { user: 'ops' })
      await server.waitForBoot({ after })
      await server.waitForLogin()
    })

    it('loses rules and unsynced data in a power cut, and keeps what was fsynced', async () => {
      let left = 'gone'
      // Another server's sync(2) is one of all that the kernel has to write: then this one kept it too.
      for (let cuts = 0; cuts < 4 && left !== ''; cuts++) {
        await server.must('iptables -A INPUT -p tcp --dport 99 -j DROP; rm -f /root/unsynced; sync /root')
        await server.must('echo kept > /root/synced; sync /root/synced /root; echo gone > /root/unsynced')
        await server.powerCut()
        expect(await server.must('iptables -S INPUT; cat /root/synced')).toBe('-P INPUT ACCEPT\nkept')
        left = await server.must('cat /root/unsynced 2>/dev/null; :')
      }
      expect(left).toBe('')
      await server.waitForLogin()
      // Everything came up anew, not only sshd.
      if (flavour !== 'sysvinit') expect(await server.must('systemctl is-system-running')).toBe('running')
    })

    it('can be full', async () => {
      await server.fillDisk()
      const { status, stderr } = await server.sh('dd if=/dev/zero of=/root/x bs=4k count=1 conv=fsync status=none')
      expect(status).not.toBe(0)
      expect(stderr).toContain('No space left on device')
      await server.freeDisk()
      await server.must('dd if=/dev/zero of=/root/x bs=4k count=1 conv=fsync status=none')
    })

    it('can have its at daemon stopped', async () => {
      await server.must('pgrep -x atd')
      await server.stopTimerDaemon()
      expect(await server.sh('pgrep -x atd')).toMatchObject({ status: 1 })
    })
  })
})
