import { describe, expect, test } from 'vitest'
import { keywordEditor } from '../../../../src/state/areas/sshd/editor.ts'
import { awaiting, someTimer } from '../../../support/fake-transactions.ts'
import { type Keys, keysOf, type Options } from '../../../support/headless.ts'
import { someTexts } from '../../../support/probe-texts.ts'
import { CONFIG, openEditor, sshdServer } from '../../../support/sshd-bench.ts'

const ADD = '/etc/ssh/sshd_config.d/50-vendor.conf'

/** The editor as a opens it, with this line typed. */
async function typed(line: string, options: Options = sshdServer()): Promise<Keys> {
  const bench = await keysOf(options)
  await bench.press('1', 'a')
  await bench.type(line)
  return bench
}

const lineOf = (bench: Keys): string => openEditor(bench).field.text
const errorOf = (bench: Keys): string | null => openEditor(bench).error
const aboutOf = ({ console }: Keys) =>
  keywordEditor.about?.(openEditor({ console }), console.store.getState(), console.lists)
const choicesOf = ({ console, ...bench }: Keys) =>
  keywordEditor.choices(openEditor({ ...bench, console }), console.store.getState(), console.lists)
const formOf = ({ console }: Keys) =>
  keywordEditor.form(openEditor({ console }), console.store.getState(), console.lists)

describe('Tab', () => {
  test.each<[typed: string, becomes: string]>([
    ['maxaut', 'MaxAuthTries '],
    ['MaxAuthTries', 'MaxAuthTries '],
    ['[User bob] passw', '[User bob] PasswordAuthentication '],
    ['PermitRootLogin pro', 'PermitRootLogin prohibit-password'],
    ['permitrootlogin=f', 'permitrootlogin=forced-commands-only'],
    ['PermitR', 'PermitRootLogin '],
    ['[User', '[User bob'],
    ['[', '[User bob'],
  ])('makes of %j %j', async (line, becomes) => {
    const bench = await typed(line)
    await bench.press('Tab')
    expect([lineOf(bench), openEditor(bench).field.cursor]).toEqual([becomes, becomes.length])
  })

  test('completes as far as all words agree, and leaves what stands behind the cursor', async () => {
    const bench = await typed('allow 1')
    await bench.press('Left', 'Left', 'Tab')
    expect(lineOf(bench)).toBe('allow 1')
    const other = await typed('clientalive 1')
    await other.press('Left', 'Left', 'Tab')
    expect([lineOf(other), openEditor(other).field.cursor]).toEqual(['clientalive 1', 11])
    const one = await typed('maxau 1')
    await one.press('Left', 'Left', 'Tab')
    expect([lineOf(one), openEditor(one).field.cursor]).toEqual(['MaxAuthTries  1', 13])
    const some = await typed('kerberosg')
    await some.press('Tab')
    expect(lineOf(some)).toBe('KerberosGetAFSToken ')
  })

  test.each([
    'Permit',
    'PermitRootLogin ',
    'PermitRootLogin maybe',
    'X11Forwarding no',
    'X11Forwarding no ',
    'Nope',
    'MaxAuthTries 4',
  ])('has nothing to complete in %j', async (line) => {
    const bench = await typed(line)
    await bench.press('Tab')
    expect([lineOf(bench), bench.said()]).toEqual([line, 'Nothing to complete here: type on, or Down for the form.'])
  })

  test('knows the keywords of the release', async () => {
    const sshd = { ...someTexts().sshd, version: 'OpenSSH_8.4p1 Debian-5, OpenSSL 1.1.1n' }
    expect(choicesOf(await typed('Persource', sshdServer(CONFIG, { texts: { sshd } })))).toEqual([])
    expect(choicesOf(await typed('Persource'))).toContain('PerSourceMaxStartups')
  })

  test('shows twelve at most of what the word may become', async () => {
    expect(choicesOf(await typed('a'))).toContain('AllowUsers')
    expect(choicesOf(await typed(' '))).toHaveLength(12)
    expect(choicesOf(await typed('PermitRootLogin '))).toEqual([
      'no',
      'prohibit-password',
      'forced-commands-only',
      'yes',
    ])
    expect(choicesOf(await typed('[U'))).toEqual(['User bob'])
    expect(choicesOf(await typed('[A'))).toEqual([])
  })
})

