import { describe, expect, test } from 'vitest'
import { securelogPresenter } from '../../../../src/screens/areas/securelog.ts'
import { LOG_READ } from '../../../../src/services/model/securelog.ts'
import { keysOf } from '../../../support/headless.ts'

const LINES = [
  'Nov 27 09:00:00 web1 sshd[1]: Failed password for root from 203.0.113.7 port 1 ssh2',
  'Nov 27 09:00:01 web1 sshd[2]: Accepted password for shop from 203.0.113.7 port 2 ssh2',
  'Nov 27 09:00:02 web1 sshd[3]: Server listening on 0.0.0.0 port 22.',
  'Nov 27 09:00:03 web1 sshd[4]: Failed password for root from 203.0.113.8 port 3 ssh2',
].join('\n')

async function log(lines = LINES) {
  const bench = await keysOf({
    texts: { securelog: { zone: '+0000', journal: 'absent', files: '', file: '/var/log/auth.log', lines } },
  })
  await bench.press('4')
  const state = () => bench.console.store.getState()
  const list = () => bench.console.lists.pane(state(), 'securelog').items
  const here = () => {
    const { cursor } = state().view.panes.securelog
    const item = list().find(({ id }) => id === cursor) as
      | { readonly event?: { readonly told: { readonly text: string } } }
      | undefined
    return item?.event?.told.text ?? null
  }
  return { ...bench, list, here }
}

describe('the secure log', () => {
  test('goes to the next failure by e and to the next login by w, and on from the top', async () => {
    const { press, here, said } = await log()
    await press('g', 'w')
    expect(here()).toMatch(/^Accepted password for shop/)
    await press('e')
    expect(here()).toMatch(/for root from 203\.0\.113\.8/)
    await press('e')
    expect([here(), said()]).toEqual([
      expect.stringMatching(/for root from 203\.0\.113\.7/),
      'From the top: there is none below.',
    ])
  })

  test('says where there is none', async () => {
    const { press, said } = await log('Nov 27 09:00:02 web1 sshd[3]: Server listening on 0.0.0.0 port 22.')
    await press('e')
    expect(said()).toContain('no try failed in these lines')
    await press('w')
    expect(said()).toContain('nobody logged in in these lines')
  })

  test('says that there were more failures where as many lines came as are read', async () => {
    const noted = async (count: number): Promise<string> => {
      const line = 'Nov 27 09:00:00 web1 sshd[1]: Failed password for root from 203.0.113.7 port 1 ssh2'
      const { console } = await log(Array.from({ length: count }, () => line).join('\n'))
      return securelogPresenter
        .note(console.store.getState(), console.lists)
        .map(({ text }) => text)
        .join('')
    }
    expect(await noted(LOG_READ - 1)).toMatch(/^499 failed/)
    expect(await noted(LOG_READ)).toMatch(/^at least 500 failed/)
  })

  test('shows who got in by l, and its lines by l again', async () => {
    const { press, list, console } = await log()
    await press('l')
    expect(list().map(({ kind, id }) => `${kind} ${id.replaceAll('\0', ' ')}`)).toEqual([
      'login login:shop 203.0.113.7 password ',
    ])
    expect(console.store.getState().view.panes.securelog.cursor).toMatch(/^login:/)
    await press('l')
    expect(list()).toHaveLength(4)
    expect(console.store.getState().view.panes.securelog.cursor).toBeNull()
  })
})
