import { describe, expect, test } from 'vitest'
import { sshdPresenter } from '../../../src/screens/areas/sshd.ts'
import { editSheet } from '../../../src/screens/dialogs/edit-sheet.ts'
import { type Line, lineCells } from '../../../src/screens/text/line.ts'
import type { SshdItem } from '../../../src/state/areas/sshd/items.ts'
import { sheetRows } from '../../../src/state/sheet-rows.ts'
import { DROP_IN, MAIN } from '../../support/fake-sshd.ts'
import { type Keys, keysOf, type Options } from '../../support/headless.ts'
import { someTexts } from '../../support/probe-texts.ts'
import { CONFIG, onKeyword, openEditor, sshdServer } from '../../support/sshd-bench.ts'

const textOf = (line: Line): string =>
  line
    .map(({ text }) => text)
    .join('')
    .trimEnd()
const roleOf = (lines: readonly Line[], text: string) =>
  lines.flat().find((part) => part.text.includes(text))?.role ?? 'none'

function itemOf({ console }: Keys, checkId: string): SshdItem {
  const item = console.lists.pane(console.store.getState(), 'sshd').items.find(({ id }) => id === `finding:${checkId}`)
  if (!item) throw new Error(`no row is about ${checkId}`)
  return item as SshdItem
}
const rowOf = (bench: Keys, checkId: string, width = 70): string =>
  textOf(sshdPresenter.row(itemOf(bench, checkId), width, bench.console.store.getState()))
const detailOf = (bench: Keys, checkId: string, width = 76): readonly Line[] =>
  sshdPresenter.detail(itemOf(bench, checkId), width)

async function opened(options: Options = sshdServer()): Promise<Keys> {
  const bench = await keysOf(options)
  await bench.press('1')
  return bench
}
const texts = (sshd: Readonly<Record<string, string>>): Options => ({
  texts: { sshd: { ...someTexts().sshd, ...sshd } },
})

describe('the title of the pane', () => {
  test.each([
    ['nobody saw what listens', { listening: '' }, 'SSH'],
    ['sshd listens', { listening: '500 22 10022' }, 'SSH ─ port 22 10022'],
    [
      'a socket unit listens for it',
      { open: '22', sockets: 'Id=ssh.socket\nActiveState=active\nListen=[::]:22 (Stream)' },
      'SSH ─ port 22 (ssh.socket)',
    ],
    ['sshd can’t be asked', { status: '1' }, 'SSH'],
  ])('where %s', async (_what, sshd, title) => {
    const bench = await opened(sshdServer(CONFIG, texts(sshd)))
    expect(sshdPresenter.title(bench.console.store.getState())).toBe(title)
  })
})

describe('a row', () => {
  test('has the keyword as sshd_config(5) spells it, and what is no keyword in words', async () => {
    const bench = await opened()
    expect(rowOf(bench, 'SSH-MaxAuthTries')).toMatch(/^✗ MaxAuthTries +5 +→ 4 or less$/)
    expect(rowOf(bench, 'SSH-files')).toMatch(/^\? sshd files /)
    expect(rowOf(bench, 'ACC-files')).toMatch(/^\? account files /)
    expect(rowOf(bench, 'ACC-empty-password')).toMatch(/^\? empty password /)
    expect(rowOf(bench, 'SSH-NextLogin')).toMatch(/^✓ NextLogin +let in$/)
  })

  test('marks what is staged of it, by a fix or by hand', async () => {
    const bench = await opened()
    onKeyword(bench, 'MaxAuthTries')
    await bench.press('Space', 'a')
    await bench.type('LogLevel VERBOSE')
    await bench.press('Enter')
    expect(rowOf(bench, 'SSH-MaxAuthTries')).toMatch(/→ 4 +fix staged$/)
    expect(rowOf(bench, 'SSH-LogLevel')).toMatch(/^✓ LogLevel +INFO → VERBOSE +staged$/)
    expect(rowOf(bench, 'SSH-X11Forwarding')).not.toContain('staged')
    for (const width of [40, 46, 76, 120])
      for (const { finding } of ['SSH-MaxAuthTries', 'SSH-LogLevel'].map((id) => itemOf(bench, id)))
        expect(rowOf(bench, finding.checkId, width)).toHaveLength(width)
  })
})

