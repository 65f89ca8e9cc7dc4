// Three weeks of attacks, and two who got in, found in what a real server keeps of its log.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { asExport, asFileLine, attackLog } from './attack-log.ts'
import { eachFlavour } from './faults/each-flavour.ts'
import { up, whyNoLab } from './lab.ts'
import { until } from './run.ts'
import type { Server } from './server.ts'
import { backToPanes, confirm, openPane } from './steps.ts'
import { KEYS, type Terminal } from './terminal.ts'

const HOUR = 3_600_000
const [shop, kim] = attackLog(new Date()).strangers

/** A desk of its own for one server: what is known there is kept apart, and its console is closed at the end. */
function deskOf(server: () => Server) {
  const state = mkdtempSync(join(tmpdir(), 'known-logins-'))
  let terminal: Terminal | null = null
  return {
    known: (): unknown =>
      JSON.parse(readFileSync(join(state, `hardtui/known-logins-${server().address}.json`), 'utf8')).logins,
    /** The console on its secure log, with the whole screen for it. */
    open: async (): Promise<Terminal> => {
      terminal = await openPane(server(), '4', '╭ 4 Secure log', { env: { XDG_STATE_HOME: state } })
      return terminal
    },
    close: (): void => terminal?.kill(),
    clear: (): void => rmSync(state, { recursive: true }),
  }
}

/** Up to the first line that is kept, piece by piece. */
async function goBack(on: Terminal): Promise<void> {
  await until(
    'the beginning of the log',
    async () => {
      if (on.screen().includes('the log begins here')) return true
      if (!on.screen().includes('reading older lines')) on.press('g')
      return false
    },
    { timeoutMs: 180_000, everyMs: 100 },
  )
  on.press('g')
  // The first attempt of all, before it anything that this server has written.
  await on.waitFor(/the log begins here[\s\S]{0,400} gave up +root +203\.0\.113\.1 /)
}

/** Both screens tell of all of it, to the last try. */
async function findsAll(on: Terminal, since: RegExp): Promise<void> {
  on.press('a')
  await on.waitFor('3,300 tries failed in 21 days, from 400 addresses')
  await on.waitFor(since)
  on.press('l')
  await on.waitFor(new RegExp(`✗ shop +pass ${shop?.address} .*after ${shop?.failuresBefore} failed`))
  await on.waitFor(/ kim +pass 192\.0\.2\.77 +×1 .*not yours/)
  await on.waitFor(/ kim +key +198\.51\.100\.1 +×11 .*not yours/)
}

describe('what the log of the attacks holds', () => {
  test('the second stranger has a colleague’s name, and nobody failed where he came from', () => {
    expect([shop?.user, kim]).toEqual(['shop', { user: 'kim', address: '192.0.2.77', failuresBefore: 0 }])
  })
})

eachFlavour('the log of %s', (flavour) => {
  let server: Server
  beforeAll(async () => {
    server = await up({ flavour })
    // Rotated as logrotate(8) does it every week: the newest whole one plain, the older ones packed.
    const lines = attackLog(new Date(Date.now() - HOUR)).lines.map(asFileLine)
    const third = Math.ceil(lines.length / 3)
    for (const [at, name] of ['auth.log.3', 'auth.log.2', 'auth.log.1'].entries()) {
      const part = lines.slice(at * third, (at + 1) * third)
      await server.must(`cat > /var/log/${name}; touch -d '${(2 - at) * 7} days ago' /var/log/${name}`, {
        input: `${part.join('\n')}\n`,
      })
    }
    await server.must('cd /var/log; gzip auth.log.3 auth.log.2')
  })
  const desk = deskOf(() => server)
  afterEach(desk.close)
  afterAll(async () => {
    desk.clear()
    await server?.down()
  })

  test('is read from rotated and packed files: every try is counted, and both who got in are found', async () => {
    const on = await desk.open()
    await findsAll(on, /by all 9\.\d k lines since/)
    on.press('l')
    await goBack(on)
  })

  test('who is known is known from then on, who tried is shut out by a rule, and nobody but those named may log in', async () => {
    const on = await desk.open()
    on.press('l')
    await on.waitFor('✗ shop')
    on.press('j')
    on.press('j')
    await on.waitFor(/▸ ✗ shop/)
    on.press('K')
    await on.waitFor('Known from now on: shop')
    await on.waitFor(/ shop +pass .* known/)
    expect(desk.known()).toEqual([['shop', shop?.address, 'password', '', `after ${shop?.failuresBefore}`]])
    on.press('a')
    await on.waitFor('3,300 tries')
    for (const key of ['g', 'j', 'j', 'j', 'j', 'j']) on.press(key)
    await on.waitFor(/▸ +\d+ 203\.0\.11\d\.\d+/)
    const [, address] = /▸ +\d+ (203\.0\.11\d\.\d+)/.exec(on.screen()) ?? []
    on.press('x')
    await on.waitFor(`-s ${address}/32 -j DROP`)
    expect(await server.bystander.canLogin()).toBe(true)
    on.press('l')
    await on.waitFor('shop')
    for (const key of ['g', 'j', 'j']) on.press(key)
    await on.waitFor(/▸ [?✗ ] *(?:kim|shop) /)
    on.press('o')
    await on.waitFor('Staged: 4 changes')
    on.press('s')
    await on.waitFor('one transaction')
    on.press('A')
    await on.waitFor('Shall these rules be loaded at boot?')
    on.press('N')
    await on.waitFor('Arm the timer and apply?')
    on.press('Y')
    await on.waitFor(/✓ new login/, 60_000)
    await confirm(on)
    await backToPanes(on)
    expect(await server.must('iptables -S INPUT')).toContain(`-A INPUT -s ${address}/32 -j DROP`)
    expect(await server.client.canLogin()).toBe(true)
    expect(await server.bystander.canLogin({ timeoutMs: 3000 })).toBe(false)
    expect(await server.bystander.canLogin({ address: server.address6, timeoutMs: 3000 })).toBe(false)
  })
})

