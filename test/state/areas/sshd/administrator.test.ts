import { describe, expect, test } from 'vitest'
import type { HostFacts, LoginNeeds } from '../../../../src/services/model/host.ts'
import { say } from '../../../../src/services/model/safe.ts'
import { printed } from '../../../services/areas/sshd/accounts/some-accounts.ts'
import { MAIN } from '../../../support/fake-sshd.ts'
import { awaiting, someTimer } from '../../../support/fake-transactions.ts'
import { type Keys, keysOf, type Options } from '../../../support/headless.ts'
import { outputFrom } from '../../../support/probe-output.ts'
import { someTexts } from '../../../support/probe-texts.ts'
import { CONFIG, openEditor, sshdServer } from '../../../support/sshd-bench.ts'

const SUDO = 'path =/etc/sudoers\nseen at 8120 0 0 1 1\nend\n'
const OPEN = `PasswordAuthentication yes\nKbdInteractiveAuthentication yes\nPermitRootLogin yes\n${CONFIG}`
const key = { type: 'ssh-ed25519', bits: null, fingerprint: 'SHA256:x', line: 'ssh-ed25519 AAAA' }
const NEEDS: LoginNeeds = {
  methods: ['password'],
  keys: [],
  offered: [key],
  can: {
    hostKey: ['ssh-ed25519', 'rsa-sha2-512'],
    kex: ['curve25519-sha256'],
    cipher: ['aes256-gcm@openssh.com'],
    hmac: [],
  },
}
const ROOT: Partial<HostFacts> = { login: { user: say`root`, uid: 0, escalation: 'root' }, needs: NEEDS }

/** A server that has accounts and sudo. */
function server({ facts = ROOT, config = OPEN, files = SUDO } = {}): Options {
  const { parts } = outputFrom('accounts', printed({ pat: {} }, { groups: 'sudo:27:\n', parts: { files } }))
  const sshd = { ...someTexts().sshd, listening: '500 22' }
  return sshdServer(config, { facts, texts: { sshd, accounts: Object.fromEntries(parts) } })
}
async function opened(options = server()): Promise<Keys> {
  const bench = await keysOf(options)
  await bench.press('1', 'm')
  return bench
}
async function named(name: string, options = server()): Promise<Keys> {
  const bench = await opened(options)
  await bench.type(name)
  await bench.press('Enter')
  return bench
}
const planOf = ({ console }: Keys) => console.lists.plan(console.store.getState())
const ALL = [
  'account dora new, with 1 key',
  expect.stringContaining('sudo'),
  'sshd PermitRootLogin yes → no',
  'sshd PasswordAuthentication yes → no',
  'sshd KbdInteractiveAuthentication yes → no',
]

