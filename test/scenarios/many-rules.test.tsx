import { expect, test } from 'vitest'
import { openConsole } from '../support/console.tsx'
import { someTexts } from '../support/probe-texts.ts'

const MANY = 10_000
const save = [
  '*filter',
  ':INPUT ACCEPT [0:0]',
  ':FORWARD ACCEPT [0:0]',
  ':OUTPUT ACCEPT [0:0]',
  ...Array.from(
    { length: MANY },
    (_, i) =>
      `-A INPUT -s 10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32 -p tcp -m tcp --dport ${1024 + (i % 60000)} -j ACCEPT`,
  ),
  'COMMIT',
  '',
].join('\n')

/** Processor time of this process that something takes, in milliseconds: what other programs do does not count. */
function costOf(run: () => void): number {
  const began = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1000
}
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

test('with ten thousand rules a key that stages costs a small part of a plan, which waits until it is looked at', async () => {
  const bench = await openConsole({ texts: { firewall: { ...someTexts().firewall, iptables: save } } })
  await bench.press('2', 'G')
  const { console: it } = bench
  const list = it.lists.pane(it.store.getState(), 'firewall')
  it.actions.putCursor('firewall', list.items.findLast((item) => item.kind === 'rule')?.id ?? '')
  const keys = [...'xxKKouuxuKouxxKKouuxuKou'].filter((key) => key !== 'u')
  const staging = median(keys.map((key) => costOf(() => it.press([key]))))
  const plan = costOf(() => it.lists.plan(it.store.getState()))
  if (process.env.HARDTUI_FIGURES)
    console.log(`a key that stages ${staging.toFixed(1)} ms, the plan ${plan.toFixed(1)} ms`)
  expect(it.lists.plan(it.store.getState())?.steps).toHaveLength(1)
  expect(staging).toBeLessThan(plan / 2)
})
