import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { AccountChange } from '../../../src/services/model/account.ts'
import { applyCommand } from '../../../src/services/transaction/scripts.ts'
import {
  accountPlan,
  changer,
  furnish,
  GUEST,
  guestFile,
  inRoot,
  KEYS,
  OTHER_UID,
} from '../../support/account-bench.ts'
import { benchesOfTests, canRunGuard, GUARD_SHELLS } from '../../support/guard-bench.ts'

const openBench = benchesOfTests()

describe.runIf(canRunGuard).each(GUARD_SHELLS)('keys under %s', (_, shell) => {
  const open = () => {
    const bench = openBench(shell)
    furnish(bench)
    return { bench, to: changer(bench) }
  }

  test.each([
    ['a file whose last line is not ended', 'one\n\n  two', 'one\n\n  two\nthree\n', ['three'], []],
    ['CRLF and bytes that are no UTF-8', 'a\r\n\xe4\xff\n', 'a\r\n\xe4\xff\nthree\n', ['three'], []],
    ['an empty file', '', 'three\n', ['three'], []],
    ['a line wherever it stands, and no other', 'x\none\nonely\none \none', 'x\nonely\none \n', [], ['one']],
    ['the only line', 'one\n', '', [], ['one']],
    ['the last line, the one before it ended', 'two\none', 'two\n', [], ['one']],
    ['one against another', 'one\ntwo\n', 'two\nthree\n', ['three'], ['one']],
    ['what was not ended, kept so', 'one\ntwo', 'two', [], ['one']],
  ] as const)('keys: %s', async (_, was, planned, add, remove) => {
    const { bench, to } = open()
    guestFile(bench, KEYS, Buffer.from(was, 'latin1'))
    const { ino, mtimeMs } = statSync(inRoot(bench, KEYS))
    await to.make(accountPlan([to.keysChange([...add], [...remove])]))
    expect(to.keys().toString('latin1')).toBe(planned)
    expect(statSync(inRoot(bench, KEYS))).toMatchObject({ uid: GUEST.uid, mode: 0o100600 })
    // Written beside it: nobody ever reads half a file.
    expect(statSync(inRoot(bench, KEYS)).ino).not.toBe(ino)
    expect(await to.back()).toContain(`@note plain ${inRoot(bench, KEYS)} as it was`)
    expect(to.keys().toString('latin1')).toBe(was)
    expect(Math.floor(statSync(inRoot(bench, KEYS)).mtimeMs / 1000)).toBe(Math.floor(mtimeMs / 1000))
  })

  test('keys where there was no file, nor a folder for it, leave none behind', async () => {
    const { bench, to } = open()
    rmSync(inRoot(bench, 'home/guest/.ssh'), { recursive: true })
    await to.make(accountPlan([to.keysChange(['one'], [])]))
    expect(to.keys().toString()).toBe('one\n')
    expect(statSync(inRoot(bench, 'home/guest/.ssh'))).toMatchObject({ uid: GUEST.uid, mode: 0o40700 })
    await to.back()
    expect(existsSync(inRoot(bench, 'home/guest/.ssh'))).toBe(false)
  })

  test('keys that others wrote meanwhile stay, and only ours go; what we took out is back', async () => {
    const { bench, to } = open()
    guestFile(bench, KEYS, 'one\ntwo\n')
    await to.make(accountPlan([to.keysChange(['three'], ['one'])]))
    guestFile(bench, KEYS, 'two\nthree\ntheirs')
    expect(await to.back()).toMatch(/@note heed .*authorized_keys had been changed by somebody else meanwhile/)
    expect(to.keys().toString()).toBe('two\ntheirs\none\n')
  })

  const plant = (path: string, uid: number): void => {
    mkdirSync(path)
    chownSync(path, uid, uid)
  }
  test.each([
    ['his home is a link', 'home/guest', /home\/guest is a symbolic link/],
    ['~/.ssh is a link', 'home/guest/.ssh', /\.ssh is a symbolic link/],
    ['the file is a link', KEYS, /authorized_keys is a symbolic link/],
  ])('nothing is armed where %s, and nothing that it leads to is touched', async (_, path, words) => {
    const { bench, to } = open()
    guestFile(bench, KEYS, 'one\n')
    const change = to.keysChange(['three'], [])
    const at = inRoot(bench, path)
    renameSync(at, `${at}.real`)
    symlinkSync(`${at}.real`, at)
    expect(await to.refused(change)).toMatch(words)
    expect(lstatSync(at).isSymbolicLink()).toBe(true)
  })

  test('nothing is armed where ~/.ssh, or the file in it, is somebody else’s', async () => {
    const { bench, to } = open()
    guestFile(bench, KEYS, 'one\n')
    const change = to.keysChange(['three'], [])
    chownSync(inRoot(bench, KEYS), OTHER_UID, GUEST.uid)
    expect(await to.refused(change)).toContain('authorized_keys does not belong to guest')
    rmSync(inRoot(bench, 'home/guest/.ssh'), { recursive: true })
    plant(inRoot(bench, 'home/guest/.ssh'), OTHER_UID)
    expect(await to.refused({ ...change, was: null } as AccountChange)).toContain('.ssh does not belong to guest')
  })

  test('keys that changed since they were read, or are kept elsewhere than in his home, are not armed', async () => {
    const { bench, to } = open()
    guestFile(bench, KEYS, 'one\n')
    const change = to.keysChange(['three'], [])
    guestFile(bench, KEYS, 'one\ntwo\n')
    expect(await to.refused(change)).toMatch(/^drift .*authorized_keys changed since it was read/)
    expect(await to.refused({ ...change, file: '/etc/ssh/keys/guest' } as AccountChange)).toContain(
      'is not in the home of guest',
    )
  })

  test('a link that is planted between arming and applying leads root nowhere', async () => {
    const { bench, to } = open()
    guestFile(bench, KEYS, 'one\n')
    writeFileSync(inRoot(bench, 'home/target'), 'untouched\n', { mode: 0o644 })
    expect((await to.arm(accountPlan([to.keysChange(['three'], ['one'])]))).stdout).toContain('@armed')
    rmSync(inRoot(bench, KEYS))
    symlinkSync(inRoot(bench, 'home/target'), inRoot(bench, KEYS))
    expect((await bench.run(applyCommand('tx1'))).stdout).toMatch(/@failed .*authorized_keys is a symbolic link/)
    await to.over()
    expect(readFileSync(inRoot(bench, 'home/target'), 'utf8')).toBe('untouched\n')
    expect(lstatSync(inRoot(bench, KEYS)).isSymbolicLink()).toBe(true)
  })

  test('keys that somebody else wrote after arming stay, also one that the change was to add', async () => {
    const { bench, to } = open()
    guestFile(bench, KEYS, 'one\n')
    expect((await to.arm(accountPlan([to.keysChange(['three'], ['one'])]))).stdout).toContain('@armed')
    guestFile(bench, KEYS, 'three\n')
    expect((await bench.run(applyCommand('tx1'))).stdout).toMatch(/@failed .*authorized_keys changed after arming/)
    await to.over()
    expect(to.keys().toString()).toBe('three\n')
  })
})
