import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { kindsFor } from '../kinds.ts'
import { up, whyNoLab } from '../lab.ts'
import { closeOperators, logIn, phase } from '../operator.ts'
import { PATIENCE } from '../run.ts'
import type { Server } from '../server.ts'
import { endings, fileChange, lateness, unitChange, untilApplied, worldOf } from './world.ts'

const CONFIG = '/etc/ssh/sshd_config'
const UNIT = 'cron'

describe
  .skipIf(whyNoLab() !== null)
  .each(kindsFor('files, units and sshd on %s', ['debian12', 'debian13', 'sysvinit'] as const))(
  'files, units and sshd on %s',
  (flavour) => {
    let server: Server
    const unit = flavour === 'sysvinit' ? UNIT : `${UNIT}.service`
    beforeAll(async () => {
      server = await up({ flavour })
      await server.must('chmod 640 /etc/motd; chown 0:4 /etc/motd; touch -d 2020-01-01 /etc/motd')
    })
    afterEach(closeOperators)
    afterAll(() => server?.down())

    const changes = async () => [
      await fileChange(server, '/etc/motd', (now) => `${now}changed\n`),
      await fileChange(server, '/etc/hardtui-test/deep/new.conf', () => 'new\n'),
      await fileChange(server, '/etc/issue.net', () => null),
      await fileChange(server, CONFIG, (now) => `Port 2222\n${now}`),
      await unitChange(server, unit, 'off'),
    ]

    test('come back exactly as they were when nobody confirms, and sshd listens where it did', async () => {
      const before = await worldOf(server, [unit])
      const operator = await logIn(server)
      const plan = await operator.plan(() => [], { windowSeconds: 6 * PATIENCE, also: await changes() })
      expect(plan.blockers).toEqual([])
      const going = operator.transactions.apply(plan)
      await untilApplied(server)
      expect(server.listens(2222)).toBe(true)
      expect(server.listens(22)).toBe(false)
      const changed = await worldOf(server, [unit])
      expect(changed).toContain('/etc/hardtui-test/deep/new.conf 644 root root')
      expect(changed).toMatch(/\/etc\/motd 640 root adm/)
      const late = await lateness(server)
      expect(late).toBeGreaterThanOrEqual(0)
      expect(late).toBeLessThan(1.5)
      expect(await worldOf(server, [unit])).toBe(before)
      await server.waitForLogin()
      expect(await endings(server)).toEqual(['rolled-back-timer'])
      operator.close()
      await going
    })

    test('come back at once when asked for, and stay when confirmed', async () => {
      const before = await worldOf(server, [unit])
      const operator = await logIn(server)
      const stay = (await changes()).filter((change) => !change.target.includes('sshd_config'))
      await operator.transactions.apply(await operator.plan(() => [], { also: stay }))
      await phase(operator, 'awaiting-confirm')
      await operator.transactions.rollback()
      await phase(operator, 'rolled-back')
      expect(await worldOf(server, [unit])).toBe(before)
      operator.transactions.dismiss()
      await operator.transactions.apply(await operator.plan(() => [], { also: stay }))
      const after = await worldOf(server, [unit])
      await operator.transactions.confirm()
      expect(operator.transactions.state().phase).toBe('confirmed')
      await server.powerCut()
      const kept = await worldOf(server, [unit])
      const ours = (text: string): string[] =>
        text.split('\n').filter((line) => /motd|hardtui-test|issue|cron/.test(line))
      // The hooks of the change that was pending then are gone.
      const hooks = /hardtui-rollback|cron\.d\/hardtui/
      expect(ours(kept)).toEqual(ours(after).filter((line) => !hooks.test(line)))
      operator.close()
    })
  },
)
