import { expect, test } from 'vitest'
import { openConsole } from '../support/console.tsx'

test('O writes what a filter above the host has to let in, by the rules as they are staged', async () => {
  const bench = await openConsole({ columns: 120, rows: 40 })
  await bench.press('2', 'O')
  await bench.sees('What to open above this host')
  expect(bench.scripts[0]).toContain('# tcp       22')
  expect(bench.scripts[0]).toContain('aws ec2 authorize-security-group-ingress')
  expect(bench.console.store.getState().staging.changes).toEqual([])
})

test('it says why it can’t where this console may write no files', async () => {
  const bench = await openConsole({ columns: 120, rows: 40, saveScript: null })
  await bench.press('2', 'O')
  await bench.sees('this console may not write files here')
  expect(bench.scripts).toEqual([])
})
