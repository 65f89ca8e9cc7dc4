// The settings of real sshds, read and judged as the console does; what sshd does with them is what sshd -T -C says.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Audit, audit } from './auditor.ts'
import { kindsFor } from './kinds.ts'
import { up, whyNoLab } from './lab.ts'
import { closeOperators, logIn } from './operator.ts'
import { until } from './run.ts'
import type { Server } from './server.ts'
import type { User } from './users.ts'

const CONFIG = '/etc/ssh/sshd_config'

for (const flavour of kindsFor('the settings of sshd on', ['debian12', 'debian13'] as const)) {
  describe.skipIf(whyNoLab() !== null)(`the settings of sshd on ${flavour}`, () => {
    let server: Server
    beforeAll(async () => {
      server = await up({ flavour })
      await server.must(`cp ${CONFIG} ${CONFIG}.was`)
    })
    afterAll(() => server?.down())
    afterEach(closeOperators)

    /** Logs in while the door is open, writes the file (which nothing reloads), and reads what sshd makes of it. */
    const judged = async (text: string, user: User = 'ops'): Promise<Audit<'sshd'>> => {
      const operator = await logIn(server, user)
      await server.must(`cat > ${CONFIG}`, { input: text })
      try {
        return await audit(operator.host, 'sshd')
      } finally {
        await server.must(`cp ${CONFIG}.was ${CONFIG}; rm -f ${CONFIG}.d/*.conf`)
      }
    }

    it('names the Match blocks that let others in by password, though the operator’s own view passes', async () => {
      const { verdict, details } = await judged(
        `PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
Match Address 198.51.100.0/24,10.0.0.0/8
	PasswordAuthentication yes
	PermitRootLogin yes
Match User guest
	PermitEmptyPasswords yes
	AuthenticationMethods none
`,
      )
      const lan = 'Match Address 198.51.100.0/24,10.0.0.0/8'
      expect(verdict('SSH-PasswordAuthentication')).toBe(`fail yes for ${lan}`)
      expect(verdict('SSH-PermitRootLogin')).toBe(`fail yes for ${lan}`)
      expect(verdict('SSH-PermitEmptyPasswords')).toBe('fail yes for Match User guest')
      expect(verdict('SSH-KbdInteractiveAuthentication')).toBe('pass no')
      expect(details('SSH-PasswordAuthentication')).toContain('anybody: no')
    })

    it('judges for a stranger where a block keeps the operator alone to keys', async () => {
      const { verdict } = await judged(
        `Port 22
PermitRootLogin prohibit-password
MaxAuthTries 3
KbdInteractiveAuthentication no
UsePAM yes
Match User root
        AuthenticationMethods publickey
`,
        'root',
      )
      expect(verdict('SSH-PasswordAuthentication')).toBe('fail yes (not for Match User root)')
      expect(verdict('SSH-PermitRootLogin')).toBe('pass without-password')
      expect(verdict('SSH-NextLogin')).toBe('pass let in')
    })

    it('finds blocks in included files, for groups, addresses, patterns and ports, and says whom it could not ask for', async () => {
      await server.must(`mkdir -p ${CONFIG}.d; cat > ${CONFIG}.d/50-x.conf`, {
        input: `Match Group sudo,"x y" Address *,!192.0.2.* LocalPort 22
  PubkeyAuthentication no
Match Group nosuch
  PasswordAuthentication yes
Match User "dep loy,!root" Host *.example.net
  MaxAuthTries 20
Match LocalPort 2222
  PermitEmptyPasswords yes
`,
      })
      const { verdict } = await judged(
        `Include ${CONFIG}.d/*.conf
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
MaxAuthTries 3
`,
      )
      expect(verdict('SSH-PubkeyAuthentication')).toBe(
        'fail no for Match Group sudo,"x y" Address *,!192.0.2.* LocalPort 22',
      )
      expect(verdict('SSH-MaxAuthTries')).toBe('fail 20 for Match User "dep loy,!root" Host *.example.net')
      expect(verdict('SSH-PermitEmptyPasswords')).toBe('fail yes for Match LocalPort 2222')
      expect(verdict('SSH-PasswordAuthentication')).toBe(
        'unknown no, but Match Group nosuch was not judged: its group is not listed on this host',
      )
    })

    it('takes the value that is read first', async () => {
      await server.must(`mkdir -p ${CONFIG}.d; echo 'PasswordAuthentication yes' > ${CONFIG}.d/50-cloud-init.conf`)
      const { verdict } = await judged(`Include ${CONFIG}.d/*.conf\nPasswordAuthentication no\n`)
      expect(verdict('SSH-PasswordAuthentication')).toBe('fail yes')
    })

    it('gives the reason sshd has, not that it gives up', async () => {
      const { reading } = await judged('PATH=/usr/local/sbin:/usr/local/bin\nPasswordAuthentication no\n')
      expect(reading).toEqual({
        state: 'unreadable',
        reason: `${CONFIG}: line 1: Bad configuration option: PATH`,
      })
    })

    it('asks for nothing behind the keyboard-interactive door without PAM', async () => {
      const { verdict } = await judged('PasswordAuthentication no\nKbdInteractiveAuthentication yes\nUsePAM no\n')
      expect(verdict('SSH-KbdInteractiveAuthentication')).toBe('pass yes')
    })

    it.each<[list: string, user: User, letsIn: boolean]>([
      ['AllowUsers bob\nDenyUsers alice', 'root', false],
      ['AllowUsers bob op?', 'ops', true],
      ['AllowUsers ops@10.200.0.0/24', 'ops', false],
      ['DenyUsers o*', 'ops', false],
      ['DenyUsers ops@10.200.0.0/24', 'ops', true],
      ['DenyUsers *@192.0.2.0/24 nobody', 'ops', false],
      ['AllowGroups nobody', 'ops', false],
      ['AllowGroups su*', 'ops', true],
      ['DenyGroups adm', 'ops', false],
      ['PermitRootLogin no', 'root', false],
      ['UsePAM no', 'ops', false],
      ['UsePAM no', 'pat', true],
      ['Match Address *,!192.0.2.1\nAllowUsers bob', 'ops', false],
    ])('says what becomes of the next login as sshd does: %s for %s', async (list, user, letsIn) => {
      const text = list.startsWith('UsePAM') ? list : `UsePAM yes\n${list}`
      const { verdict } = await judged(`${text}\n`, user)
      expect(verdict('SSH-NextLogin').split(' ')[0]).toBe(letsIn ? 'pass' : 'fail')
      await server.must(`cat > ${CONFIG}.t; mkdir -p /run/sshd`, { input: `${text}\n` })
      // sshd itself, on another port with that file.
      await server.must(`/usr/sbin/sshd -f ${CONFIG}.t -p 2022 -o PidFile=/run/t.pid`)
      try {
        await server.waitForSshd({ port: 2022 })
        expect(await server.canLogin({ user, port: 2022 })).toBe(letsIn)
      } finally {
        await server.must('kill "$(cat /run/t.pid)"; rm -f /run/t.pid')
        await until('it to stop', () => !server.listens(2022))
      }
    })

    it('reads a release that prints its settings in CamelCase', async () => {
      await server.must(`cat > /usr/local/sbin/sshd; chmod +x /usr/local/sbin/sshd`, {
        input: `#!/bin/sh
/usr/sbin/sshd "$@" | sed -e 's/^port /Port /' -e 's/^permitrootlogin /PermitRootLogin /' \\
  -e 's/^passwordauthentication /PasswordAuthentication /' -e 's/^listenaddress /ListenAddress /'
`,
      })
      try {
        const { reading, verdict } = await judged('Port 22\nPermitRootLogin yes\nPasswordAuthentication no\n')
        expect(reading).toMatchObject({ state: 'present', facts: { configuredPorts: [22], ports: [22] } })
        expect(verdict('SSH-PermitRootLogin')).toBe('fail yes')
        expect(verdict('SSH-PasswordAuthentication')).toBe('pass no')
      } finally {
        await server.must('rm /usr/local/sbin/sshd')
      }
    })

    it('takes the port from ListenAddress', async () => {
      await server.must(
        `printf 'ListenAddress 0.0.0.0:2222\\nListenAddress [::]:2222\\nListenAddress 0.0.0.0:22\\n' >> ${CONFIG}`,
      )
      await server.must('systemctl restart ssh')
      await server.waitForSshd({ port: 2222 })
      const operator = await logIn(server)
      const { verdict, reading } = await audit(operator.host, 'sshd')
      expect(verdict('SSH-Port')).toBe('pass 22 2222')
      expect(reading).toMatchObject({ facts: { portsFrom: 'process' } })
      await server.must(`cp ${CONFIG}.was ${CONFIG}; systemctl restart ssh`)
      await server.waitForSshd()
    })

    it('asks the sshd that runs, with the options it was started with', async () => {
      await server.must(`cat > /etc/ssh/other; systemctl stop ssh; mkdir -p /run/sshd`, {
        input: 'PermitRootLogin yes\nPasswordAuthentication no\nPort 99\n',
      })
      await server.must(`/usr/sbin/sshd -f /etc/ssh/other -p22 -o "MaxAuthTries 3" -oKbdInteractiveAuthentication=no`)
      await server.waitForSshd()
      const operator = await logIn(server)
      const { verdict, details, reading } = await audit(operator.host, 'sshd')
      expect(verdict('SSH-PermitRootLogin')).toBe('fail yes')
      expect(verdict('SSH-MaxAuthTries')).toBe('pass 3')
      expect(verdict('SSH-KbdInteractiveAuthentication')).toBe('pass no')
      expect(verdict('SSH-Port')).toBe('pass 22')
      expect(details('SSH-Port')).toEqual([
        'sshd was started with -f /etc/ssh/other -p 22 -o MaxAuthTries 3 -o KbdInteractiveAuthentication=no',
      ])
      expect(reading).toMatchObject({ facts: { ports: [22] } })
      await server.must('kill "$(cat /run/sshd.pid)"; systemctl start ssh')
      await server.waitForSshd()
    })
  })

  it.skipIf(whyNoLab() !== null)(`says that ssh.socket holds another port than the file on ${flavour}`, async () => {
    await using server = await up({ flavour, variant: 'socket' })
    await server.must(`mkdir -p /etc/systemd/system/ssh.socket.d
      printf '[Socket]\\nListenStream=\\nListenStream=22\\nListenStream=2222\\n' > /etc/systemd/system/ssh.socket.d/p.conf
      systemctl daemon-reload; systemctl restart ssh.socket`)
    const operator = await logIn(server)
    const { verdict, reading } = await audit(operator.host, 'sshd')
    expect(verdict('SSH-Port')).toBe('fail 22 2222 (ssh.socket), settings say 22')
    expect(reading).toMatchObject({ facts: { ports: [22, 2222], portsFrom: 'socket', socketActivated: true } })
    // A unit that is changed and not restarted names a port that it does not hold.
    await server.must(`sed -i s/2222/2244/ /etc/systemd/system/ssh.socket.d/p.conf; systemctl daemon-reload`)
    const stale = await audit(operator.host, 'sshd')
    expect(JSON.stringify(stale.reading)).not.toContain('2244')
    operator.close()
  })
}
