import { describe, expect, test } from 'vitest'
import { fail, ok } from '../../src/services/model/errors.ts'
import { say } from '../../src/services/model/safe.ts'
import { RECORD_VERSION, type TransactionRecord } from '../../src/services/model/transaction.ts'
import { type Bench, openConsole } from '../support/console.tsx'
import { note, somePast, someRecord } from '../support/past.ts'
import { INPUT, textChange } from '../support/plans.ts'

const LIVE = [
  '-i lo -j ACCEPT',
  '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  '-p tcp -m tcp --dport 22 -j ACCEPT',
  '-p tcp -m multiport --dports 80,443 -j ACCEPT',
  '-p tcp -m tcp --dport 3306 -m comment --comment "old database" -j DROP',
  '-p tcp -m multiport --dports 22 -j f2b-sshd',
]
const chain = (rules: readonly string[], policy = 'ACCEPT'): string =>
  `*filter INPUT ${policy}\n${rules.map((rule) => `-A INPUT ${rule}\n`).join('')}`

const CONFIG = '/etc/ssh/sshd_config.d/00-hardtui.conf'

/** A change that took a rule for port 5432 away, wrote a file and stopped avahi-daemon. */
const RECORD: TransactionRecord = someRecord('7f3a', {
  rules: [
    {
      family: 'v4',
      touches: [INPUT],
      before: chain(LIVE.toSpliced(4, 0, '-p tcp -m tcp --dport 5432 -j ACCEPT')),
      after: chain(LIVE),
    },
  ],
  files: [textChange(CONFIG, 'PermitRootLogin no\n', null)],
  units: [
    {
      unit: 'cups.service',
      run: 'stop',
      boot: 'disable',
      was: { run: 'active', boot: 'enabled' },
    },
  ],
})

const PAST = [
  somePast('7f3a', {
    summary: [say`v4 filter INPUT 5 - -p tcp --dport 5432`, say`/etc/ssh/x new`, say`cups.service stop`],
  }),
  somePast('6e29', {
    outcome: 'rolled-back',
    cause: 'timer',
    owner: say`alice`,
    from: say`203.0.113.50`,
    undoable: false,
    notes: [
      note(say`v4 rules as they were (chains)`),
      note(say`kept, as somebody added it meanwhile: -A INPUT -s 192.0.2.1/32 -j ACCEPT`, 'heed'),
    ],
  }),
  somePast('5d18', { outcome: 'rolled-back', cause: 'boot', undoable: false }),
  somePast('4c07', { outcome: 'rolled-back', cause: 'failure', undoable: false }),
  somePast('3b96', { outcome: 'rolled-back', cause: 'operator', undoable: false }),
  somePast('2a85', { undoable: false }),
]

async function opened(options: Parameters<typeof openConsole>[0] = {}): Promise<Bench> {
  const bench = await openConsole({ files: { [CONFIG]: 'PermitRootLogin no\n' }, ...options })
  bench.transactions.past = ok(PAST)
  bench.transactions.records = { '7f3a': RECORD }
  await bench.press('H')
  return bench
}

const staged = (bench: Bench): readonly string[] =>
  bench.console.store.getState().staging.changes.map((change) => `${change.target} ${change.summary}`)

describe('the history of a server', () => {
  test('lists every past change, newest first, with who, from where and how it ended', async () => {
    const bench = await opened()
    await bench.sees(
      'History of web1.example.net',
      /▸ 2026-11-23 09:18:07 +✓ confirmed +ops 198\.51\.100\.20 +3: v4 filter INPUT 5 - -p tcp --dport 5432/,
      /↩ rolled back by timer +alice 203\.0\.113\.50/,
      'rolled back at boot',
      '✗ failed, rolled back',
      'rolled back by order',
    )
  })

  test.each([
    [80, 24],
    [120, 40],
    [200, 60],
  ])('says all that matters of a row at %i × %i', async (columns, rows) => {
    const bench = await opened({ columns, rows })
    await bench.sees(/2026-11-23 09:18/, '✓ confirmed', 'ops 198.51.100.20', '3: v4 filter INPUT')
  })

  test('is read when it is opened and again on R', async () => {
    const bench = await opened()
    await bench.sees('✓ confirmed')
    bench.transactions.past = ok([somePast('9999', { owner: say`carol` }), ...PAST])
    await bench.press('R')
    await bench.sees('carol')
    expect(bench.transactions.calls.filter((call) => call === 'history')).toHaveLength(2)
  })

  test('says in one sentence that it can’t be read, and that nothing was ever done', async () => {
    const bench = await openConsole()
    bench.transactions.past = fail({ kind: 'disconnected', message: say`The link is gone.`, next: say`Wait for it.` })
    await bench.press('H')
    await bench.sees('✗ The link is gone. Wait for it. R tries again.')
    bench.transactions.past = ok([])
    await bench.press('R')
    await bench.sees('No change was ever made from hardtui on this server.')
  })

  test('is filtered with /, and Esc shows all again before it leads back', async () => {
    const bench = await opened()
    await bench.press('/')
    await bench.type('alice')
    await bench.sees('1 of 6 rows')
    await bench.press('Enter')
    await bench.sees('filter: 1 of 6', 'alice')
    await bench.lacks('✓ confirmed')
    await bench.press('Esc')
    await bench.sees('✓ confirmed', 'alice')
    await bench.press('Esc')
    await bench.sees('1 SSH', '2 Firewall')
  })

  test('is paged through with the keys of every list', async () => {
    const bench = await openConsole({ columns: 80, rows: 24 })
    bench.transactions.past = ok(Array.from({ length: 60 }, (_, at) => somePast(`id${at}`, { owner: say`user${at}` })))
    await bench.press('H', 'G')
    await bench.sees(/▸ .*user59/)
    await bench.press('Ctrl-u')
    await bench.sees(/▸ .*user50/)
    await bench.press('g', 'j')
    await bench.sees(/▸ .*user1 /)
  })
})

