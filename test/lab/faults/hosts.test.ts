import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { FirewallFacts, RuleEdit } from '../../../src/services/model/firewall.ts'
import { insertFirst } from '../../support/plans.ts'
import { kindsFor } from '../kinds.ts'
import { up, whyNoLab } from '../lab.ts'
import { closeOperators, logIn, phase } from '../operator.ts'
import { until } from '../run.ts'
import type { Server } from '../server.ts'
import { openTerminal } from '../terminal.ts'
import { endings, fileChange, lateness, rulesOf, textOf, untilApplied, untilOver } from './world.ts'

const dropSsh = (facts: FirewallFacts): RuleEdit[] => [insertFirst(facts, '-p tcp -m tcp --dport 22 -j DROP')]
const harmless = (facts: FirewallFacts): RuleEdit[] => [insertFirst(facts, '-p tcp -m tcp --dport 81 -j DROP')]
const result = (server: Server): Promise<string> =>
  server.must('cat $(ls -td /var/lib/hardtui/history/* | head -n 1)/result')

describe.skipIf(whyNoLab() !== null)('with fail2ban on the server', () => {
  let server: Server
  beforeAll(async () => {
    server = await up({ packages: ['fail2ban'] })
    await until('fail2ban', async () => (await server.sh('fail2ban-client status sshd')).status === 0)
  })
  afterEach(closeOperators)
  afterAll(() => server?.down())

  test('fault 48: the operator who is banned inside the window is let in again by the rollback, others stay banned', async () => {
    const operator = await logIn(server, 'root', 0)
    const going = operator.transactions.apply(await operator.plan(harmless, { windowSeconds: 8 }))
    await untilApplied(server)
    await server.must(`fail2ban-client set sshd banip ${server.client.address} 203.0.113.7`)
    expect(await server.canLogin()).toBe(false)
    expect(await lateness(server)).toBeLessThan(2)
    await server.waitForLogin()
    const rules = await rulesOf(server)
    expect(rules).not.toContain('--dport 81')
    expect(rules).toContain('-j f2b-sshd')
    expect(rules).toContain('203.0.113.7')
    expect(await result(server)).toContain(`fail2ban had banned ${server.client.address} meanwhile`)
    operator.close()
    await going
  })
})

const KINDS = kindsFor('on an odd %s', ['debian12', 'sysvinit'] as const)

