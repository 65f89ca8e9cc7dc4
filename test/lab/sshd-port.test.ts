// SSH moved to another port on real servers, as one act: settings and rules, proven on the new port, the old one last.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { eachFlavour } from './faults/each-flavour.ts'
import { TWO_KINDS } from './kinds.ts'
import { up, whyNoLab } from './lab.ts'
import { until } from './run.ts'
import type { Server } from './server.ts'
import { KEYS, openTerminal, type Terminal } from './terminal.ts'

const CLOSED = `iptables -P INPUT DROP; ip6tables -P INPUT DROP
for tool in iptables ip6tables; do
  $tool -A INPUT -i lo -j ACCEPT
  $tool -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
  $tool -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
done
ip6tables -A INPUT -p ipv6-icmp -j ACCEPT`

eachFlavour(
  'SSH on %s',
  (flavour) => {
    let terminal: Terminal | null = null
    let server: Server
    beforeAll(async () => {
      server = await up({ flavour })
    })
    afterAll(() => server?.down())
    afterEach(() => {
      terminal?.kill()
      terminal = null
    })

    const listening = async (): Promise<string> =>
      (await server.must("ss -Hltn | awk '{print $4}' | sed 's/.*://' | sort -un")).replace(/\s+/g, ' ').trim()
    const staged = async (on: Terminal, ports: RegExp): Promise<void> => {
      on.press('1')
      on.press('p')
      await on.waitFor(ports)
      on.press(KEYS.enter)
      await on.waitFor('Staged:')
      on.press('s')
      await on.waitFor(/✓ let in +your next login/)
    }
    const apply = async (on: Terminal): Promise<void> => {
      on.press('A')
      await on.waitFor('?')
      // A host that loads no rules at boot is asked about that first.
      if (/loads? no rules|at the next boot/.test(on.screen())) on.press('K')
      await on.waitFor('Arm the timer and apply?')
      on.press('Y')
    }

    test('moves to another port by few keys, both firewalls with it, and the old one closes last', async () => {
      await server.must(CLOSED)
      const one = openTerminal(server, 'ops')
      terminal = one
      await one.waitFor('following')
      await staged(one, /> 22 10022/)
      one.press('p')
      await one.waitFor(/✓ at your confirm the rules are saved|✓ .*saved/)
      await apply(one)
      await one.waitFor(/✓ new login +\S+ → :10022/, 40_000)
      // Both are open while nobody has confirmed.
      expect(await listening()).toBe('22 10022')
      expect(await server.canLogin()).toBe(true)
      expect(await server.canLogin({ port: 10022 })).toBe(true)
      expect(await server.must('ip6tables -S INPUT')).toContain('--dport 10022')
      one.press('C')
      await one.waitFor('SSH is on port 10022 now')
      one.press(KEYS.enter)
      await until('the reading', async () => !one.screen().includes('reading…'))
      await one.waitFor(/port 22 10022/)
      await staged(one, /> 10022/)
      await one.waitFor(/✓ accepted +your next login .*:10022/)
      await apply(one)
      await one.waitFor(/✓ new login +\S+ → :10022/, 40_000)
      expect(await listening()).toBe('10022')
      one.press('C')
      await one.waitFor('CONFIRMED')
      expect(await server.canLogin({ timeoutMs: 1500 })).toBe(false)
      expect(await server.must('iptables -S INPUT; ip6tables -S INPUT')).not.toContain('--dport 22 ')
      await server.reboot()
      expect(await listening()).toBe('10022')
      expect(await server.canLogin({ port: 10022 })).toBe(true)
      // A change of something else is proven where logins go now.
      const two = openTerminal(server, 'ops', { at: `${server.address}:10022` })
      terminal = two
      await two.waitFor('following')
      await two.waitFor(/SSH ─ port 10022/)
    })

    test.runIf(flavour === 'sysvinit')('comes back to its port by the timer where nobody confirms', async () => {
      const other = '2222'
      const before = await listening()
      const one = openTerminal(server, 'ops', { args: ['--timer', '30s'], at: `${server.address}:10022` })
      terminal = one
      await one.waitFor('following')
      one.press('1')
      one.press('p')
      await one.waitFor('ports that SSH listens on')
      one.press('\u0015')
      one.press(`10022 ${other}`)
      await one.waitFor(`> 10022 ${other}`)
      one.press(KEYS.enter)
      await one.waitFor('Staged:')
      one.press('s')
      await one.waitFor(/✓ let in +your next login/)
      await apply(one)
      await one.waitFor(/✓ new login +\S+ → :2222/, 40_000)
      await until('the rollback', async () => (await listening()) === before, { timeoutMs: 60_000 })
      await one.waitFor('ROLLED BACK')
      expect(await server.must('iptables -S INPUT; ip6tables -S INPUT')).not.toContain(other)
      expect(await server.canLogin({ port: 10022 })).toBe(true)
      expect(await server.canLogin({ port: 2222, timeoutMs: 1500 })).toBe(false)
    })
  },
  TWO_KINDS,
)

