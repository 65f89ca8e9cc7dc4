import { describe, expect, test } from 'vitest'
import { say } from '../../../../src/services/model/safe.ts'
import { accountEditor } from '../../../../src/state/areas/sshd/account-editor.ts'
import { ED25519, printed } from '../../../services/areas/sshd/accounts/some-accounts.ts'
import { type Keys, keysOf, type Options } from '../../../support/headless.ts'
import { outputFrom } from '../../../support/probe-output.ts'
import { someTexts } from '../../../support/probe-texts.ts'
import { CONFIG, openEditor, sshdServer } from '../../../support/sshd-bench.ts'

const SUM = 'a'.repeat(64)
const OTHER = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSVZFVWZXbrZdVIDqgXPXX6UEUfK1hFL4gTULFJqk'
const KEYS = `bytes ${Buffer.from(`${ED25519} laptop\n`).toString('base64')}\nsum ${SUM}`

/** A server with pat, who has a key, sam, who has none, and daemon. */
function server(keys = KEYS): Options {
  const accounts = printed({
    pat: { unread: keys, password: 'set:y:20000:0:99999:7::' },
    sam: {},
    daemon: { uid: 1, shell: '/usr/sbin/nologin' },
  })
  const { parts } = outputFrom('accounts', accounts)
  return sshdServer(CONFIG, { texts: { sshd: someTexts().sshd, accounts: Object.fromEntries(parts) } })
}

async function typed(line: string): Promise<Keys> {
  const bench = await keysOf(server())
  await bench.press('1', 'i')
  await bench.type(line)
  return bench
}
const lineOf = (bench: Keys): string => openEditor(bench).field.text
const aboutOf = ({ console }: Keys) =>
  accountEditor.about?.(openEditor({ console }), console.store.getState(), console.lists) ?? []

describe('Tab', () => {
  test.each<[typed: string, becomes: string]>([
    ['p', 'pat '],
    ['pat re', 'pat remove '],
    ['pat remove ', 'pat remove laptop'],
    ['pat remove lap', 'pat remove laptop'],
    ['pat remove SHA256:', 'pat remove SHA256:'],
    ['pat add m', 'pat add mine'],
    ['sam shell /usr', 'sam shell /usr/sbin/nologin'],
  ])('makes of %j at least %j', async (line, becomes) => {
    const bench = await typed(line)
    await bench.press('Tab')
    expect(lineOf(bench).startsWith(becomes)).toBe(true)
    if (!becomes.includes('SHA256')) expect(lineOf(bench)).toBe(becomes)
  })

  test('completes a field of the form, and the line with it', async () => {
    const bench = await typed('')
    await bench.press('Down')
    await bench.type('pa')
    await bench.press('Tab', 'Down')
    await bench.type('lo')
    await bench.press('Tab')
    expect(lineOf(bench)).toBe('pat lock')
  })
})

describe('what is said beneath the line', () => {
  test('is some of many keys, and how to see the others', async () => {
    const many = ['one', 'two', 'three', 'four'].map((name) => `${ED25519} ${name}`).join('\n')
    const bench = await keysOf(server(`bytes ${Buffer.from(`${many}\n`).toString('base64')}\nsum ${SUM}`))
    await bench.press('1', 'i')
    await bench.type('pat remove ')
    expect(aboutOf(bench)).toHaveLength(3)
    expect(aboutOf(bench)[2]).toBe('  … and 2 more: type the beginning of one')
    await bench.type('t')
    expect(aboutOf(bench).map((line) => line.trim().split(' ')[3])).toEqual(['two', 'three'])
  })

  test('is what can be done, and then the keys that there are', async () => {
    expect(aboutOf(await typed('')).join('\n')).toMatch(/such as: dora add mine[\s\S]*remove: a key of his/)
    expect(aboutOf(await typed('pat remove '))).toEqual([
      expect.stringMatching(/^ {2}ed25519 256 SHA256:\S+ laptop {2}\/home\/pat\/\.ssh\/authorized_keys:1$/),
    ])
    expect(aboutOf(await typed('sam remove '))).toEqual(['sam has no key in a file that was read.'])
  })
})

describe('Enter', () => {
  test('stages the key of a line, and says what', async () => {
    const bench = await typed(`pat add ${OTHER} work`)
    await bench.press('Enter')
    expect(bench.said()).toMatch(/^Staged: account pat, key SHA256:\S+ \(work\) added$/)
    const plan = bench.console.lists.plan(bench.console.store.getState())
    expect(plan?.steps.map((step) => step.kind === 'account' && step.change)).toEqual([
      {
        verb: 'keys',
        name: 'pat',
        file: '/home/pat/.ssh/authorized_keys',
        add: [`${OTHER} work`],
        remove: [],
        was: SUM,
      },
    ])
    expect(plan?.blockers).toEqual([])
  })

  test('takes a key back that is staged, and says that nothing changes', async () => {
    const bench = await typed(`pat add ${OTHER} work`)
    await bench.press('Enter', 'i')
    await bench.type('pat remove work')
    await bench.press('Enter')
    expect(bench.staged()).toEqual([])
  })

  test('that takes the operator’s own key is blocked in the plan', async () => {
    const { console } = await typed('')
    const pat = console.lists.merged(console.store.getState(), 'sshd')?.after.accounts?.accounts[1]
    const files = pat?.keyFiles.state === 'known' ? pat.keyFiles.value : []
    const line = files[0]?.lines.state === 'known' ? files[0].lines.value[0] : undefined
    if (line?.state !== 'key') throw new Error('no key')
    const key = { type: 'ssh-ed25519', bits: null, fingerprint: line.key.fingerprint, line: ED25519 }
    const needs = {
      methods: ['publickey'],
      keys: [key],
      offered: [key],
      can: { hostKey: [], kex: [], cipher: [], hmac: [] },
    }
    const login = { user: say`pat`, uid: 1001, escalation: 'sudo' }
    const bench = await keysOf({ ...server(), facts: { login, needs } as never })
    await bench.press('1', 'i')
    await bench.type('pat remove laptop')
    await bench.press('Enter')
    const plan = bench.console.lists.plan(bench.console.store.getState())
    expect(plan?.blockers.map(({ kind, message }) => `${kind} ${message}`)).toEqual([
      expect.stringMatching(/^lock-out This locks you out: your key/),
    ])
  })

  test('keeps the line and says why where it is nothing', async () => {
    const bench = await typed('pat add ssh-ed25519 AAAA')
    await bench.press('Enter')
    expect(openEditor(bench).error).toMatch(/^That is no public key/)
    expect(lineOf(bench)).toBe('pat add ssh-ed25519 AAAA')
  })
})

test('does not open while the accounts were not read', async () => {
  const bench = await keysOf(sshdServer())
  await bench.press('1', 'i')
  expect([bench.shows(), bench.said()]).toEqual([
    'dashboard',
    expect.stringMatching(/^i \(accounts, keys\): the accounts of this server were not read: .+\.$/),
  ])
})
