import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChangePlan } from '../../../src/services/model/plan.ts'
import { armScript } from '../../../src/services/transaction/scripts.ts'
import { type CrashPoint, crashAt, forgetCrashes, hasCrashed, withCrashPoints } from '../../support/crash-points.ts'
import { up } from '../lab.ts'
import { closeOperatorsOf, logIn } from '../operator.ts'
import { type Result, until } from '../run.ts'
import type { Server } from '../server.ts'
import { armBy, keepOut, lockOut, rollBack, runOn, untilNoTraces } from './by-hand.ts'
import { eachFlavour } from './each-flavour.ts'
import { CURRENT, fileChange, unitChange, worldOf } from './world.ts'

const REACHED = '/run/hardtui-reached'
const made = withCrashPoints(armScript)
/** Seconds. */
const WINDOW = 3
/** Every point of the arming script takes minutes; a spread of them is tried unless all are asked for. */
const ALL = process.env.HARDTUI_FAULTS === 'all'
const LIMIT = ALL ? 900_000 : 480_000

eachFlavour('arming that dies on %s', (flavour) => {
  let server: Server
  let plan: ChangePlan
  beforeAll(async () => {
    server = await up({ flavour })
    plan = await planFor()
  })
  afterAll(async () => {
    closeOperatorsOf(server)
    await server?.down()
  })

  /** All that a transaction can hold, so that as many points as possible are come by. */
  const planFor = async (): Promise<ChangePlan> => {
    const operator = await logIn(server)
    return operator.plan(
      (facts) => [
        ...lockOut(facts),
        ...keepOut(facts).map((edit) => ({ ...edit, at: { ...edit.at, family: 'v6' } }) as const),
      ],
      {
        windowSeconds: WINDOW,
        also: [
          await fileChange(server, '/etc/motd', (now) => `${now}changed\n`),
          await fileChange(server, '/etc/ssh/sshd_config.d/50-hardtui.conf', () => 'MaxAuthTries 3\n'),
          await unitChange(server, flavour === 'sysvinit' ? 'cron' : 'cron.service', 'off'),
        ],
      },
    )
  }

  /** The console's own command with another script in it. */
  const armWith = (script: string, id: string): Promise<Result> => {
    const command = armBy(id, plan)
    return runOn(server, { ...command, argv: command.argv.map((word) => (word === armScript ? script : word)) })
  }

  const linesOf = async (): Promise<readonly string[]> => (await worldOf(server, ['cron'])).split('\n')
  /** What came or went since; hardtui's own hooks may stay until the next arming. */
  const movedSince = async (before: readonly string[], hooks: 'may stay' | 'are gone'): Promise<readonly string[]> => {
    const now = await linesOf()
    const moved = [...now.filter((line) => !before.includes(line)), ...before.filter((line) => !now.includes(line))]
    return moved.filter((line) => hooks === 'are gone' || !/hardtui/.test(line))
  }

  const pointsReached = async (): Promise<readonly CrashPoint[]> => {
    const noting = made.script.replace(/^crash\(\) .*$/m, `crash() { echo "$1" >>${REACHED}; }`)
    expect((await armWith(noting, 'noting')).stdout).toContain('@armed noting')
    await rollBack(server, 'noting')
    await untilNoTraces(server)
    const seen = new Set((await server.must(`cat ${REACHED}; rm ${REACHED}`)).split('\n').map(Number))
    return made.points.filter(({ number }) => seen.has(number))
  }

  /** Dies there; afterwards the host is as it was, and the next one can arm, at the latest after the deadline. */
  const dieAt = async (point: CrashPoint, before: readonly string[]): Promise<void> => {
    const where = `${point.within}: ${point.line}`
    let said = ''
    await server.must(crashAt(point))
    const died = await armWith(made.script, `dies-${point.number}`)
    expect(died.stdout, where).not.toContain('@armed')
    expect((await server.sh(hasCrashed(point))).status, where).toBe(0)
    expect((await movedSince(before, 'may stay')).join('; '), where).toBe('')
    const next = `next-${point.number}`
    // Where it died armed, the next one is turned away until it has rolled back; nobody is, who comes after that.
    const armed = await until(
      () => `the next one to arm after ${where}, told: ${said}`,
      async () => {
        said = (await armWith(armScript, next)).stdout
        return said.includes(`@armed ${next} `) || (busy(said, point) ? false : Promise.reject(new Error(said)))
      },
      { timeoutMs: (WINDOW + 6) * 1000 },
    )
    expect(armed, where).toBe(true)
    await rollBack(server, next)
    await untilNoTraces(server)
    expect((await movedSince(before, 'are gone')).join('; '), where).toBe('')
  }

  test(
    'fault 30: killed at any step of arming, nothing is applied and the next one arms',
    async () => {
      const reached = await pointsReached()
      expect(reached.length).toBeGreaterThanOrEqual(15)
      const before = await linesOf()
      const failed: string[] = []
      for (const point of spread(reached, flavour === 'debian12' ? 8 : 3)) {
        await dieAt(point, before).catch(async (error: Error) => {
          failed.push(`${point.number} ${point.within}: ${point.line} - ${error.message}`)
          await server.sh(`${forgetCrashes}; sh /var/lib/hardtui/guard.sh rollback; rm -rf ${CURRENT}`)
        })
      }
      expect(failed).toEqual([])
    },
    LIMIT,
  )
})

/** With those around the moment in which the timer is armed: what is there to watch has to be watched. */
const decisive = ({ within, line }: CrashPoint): boolean => within === 'main' && /^start_watch$|triggers/.test(line)
const spread = (points: readonly CrashPoint[], count: number): readonly CrashPoint[] =>
  points.filter((point, i) => ALL || decisive(point) || i % Math.ceil(points.length / count) === 1)

const busy = (answer: string, point: CrashPoint): boolean => answer.includes(`@busy dies-${point.number} `)