describe('one past change', () => {
  test('is shown with all that it changed: rules, files and units, as a difference', async () => {
    const bench = await opened({ rows: 60 })
    await bench.press('Enter')
    await bench.sees(
      'Change 7f3a',
      '✓ CONFIRMED',
      'armed 2026-11-23 09:18:07 by ops from 198.51.100.20, ended 09:19:30',
      '- -A INPUT -p tcp -m tcp --dport 5432 -j ACCEPT',
      '/etc/ssh/sshd_config.d/00-hardtui.conf (new)',
      '+ PermitRootLogin no',
      'cups.service',
      '+ inactive (stop)',
      'U stages what undoes it: 3 changes',
    )
    await bench.press('Esc')
    await bench.sees('History of')
  })

  test('shows every note of the server, what needs a look first', async () => {
    const bench = await opened({ rows: 60 })
    await bench.press('j', 'Enter')
    await bench.sees('ROLLED BACK by the timer', '! kept, as somebody added it', '· v4 rules as they were')
    expect(bench.screen().indexOf('! kept')).toBeLessThan(bench.screen().indexOf('· v4 rules'))
  })

  test('says so when its record is gone', async () => {
    const bench = await opened({ rows: 60 })
    await bench.press('G', 'Enter')
    await bench.sees('✗ The server no longer has that record.')
  })
})

describe('undoing a past change', () => {
  test('stages the opposite as one step, to be reviewed and armed like any other change', async () => {
    const bench = await opened({ rows: 60 })
    await bench.press('Enter')
    await bench.sees('U stages what undoes it')
    await bench.press('U')
    await bench.sees('Staged on web1.example.net: 3 changes', '+ -A INPUT -p tcp -m tcp --dport 5432 -j ACCEPT')
    expect(staged(bench)).toEqual([
      'v4 filter INPUT 5 + -p tcp -m tcp --dport 5432 -j ACCEPT',
      '/etc/ssh/sshd_config.d/00-hardtui.conf removed again',
      'cups.service start, enable',
    ])
    expect(bench.transactions.calls).not.toContain('apply')
    await bench.press('A', 'N', 'Y')
    expect(bench.transactions.plan()?.steps.map((step) => step.kind)).toEqual(['rules', 'file', 'unit'])
  })

  test('is taken back with one u', async () => {
    const bench = await opened()
    await bench.sees('✓ confirmed')
    await bench.press('U')
    await bench.sees('3 staged')
    await bench.press('u')
    await bench.sees('Nothing is staged.')
    expect(staged(bench)).toEqual([])
  })

  test('says in words what no longer fits, and stages the rest', async () => {
    const bench = await openConsole({ rows: 60 })
    bench.transactions.past = ok(PAST)
    bench.transactions.records = {
      '7f3a': { ...RECORD, units: [{ ...RECORD.units[0], unit: 'gone.service' } as never] },
    }
    await bench.press('H', 'Enter')
    await bench.sees('! gone.service is no longer there.')
    await bench.press('U')
    await bench.sees('NOT all of it: gone.service is no longer there')
    expect(staged(bench)).toHaveLength(2)
  })

  test('finds nothing left to do the second time', async () => {
    const bench = await openConsole()
    bench.transactions.past = ok(PAST)
    bench.transactions.records = { '7f3a': { ...RECORD, files: [], units: [] } }
    await bench.press('H')
    await bench.sees('✓ confirmed')
    await bench.press('U')
    await bench.sees('1 staged')
    await bench.press('H', 'U')
    await bench.sees('Nothing is left to undo', 'is there again already')
    expect(staged(bench)).toHaveLength(1)
  })

  test('that a newer release recorded is shown, and refused with the reason, read or not', async () => {
    const bench = await openConsole()
    bench.transactions.past = ok(PAST)
    bench.transactions.records = { '7f3a': { ...RECORD, version: RECORD_VERSION + 1 } }
    await bench.press('H')
    await bench.sees('✓ confirmed')
    await bench.press('U')
    await bench.sees('Nothing of it is undone here: a newer release of hardtui recorded it')
    await bench.press('Enter')
    await bench.sees('+ PermitRootLogin no', 'Not to be undone from here: a newer release of hardtui recorded it')
    await bench.press('U')
    expect(staged(bench)).toEqual([])
  })

  test.each([
    ['that was rolled back', {}, ['j'], 'there is nothing to undo'],
    ['whose checkpoint is gone', {}, ['G'], 'the newest twenty changes only'],
    ['from a read-only console', { readOnly: true }, [], 'started with --read-only'],
  ] as const)('%s is refused, and the key says why', async (_name, options, keys, reason) => {
    const bench = await opened(options)
    await bench.sees('✓ confirmed')
    await bench.press(...keys, 'U')
    await bench.sees(reason)
    expect(staged(bench)).toEqual([])
    await bench.press('Enter')
    await bench.sees('Not to be undone from here')
  })
})
