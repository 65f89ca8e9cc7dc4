import { describe, expect, test } from 'vitest'
import { say } from '../../../../src/services/model/safe.ts'
import { DROP_IN, MAIN } from '../../../support/fake-sshd.ts'
import { awaiting, someTimer } from '../../../support/fake-transactions.ts'
import { type Keys, keysOf, type Options } from '../../../support/headless.ts'
import { someTexts } from '../../../support/probe-texts.ts'
import { CONFIG, onKeyword, openEditor, sshdServer } from '../../../support/sshd-bench.ts'

async function on(keyword: string, options: Options = sshdServer()): Promise<Keys> {
  const bench = await keysOf(options)
  await bench.press('1')
  onKeyword(bench, keyword)
  return bench
}
const texts = (sshd: Readonly<Record<string, string>>): Options => ({
  texts: { sshd: { ...someTexts().sshd, listening: '500 22', ...sshd } },
})

describe('Space', () => {
  test('stages what mends the finding under the cursor, and takes exactly that back', async () => {
    const bench = await on('MaxAuthTries')
    await bench.press('Space')
    expect([bench.staged(), bench.said()]).toEqual([['sshd MaxAuthTries 5 → 4'], 'Staged: sshd MaxAuthTries 5 → 4'])
    expect(bench.console.store.getState().staging.changes).toMatchObject([
      { id: 'fix:SSH-MaxAuthTries:1', origin: 'finding' },
    ])
    await bench.press('Space')
    expect([bench.staged(), bench.said()]).toEqual([[], 'Unstaged: the fix is taken back.'])
  })

  test('mends every Match block that a finding names along with what holds for everybody', async () => {
    const bench = await on('PasswordAuthentication')
    await bench.press('Space')
    expect(bench.staged()).toEqual([
      'sshd PasswordAuthentication yes → no',
      'sshd PasswordAuthentication (Match User bob) yes → no',
    ])
  })

  test('says what to do where there is no fix', async () => {
    const bench = await on('AllowUsers')
    await bench.press('Space')
    expect(bench.said()).toContain('who may log in is for you to say')
    expect(bench.staged()).toEqual([])
  })
})

describe('e', () => {
  test.each([
    ['MaxAuthTries', CONFIG, 'MaxAuthTries 5'],
    ['PermitRootLogin', CONFIG, 'PermitRootLogin prohibit-password'],
    ['AllowUsers', 'AllowUsers ops bob\n', 'AllowUsers ops bob'],
    ['AllowUsers', CONFIG, 'AllowUsers'],
    ['Port', 'Port 22\nPort 2222\n', 'Port 22 2222'],
  ])('opens the editor on %s with the value that holds', async (keyword, config, line) => {
    const bench = await on(keyword, sshdServer(config))
    await bench.press('e')
    const { title, field, area, task, error } = openEditor(bench)
    expect([title, field, area, task, error]).toEqual([
      `${keyword} for everybody`,
      { text: line, cursor: line.length },
      'sshd',
      null,
      null,
    ])
  })

  test('spells the keyword as the release does, and has the value that is staged', async () => {
    const old = sshdServer(CONFIG, texts({ version: 'OpenSSH_8.4p1 Debian-5' }))
    const bench = await on('KbdInteractiveAuthentication', old)
    await bench.press('e')
    expect(openEditor(bench).field.text).toBe('ChallengeResponseAuthentication no')
    const other = await on('MaxAuthTries')
    await other.press('Space', 'e')
    expect(openEditor(other).field.text).toBe('MaxAuthTries 4')
  })

  test('says where there is no keyword under the cursor, as x does', async () => {
    const bench = await on('NextLogin')
    await bench.press('e')
    expect(bench.said()).toBe('e (edit): put the cursor on a keyword to edit it, or add one with a.')
    await bench.press('x')
    expect(bench.said()).toBe('x (take line out): put the cursor on a keyword to take its line out.')
    expect(bench.shows()).toBe('dashboard')
  })
})

test('a opens the editor for any keyword, on nothing', async () => {
  const bench = await on('NextLogin')
  await bench.press('a')
  expect(openEditor(bench)).toMatchObject({ title: 'a keyword of sshd_config(5)', field: { text: '', cursor: 0 } })
})

