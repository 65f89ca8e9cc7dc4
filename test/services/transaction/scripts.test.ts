import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import {
  armCommand,
  armScript,
  confirmCommand,
  guardScript,
  rehearseScript,
} from '../../../src/services/transaction/scripts.ts'
import { firewallFacts, insertFirst, planOf } from '../../support/plans.ts'

const hasShellcheck = spawnSync('shellcheck', ['--version']).status === 0

test.runIf(hasShellcheck).each([
  ['guard', guardScript],
  ['arm', armScript],
  ['rehearse', rehearseScript],
])('the %s script, as it is sent, is clean under shellcheck', (_, script) => {
  const { stdout } = spawnSync('shellcheck', ['-s', 'sh', '-'], { input: script })
  expect(stdout.toString()).toBe('')
})

for (const argv of [['dash'], ['busybox', 'sh']])
  test.skipIf(spawnSync(argv[0] as string, [...argv.slice(1), '-c', 'true']).status !== 0)(
    `the scripts are understood by ${argv.join(' ')}`,
    () => {
      for (const script of [guardScript, armScript, rehearseScript])
        expect(spawnSync(argv[0] as string, [...argv.slice(1), '-n'], { input: script }).stderr.toString()).toBe('')
    },
  )

test('plans travel as counted data, and what names their owner is one word', () => {
  const facts = firewallFacts('')
  const command = armCommand('tx', planOf(facts, [insertFirst(facts, '-j LOG')]), {
    name: 'two words; rm -rf / \u001b[2J',
    address: '198.51.100.20',
    connection: 'a b c d',
    holder: 'h1',
  })
  expect(command.argv).toContain('two_words;_rm_-rf_/_␛[2J')
  expect(command.stdin).toMatch(/^@@ guard\.sh \d+\n/)
  expect(command.stdin?.endsWith('@@ end\n')).toBe(true)
  expect(command.stdin).toContain('@@ plan/v4.touches 1\nfilter INPUT\n')
})

test('a confirm without a proof says so to the server', () => {
  expect(confirmCommand('tx', 'unproven', 'h1').argv).toContain('unproven')
  expect(confirmCommand('tx', 'proven', 'h1').argv).not.toContain('unproven')
})