describe('the detail', () => {
  const labelled = (lines: readonly Line[]) =>
    lines.map(textOf).filter((text) => /^(keyword|comes|shadowed|staged)/.test(text))

  test('tells where the value comes from, what is shadowed, and what is staged', async () => {
    const bench = await opened(sshdServer(CONFIG, { files: { [DROP_IN]: 'MaxAuthTries 9\n' } }))
    onKeyword(bench, 'MaxAuthTries')
    await bench.press('Space')
    const lines = detailOf(bench, 'SSH-MaxAuthTries')
    expect(labelled(lines)).toEqual([
      expect.stringContaining('keyword     '),
      `comes from  ${DROP_IN}:1   MaxAuthTries 9`,
      `shadowed    ${MAIN}:2   MaxAuthTries 5`,
      `shadowed    ${MAIN}:4   MaxAuthTries 7`,
      'staged      9 → 4',
    ])
    expect([roleOf(lines, ':1   '), roleOf(lines, ':2   '), roleOf(lines, '9 → 4')]).toEqual(['plain', 'dim', 'staged'])
  })

  test('says so where no line sets it', async () => {
    expect(labelled(detailOf(await opened(), 'SSH-LoginGraceTime'))).toEqual([
      expect.stringContaining('keyword     '),
      "comes from  no line sets it: this is sshd's own default",
    ])
  })

  test('of what is no keyword is what was found, and nothing more', async () => {
    const bench = await opened()
    expect(labelled(detailOf(bench, 'SSH-NextLogin'))).toEqual([])
    expect(detailOf(bench, 'SSH-NextLogin').map(textOf)).toContain('check       SSH-NextLogin')
  })

  test('of a keyword of which nobody knows where it comes from is the same', async () => {
    const bench = await opened()
    const item: SshdItem = { ...itemOf(bench, 'SSH-MaxAuthTries'), origin: () => null }
    expect(labelled(sshdPresenter.detail(item, 76))).toEqual([])
  })

  test('is never wider than the screen', async () => {
    const bench = await opened()
    for (const width of [56, 76, 196])
      for (const line of detailOf(bench, 'SSH-MaxAuthTries', width)) expect(lineCells(line)).toBeLessThanOrEqual(width)
  })
})

describe('the editor', () => {
  const sheetOf = ({ console }: Keys, width = 76) => editSheet(openEditor({ console }), console.scope, width)
  const linesOf = (bench: Keys, width = 76): readonly string[] => sheetOf(bench, width).lines.map(textOf)
  async function typed(line: string): Promise<Keys> {
    const bench = await opened()
    await bench.press('a')
    await bench.type(line)
    return bench
  }

  test('shows how a line is typed while nothing of it is known', async () => {
    expect(linesOf(await typed(''))).toEqual([
      '> ▏',
      'such as: PermitRootLogin no, or for a Match block: [User bob]',
      'PasswordAuthentication no',
      'Without a value its lines are taken out. Down opens a form.',
    ])
    expect(linesOf(await typed('PermitRo'))).toEqual([
      '> PermitRo▏',
      'Tab: PermitRootLogin',
      expect.stringContaining('such as: '),
      'PasswordAuthentication no',
    ])
  })

  test('says what the keyword is about and what its values mean, and shows all of it', async () => {
    const bench = await typed('PermitRootLogin ')
    expect(linesOf(bench)).toEqual([
      '> PermitRootLogin ▏',
      'Tab: no · prohibit-password · forced-commands-only · yes',
      'Whether root may log in.',
      '  no: root can not log in',
      '  prohibit-password: by key or certificate alone',
      '  forced-commands-only: by a key that is tied to one command',
      '  yes: by any method, passwords too',
    ])
    const narrow = sheetOf(bench, 40).lines.map(textOf)
    expect(narrow.filter((text) => text.includes('forced') || text.includes('command'))).toEqual([
      expect.stringContaining('Tab: '),
      '  forced-commands-only: by a key that is',
      '  tied to one command',
    ])
    const room = sheetRows(bench.console.store.getState()) - 2
    expect(linesOf(bench).length).toBeLessThanOrEqual(room)
    await bench.press('Esc', 'p')
    expect(linesOf(bench).length).toBeLessThanOrEqual(room)
    expect(linesOf(bench).at(-1)).toMatch(/p then takes it out\.$/)
  })

  test('has the reason in place of all that where the line is refused', async () => {
    const bench = await typed('PermitRootLogin maybe')
    await bench.press('Enter')
    expect(linesOf(bench)).toEqual(['> PermitRootLogin maybe▏', expect.stringMatching(/^✗ PermitRootLogin: /)])
  })

  test('has a row a field in its form, and room for the reason', async () => {
    const bench = await typed('[User bob] PermitTTY maybe')
    await bench.press('Down', 'Down')
    const { lines, selected } = sheetOf(bench)
    expect(lines.map(textOf)).toEqual([
      '  [User bob] PermitTTY maybe',
      expect.stringMatching(/^ {2}keyword +PermitTTY$/),
      expect.stringMatching(/^> value +maybe▏ +✗ /),
      expect.stringMatching(/^ {2}Match +User bob$/),
      '',
    ])
    expect([selected, lines.length + 2 <= sheetRows(bench.console.store.getState())]).toEqual([2, true])
  })
})
