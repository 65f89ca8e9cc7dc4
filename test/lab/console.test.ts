import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { up, whyNoLab } from './lab.ts'
import { until } from './run.ts'
import type { Server } from './server.ts'
import { KEYS, openTerminal, type Terminal } from './terminal.ts'

const save = (server: Server): Promise<string> => server.must('iptables-save')
const LOCK_OUT = '-I INPUT -p tcp --dport 22 -j DROP'

/** From the first frame to a staged rule. */
async function stage(terminal: Terminal, rule: string): Promise<void> {
  await terminal.waitFor(/INPUT +policy/)
  await terminal.waitFor('following')
  terminal.press('2')
  terminal.press('a')
  await terminal.waitFor('new rule in')
  terminal.press(rule)
  terminal.press(KEYS.enter)
  await terminal.waitFor('1 staged')
}

/** Stages policy DROP for INPUT and nothing else: no rule accepts anything. */
async function stageDefaultDeny(terminal: Terminal): Promise<void> {
  await terminal.waitFor('following')
  terminal.press('2')
  terminal.press('/')
  terminal.press(`INPUT ACCEPT${KEYS.enter}`)
  terminal.press('P')
  await terminal.waitFor('Policy of v4 filter INPUT')
  terminal.press('D')
  await terminal.waitFor('1 staged')
}

/** Stages what locks the operator out and goes on regardless. */
async function lockOut(
  terminal: Terminal,
  server: Server,
  prepare = (to: Terminal): Promise<void> => stage(to, LOCK_OUT),
): Promise<void> {
  await prepare(terminal)
  terminal.press('s')
  await terminal.waitFor('locks you out')
  terminal.press('A')
  await terminal.waitFor('N leave it so')
  terminal.press('N')
  await terminal.waitFor(/type/i)
  terminal.press(`root@${server.address}`)
  terminal.press(KEYS.enter)
  await until(
    'the apply',
    async () => (await server.sh('test -s /var/lib/hardtui/current/applied/done')).status === 0,
    {
      timeoutMs: 20_000,
    },
  )
}

/** Waits for the deadline; says how late the rollback was, in seconds. */
async function rolledBack(server: Server): Promise<number> {
  const [deadline] = (await server.must('cat /var/lib/hardtui/current/deadline')).split(' ').map(Number)
  const armed = async () => (await server.sh('test -e /var/lib/hardtui/current/state.armed')).status === 0
  await until('the rollback', async () => !(await armed()), { timeoutMs: 60_000, everyMs: 20 })
  const late = (await server.uptime()) - (deadline as number) / 100
  await server.waitForLogin()
  return late
}

