import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { pastOf } from '../../../src/services/transaction/history.ts'
import { notesOf, readMessages, readStatus } from '../../../src/services/transaction/protocol.ts'
import {
  applyCommand,
  armCommand,
  historyCommand,
  rollbackCommand,
  statusCommand,
} from '../../../src/services/transaction/scripts.ts'
import { type Bench, benchesOfTests, canRunGuard, GUARD_SHELLS, until } from '../../support/guard-bench.ts'
import { planFrom } from '../../support/make-plan.ts'
import { firewallFacts, hostFacts, stagedFile, textChange } from '../../support/plans.ts'

const owner = { name: 'ops', address: '198.51.100.20', connection: 'c 1 s 22', holder: 'h1' }
const openBench = benchesOfTests()
const NAMES = ['same', 'foreign', 'stuck'] as const

describe.runIf(canRunGuard).each(GUARD_SHELLS)('notes of the guard under %s', (_, shell) => {
  /** Three files are armed and each of them changed. */
  const begin = async (): Promise<Bench> => {
    const bench = openBench(shell)
    const logger = join(bench.etc, '../bin/logger')
    writeFileSync(logger, '#!/bin/sh\necho "$*" >>"$HARDTUI_ROOT/log"\n')
    chmodSync(logger, 0o755)
    for (const name of NAMES) writeFileSync(join(bench.etc, name), 'old\n')
    const changes = NAMES.map((name) => stagedFile(textChange(`/etc/${name}`, 'new\n', 'old\n')))
    const plan = planFrom({ host: hostFacts, firewall: firewallFacts(''), changes, windowSeconds: 30 })
    expect((await bench.run(armCommand('tx1', plan, owner), owner.connection)).stdout).toMatch(/^@armed tx1 /m)
    return bench
  }
  const history = async (bench: Bench) => pastOf(readMessages((await bench.run(historyCommand())).stdout))[0]

  test('carry what they are worth: told at once, kept for whoever asks later, and left out of the log', async () => {
    const bench = await begin()
    await bench.run(applyCommand('tx1'))
    writeFileSync(join(bench.etc, 'foreign'), 'theirs\n')
    rmSync(join(bench.etc, 'stuck'))
    mkdirSync(join(bench.etc, 'stuck/full'), { recursive: true })
    const told = await bench.run(rollbackCommand('tx1'))
    expect(told.status).toBe(4)
    const at = (name: string) => join(bench.etc, name)
    const notes = [
      { grade: 'plain', text: `${at('same')} as it was` },
      {
        grade: 'heed',
        text: `${at('foreign')} had been changed by somebody else meanwhile: that text is kept in the record as save/file.1.found`,
      },
      { grade: 'plain', text: `${at('foreign')} as it was` },
      { grade: 'heed', text: `${at('stuck')} had been removed by somebody else meanwhile` },
      { grade: 'lost', text: `${at('stuck')} could NOT be put back` },
    ]
    const ours = (found: readonly { text: string }[] | undefined) =>
      found?.filter(({ text }) => text.startsWith(bench.etc))
    expect(ours(notesOf(readMessages(told.stdout)))).toEqual(notes)
    expect(ours(readStatus((await bench.run(statusCommand('tx1'))).stdout, 0, () => false)?.notes)).toEqual(notes)
    expect(ours((await history(bench))?.notes)).toEqual(notes)
    // busybox has a logger of its own, which this one can't stand in for.
    if (shell[0] === 'dash')
      expect(readFileSync(join(bench.etc, '../log'), 'utf8')).toContain(
        `rolled back tx1 (operator): ${notes[0]?.text};${notes[1]?.text};`,
      )
  })

  test('are told, and that something was lost, to all who roll back at once: it is done once', async () => {
    const bench = await begin()
    await bench.run(applyCommand('tx1'))
    rmSync(join(bench.etc, 'stuck'))
    mkdirSync(join(bench.etc, 'stuck/full'), { recursive: true })
    const all = await Promise.all(Array.from({ length: 4 }, () => bench.run(rollbackCommand('tx1'))))
    const lost = { grade: 'lost', text: `${join(bench.etc, 'stuck')} could NOT be put back` }
    const told = all.filter(({ stdout }) => stdout.includes('@rolled-back tx1'))
    expect(told.map(({ status }) => status)).toEqual(told.map(() => 4))
    for (const { stdout } of told) expect(notesOf(readMessages(stdout))).toContainEqual(lost)
    // Who came when it was on record already is told that it is gone, and how.
    for (const one of all)
      if (!told.includes(one))
        expect(one).toMatchObject({ status: 3, stdout: expect.stringContaining('@gone rolled-back') })
    expect(told.length).toBeGreaterThan(1)
  })

  test('say of an apply that failed why, and that it failed', async () => {
    const bench = await begin()
    writeFileSync(join(bench.etc, 'foreign'), 'theirs\n')
    expect((await bench.run(applyCommand('tx1'))).stdout).toContain('@failed ')
    const past = await until(async () => (await history(bench)) ?? null, 10, 'the end')
    const why = { grade: 'failed', text: `${join(bench.etc, 'foreign')} changed after arming` }
    expect(past?.notes).toContainEqual(why)
    const status = readStatus((await bench.run(statusCommand('tx1'))).stdout, 0, () => false)
    expect(status?.notes.filter(({ grade }) => grade === 'failed')).toEqual([why])
  })
})
