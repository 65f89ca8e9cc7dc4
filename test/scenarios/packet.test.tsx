import { describe, test } from 'vitest'
import { setPolicy } from '../../src/state/areas/firewall/rules.ts'
import { openConsole } from '../support/console.tsx'

describe('t asks whether a connection would pass', () => {
  test.each([
    [80, 24],
    [120, 40],
  ])('and begins with the operator’s own, at %i × %i', async (columns, rows) => {
    const bench = await openConsole({ columns, rows })
    await bench.press('2', 't')
    await bench.sees('from 198.51.100.20 tcp 22', /first packet +✓ passes +filter INPUT rule 3: -p tcp/)
  })

  test('and answers while it is typed', async () => {
    const bench = await openConsole()
    await bench.press('2', 't', 'Ctrl-u')
    await bench.sees('Say from where')
    await bench.type('from 203.0.113.5 tcp 3306')
    await bench.sees(/first packet +✗ does not +filter INPUT rule 5/)
    await bench.press('Esc')
    await bench.lacks('Would this connection pass')
  })

  test('and shows what is staged beside what is', async () => {
    const bench = await openConsole()
    setPolicy(bench.console.scope.kit, { family: 'v4', table: 'filter', chain: 'INPUT' }, 'DROP')
    await bench.press('2')
    await bench.press('t', 'Ctrl-u')
    await bench.type('203.0.113.5 tcp 8080')
    await bench.sees(
      /first packet +✓ passes +filter INPUT policy ACCEPT/,
      /as staged +✗ does not +filter INPUT policy DROP/,
    )
  })
})
