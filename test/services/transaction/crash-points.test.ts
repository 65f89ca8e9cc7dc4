import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

test.each([
  ['apply', 'each_file apply_file'],
  ['apply', 'apply_sysctls'],
  ['apply_sysctls', 'set_sysctl "$key" "$value" || fail'],
  ['apply_sysctls', 'echo "sysctl" >>'],
  ['set_sysctl', '{ printf '],
  ['apply_file', 'write_file "$@"'],
  ['put_back', 'restore_files || bad_end=4'],
  ['put_back', 'restore_sysctls || bad_end=4'],
  ['restore_sysctls', 'if set_sysctl "$key" "$was"; then'],
  ['restore_family', '"restore_$way" "$1"'],
  ['restore_file', 'put_back_by_$way "$1" "$2"'],
  ['run_unit', 'unlocked timeout 60 systemctl'],
])('in %s there is a crash point before: %s', (within, line) => {
  const { points } = withCrashPoints(guardScript)
  expect(points.filter((point) => point.within === within && point.line.startsWith(line))).toHaveLength(1)
})

test('a step that is done in a shell of its own takes the whole script along', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hardtui-crash-'))
  const flag = join(folder, 'flag')
  const made = withCrashPoints(
    `step() {\n  touch "$1"\n  rm -f "$1"\n}\nsaid=$(step ${flag}.a; echo on >${flag}.b)\necho on >${flag}.c\n`,
    flag,
  )
  const last = made.points.at(-1)
  expect(last?.line).toBe('rm -f "$1"')
  writeFileSync(`${flag}.${last?.number}`, '')
  expect(spawnSync('dash', ['-c', made.script]).signal).toBe('SIGKILL')
  expect(['a', 'b', 'c'].filter((one) => existsSync(`${flag}.${one}`))).toEqual(['a'])
  rmSync(folder, { recursive: true })
})