describe('m', () => {
  test('asks for a name, and says by which key and how the account comes in', async () => {
    const bench = await opened()
    const { title, field, area, task, form, error } = openEditor(bench)
    expect([title, field, area, form, error]).toEqual([
      'name of the administrator',
      { text: '', cursor: 0 },
      'sshd',
      null,
      null,
    ])
    const { about } = task as { readonly about: readonly string[] }
    expect(about[0]).toMatch(/^Root's own login and passwords are closed with it, proven by a login as the new one/)
    expect(about[1]).toContain('by your key (ssh-ed25519 SHA256:x)')
  })

  test('says nothing of root to who is not root', async () => {
    const { task } = openEditor(await opened(server({ facts: { needs: NEEDS } })))
    expect((task as { readonly about: readonly string[] }).about).toEqual([
      expect.stringContaining('by your key'),
      expect.stringContaining('password'),
    ])
  })

  test.each<[what: string, needs: LoginNeeds | undefined]>([
    ['no key of his is known', { ...NEEDS, offered: [] }],
    ['nobody knows how he came in', undefined],
  ])('does not open where %s, and says what to do', async (_what, needs) => {
    const bench = await keysOf(server())
    bench.console.store.setState(({ connection }) => {
      const { needs: _known, ...host } = connection.host as HostFacts
      return { connection: { ...connection, host: needs ? { ...host, needs } : host } }
    })
    await bench.press('1', 'm')
    expect([bench.shows(), bench.said()]).toEqual([
      'dashboard',
      'm (administrator): no key of yours is known: come with one (-i FILE, or an agent).',
    ])
  })

  test.each<[what: string, options: Options, reason: string]>([
    ['the console is read-only', { ...server(), readOnly: true }, 'this console was started with --read-only'],
    [
      'the files could not be read',
      {
        ...server(),
        texts: { sshd: { ...someTexts().sshd, 'file.0': 'state unreadable\nreason Input/output error\nend\n' } },
      },
      "its files can't be changed from here: /etc/ssh/sshd_config: Input/output error",
    ],
  ])('does not open where %s', async (_what, options, reason) => {
    const bench = await opened(options)
    expect([bench.shows(), bench.said()]).toEqual(['dashboard', `m (administrator): ${reason}.`])
  })

  test('has no form and nothing to complete: it is one line, and no keyword', async () => {
    const bench = await opened()
    await bench.type('maxauth')
    await bench.press('Tab')
    expect([bench.said(), openEditor(bench).field.text]).toEqual([
      'Tab (complete): type the line, and Enter.',
      'maxauth',
    ])
    await bench.press('Down')
    expect([openEditor(bench).form, bench.said()]).toEqual([null, 'Down (form): type the line, and Enter.'])
    await bench.press('Up')
    expect(openEditor(bench).form).toBeNull()
  })
})

describe('the name that is typed', () => {
  test('stages all of it, as root’s successor, in one change that is proven as him', async () => {
    const bench = await named(' dora ')
    expect(bench.said()).toBe('Staged: dora as administrator, 5 changes; s shows them')
    expect([bench.shows(), bench.staged()]).toEqual(['dashboard', ALL])
    const plan = planOf(bench)
    expect(plan).toMatchObject({ proofAs: 'dora', blockers: [], sshd: 'reload' })
    expect(plan?.steps.map((step) => (step.kind === 'file' ? step.path : step.kind))).toEqual([
      'account',
      MAIN,
      '/etc/sudoers.d/hardtui-dora',
    ])
    expect(
      plan?.whatIf.filter(({ of }) => of === 'login').map(({ answer, question }) => `${answer} ${question}`),
    ).toEqual([
      'yes the next login as dora (from 198.51.100.20, by your key)',
      'no your next login (root from 198.51.100.20)',
      'no your next login (root from 198.51.100.20)',
    ])
  })

  test('of an operator who is not root closes nothing, and his own login proves it', async () => {
    const bench = await named('dora', server({ facts: { needs: NEEDS } }))
    expect(bench.staged()).toEqual(ALL.slice(0, 2))
    expect(bench.said()).toBe('Staged: dora as administrator, 2 changes; s shows them')
    const plan = planOf(bench)
    expect([plan?.proofAs, plan?.blockers, plan?.sshd]).toEqual([null, [], null])
  })

  test.each([
    ['Dora', '“Dora” is no name for an account: small letters, digits, - and _.'],
    ['', '“” is no name for an account: small letters, digits, - and _.'],
    ['pat', 'There is an account pat already.'],
    ['sudo', 'There is a group sudo already.'],
  ])('%j is refused with the reason, and the line stays to be mended', async (name, error) => {
    const bench = await named(name)
    expect([openEditor(bench).error, openEditor(bench).field.text, bench.staged()]).toEqual([error, name, []])
    await bench.press('Ctrl-u')
    await bench.type('dora')
    await bench.press('Enter')
    expect(bench.staged()).toEqual(ALL)
  })

  test('is not asked for where sudo is not installed', async () => {
    const bench = await opened(server({ files: 'path =/etc/sudoers\nseen absent\nend\n' }))
    expect([bench.shows(), bench.said()]).toEqual([
      'dashboard',
      'm (administrator): sudo is not installed here: install it first.',
    ])
  })

  test('is refused once it is staged already, and another one closes nothing twice', async () => {
    const bench = await named('dora')
    await bench.press('m')
    await bench.type('dora')
    await bench.press('Enter')
    expect(openEditor(bench).error).toBe('There is an account dora already.')
    await bench.press('Ctrl-u')
    await bench.type('erin')
    await bench.press('Enter')
    expect(bench.staged()).toEqual([...ALL, 'account erin new, with 1 key', expect.stringContaining('sudo')])
    expect(planOf(bench)).toMatchObject({ proofAs: 'dora', blockers: [] })
  })

  test('goes on from what is staged', async () => {
    const bench = await keysOf(server())
    await bench.press('1', 'a')
    await bench.type('PermitRootLogin prohibit-password')
    await bench.press('Enter', 'm')
    await bench.type('dora')
    await bench.press('Enter')
    expect(bench.staged()).toContain('sshd PermitRootLogin without-password → no')
    expect(bench.staged()).toHaveLength(5)
  })

  test('stages nothing where a change began to wait on the server meanwhile', async () => {
    const bench = await opened()
    await bench.type('dora')
    bench.transactions.set(awaiting(someTimer(60_000)))
    bench.console.store.setState(({ view }) => ({ view: { ...view, screens: [{ kind: 'dashboard' }] } }))
    await bench.press('Enter')
    expect(openEditor(bench).error).toBe(
      'Nothing is staged: a change is waiting on the server: finish it first with C or X.',
    )
    expect(bench.staged()).toEqual([])
  })

  test('is nothing where the editor is left', async () => {
    const bench = await opened()
    await bench.type('dora')
    await bench.press('Esc')
    expect([bench.shows(), bench.staged()]).toEqual(['dashboard', []])
  })
})

describe('an administrator with a password', () => {
  const asked = (bench: Keys) =>
    bench.console.store.getState().questions.queue.map(({ question }) => question as Record<string, unknown>)
  const applied = ({ transactions }: Keys) => transactions.calls.filter((call) => call === 'apply').length
  async function applying(): Promise<Keys> {
    const bench = await named('dora password', server({ facts: { needs: NEEDS } }))
    await bench.press('A', 'Y')
    return bench
  }

  test('has sudo ask for one, and none is in what is staged', async () => {
    const bench = await named('dora password', server({ facts: { needs: NEEDS } }))
    expect(bench.said()).toBe('Staged: dora as administrator, 2 changes; s shows them')
    expect(bench.staged()).toEqual([
      'account dora new, with 1 key and a password',
      'sudo dora becomes root by a password of its own, by /etc/sudoers.d/hardtui-dora',
    ])
    const accounts = bench.console.lists.merged(bench.console.store.getState(), 'sshd')?.after.accounts?.accounts
    expect(accounts?.find(({ name }) => name === 'dora')?.sudo).toMatchObject({ value: { root: 'asks' } })
    const sudoers = planOf(bench)?.steps.find((step) => step.kind === 'file')
    expect(sudoers?.kind === 'file' && sudoers.text).toBe('# Written by hardtui.\ndora ALL=(ALL:ALL) ALL\n')
  })

  test('is asked for it twice before anything is sent', async () => {
    const bench = await applying()
    expect([asked(bench), applied(bench)]).toEqual([
      [{ kind: 'new-password', user: 'dora', again: false, why: null }],
      0,
    ])
    await bench.type('open sesame')
    await bench.press('Enter')
    expect(asked(bench)).toMatchObject([{ again: true }])
    await bench.type('open sesame')
    await bench.press('Enter')
    expect([asked(bench), applied(bench)]).toEqual([[], 1])
    expect([...bench.transactions.secrets]).toEqual([['dora', 'open sesame']])
  })

  test('is asked again where the two differ, or it is no password', async () => {
    const bench = await applying()
    for (const word of ['one', 'two']) {
      await bench.type(word)
      await bench.press('Enter')
    }
    expect(asked(bench)).toMatchObject([{ again: false, why: 'The two were not the same.' }])
    await bench.press('Enter')
    expect(asked(bench)).toMatchObject([{ again: false, why: 'It is empty.' }])
    expect(applied(bench)).toBe(0)
  })

  test('that is not typed leaves everything staged, and nothing is sent', async () => {
    const bench = await applying()
    await bench.press('Esc')
    expect([applied(bench), bench.said(), bench.staged().length]).toEqual([
      0,
      'Nothing was sent: no password was typed.',
      2,
    ])
  })

  test('is nothing with more words behind the name', async () => {
    const bench = await named('dora password 123')
    expect(openEditor(bench).error).toMatch(/^“dora password 123” is no name for an account/)
  })
})

describe('what is staged of it', () => {
  test('is unstaged a change at a time, and without the account root’s own door may not be closed', async () => {
    const bench = await named('dora')
    await bench.press('s', 'x')
    expect(bench.staged()).toEqual(ALL.slice(1))
    expect(planOf(bench)).toMatchObject({ proofAs: null })
    expect(planOf(bench)?.blockers).toContainEqual(
      expect.objectContaining({ kind: 'lock-out', message: 'This locks you out: PermitRootLogin no.' }),
    )
  })

  test('is blocked where the new account could not come in, until what keeps it out is unstaged', async () => {
    const bench = await named('dora')
    await bench.press('a')
    await bench.type('AllowUsers root')
    await bench.press('Enter')
    expect(planOf(bench)?.blockers.map(({ message }) => message)).toContain(
      'dora could not take your place: AllowUsers root leaves out dora.',
    )
    await bench.press('s', 'G', 'x')
    expect(bench.staged()).toEqual(ALL)
    expect(planOf(bench)?.blockers).toEqual([])
  })

  test('is one step, that u takes back as a whole', async () => {
    const bench = await named('dora')
    await bench.press('u')
    expect(bench.staged()).toEqual([])
    await bench.press('Ctrl-r')
    expect(bench.staged()).toEqual(ALL)
  })
})
