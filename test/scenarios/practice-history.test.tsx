import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { placeOf } from '../../src/state/lists/place.ts'
import { until } from '../support/guard-bench.ts'
import { makeLast, onPractice } from '../support/on-practice.tsx'

test('what was confirmed on a practice server is found in its history and undone, to the last rule', async (context) => {
  const { bench, practice } = await onPractice(context)
  const rules = () => readFileSync(`${practice.root}/kernel/v4.rules`, 'utf8')
  const before = rules()
  const { lists, store, actions } = bench.console
  const item = lists.pane(store.getState(), 'firewall').items.find((one) => one.search().includes('3306'))
  await bench.press('2')
  actions.putCursor('firewall', item?.id ?? '')
  await bench.press('x')
  await bench.sees('1 staged')
  await makeLast(bench)
  expect(rules()).not.toContain('3306')
  await bench.press('H')
  await bench.sees(/▸ .*✓ confirmed.*1: v4 filter INPUT 8 - -p tcp/)
  await bench.press('Enter')
  await bench.sees('- -A INPUT -p tcp -m tcp --dport 3306', 'U stages what undoes it: 1 change')
  await bench.press('U')
  await bench.sees('Staged on', '+ -A INPUT -p tcp -m tcp --dport 3306')
  await makeLast(bench)
  const texts = (save: string): string => save.replace(/^\[\d+:\d+\] /gm, '').replace(/ \[\d+:\d+\]$/gm, '')
  expect(texts(rules())).toBe(texts(before))
}, 300_000)

test('the cursor stays on a rule that was confirmed, though it is listed anew', async (context) => {
  const { bench } = await onPractice(context)
  const { lists, store, actions } = bench.console
  const under = () => {
    const { items } = lists.pane(store.getState(), 'firewall')
    return items[placeOf(lists.pane(store.getState(), 'firewall'), store.getState().view.panes.firewall, false)]
  }
  const item = lists.pane(store.getState(), 'firewall').items.find((one) => one.search().includes('3306'))
  await bench.press('2')
  actions.putCursor('firewall', item?.id ?? '')
  await bench.press('a')
  await bench.type('-p tcp -m tcp --dport 4444 -j ACCEPT')
  await bench.press('Enter')
  await bench.sees('1 staged')
  const staged = under()
  expect(staged?.search()).toContain('4444')
  await makeLast(bench)
  // Until the server's rules were read again, nothing lists it: neither what is staged nor what was read.
  const isListed = () => lists.pane(store.getState(), 'firewall').items.some((one) => one.search().includes('4444'))
  await until(async () => !store.getState().staging.changes.length && isListed(), 40, 'the rules anew')
  expect(under()?.id).not.toBe(staged?.id)
  expect(under()?.search()).toContain('4444')
}, 300_000)