describe.skipIf(whyNoLab() !== null).each(KINDS)('on an odd %s', (flavour) => {
  let server: Server
  beforeAll(async () => {
    server = await up({ flavour })
  })
  afterEach(async () => {
    closeOperators()
    await untilOver(server)
    await server.freeDisk()
  })
  afterAll(() => server?.down())

  test('with /tmp noexec, a read-only home and no at the change is rolled back all the same', async () => {
    await server.must(
      'mount -t tmpfs -o noexec,nosuid,nodev tmpfs /tmp; mount --bind /root /root; mount -o remount,ro,bind /root; mv /usr/bin/at /usr/bin/at.away',
    )
    const operator = await logIn(server, 'root', 0)
    const going = operator.transactions.apply(await operator.plan(dropSsh, { windowSeconds: 4 }))
    await untilApplied(server)
    expect(await lateness(server)).toBeLessThan(2)
    await server.waitForLogin()
    operator.close()
    await going
    await server.must('umount /root /tmp; mv /usr/bin/at.away /usr/bin/at')
  })

  test('with a disk that fills up inside the window rules and files come back', async () => {
    const before = await textOf(server, '/etc/motd')
    const operator = await logIn(server, 'root', 0)
    const also = [await fileChange(server, '/etc/motd', (now) => `${now}${'changed\n'.repeat(3000)}`)]
    const going = operator.transactions.apply(await operator.plan(dropSsh, { windowSeconds: 6, also }))
    await untilApplied(server)
    await server.fillDisk()
    expect(await lateness(server)).toBeLessThan(2)
    expect(await textOf(server, '/etc/motd')).toBe(before)
    await server.waitForLogin()
    expect((await endings(server))[0]).toBe('rolled-back-timer')
    operator.close()
    await going
  })

  test('what others changed inside the window is noticed, kept or kept aside, and said', async () => {
    await server.must('iptables -A INPUT -p tcp -m tcp --dport 443 -j ACCEPT')
    const before = await textOf(server, '/etc/motd')
    const operator = await logIn(server, 'root', 0)
    const also = [await fileChange(server, '/etc/motd', (now) => `${now}changed\n`)]
    await operator.transactions.apply(await operator.plan(harmless, { windowSeconds: 12, also }))
    await phase(operator, 'awaiting-confirm')
    await server.must(
      `iptables -N f2b-web; iptables -I INPUT -p tcp -m multiport --dports 80,443 -j f2b-web
       iptables -A INPUT -s 203.0.113.9/32 -j DROP; iptables -A INPUT -j DROP; echo theirs >> /etc/motd`,
    )
    await operator.transactions.rollback()
    const ended = await phase(operator, 'rolled-back')
    const rules = await rulesOf(server)
    expect(rules).not.toContain('--dport 81')
    expect(rules.match(/-A INPUT .*/g)).toEqual([
      '-A INPUT -p tcp -m multiport --dports 80,443 -j f2b-web',
      '-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT',
      '-A INPUT -s 203.0.113.9/32 -j DROP',
    ])
    expect(await textOf(server, '/etc/motd')).toBe(before)
    const notes = ended.notes.map(({ grade, text }) => `${grade} ${text}`).join('\n')
    expect(notes).toContain('heed kept, as somebody added it meanwhile: -A INPUT -s 203.0.113.9/32 -j DROP')
    expect(notes).toContain('heed taken out, because it could shut you out: -A INPUT -j DROP')
    expect(notes).toContain('heed /etc/motd had been changed by somebody else meanwhile')
    expect(await server.must('cat /var/lib/hardtui/history/*/save/file.0.found')).toContain('theirs')
    await server.must('iptables -F; iptables -X f2b-web')
  })

  test('sshd that moves to another port is proved there, confirmed from there, and found there when the link is lost', async () => {
    const before = await textOf(server, '/etc/ssh/sshd_config')
    const operator = await logIn(server, 'root', 0)
    const also = [await fileChange(server, '/etc/ssh/sshd_config', (now) => `Port 2222\n${now}`)]
    const plan = await operator.plan(() => [], { also })
    expect(plan.newPorts).toEqual([2222])
    await operator.transactions.apply(plan)
    expect(await phase(operator, 'awaiting-confirm')).toMatchObject({ proof: { outcome: 'works' } })
    await operator.transactions.confirm()
    expect(operator.transactions.state()).toMatchObject({ phase: 'confirmed' })
    expect(await server.canLogin()).toBe(false)
    await server.sh('pkill -9 -f "sshd: root|sshd-session: root"')
    await until('the loss', () => operator.host.link().state === 'lost')
    await until('the link by the new port', () => operator.host.link().state === 'up', { timeoutMs: 30_000 })
    await server.must('cat > /etc/ssh/sshd_config; service ssh restart', { input: before ?? '' })
    await server.waitForLogin()
  })

  test('a second operator takes the change over: the first is told and can no longer confirm it', async () => {
    const [one, two] = [await logIn(server, 'ops', 0), await logIn(server, 'root', 0)]
    await one.transactions.apply(await one.plan(harmless))
    await phase(one, 'awaiting-confirm')
    await two.read()
    await two.transactions.look()
    expect(await phase(two, 'awaiting-confirm')).toMatchObject({ timer: { owner: 'ops', mine: false, taken: null } })
    await two.transactions.takeOver()
    expect(await phase(two, 'awaiting-confirm')).toMatchObject({ timer: { owner: 'root', mine: true } })
    await one.transactions.confirm()
    expect(one.transactions.state()).toMatchObject({ phase: 'awaiting-confirm', timer: { owner: 'root', mine: false } })
    await two.transactions.confirm()
    expect(two.transactions.state().phase).toBe('confirmed')
    const past = await two.transactions.history()
    expect(past.ok && past.value[0]).toMatchObject({
      outcome: 'confirmed',
      owner: 'root',
      undoable: true,
      notes: expect.arrayContaining([{ grade: 'heed', text: `taken over from ops ${server.client.address}` }]),
    })
    const record = past.ok && past.value[0] ? await two.transactions.record(past.value[0].id) : null
    expect(record).toMatchObject({
      ok: true,
      value: { rules: [{ family: 'v4', after: expect.stringContaining('--dport 81 -j DROP') }] },
    })
    await server.must('iptables -F')
  })

  test('a console that nobody touches hears of another operator’s change, and of its end', async () => {
    const idle = openTerminal(server, 'root')
    await idle.waitFor('following')
    const operator = await logIn(server, 'ops', 0)
    await operator.transactions.apply(await operator.plan(harmless))
    await phase(operator, 'awaiting-confirm')
    await idle.waitFor('ARMED')
    await operator.transactions.rollback()
    await phase(operator, 'rolled-back')
    await until('the end to be seen', async () => !/ARMED/.test(idle.screen()))
    idle.kill()
    await idle.ended
  })

  test('whoever sits at a terminal is told of the arming, of the last minute and of the rollback', async () => {
    const terminal = server.client.spawn([...server.client.sshArgv({ args: ['-tt'] }), 'exec cat'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: server.client.env(),
    })
    let heard = ''
    terminal.stdout?.on('data', (chunk: Buffer) => {
      // Lines are broken and padded.
      heard = (heard + chunk.toString()).replace(/\s+/g, ' ')
    })
    try {
      await until('a terminal that is logged in', async () => (await server.must('who')) !== '')
      const operator = await logIn(server, 'root', 0)
      await operator.transactions.apply(await operator.plan(harmless, { windowSeconds: 80 }))
      await until('the first word', () => heard.includes('unless it is confirmed it rolls back in 80 s'))
      await until('the last minute', () => heard.includes('rolls back in one minute'), { timeoutMs: 40_000 })
      await operator.transactions.rollback()
      await until('the end', () => heard.includes('was rolled back (operator): v4 rules as they were'))
    } finally {
      terminal.kill('SIGKILL')
    }
  })
})
