import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { armScript, guardScript } from '../../../src/services/transaction/scripts.ts'
import { withCrashPoints } from '../../support/crash-points.ts'

test.each([
  ['guard', guardScript, 60],
  ['arm', armScript, 30],
])('the %s script has crash points at its changing steps and is still a script', (_, script, least) => {
  const made = withCrashPoints(script)
  expect(made.points.length).toBeGreaterThan(least)
  expect(spawnSync('dash', ['-n'], { input: made.script }).stderr.toString()).toBe('')
  expect(new Set(made.points.map((point) => point.within)).size).toBeGreaterThan(15)
})
