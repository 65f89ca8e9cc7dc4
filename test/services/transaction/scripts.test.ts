import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  armCommand,
  armScript,
  confirmCommand,
  guardScript,
  rehearseScript,
} from '../../../src/services/transaction/scripts.ts'
import { planFrom } from '../../support/make-plan.ts'
import {
  firewallFacts,
  hostFacts,
  insertFirst,
  planOf,
  stagedFile,
  stagedUnit,
  textChange,
} from '../../support/plans.ts'

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

/** The files that travel with a plan, by name, as the arming script unpacks them. */
function filesOf(plan: Parameters<typeof armCommand>[1]): ReadonlyMap<string, string> {
  const owner = { name: 'root', address: '198.51.100.20', connection: 'a b c d', holder: 'h1' }
  const lines = (armCommand('tx', plan, owner).stdin ?? '').split('\n')
  const files = new Map<string, string>()
  for (let at = 0; lines[at] !== '@@ end'; ) {
    const [, name = '', count = ''] = (lines[at] ?? '').split(' ')
    const end = at + 1 + Number(count)
    files.set(
      name,
      lines
        .slice(at + 1, end)
        .map((line) => `${line}\n`)
        .join(''),
    )
    at = end
  }
  return files
}

const sum = (text: string): string => createHash('sha256').update(text).digest('hex')

test('files and units travel with what they rest on', () => {
  const was = { run: 'active', boot: 'enabled' }
  const plan = planFrom({
    host: hostFacts,
    firewall: firewallFacts(''),
    windowSeconds: 30,
    changes: [
      stagedFile(textChange('/etc/motd', 'one\n\ntwo', 'old\n')),
      stagedFile(textChange('/etc/empty', '', null)),
      stagedFile(textChange('/etc/issue.net', null, 'gone\n')),
      stagedUnit({ unit: 'cron.service', run: 'stop', boot: 'disable', was }),
      stagedUnit({ unit: 'rsync.service', run: 'start', boot: null, was: { run: 'failed', boot: '' } }),
      stagedUnit({ unit: 'nfs.service', run: null, boot: 'mask', was: { run: 'inactive', boot: 'static' } }),
    ],
  })
  const files = filesOf(plan)
  const at = (path: string) =>
    plan.steps.filter(({ kind }) => kind === 'file').findIndex((one) => 'path' in one && one.path === path)
  const [motd, empty, issue] = ['/etc/motd', '/etc/empty', '/etc/issue.net'].map(at)
  expect(files.get('plan/files')?.split('\n').toSorted()).toEqual(
    [
      '',
      `${motd} write ${sum('old\n')} /etc/motd`,
      `${empty} write absent /etc/empty`,
      `${issue} remove ${sum('gone\n')} /etc/issue.net`,
    ].toSorted(),
  )
  expect(atob(files.get(`plan/file.${motd}.base64`) ?? '')).toBe('one\n\ntwo')
  expect(files.get(`plan/file.${empty}.base64`)?.trim()).toBe('')
  expect(files.has(`plan/file.${issue}.base64`)).toBe(false)
  expect(files.get('plan/units')).toBe(
    'cron.service stop disable active enabled\nrsync.service start - failed -\nnfs.service - mask inactive static\n',
  )
  expect(files.has('plan/sshd')).toBe(false)
})

test('how sshd takes up its files travels along where it has to', () => {
  const facts = firewallFacts('')
  const plan = planOf(facts, [insertFirst(facts, '-j LOG')])
  expect(filesOf({ ...plan, sshd: 'restart' }).get('plan/sshd')).toBe('restart\n')
  expect(filesOf(plan).has('plan/sshd')).toBe(false)
})

test('a plan’s summary and its rules travel whole', () => {
  const facts = firewallFacts('')
  const plan = planOf(facts, [insertFirst(facts, '-j LOG')])
  const [step] = plan.steps
  if (step?.kind !== 'rules') throw new Error('no rules in the plan')
  const files = filesOf(plan)
  expect(files.get('guard.sh')).toBe(guardScript)
  expect(files.get('plan/summary')).toBe('v4 filter INPUT -j LOG\n')
  expect(files.get('plan/persist')).toBe(`${plan.persistence?.kind}\n`)
  for (const part of ['delta', 'inverse', 'base', 'planned'] as const)
    expect(files.get(`plan/v4.${part}`)).toBe(step[part].replace(/([^\n])$/, '$1\n'))
})