describe('what is typed', () => {
  test('is told about: the keyword, and what its values mean, as far as one is typed', async () => {
    const bench = await typed('PermitRoot')
    expect(aboutOf(bench)).toEqual([])
    await bench.type('Login ')
    expect(aboutOf(bench)).toEqual([
      'Whether root may log in.',
      '  no: root can not log in',
      '  prohibit-password: by key or certificate alone',
      '  forced-commands-only: by a key that is tied to one command',
      '  yes: by any method, passwords too',
    ])
    await bench.type('p')
    expect(aboutOf(bench)).toEqual(['Whether root may log in.', '  prohibit-password: by key or certificate alone'])
  })

  test.each([
    ['', 'Type a keyword of sshd_config(5) and its value.'],
    ['Nope 1', 'sshd_config(5) has no keyword Nope.'],
    ['MaxAuthTries many', 'MaxAuthTries: '],
    ['[User bob] Port 22', 'Port stands outside Match blocks: it can only be set for everybody.'],
    ['[] PermitTTY no', 'Name whom the Match block is for'],
    ['LoginGraceTime', 'No line sets it there: there is none to take out.'],
    ['[User bob] X11Forwarding', 'No line sets it there: there is none to take out.'],
    ['MaxAuthTries 5', 'That is how it is already.'],
    ['PermitRootLogin prohibit-password', 'That is how it is already.'],
    ['[User bob] PasswordAuthentication yes', 'That is how it is already.'],
  ])('%j is refused with the reason, and the editor stays open', async (line, reason) => {
    const bench = await typed(line)
    await bench.press('Enter')
    expect([bench.shows(), bench.staged()]).toEqual(['dashboard edit', []])
    expect(errorOf(bench)).toContain(reason)
    await bench.type('x')
    expect(errorOf(bench)).toBeNull()
  })

  test.each([
    ['MaxAuthTries 4', 'sshd MaxAuthTries 5 → 4'],
    ['[User bob] PasswordAuthentication no', 'sshd PasswordAuthentication (Match User bob) yes → no'],
    ['ClientAliveInterval 300', 'sshd ClientAliveInterval 0 → 300'],
    ['MaxAuthTries', 'sshd MaxAuthTries 5 → its lines taken out'],
  ])('%j is staged', async (line, words) => {
    const bench = await typed(line)
    await bench.press('Enter')
    expect([bench.shows(), bench.staged(), bench.said()]).toEqual(['dashboard', [words], `Staged: ${words}`])
    expect(bench.console.store.getState().staging.changes).toMatchObject([{ area: 'sshd', origin: 'operator' }])
  })

  test('is judged on what is staged: another value takes its place, and the first one takes it back', async () => {
    const bench = await typed('MaxAuthTries 4')
    await bench.press('Enter', 'a')
    await bench.type('MaxAuthTries 4')
    await bench.press('Enter')
    expect(errorOf(bench)).toBe('That is how it is already.')
    await bench.press('Backspace', '3', 'Enter')
    expect(bench.staged()).toEqual(['sshd MaxAuthTries 4 → 3'])
    await bench.press('a')
    await bench.type('MaxAuthTries 5')
    await bench.press('Enter')
    expect([bench.staged(), bench.said()]).toEqual([[], 'MaxAuthTries stays as it is on the server.'])
  })

  test('says which line is in the way where it can’t be written', async () => {
    const options = sshdServer(CONFIG, {
      files: { [ADD]: 'AcceptEnv LANG\n' },
      texts: { sshd: { ...someTexts().sshd, packaged: ADD } },
    })
    const bench = await typed('AcceptEnv TZ', options)
    await bench.press('Enter')
    expect(errorOf(bench)).toMatch(/^That can't be written: .*50-vendor\.conf/)
    expect(bench.staged()).toEqual([])
  })

  test('is not staged where a change began meanwhile, or sshd can no longer be read', async () => {
    const bench = await typed('MaxAuthTries 4')
    bench.transactions.set(awaiting(someTimer(60_000)))
    await bench.press('Enter')
    expect(errorOf(bench)).toBe('Nothing is staged: a change is waiting on the server: finish it first with C or X.')
    const unread = await typed('MaxAuthTries 4')
    unread.server.texts = { ...unread.server.texts, sshd: { ...unread.server.texts.sshd, status: '1' } }
    await unread.console.actions.refresh()
    await unread.press('Enter')
    expect(errorOf(unread)).toBe("Nothing is staged: sshd's settings were not read.")
    expect([...bench.staged(), ...unread.staged()]).toEqual([])
  })
})

describe('the form', () => {
  const fields = (bench: Keys) => formOf(bench)?.map(({ title, value }) => `${title}: ${value}`)

  test('has the keyword, the value and the Match block of the line, and the line follows it', async () => {
    const bench = await typed('[User bob] PasswordAuthentication yes')
    await bench.press('Down')
    expect(fields(bench)).toEqual(['keyword: PasswordAuthentication', 'value: yes', 'Match: User bob'])
    expect(openEditor(bench).form).toMatchObject({ field: 'keyword', input: { text: 'PasswordAuthentication' } })
    await bench.press('Down', 'Ctrl-u')
    await bench.type('n')
    await bench.press('Tab')
    expect(lineOf(bench)).toBe('[User bob] PasswordAuthentication no')
    await bench.press('Down', 'Ctrl-u')
    expect(lineOf(bench)).toBe('PasswordAuthentication no')
    await bench.press('Tab')
    expect(lineOf(bench)).toBe('[User bob] PasswordAuthentication no')
    await bench.press('Up', 'Up', 'Up')
    expect(openEditor(bench).form).toBeNull()
    await bench.press('Enter')
    expect(bench.staged()).toEqual(['sshd PasswordAuthentication (Match User bob) yes → no'])
  })

  test('completes a keyword that is begun, and does not shorten what is typed', async () => {
    const bench = await typed('')
    await bench.press('Down')
    await bench.type('maxaut')
    await bench.press('Tab')
    expect(lineOf(bench)).toBe('MaxAuthTries')
    await bench.press('Tab')
    expect(bench.said()).toContain('Nothing to complete here')
  })

  test('says at once what is wrong in a field, and what may stand there', async () => {
    const bench = await typed('Nope 1')
    await bench.press('Down')
    expect(formOf(bench)?.map(({ error }) => error)).toEqual(['sshd_config(5) has none of this name', null, null])
    const other = await typed('PermitRootLogin maybe')
    await other.press('Down')
    const [keyword, value, match] = formOf(other) ?? []
    expect([keyword?.error, match?.error]).toEqual([null, null])
    expect(value?.error).toContain('no')
    const empty = await typed('PermitRootLogin ')
    await empty.press('Down')
    expect(formOf(empty)?.map(({ error }) => error)).toEqual([null, null, null])
    expect(formOf(empty)?.map(({ choices }) => choices)).toEqual([
      ['PermitRootLogin'],
      ['no', 'prohibit-password', 'forced-commands-only', 'yes'],
      ['User bob'],
    ])
  })
})