describe.skipIf(whyNoLab() !== null)('the console at 120x40 on a real server', () => {
  let server: Server
  beforeAll(async () => {
    server = await up()
  })
  afterAll(() => server?.down())

  test('carries a change from the panes to its confirm, and the rule stays', async () => {
    const terminal = openTerminal(server, 'ops')
    await stage(terminal, '-p tcp --dport 80 -j ACCEPT')
    terminal.press('s')
    await terminal.waitFor('+ -A INPUT -p tcp -m tcp --dport 80 -j ACCEPT')
    await terminal.waitFor('iptables-restore --noflush')
    terminal.press('A')
    await terminal.waitFor('N leave it so')
    terminal.press('N')
    await terminal.waitFor('Y yes, arm and apply')
    terminal.press('Y')
    await terminal.waitFor(/✓ new login/)
    await terminal.waitFor(/ARMED \d:\d\d/)
    terminal.press('C')
    await terminal.waitFor('CONFIRMED')
    expect(await save(server)).toContain('--dport 80 -j ACCEPT')
    expect((await server.sh('test -d /var/lib/hardtui/current')).status).not.toBe(0)
    terminal.press(KEYS.enter)
    terminal.press('q')
    expect(await terminal.ended).toBe(0)
    expect(terminal.bytes().endsWith('\u001b[?25h') || terminal.bytes().includes('\u001b[?1049l')).toBe(true)
  })

  test('refuses a rule that iptables refuses, at once and with its reason', async () => {
    const terminal = openTerminal(server, 'root')
    await terminal.waitFor('following')
    terminal.press('2a')
    await terminal.waitFor('new rule in')
    terminal.press(`-p tcp --dport nosuchport -j ACCEPT${KEYS.enter}`)
    await terminal.waitFor(/nosuchport.*(invalid|unknown)|(invalid|unknown).*nosuchport/s)
    terminal.kill()
  })

  test('closes what is open to everybody by one key, and lets the operator in all the same', async () => {
    await server.must('iptables -F; iptables -P INPUT ACCEPT')
    const terminal = openTerminal(server, 'root')
    await terminal.waitFor('following')
    terminal.press('2')
    await terminal.waitFor(/▸ ✗ IPv4 lets in what no rule forbids/)
    terminal.press(' ')
    await terminal.waitFor('fix staged')
    terminal.press('A')
    await terminal.waitFor('N leave it so')
    terminal.press('N')
    await terminal.waitFor('Arm the timer and apply?')
    terminal.press('Y')
    await terminal.waitFor('C confirm, keep it')
    terminal.press('C')
    await terminal.waitFor('CONFIRMED')
    terminal.kill()
    expect(await save(server)).toContain(':INPUT DROP')
    await server.must('iptables -P INPUT ACCEPT; iptables -F')
  })

  test.each([
    ['a rule', (to: Terminal) => stage(to, LOCK_OUT)],
    ['the policy DROP', stageDefaultDeny],
  ])(
    'warns that %s locks out, goes on when told, shows that no login works, and is let in again at the deadline',
    async (_, prepare) => {
      await server.must('iptables -F')
      const terminal = openTerminal(server, 'root', { args: ['--timer', '30s'] })
      await lockOut(terminal, server, prepare)
      await terminal.waitFor('✗ new login', 30_000)
      expect(await server.canLogin({ timeoutMs: 1500 })).toBe(false)
      const late = await rolledBack(server)
      expect(late).toBeGreaterThanOrEqual(0)
      expect(late).toBeLessThan(2)
      await terminal.waitFor(/rolled back by the timer/i, 40_000)
      expect(await save(server)).not.toMatch(/--dport 22 -j DROP|INPUT DROP/)
      terminal.kill()
    },
  )

  test.each([
    ['the terminal is closed', (terminal: Terminal) => terminal.hangUp()],
    ['the console is killed with -9', (terminal: Terminal) => terminal.kill()],
  ])('when %s right after the apply, the server lets everybody in again at the deadline', async (_, end) => {
    const terminal = openTerminal(server, 'root', { args: ['--timer', '30s'] })
    await lockOut(terminal, server)
    end(terminal)
    const late = await rolledBack(server)
    expect(late).toBeGreaterThanOrEqual(0)
    expect(late).toBeLessThan(2)
    expect(await save(server)).not.toContain('--dport 22 -j DROP')
  })

  test('lets no hostile byte of the server reach the terminal', async () => {
    await server.must(`
      perl -e 'my $n = "evil\\033]0;pwned\\007\\033[2J"; syscall(170, $n, length $n) == 0'
      iptables -A INPUT -m comment --comment "$(printf 'rule\\033[31m\\033]52;c;cHduZWQ=\\007\\302\\233')" -j ACCEPT
      mkdir -p /etc/systemd/system
      printf '[Unit]\\nDescription=unit \\033]0;pwned\\007\\033[2J\\342\\200\\256evil\\n[Service]\\nExecStart=/bin/sleep 1000\\n' >/etc/systemd/system/hostile.service
      printf '\\033[2J\\033]0;banner\\007\\n' >/etc/issue.hostile; printf 'Banner /etc/issue.hostile\\n' >>/etc/ssh/sshd_config
      systemctl daemon-reload; systemctl start hostile; systemctl reload ssh
      sleep 0.2; logger -p authpriv.info -t sshd "$(printf 'Failed password for \\033]52;c;cHduZWQ=\\007root from 203.0.113.7 port 1 ssh2')"`)
    const terminal = openTerminal(server, 'root')
    await terminal.waitFor('following')
    for (const keys of [
      '1z',
      'z2z',
      'z3z',
      '/',
      `hostile${KEYS.enter}`,
      KEYS.enter,
      KEYS.escape,
      'z4z',
      'G',
      KEYS.enter,
      KEYS.escape,
      'z?',
    ]) {
      terminal.press(keys)
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
    const bytes = terminal.bytes()
    expect(bytes).toContain('␛]52')
    for (const evil of ['\u001b]', '\u0007', '\u009b', '\u001bP', '\u001b_'])
      expect(bytes.includes(evil), JSON.stringify(evil)).toBe(false)
    // What was drawn is text, colour, cursor moves and the modes a full-screen program sets; no clearing by the server.
    const sequences = new Set([...bytes.matchAll(/\u001b\[[?>=]?[\d;]*([A-Za-z])/g)].map((match) => match[1]))
    for (const final of sequences) expect('ABCDEFGHJKSTdfhlmnrsu').toContain(final)
    terminal.kill()
  })
})

describe.skipIf(whyNoLab() !== null)('a host without systemd', () => {
  let server: Server
  beforeAll(async () => {
    server = await up({ flavour: 'sysvinit' })
  })
  afterAll(() => server?.down())

  test('is shown, and a change goes the whole way to its confirm', async () => {
    const terminal = openTerminal(server, 'root')
    await stage(terminal, '-p tcp --dport 80 -j ACCEPT')
    await terminal.waitFor(/ssh +running/)
    terminal.press('A')
    await terminal.waitFor('N leave it so')
    terminal.press('N')
    await terminal.waitFor('Arm the timer and apply?')
    terminal.press('Y')
    await terminal.waitFor('cron and at, init script')
    await terminal.waitFor('C confirm, keep it')
    terminal.press('C')
    await terminal.waitFor('CONFIRMED')
    expect(await save(server)).toContain('--dport 80 -j ACCEPT')
    terminal.kill()
  })
})

describe.skipIf(whyNoLab() !== null)('a login without root', () => {
  let server: Server
  beforeAll(async () => {
    server = await up()
  })
  afterAll(() => server?.down())

  test('is read-only and says why', async () => {
    const terminal = openTerminal(server, 'guest')
    await terminal.waitFor(/read-only|no root|root/)
    terminal.press('2a')
    await terminal.waitFor(/root|sudo/)
    terminal.kill()
  })

  test('asks for the sudo password once, masked, and then works as root', async () => {
    const terminal = openTerminal(server, 'pat')
    await terminal.waitFor(/sudo password/i)
    terminal.press(`lab-pat-password${KEYS.enter}`)
    await terminal.waitFor(/INPUT +policy/)
    expect(terminal.bytes()).not.toContain('lab-pat-password')
    terminal.kill()
  })
})
