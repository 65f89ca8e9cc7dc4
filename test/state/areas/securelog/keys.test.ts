import { describe, expect, test } from 'vitest'
import { securelogPresenter } from '../../../../src/screens/areas/securelog.ts'
import { LOG_READ } from '../../../../src/services/model/securelog.ts'
import type { LoginItem, LogListItem } from '../../../../src/state/areas/securelog/list.ts'
import { keysOf, type Options, settled } from '../../../support/headless.ts'

const LINES = [
  'Nov 27 09:00:00 web1 sshd[1]: Failed password for root from 203.0.113.7 port 1 ssh2',
  'Nov 27 09:00:01 web1 sshd[2]: Accepted password for shop from 203.0.113.7 port 2 ssh2',
  'Nov 27 09:00:02 web1 sshd[3]: Server listening on 0.0.0.0 port 22.',
  'Nov 27 09:00:03 web1 sshd[4]: Failed password for root from 203.0.113.8 port 3 ssh2',
].join('\n')

const WHOLE = [
  '= zone +0000',
  '= file 1795426800 /var/log/auth.log.1',
  ...Array.from(
    { length: 6 },
    (_, at) => `+Nov 20 09:00:0${at} web1 sshd[${at}1]: Failed password for root from 203.0.113.7 port ${at} ssh2`,
  ),
  '+Nov 20 09:01:00 web1 sshd[80]: Failed password for root from 203.0.113.8 port 1 ssh2',
  '= done 0',
  '= file 1795426800 /var/log/auth.log',
  ...LINES.split('\n').map((line) => `+${line}`),
  '= done 0',
  '= end',
]