describe.skipIf(whyNoLab() !== null)('a log that somebody has cleaned', () => {
  let server: Server
  const desk = deskOf(() => server)
  beforeAll(async () => {
    // Where last(1) is there by itself.
    server = await up({ flavour: 'debian12', packages: ['fail2ban'] })
    // A log that is older than the session: of what was before its first line nobody can say anything.
    await server.must(`sed -i "1i $(date -d '1 day ago' '+%b %e %T') web1 sshd[1]: Server listening on 0.0.0.0 port 22." /var/log/auth.log
      systemctl restart rsyslog`)
    await server.client.ssh('true', { user: 'ops', args: ['-tt'], timeoutMs: 15_000 })
    await until('the session', async () => /^ops +pts/m.test(await server.must('last -F -w -i')))
    // Somebody who fails, from an address that nobody else has.
    await server.must(`echo '192.0.2.10 itself.example' >> /etc/hosts
      printf '[sshd]\\nenabled = true\\nbackend = auto\\nmaxretry = 2\\n' > /etc/fail2ban/jail.d/lab.local; systemctl restart fail2ban`)
    await until('fail2ban', async () => (await server.sh('fail2ban-client status sshd')).status === 0)
    await server.sh(`SSH_ASKPASS=/bin/echo SSH_ASKPASS_REQUIRE=force timeout -k 1 10 ssh -o StrictHostKeyChecking=no \\
      -o PreferredAuthentications=password -o NumberOfPasswordPrompts=2 nosuch@${server.address} true </dev/null`)
    await until('the ban', async () => (await server.must('fail2ban-client status sshd')).includes(server.address))
  })
  afterEach(desk.close)
  afterAll(async () => {
    desk.clear()
    await server?.down()
  })

  test('has a login for each session as long as nobody touched it', async () => {
    const on = await desk.open()
    on.press('l')
    await on.waitFor(/ops +key +192\.0\.2\.2 .*not yours/)
    await on.waitFor('by all')
    expect(on.screen()).not.toContain('Sessions and tries that the log')
    on.press('a')
    await on.waitFor(/▸ \d (?:try|tries) failed, from 1 address/)
    for (const key of ['j', 'j', KEYS.enter]) on.press(key)
    await on.waitFor(/name +itself\.example, by the server's \/etc\/hosts\s+│\n│ +network +192\.0\.2\.0\/24/)
    await on.waitFor(/fail2ban +sshd has it banned/)
    for (const key of [KEYS.escape, 'g', KEYS.enter]) on.press(key)
    await on.waitFor(/fail2ban +sshd has 1 address banned, 1 since it started/)
    await on.waitFor(/lastb +\d bad logins by its file, since /)
  })

  test('is found by the session that last(1) still knows', async () => {
    await server.must(`sed -i '/Accepted publickey for ops/d' /var/log/auth.log; systemctl restart rsyslog
      journalctl --rotate; rm -f /var/log/journal/*/*@*.journal; logger -p authpriv.info -t sshd 'Server listening on 0.0.0.0 port 22.'
      journalctl --flush`)
    expect(await server.must('journalctl -q | grep -c "Accepted publickey for ops" || true')).toBe('0')
    const on = await desk.open()
    on.press('l')
    await on.waitFor('Sessions and tries that the log')
    await on.waitFor(/ops from 192\.0\.2\.2/)
    on.press('a')
    await on.waitFor('last(1) has a session of ops from 192.0.2.2, the log no login')
  })

  test('is found by lastlog(8) and lastb(1) where the sessions were taken out as well', async () => {
    await server.must(
      `: > /var/log/wtmp; sed -i '/nosuch/d; /rhost=/d; /check pass/d' /var/log/auth.log; systemctl restart rsyslog`,
    )
    const on = await desk.open()
    on.press('a')
    await on.waitFor('lastlog(8) has a session of ops from 192.0.2.2, the log no login')
    await on.waitFor(/tries from 192\.0\.2\.10: \d by lastb\(1\), none by the log/)
  })
})

describe.skipIf(whyNoLab() !== null)('the log of a server that keeps a journal alone', () => {
  let server: Server
  beforeAll(async () => {
    server = await up({ flavour: 'debian12', packages: ['systemd-journal-remote'] })
    const boot = '0123456789abcdef0123456789abcdef'
    const entries = attackLog(new Date(Date.now() - HOUR)).lines.map((line) => asExport(line, boot))
    await server.must(
      `systemctl stop rsyslog syslog.socket; rm -f /var/log/auth.log*
       mkdir -p /var/log/journal/$(cat /etc/machine-id)
       cat > /root/export
       /lib/systemd/systemd-journal-remote -o /var/log/journal/$(cat /etc/machine-id)/past.journal /root/export`,
      { input: entries.join('') },
    )
  })
  const desk = deskOf(() => server)
  afterEach(desk.close)
  afterAll(async () => {
    desk.clear()
    await server?.down()
  })

  test('is read as journald wrote it down: every try is counted, and both who got in are found', async () => {
    const on = await desk.open()
    await findsAll(on, /by all 9\.\d k lines since/)
    expect(on.screen()).not.toContain(' ? kim')
    on.press('l')
    await goBack(on)
  })
})
