// Accounts that are changed and put back by a guard that is killed in the middle, at any of its steps.
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { AccountChange } from '../../../src/services/model/account.ts'
import { bytesOf, sumOf } from '../../../src/services/model/file-bytes.ts'
import { applyCommand, armCommand, guardScript, rollbackCommand } from '../../../src/services/transaction/scripts.ts'
import accounts from '../../../src/services/transaction/server/accounts.sh'
import accountsBack from '../../../src/services/transaction/server/accounts-back.sh'
import { accountPlan, accountWorld, furnish, guestFile, inRoot } from '../../support/account-bench.ts'
import { type CrashPoint, withCrashPoints } from '../../support/crash-points.ts'
import { type Bench, benchesOfTests, canRunGuard, GUARD_SHELLS, until } from '../../support/guard-bench.ts'

const owner = { name: 'ops', address: '198.51.100.20', connection: 'c 1 s 22', holder: 'h1' }
const openBench = benchesOfTests()
const KEYS = 'home/guest/.ssh/authorized_keys'
const OLD = 'one\ntwo'
/** Every point takes seconds; a spread of them is tried, another one by each shell, unless all are asked for. */
const EVERY = process.env.HARDTUI_FAULTS === 'all' ? 1 : 6

const functionsOf = (part: string): ReadonlySet<string> =>
  new Set([...part.matchAll(/^(\w+)\(\) [{(]/gm)].map(([, name]) => name as string))

const CHANGES: readonly AccountChange[] = [
  { verb: 'create', name: 'dora', groups: ['sudo'], shell: '/bin/bash', keys: [bytesOf('key')], password: false },
  {
    verb: 'keys',
    name: 'guest',
    file: `/${KEYS}`,
    add: [bytesOf('new')],
    remove: [bytesOf('one')],
    was: sumOf(bytesOf(OLD)),
  },
  { verb: 'lock', name: 'guest', was: 'set' },
  { verb: 'shell', name: 'guest', shell: '/bin/sh', was: '/bin/bash' },
]

describe.runIf(canRunGuard).each(GUARD_SHELLS)('a guard that is killed under %s', (_, shell) => {
  const prepare = () => {
    const bench = openBench(shell)
    furnish(bench)
    guestFile(bench, KEYS, OLD)
    const flag = inRoot(bench, 'crash')
    return { bench, flag, ...withCrashPoints(guardScript, flag), before: accountWorld(bench) }
  }
  const spread = (points: readonly CrashPoint[], parts: readonly string[]): readonly CrashPoint[] => {
    const within = new Set(parts.flatMap((part) => [...functionsOf(part)]))
    const offset = shell.length === 1 ? 0 : 2
    return points.filter((point) => within.has(point.within)).filter((_, at) => EVERY === 1 || at % EVERY === offset)
  }
  const swapGuard = (bench: Bench, script: string): void => {
    writeFileSync(join(bench.state, 'guard.new'), script)
    renameSync(join(bench.state, 'guard.new'), join(bench.state, 'guard.sh'))
  }
  const arm = async (bench: Bench, id: string): Promise<void> => {
    const { stdout } = await bench.run(armCommand(id, accountPlan(CHANGES), owner), owner.connection)
    expect(stdout).toContain(`@armed ${id} `)
  }
  const untilOver = (bench: Bench): Promise<unknown> =>
    until(async () => !existsSync(join(bench.state, 'current')), 20, 'the end of the change')
  const isAsBefore = (bench: Bench, before: ReturnType<typeof accountWorld>, where: string): void => {
    expect(accountWorld(bench), where).toEqual(before)
    expect(existsSync(inRoot(bench, 'home/dora')), where).toBe(false)
    expect(readFileSync(inRoot(bench, KEYS), 'latin1'), where).toBe(OLD)
    const left = [bench.etc, inRoot(bench, 'home'), join(inRoot(bench, KEYS), '..')].flatMap((dir) => readdirSync(dir))
    expect(
      left.filter((name) => /hardtui|\.lock$/.test(name)),
      where,
    ).toEqual([])
  }

  test('fault 89: while it applies: the rollback leaves all as it was', { timeout: 900_000 }, async () => {
    const { bench, flag, script, points, before } = prepare()
    let died = 0
    for (const point of spread(points, [accounts])) {
      const where = `${point.within}: ${point.line}`
      const id = `tx${point.number}`
      await arm(bench, id)
      swapGuard(bench, script)
      writeFileSync(`${flag}.${point.number}`, '')
      await bench.sh(`sh ${bench.state}/guard.sh apply ${id}`)
      if (!existsSync(`${flag}.${point.number}`)) died++
      await bench.sh(`rm -f ${flag}.*`)
      await bench.run(rollbackCommand(id))
      await untilOver(bench)
      isAsBefore(bench, before, where)
    }
    expect(died).toBeGreaterThan(EVERY === 1 ? 5 : 0)
  })

  test('fault 89: while it rolls back: whoever goes on leaves all as it was', { timeout: 900_000 }, async () => {
    const { bench, flag, script, points, before } = prepare()
    let died = 0
    for (const point of spread(points, EVERY === 1 ? [accounts, accountsBack] : [accountsBack])) {
      const where = `${point.within}: ${point.line}`
      const id = `tx${point.number}`
      await arm(bench, id)
      expect((await bench.run(applyCommand(id))).stdout, where).toContain('@applied ')
      swapGuard(bench, script)
      writeFileSync(`${flag}.${point.number}`, '')
      await bench.run(rollbackCommand(id))
      if (!existsSync(`${flag}.${point.number}`)) died++
      await bench.sh(`rm -f ${flag}.*; sh ${bench.state}/guard.sh finish`)
      await untilOver(bench)
      isAsBefore(bench, before, where)
      expect(existsSync(join(bench.state, `history/${id}.rolled-back-operator/home.dora`)), where).toBe(true)
    }
    expect(died).toBeGreaterThan(EVERY === 1 ? 20 : 1)
  })
})
