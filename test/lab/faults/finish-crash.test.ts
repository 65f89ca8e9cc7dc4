import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { FirewallFacts, RuleEdit } from '../../../src/services/model/firewall.ts'
import { guardScript } from '../../../src/services/transaction/scripts.ts'
import { type CrashPoint, crashAt, hasCrashed, withCrashPoints } from '../../support/crash-points.ts'
import { insertFirst } from '../../support/plans.ts'
import { kindsFor } from '../kinds.ts'
import { up, whyNoLab } from '../lab.ts'
import { closeOperators, logIn, phase } from '../operator.ts'
import { until } from '../run.ts'
import type { Server } from '../server.ts'
import { endings, fileChange, isOver, untilOver, worldOf } from './world.ts'

const GUARD = 'sh /var/lib/hardtui/guard.sh'
/** Each point is a boot, and a busy machine boots slowly; all of them take long. */
const LIMIT = process.env.HARDTUI_FAULTS === 'all' ? 1_800_000 : 480_000

const harmless = (facts: FirewallFacts): RuleEdit[] => [insertFirst(facts, '-p tcp -m tcp --dport 81 -j DROP')]

describe.skipIf(whyNoLab() !== null).each(kindsFor('SIGKILL in the middle on %s', ['debian12', 'sysvinit'] as const))(
  'SIGKILL in the middle on %s',
  (flavour) => {
    let server: Server
    const { script, points } = withCrashPoints(guardScript)
    /** Spread over what runs on either way; HARDTUI_FAULTS=all tries every point. */
    const chosen = (within: readonly string[], every: number): readonly CrashPoint[] =>
      points
        .filter((point) => within.includes(point.within))
        .filter(
          (_, at) => process.env.HARDTUI_FAULTS === 'all' || at % (flavour === 'debian12' ? every : 2 * every) === 0,
        )
    const ENDING = ['archive', 'remove_boot_guard', 'stop_triggers']
    beforeAll(async () => {
      server = await up({ flavour })
      await server.must('chmod 640 /etc/motd')
    })
    afterEach(closeOperators)
    afterAll(() => server?.down())

    /** Arms and applies, then swaps the guard for one that can be made to crash. */
    const begin = async (windowSeconds: number): Promise<{ before: string; after: string; id: string }> => {
      const before = await worldOf(server)
      const operator = await logIn(server, 'root', 0)
      const also = [await fileChange(server, '/etc/motd', (now) => `${now}changed\n`)]
      await operator.transactions.apply(await operator.plan(harmless, { windowSeconds, also, persistence: 'loader' }))
      const { timer } = await phase(operator, 'awaiting-confirm')
      operator.close()
      const after = await worldOf(server)
      await server.must('cat > /var/lib/hardtui/guard.new; mv /var/lib/hardtui/guard.new /var/lib/hardtui/guard.sh', {
        input: script,
      })
      return { before, after, id: timer.id }
    }
    const ours = (text: string): string[] => text.split('\n').filter((line) => /motd|--dport/.test(line))
    const endedOneWay = async (before: string, after: string, told: string): Promise<void> => {
      await server.powerCut()
      await server.waitForLogin()
      expect(await isOver(server)).toBe(true)
      const now = ours(await worldOf(server))
      const confirmed = (await endings(server))[0] === 'confirmed'
      expect(now).toEqual(ours(confirmed ? after : before))
      if (told.includes('@confirmed')) expect(confirmed).toBe(true)
      expect((await server.sh('find /etc -name "*hardtui-rollback*" -o -name "*.hardtui-new"')).stdout).toBe('')
      if (confirmed) await server.must('iptables -F; sed -i /changed/d /etc/motd; rm -rf /etc/hardtui')
    }

    test(
      'fault 51: at any step of a confirm, then a power cut: confirmed or as it was, and what was told is true',
      async () => {
        const seen = new Set<string>()
        for (const point of chosen(['confirm', 'write_aside', 'install_persisted', 'install_loader', ...ENDING], 8)) {
          const { before, after, id } = await begin(60)
          await server.must(crashAt(point))
          const { stdout } = await server.sh(`${GUARD} from x confirm ${id} unproven`)
          if ((await server.sh(hasCrashed(point))).status === 0) seen.add(point.within)
          await endedOneWay(before, after, stdout)
        }
        expect(seen.size).toBeGreaterThan(flavour === 'debian12' ? 2 : 0)
      },
      LIMIT,
    )

    test('fault 51: after its record was written: the boot guard goes without a boot', async () => {
      const last = points.find(({ within, line }) => within === 'archive' && line === 'remove_boot_guard') as CrashPoint
      const { id } = await begin(60)
      await server.must(crashAt(last))
      const { stdout } = await server.sh(`${GUARD} from x confirm ${id} unproven`)
      expect(stdout).toContain(`@confirmed ${id}`)
      expect((await server.sh(hasCrashed(last))).status).toBe(0)
      const guards = 'find /etc -name "*hardtui-rollback*" -o -name hardtui-boot'
      await until('the boot guard to go', async () => (await server.sh(guards)).stdout === '', { timeoutMs: 15_000 })
      await server.must('iptables -F; sed -i /changed/d /etc/motd; rm -rf /etc/hardtui')
    })

    test(
      'fault 51: at any step of a rollback, then a power cut: as it was',
      async () => {
        const seen = new Set<string>()
        const within = [
          'rollback',
          'put_back',
          'restore_family',
          'restore_files',
          'restore_file',
          'put_back_by_renaming',
          ...ENDING,
        ]
        for (const point of chosen(within, 6)) {
          const { before, id } = await begin(60)
          await server.must(crashAt(point))
          await server.sh(`${GUARD} rollback operator ${id}`)
          if ((await server.sh(hasCrashed(point))).status === 0) seen.add(point.within)
          await endedOneWay(before, before, '')
        }
        expect(seen.size).toBeGreaterThan(flavour === 'debian12' ? 2 : 0)
      },
      LIMIT,
    )

    test(
      'fault 51: a rollback that is killed at any step is finished by the watch',
      async () => {
        for (const point of chosen(['rollback', 'put_back', 'restore_files', 'archive'], 10)) {
          const { before } = await begin(4)
          await server.must(crashAt(point))
          await untilOver(server, 20_000)
          expect(ours(await worldOf(server))).toEqual(ours(before))
        }
      },
      LIMIT,
    )
  },
)
