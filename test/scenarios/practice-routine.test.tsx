import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Bench } from '../support/console.tsx'
import { until } from '../support/guard-bench.ts'
import {
  applyLast,
  confirmLast,
  makeLast,
  type OnPractice,
  onPractice,
  proveLast,
  rollBackLast,
  seesProof,
} from '../support/on-practice.tsx'

const textOf = ({ practice }: OnPractice, path: string): string => readFileSync(join(practice.root, path), 'utf8')

/** Whether somebody answers on a port of the practice server. */
const answers = async ({ practice }: OnPractice, port: number): Promise<boolean> => {
  const dialled = practice.dial({ ...practice.target, port }, new AbortController().signal)
  return dialled.then(
    (stream) => {
      stream.destroy()
      return true
    },
    () => false,
  )
}

/** Waits until the SSH pane is read anew: sshd's ports are these. */
const portsRead = (bench: Bench, ...ports: readonly number[]): Promise<unknown> =>
  until(
    async () => {
      const { staging, readings, connection } = bench.console.store.getState()
      const { sshd } = readings.byArea
      const now = sshd.state === 'present' ? sshd.facts.configuredPorts.join() : ''
      return staging.changes.length === 0 && !connection.reading && now === ports.join()
    },
    60,
    'the new reading',
  )

/** As whom and by which port the console is in. */
const way = (bench: Bench): string => {
  const { host } = bench.console.store.getState().connection
  return `${host?.login.user} ${host?.login.escalation} :${host?.session.serverPort}`
}

/** Ends the console's connections, and waits until it has come back otherwise. */
async function comesBack({ bench, cut }: OnPractice, before: string, after: string): Promise<void> {
  expect(way(bench)).toBe(before)
  cut()
  await until(async () => way(bench) === after, 40, `${after} instead of ${way(bench)}`)
}

test('SSH moves to another port and off the old one, each change proved there, and the console comes back by it', async (context) => {
  const one = await onPractice(context)
  const { bench } = one
  await bench.press('1', 'p')
  await bench.sees('ports that SSH listens on, now 22', '22 10022')
  await bench.press('Enter')
  await bench.sees('Staged: SSH on port 10022 as well')
  expect([await answers(one, 22), await answers(one, 10022)]).toEqual([true, false])
  await makeLast(bench)
  expect([await answers(one, 22), await answers(one, 10022)]).toEqual([true, true])
  await portsRead(bench, 22, 10022)
  await bench.press('1', 'p')
  await bench.sees('ports that SSH listens on, now 22 10022')
  await bench.press('Enter')
  await bench.sees('Staged: SSH off port 22')
  await makeLast(bench)
  expect([await answers(one, 22), await answers(one, 10022)]).toEqual([false, true])
  expect(textOf(one, 'proc/net/tcp')).toMatch(/:2726 .* 0A /)
  await portsRead(bench, 10022)
  // The session that came by the old port lives on; once it ends, the console comes back by the new one.
  await comesBack(one, 'root root :22', 'root root :10022')
}, 300_000)

test('a move of SSH that is not confirmed leaves it where it was', async (context) => {
  const one = await onPractice(context)
  const { bench } = one
  const before = textOf(one, 'kernel/v4.rules')
  await bench.press('1', 'p', 'Enter')
  await bench.sees('1 SSH', 'Staged: SSH on port 10022 as well')
  await proveLast(bench)
  expect(await answers(one, 10022)).toBe(true)
  await rollBackLast(bench)
  expect([await answers(one, 22), await answers(one, 10022)]).toEqual([true, false])
  expect(textOf(one, 'etc/ssh/sshd_config')).not.toContain('10022')
  const texts = (save: string): string => save.replace(/^\[\d+:\d+\] /gm, '').replace(/ \[\d+:\d+\]$/gm, '')
  expect(texts(textOf(one, 'kernel/v4.rules'))).toBe(texts(before))
}, 300_000)

const FILES = ['passwd', 'shadow', 'group', 'gshadow', 'ssh/sshd_config']

/** Stages an administrator of this name, and what may stand behind it. */
async function makeAdmin(bench: Bench, name: string): Promise<void> {
  await bench.press('1', 'm')
  await bench.sees('name of the administrator')
  await bench.type(name)
  await bench.press('Enter')
  await bench.sees(`Staged: ${name.split(' ')[0]} as administrator`)
}

test('a fresh server gets an administrator, root and passwords are closed, and the console comes back as him', async (context) => {
  const one = await onPractice(context)
  const { bench } = one
  await makeAdmin(bench, 'deploy')
  await makeLast(bench)
  expect(textOf(one, 'etc/passwd')).toMatch(/^deploy:x:1001:1001::\/home\/deploy:\/bin\/bash$/m)
  expect(textOf(one, 'etc/sudoers.d/hardtui-deploy')).toContain('deploy ALL=(ALL:ALL) NOPASSWD: ALL')
  expect(textOf(one, 'run/sshd.settings')).toMatch(/^permitrootlogin no$[\s\S]*^passwordauthentication no$/m)
  await comesBack(one, 'root root :22', 'deploy sudo :22')
  await bench.sees(/deploy@.* sudo ✓/, /✓ NextLogin +let in/)
  await bench.lacks('✗ other admin')
}, 300_000)

test('one with a password becomes root by it, in the proof and when the console comes back', async (context) => {
  const one = await onPractice(context)
  const { bench } = one
  await makeAdmin(bench, 'deploy password')
  await applyLast(bench)
  for (const title of ['New password', 'The same once more, for account deploy']) {
    await bench.sees(title)
    await bench.type('geheimes Wort')
    await bench.press('Enter')
  }
  await seesProof(bench)
  expect(textOf(one, 'etc/shadow')).toMatch(/^deploy:\$6\$/m)
  await confirmLast(bench)
  await comesBack(one, 'root root :22', 'deploy password :22')
}, 300_000)

test('an administrator who is not confirmed is gone again, and all that came with him', async (context) => {
  const one = await onPractice(context)
  const { bench } = one
  const before = FILES.map((file) => textOf(one, `etc/${file}`))
  await makeAdmin(bench, 'deploy')
  await proveLast(bench)
  expect(textOf(one, 'home/deploy/.ssh/authorized_keys')).toContain('ssh-ed25519 ')
  await rollBackLast(bench)
  expect(FILES.map((file) => textOf(one, `etc/${file}`))).toEqual(before)
  for (const path of ['home/deploy', 'etc/sudoers.d/hardtui-deploy', 'etc/ssh/sshd_config.d/00-hardtui.conf'])
    expect(existsSync(join(one.practice.root, path)), path).toBe(false)
  expect(textOf(one, 'run/sshd.settings')).toMatch(/^permitrootlogin yes$/m)
}, 300_000)
