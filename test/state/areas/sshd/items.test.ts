import { describe, expect, test } from 'vitest'
import { keywordOfCheck, type SshdItem } from '../../../../src/state/areas/sshd/items.ts'
import { sshdView } from '../../../../src/state/areas/sshd/view.ts'
import { DROP_IN, MAIN } from '../../../support/fake-sshd.ts'
import { type Keys, keysOf } from '../../../support/headless.ts'
import { CONFIG, onKeyword, sshdServer } from '../../../support/sshd-bench.ts'

const itemsOf = ({ console }: Keys) => sshdView.items(console.store.getState(), console.lists)
function itemOf(bench: Keys, checkId: string): SshdItem {
  const item = itemsOf(bench).find(({ finding }) => finding.checkId === checkId)
  if (!item) throw new Error(`no row is about ${checkId}`)
  return item
}

describe('the row of a keyword', () => {
  test('is found by the check that is about it', () => {
    expect(keywordOfCheck('SSH-PermitRootLogin')?.name).toBe('PermitRootLogin')
    expect(keywordOfCheck('SSH-ChallengeResponseAuthentication')?.name).toBe('KbdInteractiveAuthentication')
    for (const other of ['SSH-NextLogin', 'SSH-files', 'ACC-uid0', 'FW-SSH-Port'])
      expect(keywordOfCheck(other)).toBeNull()
  })

  test('says where the value comes from that holds for the operator, and what is shadowed', async () => {
    const bench = await keysOf(sshdServer(CONFIG, { files: { [DROP_IN]: 'MaxAuthTries 9\n' } }))
    expect(itemOf(bench, 'SSH-MaxAuthTries').origin()).toEqual({
      otherwise: null,
      lines: [
        { place: `${DROP_IN}:1`, text: 'MaxAuthTries 9', as: 'counts' },
        { place: `${MAIN}:2`, text: 'MaxAuthTries 5', as: 'shadowed' },
        { place: `${MAIN}:4`, text: 'MaxAuthTries 7', as: 'shadowed' },
      ],
    })
    expect(itemOf(bench, 'SSH-LoginGraceTime').origin()).toEqual({
      lines: [],
      otherwise: "no line sets it: this is sshd's own default",
    })
    expect(itemOf(bench, 'SSH-NextLogin').origin()).toBeNull()
  })

  test('has what is staged of its keyword, by whatever name, for whomever, and nothing else', async () => {
    const bench = await keysOf(sshdServer())
    await bench.press('1')
    for (const line of ['[User bob] challengeresponseauthentication yes', 'KbdInteractiveAuthentication yes']) {
      await bench.press('a')
      await bench.type(line)
      await bench.press('Enter')
    }
    expect(itemOf(bench, 'SSH-KbdInteractiveAuthentication').edits).toEqual(['no → yes', 'no → yes'])
    for (const { finding, edits } of itemsOf(bench))
      if (finding.checkId !== 'SSH-KbdInteractiveAuthentication') expect(edits).toEqual([])
  })

  test('is notable where it is to be fixed, and is one line of text for the clipboard', async () => {
    const bench = await keysOf(sshdServer())
    const [first] = itemsOf(bench)
    expect(first && sshdView.isNotable(first)).toBe(true)
    expect(sshdView.isNotable(itemOf(bench, 'SSH-NextLogin'))).toBe(false)
    await bench.press('1')
    onKeyword(bench, 'MaxAuthTries')
    await bench.press('y')
    expect(bench.copied).toEqual(['SSH-MaxAuthTries: 5 → 4 or less'])
  })

  test('is found by the name that it shows, as by all that it was found by before', async () => {
    const bench = await keysOf(sshdServer())
    await bench.press('1', '/')
    await bench.type('account files')
    await bench.press('Enter')
    expect(bench.row()).toContain('ACC-files')
    const { name, search } = itemOf(bench, 'SSH-MaxAuthTries')
    expect([name, search()]).toEqual(['MaxAuthTries', expect.stringContaining('Many guesses in one connection')])
  })

  test('is the same one while nothing of it changed', async () => {
    const bench = await keysOf(sshdServer())
    expect(itemsOf(bench)).toBe(itemsOf(bench))
    await bench.press('1', 'j')
    const before = itemsOf(bench)
    expect(itemsOf(bench)).toBe(before)
    await bench.press('Space')
    expect(itemsOf(bench)).not.toBe(before)
  })
})
