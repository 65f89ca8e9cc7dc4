import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AREA_IDS } from '../../src/state/areas/table.ts'
import { until } from '../support/guard-bench.ts'
import { onPractice, proveLast, rollBackLast } from '../support/on-practice.tsx'

const OWN = 'etc/sysctl.d/99-hardtui.conf'

test('a setting of the kernel is staged with a key, set at once, and put back with its file', {
  timeout: 300_000,
}, async (context) => {
  const { bench, practice } = await onPractice(context)
  const now = (): string =>
    ['all', 'default']
      .map((link) => readFileSync(join(practice.root, `proc/sys/net/ipv4/conf/${link}/rp_filter`), 'utf8').trim())
      .join(' ')
  const { store } = bench.console
  await until(async () => !store.getState().connection.reading, 60, 'the reading')
  await bench.press(String(AREA_IDS.indexOf('rest') + 1))
  await bench.sees('rp-filter', 'Rest')
  // Programs of the machine that it runs on are none of its.
  await bench.lacks('fail2ban')
  await bench.lacks('pending-updates')
  await bench.press('/')
  await bench.type('rp-filter')
  await bench.press('Enter', 'Space')
  await bench.sees('fix staged')
  await bench.press('s')
  await bench.sees('net.ipv4.conf.all.rp_filter = 1')
  await proveLast(bench)
  expect(now()).toBe('1 1')
  await rollBackLast(bench)
  expect([now(), existsSync(join(practice.root, OWN))]).toEqual(['0 0', false])
})