async function log(lines = LINES, survey = WHOLE, older: Options['older'] = []) {
  const bench = await keysOf({
    survey,
    older,
    texts: { securelog: { zone: '+0000', journal: 'absent', files: '', file: '/var/log/auth.log', lines, inode: '7' } },
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

  test('shows who got in by l, by all of the log, and its lines by l again', async () => {
    const { press, list, console, row } = await log()
    await press('l')
    await settled()
    expect(list().map(({ kind, id }) => `${kind} ${id.replaceAll('\0', ' ')}`)).toEqual([
      ...['finding finding:LOG-broken-in', 'finding finding:LOG-strangers'],
      'login login:shop 203.0.113.7 password ',
    ])
    expect(row()).toContain('Somebody got in after many tries that failed')
    const { findings } = console.store.getState().readings
    expect(findings.securelog.map(({ checkId, outcome }) => `${checkId} ${outcome}`)).toEqual([
      'LOG-broken-in fail',
      'LOG-strangers fail',
      'LOG-unlogged notapplicable',
    ])
    await press('l')
    expect(list()).toHaveLength(4)
    expect(console.store.getState().view.panes.securelog.cursor).toBeNull()
  })

  test('shows who tried by a: the sum first, then when, from where and as whom', async () => {
    const { press, list, row } = await log()
    await press('a')
    await settled()
    expect(row()).toBe('all')
    expect(list().map(({ id }) => id)).toEqual([
      ...['pressure:sum', 'pressure:chart:day', 'pressure:chart:hour'],
      'pressure:gap:0',
      ...['pressure:head:address', 'pressure:address:203.0.113.7', 'pressure:address:203.0.113.8'],
      ...['pressure:head:network', 'pressure:network:203.0.113.0/24'],
      ...['pressure:head:user', 'pressure:user:root'],
      ...['pressure:head:method', 'pressure:method:password'],
    ])
  })

  test('says of a log that was cut off what of it was read', async () => {
    const { press, console } = await log(LINES, WHOLE.slice(0, -2))
    await press('a')
    await settled()
    const state = console.store.getState()
    expect(state.log.whole).toMatchObject({ state: 'read', cutOff: expect.stringContaining('ended') })
    expect(securelogPresenter.title(state)).toMatch(/by only 11 lines: The log ended on the server with status 0/)
    expect(state.readings.findings.securelog.map(({ outcome }) => outcome)).toEqual(['fail', 'fail', 'unknown'])
  })

  test('K says that a login is known, which settles what was said of it, and takes that back', async () => {
    const { press, list, console, said } = await log()
    await press('l')
    await settled()
    await press('j', 'j')
    const outcomes = () =>
      console.store
        .getState()
        .readings.findings.securelog.slice(0, 2)
        .map(({ outcome }) => outcome)
    await press('K')
    await settled()
    expect(said()).toMatch(/^Known from now on: shop from 203\.0\.113\.7 by password/)
    expect([list()[0], outcomes()]).toEqual([expect.objectContaining({ isKnown: true }), ['pass', 'pass']])
    await press('K')
    await settled()
    expect(outcomes()).toEqual(['fail', 'fail'])
    await press('l', 'K')
    expect(said()).toContain('put the cursor on somebody who got in')
  })

  test('x stages a rule that drops what comes from an address, or from its network', async () => {
    const { press, staged, console } = await log()
    await press('a')
    await settled()
    console.actions.putCursor('securelog', 'pressure:address:203.0.113.7')
    await press('x')
    console.actions.putCursor('securelog', 'pressure:network:203.0.113.0/24')
    await press('x')
    expect(staged()).toEqual([
      expect.stringContaining('-s 203.0.113.7/32 -j DROP'),
      expect.stringContaining('-s 203.0.113.0/24 -j DROP'),
    ])
  })

  test('o on somebody who got in stages in one step that he and you alone may log in, and refuses who only tried', async () => {
    const { press, console, staged, said } = await log()
    await press('a')
    await settled()
    console.actions.putCursor('securelog', 'pressure:address:203.0.113.8')
    await press('o')
    expect([staged(), said()]).toEqual([[], expect.stringContaining('somebody who got in')])
    await press('l')
    await settled()
    console.actions.putCursor('securelog', 'login:shop\u0000203.0.113.7\u0000password\u0000')
    await press('o')
    expect(staged()).toEqual([
      expect.stringContaining('-s 203.0.113.7/32 -p tcp -m tcp --dport 22 -j ACCEPT'),
      expect.stringContaining('-s 198.51.100.20/32 -p tcp -m tcp --dport 22 -j ACCEPT'),
      expect.stringContaining('--ctstate NEW -j DROP'),
      expect.stringContaining('--ctstate NEW -j DROP'),
    ])
    await press('u')
    expect(staged()).toEqual([])
  })

  test('the detail of an address says what the rules do to it now', async () => {
    const { press, list } = await log()
    await press('a')
    await settled()
    const item = list().find(({ id }) => id === 'pressure:address:203.0.113.7')
    const lines = securelogPresenter.detail(item as LogListItem, 100).map((one) => one.map(({ text }) => text).join(''))
    expect(lines.find((line) => line.startsWith('now'))).toMatch(/the rules (let it come|keep it out|may let it in)/)
  })

  test('x stages nothing where a row names nobody', async () => {
    const { press, staged, said, console } = await log()
    await press('a')
    await settled()
    console.actions.putCursor('securelog', 'pressure:user:root')
    await press('x')
    expect([staged(), said()]).toEqual([[], expect.stringContaining('no address in this row')])
  })

  test('nobody unknown is said only as long as each line is known', async () => {
    const { press, console, host, clock } = await log()
    await press('l')
    await settled()
    await press('j', 'j', 'K')
    await settled()
    const strangers = () => {
      const [, finding] = console.store.getState().readings.findings.securelog
      return `${finding?.outcome} ${finding?.observed}`
    }
    expect(strangers()).toMatch(/^pass/)
    const flood = (count: number): void => {
      host.log(
        ...Array.from(
          { length: count },
          (_, at) => `Nov 27 09:30:00 web1 sshd[${at}]: Connection closed by 192.0.2.9 port 1`,
        ),
      )
      clock.advance(100)
    }
    clock.advance(100)
    flood(10_000)
    expect(strangers()).toMatch(/^pass/)
    flood(10_001)
    expect(strangers()).toBe(
      'unknown nobody but you and those you know so far: lines came that were not read, l reads all of it',
    )
  })

  test('nobody unknown is said no more once the log is not followed', async () => {
    const { press, console, host } = await log(
      LINES.replace(/^.*Accepted.*\n/m, ''),
      WHOLE.filter((line) => !line.includes('Accepted')),
    )
    await press('l')
    await settled()
    const broken = () => {
      const [finding] = console.store.getState().readings.findings.securelog
      return `${finding?.outcome} ${finding?.observed}`
    }
    expect(broken()).toBe('pass nobody')
    host.endLog()
    await settled()
    expect(broken()).toBe('unknown nobody so far: the log is no longer followed')
  })

  test('a login that comes while the log is followed is judged at once', async () => {
    const { press, list, console, host, clock } = await log()
    await press('l')
    await settled()
    host.log('Nov 27 09:30:00 web1 sshd[90]: Accepted password for root from 203.0.113.8 port 9 ssh2')
    clock.advance(100)
    await settled()
    const logins = list().flatMap((item) => (item.kind === 'login' ? [(item as LoginItem).login.failuresBefore] : []))
    expect(logins).toEqual([7, 2])
    expect(console.store.getState().readings.findings.securelog[1]?.details).toHaveLength(2)
  })

  describe('older lines', () => {
    const placed = LINES.split('\n')
      .map((line, at) => `${1000 + at * 90} ${line}`)
      .join('\n')
    const failed = (nth: number): string =>
      `${nth * 90} Nov 26 09:00:${String(nth).padStart(2, '0')} web1 sshd[${500 + nth}]: Failed password for root from 203.0.113.9 port ${nth} ssh2`
    const piece = (from: number, to: number, place: string) => ({
      ...{ zone: '+0000', log: '/var/log/auth.log', written: '1795426800', place },
      lines: Array.from({ length: to - from }, (_, at) => failed(from + at)).join('\n'),
    })

    test('are read when the cursor comes to the top, which goes on upwards from where it was', async () => {
      const { press, list, row, console } = await log(placed, WHOLE, [piece(5, 8, 'file 7 450'), piece(1, 5, '')])
      expect(list()[0]).toMatchObject({ kind: 'older', state: 'more' })
      await press('g')
      await settled()
      expect(list().map(({ kind }) => kind)).toEqual(['older', ...Array.from({ length: 7 }, () => 'log')])
      expect(row()).toContain('port 7 ')
      expect(console.store.getState().log.held).toEqual({ entries: [], lost: 0 })
      await press('g')
      await settled()
      expect(list()[0]).toMatchObject({ kind: 'older', state: 'start' })
      expect(
        list()
          .slice(1, 8)
          .map((item) => item.search().match(/port (\d+)/)?.[1]),
      ).toEqual(['1', '2', '3', '4', '5', '6', '7'])
      expect(row()).toContain('port 4 ')
    })

    test('hold back what comes meanwhile, until the end is asked for', async () => {
      const { press, list, host, clock, console } = await log(placed, WHOLE, [piece(1, 3, '')])
      await press('g')
      await settled()
      host.log('Nov 27 09:30:00 web1 sshd[90]: Failed password for root from 203.0.113.8 port 99 ssh2')
      clock.advance(100)
      const title = () => securelogPresenter.title(console.store.getState())
      expect([list().at(-1)?.search(), title()]).toEqual([
        expect.not.stringContaining('port 99'),
        expect.stringContaining('held, 1 newer wait'),
      ])
      await press('G')
      expect(list().at(-1)?.search()).toContain('port 99')
      expect(title()).not.toContain('held')
    })

    test('that nobody can read any more are said to be so, and the lines stay', async () => {
      const { press, list, said } = await log(placed, WHOLE, [{ zone: '+0000', log: '' }])
      await press('g')
      await settled()
      expect(said()).toContain('the log was rotated meanwhile')
      expect(list()).toHaveLength(5)
    })

    test('of a file that could not be unpacked to its end come in, and that some are missing is said', async () => {
      const one = (status: string) => ({ ...piece(1, 3, ''), status })
      const whole = await log(placed, WHOLE, [one('0')])
      await whole.press('g')
      await settled()
      expect([whole.list().length, whole.said()]).toEqual([7, expect.not.stringContaining('unpacked')])
      const { press, list, said } = await log(placed, WHOLE, [one('1')])
      await press('g')
      await settled()
      expect(list()).toHaveLength(7)
      expect(said()).toBe('/var/log/auth.log could not be unpacked to its end: lines of it are missing here.')
    })

    test('that come after the list was begun anew are not put before lines they have nothing to do with', async () => {
      const { press, list, host, server, console } = await log(placed, WHOLE, [piece(1, 3, '')])
      let answer = (): void => {}
      host.probing = new Promise<void>((resolve) => {
        answer = resolve
      })
      await press('g')
      expect(list()[0]).toMatchObject({ kind: 'older', state: 'reading' })
      host.probing = null
      host.endLog()
      const [, ...later] = placed.split('\n')
      server.texts = { ...server.texts, securelog: { ...server.texts.securelog, lines: later.join('\n') } }
      await press('R')
      expect(list()).toHaveLength(4)
      answer()
      await settled()
      expect(list().map(({ kind }) => kind)).toEqual(['older', 'log', 'log', 'log'])
      expect(list()[0]).toMatchObject({ state: 'more' })
      expect(console.store.getState().log.reading).toBe(false)
    })

    test('p holds the lines, and lets them in again', async () => {
      const { press, list, host, clock } = await log(placed)
      await press('p')
      host.log('Nov 27 09:30:00 web1 sshd[90]: Failed password for root from 203.0.113.8 port 99 ssh2')
      clock.advance(100)
      const newest = () => list().at(-1)?.search()
      expect(newest()).not.toContain('port 99')
      await press('p')
      expect(newest()).toContain('port 99')
    })
  })
})
