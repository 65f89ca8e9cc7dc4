import { describe, expect, test } from 'vitest'
import { unitChecks } from '../../../../src/services/areas/units/checks.ts'
import { guardUnits, stopsAlong } from '../../../../src/services/areas/units/guards.ts'
import { layUnits } from '../../../../src/services/areas/units/lay.ts'
import { offFor } from '../../../../src/services/areas/units/off.ts'
import { whyProtected } from '../../../../src/services/areas/units/protected.ts'
import type { UnitEdit } from '../../../../src/services/model/areas.ts'
import { safe, say } from '../../../../src/services/model/safe.ts'
import type { Needs, Unit, UnitDetails, UnitsFacts } from '../../../../src/services/model/units.ts'
import { someUnits } from '../../../support/make-plan.ts'
import { hostFacts } from '../../../support/plans.ts'

const NOTHING: UnitDetails = {
  triggeredBy: [],
  stopsWith: [],
  wantedBy: [],
  busName: null,
  forSeconds: null,
  memory: null,
  lastLines: [],
}
const unit = (name: string, details: Partial<UnitDetails> = {}, more: Partial<Unit> = {}): Unit => ({
  ...{ name, description: say``, active: say`active`, sub: say`running`, boot: say`enabled`, listeners: [] },
  details: { ...NOTHING, ...details },
  ...more,
})
const facts = (units: readonly Unit[], needs?: Needs): UnitsFacts => ({
  ...someUnits([]),
  units,
  ...(needs ? { needs } : {}),
})
const check = (id: string) => unitChecks.find((one) => one.id === `SVC-${id}`)
const judged = (id: string, now: UnitsFacts) => {
  const { outcome, observed } = check(id)?.judge(now, hostFacts, { listeners: null } as never) ?? {}
  return `${outcome} ${observed}`
}
const fixOf = (id: string, now: UnitsFacts) =>
  check(id)
    ?.fix?.(now, hostFacts, { listeners: null } as never)
    ?.flatMap((edit) => (edit.kind === 'unit' ? [edit] : [])) ?? null
const STOPPED = { active: safe('inactive'), sub: safe('dead') }

describe('a service that a server seldom needs', () => {
  const rpcbind = unit('rpcbind.service', { triggeredBy: ['rpcbind.socket'] })
  const socket = unit('rpcbind.socket')

  test('is needless where nothing on the host speaks for it', () => {
    expect(judged('rpcbind', facts([rpcbind], { nfs: [] }))).toMatch(/^fail rpcbind.service running, starts at boot/)
  })

  test('is probably so where what may need it was not looked for to the end', () => {
    expect(judged('rpcbind', facts([rpcbind]))).toMatch(/^fail probably needless: /)
  })

  test('is needed where something was found, which is named', () => {
    expect(judged('rpcbind', facts([rpcbind], { nfs: [safe('nfs4 mount on /srv')] }))).toBe(
      'pass needed: nfs4 mount on /srv',
    )
  })

  test('is needed by who runs and would stop with it, but not by its own kin', () => {
    const avahi = unit('avahi-daemon.service', { stopsWith: ['avahi-daemon.socket', 'mdns-app.service'] })
    const kin = unit('avahi-daemon.socket')
    expect(judged('avahi', facts([avahi, kin, unit('mdns-app.service')]))).toBe(
      'pass needed: mdns-app.service runs, and stops with it',
    )
    expect(judged('avahi', facts([avahi, kin, unit('mdns-app.service', {}, STOPPED)]))).toMatch(/^fail /)
  })

  test('is turned off with what would start it again, and that first', () => {
    const stopped = unit('rpcbind.socket', {}, { ...STOPPED, boot: safe('disabled') })
    const verbs = (now: UnitsFacts) => fixOf('rpcbind', now)?.map(({ unit: name, run, boot }) => [name, run, boot])
    expect(verbs(facts([rpcbind, socket]))).toEqual([
      ['rpcbind.socket', 'stop', 'disable'],
      ['rpcbind.service', 'stop', 'disable'],
    ])
    expect(verbs(facts([rpcbind, stopped]))).toEqual([['rpcbind.service', 'stop', 'disable']])
    expect(fixOf('rpcbind', facts([rpcbind]))?.[0]?.was).toEqual({ run: 'active', boot: 'enabled' })
  })

  test('of the past is needed by nothing that inetd starts, which is shown', () => {
    const now = facts([unit('openbsd-inetd.service')], { inetd: [safe('/etc/inetd.conf: telnet')] })
    const verdict = check('legacy-remote')?.judge(now, hostFacts, { listeners: null } as never)
    expect([verdict?.outcome, verdict?.details]).toEqual(['fail', ['/etc/inetd.conf: telnet']])
  })

  test('is left to a person where the way in would go with it', () => {
    const now = facts([rpcbind, unit('cron.service')])
    expect(offFor([{ ...rpcbind, details: { ...NOTHING, triggeredBy: ['cron.service'] } }], now)).toBeNull()
  })

  test('is left to a person where it does not say whether it runs', () => {
    expect(fixOf('rpcbind', facts([unit('rpcbind', {}, { active: safe('unknown') })]))).toBeNull()
  })
})

