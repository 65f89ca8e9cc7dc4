import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { saveScript } from '../../src/command-line/script-file.ts'

const NOW = new Date('2026-11-24T10:11:12Z')
const before = process.cwd()
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hardtui-scripts-'))
  process.chdir(folder)
})
afterEach(() => {
  process.chdir(before)
  rmSync(folder, { recursive: true })
})

test('rules go into a file named after the host and the day, for its owner only', async () => {
  const saved = await saveScript('web1.example.net', '#!/bin/sh\n', 'rules', NOW)
  expect(saved).toMatchObject({
    ok: true,
    value: expect.stringMatching(/\/set_iptables-web1\.example\.net-2026-11-24\.sh$/),
  })
  const file = join(folder, 'set_iptables-web1.example.net-2026-11-24.sh')
  expect(readFileSync(file, 'utf8')).toBe('#!/bin/sh\n')
  expect(statSync(file).mode & 0o777).toBe(0o700)
})

test('a file that is there is never written over: the next one gets a number', async () => {
  for (const text of ['one', 'two', 'three']) await saveScript('web1', text, 'rules', NOW)
  const names = ['', '-2', '-3'].map((copy) => `set_iptables-web1-2026-11-24${copy}.sh`)
  expect(readdirSync(folder).toSorted()).toEqual(names.toSorted())
  expect(names.map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(['one', 'two', 'three'])
})

test('staged changes keep a name of their own', async () => {
  await saveScript('web1', '', 'changes', NOW)
  expect(readdirSync(folder)).toEqual(['hardtui-web1-20261124-101112.sh'])
})

test('no name leads out of the folder', async () => {
  await saveScript('../../etc/x; rm -rf / \u001b[2J', '', 'rules', NOW)
  expect(readdirSync(folder)).toEqual(['set_iptables-.._.._etc_x_rm_-rf_2J-2026-11-24.sh'])
})

test('a folder that takes no files is said to be one', async () => {
  process.chdir('/proc')
  expect(await saveScript('web1', '', 'rules', NOW)).toMatchObject({
    ok: false,
    error: expect.stringContaining('could not be written'),
  })
})