describe('x', () => {
  const textAfter = ({ console }: Keys, path = MAIN): unknown =>
    console.lists.plan(console.store.getState())?.steps.find((step) => step.kind === 'file' && step.path === path)

  test('takes the line out that sets the keyword, and again keeps it', async () => {
    const bench = await on('X11Forwarding')
    await bench.press('x')
    expect([bench.staged(), bench.said()]).toEqual([
      ['sshd X11Forwarding yes → its lines taken out'],
      'Staged: sshd X11Forwarding yes → its lines taken out',
    ])
    expect(textAfter(bench)).toMatchObject({ text: CONFIG.replace('X11Forwarding yes\n', '') })
    await bench.press('x')
    expect([bench.staged(), bench.said()]).toEqual([[], 'Unstaged: its line stays.'])
  })

  test('leaves what is staged for a Match block alone', async () => {
    const bench = await on('PasswordAuthentication', sshdServer(`PasswordAuthentication yes\n${CONFIG}`))
    await bench.press('a')
    await bench.type('[User bob] PasswordAuthentication')
    await bench.press('Enter', 'x')
    expect(bench.staged()).toEqual([
      'sshd PasswordAuthentication (Match User bob) yes → its lines taken out',
      'sshd PasswordAuthentication yes → its lines taken out',
    ])
    await bench.press('x')
    expect(bench.staged()).toEqual(['sshd PasswordAuthentication (Match User bob) yes → its lines taken out'])
  })

  test('takes another value’s place that is staged', async () => {
    const bench = await on('MaxAuthTries')
    await bench.press('Space', 'x')
    expect(bench.staged()).toEqual(['sshd MaxAuthTries 4 → its lines taken out'])
  })

  test.each([
    ['no line sets it', 'LoginGraceTime', {}, "no line sets it: this is sshd's own default"],
    ['sshd was told on its command line', 'MaxAuthTries', { options: '-o\nMaxAuthTries=5' }, 'its command line: -o'],
    ['sshd does not say where it comes from', 'MaxAuthTries', { sources: '' }, 'sshd did not say where from'],
  ])('does nothing where %s, and says so', async (_what, keyword, sshd, reason) => {
    const bench = await on(keyword, sshdServer(CONFIG, texts(sshd)))
    await bench.press('x')
    expect(bench.said()).toContain(`x (take line out): ${reason}`)
    expect(bench.staged()).toEqual([])
  })

  test('says whose file the line is in where that is not changed from here', async () => {
    const path = '/etc/ssh/sshd_config.d/50-vendor.conf'
    const bench = await on(
      'MaxSessions',
      sshdServer(CONFIG, { files: { [path]: 'MaxSessions 9\n' }, ...texts({ packaged: path }) }),
    )
    await bench.press('x')
    expect(bench.said()).toContain(path)
    expect(bench.staged()).toEqual([])
  })

  test('takes the whole file of ours away where nothing else is in it', async () => {
    const bench = await on('MaxSessions', sshdServer(CONFIG, { files: { [DROP_IN]: 'MaxSessions 9\n' } }))
    await bench.press('x')
    expect(textAfter(bench, DROP_IN)).toMatchObject({ text: null })
  })
})

const ALL = [
  ['e', 'edit'],
  ['a', 'add keyword'],
  ['x', 'take line out'],
  ['p', 'port'],
] as const

describe('where nothing can be changed every key says why', () => {
  const noRoot = { user: say`ops`, uid: 1000, escalation: 'none' as const }
  test.each<[what: string, options: Options, reason: string]>([
    [
      'the files could not be read',
      sshdServer(CONFIG, texts({ 'file.0': 'state unreadable\nreason Input/output error\nend\n' })),
      "its files can't be changed from here: /etc/ssh/sshd_config: Input/output error",
    ],
    [
      'sshd did not say which files it reads',
      {},
      "its files can't be changed from here: sshd did not say which files it reads",
    ],
    [
      'sshd reads another file',
      sshdServer(CONFIG, texts({ options: '-f\n/etc/other_config' })),
      'sshd was started with -f: change the file that it names by hand',
    ],
    ['sshd can’t be asked', sshdServer(CONFIG, texts({ status: '1' })), "sshd's settings were not read"],
    ['the console is read-only', { ...sshdServer(), readOnly: true }, 'this console was started with --read-only'],
    [
      'there is no root to be had',
      sshdServer(CONFIG, { facts: { login: noRoot, escalationReason: say`not in sudoers` } }),
      "ops can't become root here: not in sudoers",
    ],
  ])('%s', async (_what, options, reason) => {
    const bench = await on('MaxAuthTries', options)
    for (const [key, label] of ALL) {
      await bench.press(key)
      expect(bench.said()).toBe(`${key} (${label}): ${reason}.`)
    }
    expect([bench.shows(), bench.staged()]).toEqual(['dashboard', []])
  })

  test('a change is waiting on the server', async () => {
    const bench = await on('MaxAuthTries')
    bench.transactions.set(awaiting(someTimer(60_000)))
    await bench.press('d')
    bench.console.store.setState(({ view }) => ({ view: { ...view, screens: [{ kind: 'dashboard' }] } }))
    for (const [key, label] of ALL) {
      await bench.press(key)
      expect(bench.said()).toBe(`${key} (${label}): a change is waiting on the server: finish it first with C or X.`)
    }
  })
})