describe('what the way in and the rollback stand on', () => {
  test.each([
    ...['ssh.service', 'sshd.service', 'ssh.socket', 'ssh@1-2.service', 'ssh', 'hardtui-rollback.service'],
    ...[
      'networking',
      'NetworkManager.service',
      'systemd-networkd.service',
      'systemd-resolved.service',
      'wg-quick@wg0.service',
    ],
    ...['cron.service', 'crond', 'atd.service', 'rsyslog.service', 'systemd-journald.socket', 'dbus.socket'],
    ...[
      'systemd-logind.service',
      'netfilter-persistent.service',
      'ufw.service',
      'fail2ban.service',
      'getty@tty1.service',
    ],
  ])('%s stays', (name) => {
    expect(whyProtected({ name })).not.toBeNull()
  })

  test.each([
    'avahi-daemon.service',
    'cups.socket',
    'nginx.service',
    'mariadb',
    'apt-daily.timer',
    'sshguardian.service',
  ])('%s may be turned off', (name) => {
    expect(whyProtected({ name })).toBeNull()
  })
})

describe('a plan', () => {
  const off = (name: string, more: Partial<UnitEdit> = {}): UnitEdit => ({
    ...{ kind: 'unit', unit: name, run: 'stop', boot: 'disable' },
    was: { run: 'active', boot: 'enabled' },
    ...more,
  })
  const guard = (units: readonly Unit[], edits: readonly UnitEdit[]) => {
    const base = facts(units)
    const { blockers, whatIf } = guardUnits(edits, base, layUnits(base, edits).after)
    return {
      blocked: blockers.map(({ kind, message }) => `${kind} ${message}`),
      said: whatIf.map(({ answer, question, because }) => `${answer} ${question}: ${because}`),
    }
  }

  test('that stops the way in is blocked, whoever staged it', () => {
    expect(guard([unit('ssh.service')], [off('ssh.service')]).blocked).toEqual([
      'conflict ssh.service stays: it is the way in.',
    ])
    expect(guard([unit('ssh.service')], [off('ssh.service', { run: 'restart', boot: null })]).blocked).toEqual([])
  })

  test('says what else stops, by all that hangs on it, and is blocked where that is the way in', () => {
    const units = [
      unit('a.service', { stopsWith: ['b.service', 'gone.service'] }),
      unit('b.service', { stopsWith: ['c.service', 'a.service'] }),
      unit('c.service'),
      unit('d.service', { stopsWith: ['ssh.service'] }),
      unit('ssh.service'),
    ]
    expect(stopsAlong('a.service', facts(units)).map(({ name }) => name)).toEqual(['b.service', 'c.service'])
    expect(guard(units, [off('a.service')])).toEqual({
      blocked: [],
      said: ['unsure what else stops with a.service: b.service, c.service'],
    })
    // What is staged itself is no surprise.
    expect(guard(units, [off('a.service'), off('b.service'), off('c.service')]).said).toEqual([])
    expect(guard(units, [off('d.service')]).blocked).toEqual([
      'conflict ssh.service stays: it is the way in, and it stops with d.service.',
    ])
  })

  test('says what starts it again, unless that is turned off too or it is masked', () => {
    const units = [
      unit('cups.service', { triggeredBy: ['cups.path', 'cups.socket'], busName: safe('org.cups') }),
      unit('cups.socket'),
    ]
    expect(guard(units, [off('cups.service')]).said).toEqual([
      'unsure what starts cups.service again: cups.socket, when something comes: stop and disable it too',
      'unsure what starts cups.service again: D-Bus perhaps, when a program asks for org.cups: m masks it',
    ])
    expect(guard(units, [off('cups.service', { boot: 'mask' })]).said).toEqual([])
    expect(guard(units, [off('cups.socket'), off('cups.service')]).said).toHaveLength(1)
  })

  test('is a conflict where the unit moved since it was staged', () => {
    const laid = layUnits(facts([unit('cups.service', {}, STOPPED)]), [off('cups.service')])
    expect(laid.conflicts.map(({ reason }) => reason)).toEqual(['it is inactive by now, and was active'])
    const masked = layUnits(facts([unit('cups.service', {}, { boot: safe('masked') })]), [off('cups.service')])
    expect(masked.conflicts.map(({ reason }) => reason)).toEqual(['it is masked at boot by now, and was enabled'])
  })

  test('shows the unit as it will be', () => {
    const [cups] = layUnits(facts([unit('cups.service')]), [off('cups.service')]).after.units
    expect(cups).toMatchObject({ active: 'inactive', sub: 'dead', boot: 'disabled', listeners: [] })
    const script = {
      ...facts([unit('cups', {}, { active: safe('running'), sub: safe('') })]),
      manager: 'sysvinit' as const,
    }
    expect(layUnits(script, [off('cups')]).after.units[0]).toMatchObject({ active: 'stopped', sub: '' })
  })
})