/** The socket unit is given its ports by us, or by a generator from sshd's settings (Ubuntu). */
test.skipIf(whyNoLab() !== null).each([
  ['debian12', 'socket', /ListenStream=10022/],
  ['debian13', 'socket-generated', /\+ *Port 10022/],
] as const)(
  'SSH by a socket unit moves too on %s (%s): the unit listens on both, and comes back',
  async (flavour, variant, difference) => {
    await using server = await up({ flavour, variant })
    const one = openTerminal(server, 'root')
    const listening = async (): Promise<string> =>
      (await server.must("ss -Hltn | awk '{print $4}' | sed 's/.*://' | sort -un")).replace(/\s+/g, ' ').trim()
    const staged = async (ports: string): Promise<void> => {
      await one.waitFor('(ssh.socket)')
      one.press('1')
      one.press('p')
      await one.waitFor(`> ${ports}`)
      one.press(KEYS.enter)
      await one.waitFor('Staged:')
      one.press('s')
      await one.waitFor(/✓ let in +your next login/)
    }
    const applied = async (): Promise<void> => {
      one.press('A')
      await until(
        'to be asked',
        async () => {
          if (/has not yet said what it makes of this/.test(one.screen())) one.press('A')
          return one.screen().includes('Arm the timer and apply?')
        },
        { everyMs: 500 },
      )
      one.press('Y')
      await one.waitFor(/✓ new login +\S+ → :10022/, 40_000)
    }
    try {
      await one.waitFor('following')
      // As systemd does where the last connection of the unit ends: sshd does not answer without it.
      await server.must('rm -rf /run/sshd')
      await staged('22 10022')
      expect((await server.sh('test -e /run/sshd')).status).toBe(1)
      await one.waitFor(difference)
      await applied()
      expect(await listening()).toBe('22 10022')
      one.press('X')
      await one.waitFor('ROLLED BACK')
      expect(await listening()).toBe('22')
      expect(await server.canLogin()).toBe(true)
      expect(await server.must('ls /etc/systemd/system/ssh.socket.d 2>&1 || :')).toContain('No such file')
      // What was staged is back in staging: this time it stays, and the old port goes.
      one.press(KEYS.enter)
      await one.waitFor(/✓ let in +your next login/)
      await until('the reading', async () => !one.screen().includes('reading…'))
      await applied()
      one.press('C')
      await one.waitFor('SSH is on port 10022 now')
      one.press(KEYS.enter)
      await until('the reading', async () => !one.screen().includes('reading…'))
      await staged('10022')
      await applied()
      one.press('C')
      await one.waitFor('CONFIRMED')
      await server.reboot()
      expect(await listening()).toBe('10022')
      expect(await server.canLogin({ port: 10022 })).toBe(true)
    } finally {
      one.kill()
    }
  },
)
