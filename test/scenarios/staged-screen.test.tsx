import { describe, expect, test } from 'vitest'
import { ok } from '../../src/services/model/errors.ts'
import type { TransactionRecord } from '../../src/services/model/transaction.ts'
import { type Bench, openConsole } from '../support/console.tsx'
import { somePast, someRecord } from '../support/past.ts'
import { textChange } from '../support/plans.ts'
import { someTexts } from '../support/probe-texts.ts'

const CONFIG = '/etc/ssh/sshd_config.d/00-hardtui.conf'

/** A console with what undoes this change staged, on the screen that shows it. */
async function undoing(
  record: Partial<TransactionRecord>,
  options: Parameters<typeof openConsole>[0] = {},
): Promise<Bench> {
  const bench = await openConsole({ rows: 60, ...options })
  bench.transactions.past = ok([somePast('7f3a')])
  bench.transactions.records = { '7f3a': someRecord('7f3a', record) }
  await bench.press('H')
  await bench.sees('✓ confirmed')
  await bench.press('U')
  await bench.sees('Staged on web1')
  return bench
}

describe('a unit staged on a server without iptables', () => {
  const units = [{ unit: 'cups.service', run: 'stop', boot: null, was: { run: 'active', boot: 'disabled' } } as const]
  const { firewall } = someTexts()
  const options = {
    texts: { firewall: { ...firewall, 'iptables-status': 'absent', 'ip6tables-status': 'absent' } },
    facts: { tools: { timeout: '/usr/bin/timeout' } },
  }

  test('is counted in the header, shown with its steps, and armed without a word of rules', async () => {
    const bench = await undoing({ units }, options)
    await bench.sees(
      '1 staged',
      '1 change, one transaction',
      'cups.service',
      '+ active (start)',
      'systemctl start cups.service',
    )
    expect(bench.screen()).not.toMatch(/iptables|in the way|reboot/)
    await bench.press('A')
    await bench.sees('Arm the timer and apply?')
    expect(bench.screen()).not.toContain('loaded at boot')
  })
})

describe('a file that moved on the server', () => {
  const files = [textChange(CONFIG, 'new\n', 'old\n')]

  test('is in the way as soon as it is staged, and until it is unstaged', async () => {
    const bench = await undoing({ files }, { files: { [CONFIG]: 'somebody else\n' } })
    await bench.sees('in the way', `${CONFIG} changed on the server since this was staged`)
    await bench.press('A')
    await bench.sees('A (arm and apply)', 'Unstage it and stage it again on the file as it is now.')
    expect(bench.transactions.calls).not.toContain('apply')
    await bench.press('x')
    await bench.sees('Nothing is staged')
    await bench.lacks('changed on the server')
  })

  test('is in the way after R, and no longer when it is as it was', async () => {
    const bench = await undoing({ files }, { files: { [CONFIG]: 'new\n' } })
    await bench.sees('back to the text it had before')
    await bench.lacks('in the way')
    bench.server.files = { [CONFIG]: 'moved\n' }
    await bench.press('R')
    await bench.sees('in the way', 'changed on the server')
    bench.server.files = { [CONFIG]: 'new\n' }
    await bench.press('R')
    await bench.lacks('in the way')
  })
})
