import { describe, expect, test } from 'vitest'
import { type Bench, openConsole } from '../support/console.tsx'

const staged = (bench: Bench): readonly string[] =>
  bench.console.store.getState().staging.changes.map((change) => `${change.target} ${change.summary}`)

async function openEditor(size: { readonly columns?: number; readonly rows?: number } = {}): Promise<Bench> {
  const bench = await openConsole(size)
  await bench.press('2')
  bench.console.actions.putCursor('firewall', 'chain:v4:filter:INPUT')
  await bench.press('a')
  await bench.sees('new rule in v4 filter INPUT')
  return bench
}

describe('the form of a rule', () => {
  test('is filled field by field, and the line follows', async () => {
    const bench = await openEditor({ columns: 80, rows: 24 })
    await bench.press('Down')
    await bench.type('tcp')
    await bench.press('Down')
    await bench.type('8080,8443')
    await bench.press('Down', 'Down')
    await bench.type('198.51.100.0/24')
    await bench.press('Up', 'Up', 'Up', 'Up')
    await bench.sees('> -s 198.51.100.0/24 -p tcp -m multiport --dports 8080,8443')
    await bench.type(' -j ACC')
    await bench.press('Tab')
    await bench.sees('-j ACCEPT')
    await bench.press('Enter')
    await bench.sees('1 staged')
    expect(staged(bench)).toEqual([
      'v4 filter INPUT 7 + -s 198.51.100.0/24 -p tcp -m multiport --dports 8080,8443 -j ACCEPT',
    ])
  })

  test('shows the fields of a rule that is edited, and changes one of them', async () => {
    const bench = await openConsole()
    await bench.press('2')
    bench.console.actions.putCursor('firewall', 'v4/filter/INPUT/-p tcp -m multiport --dports 80,443 -j ACCEPT')
    await bench.press('e', 'Down')
    await bench.sees(/protocol +tcp/, /to port +80,443/, /target +ACCEPT/)
    for (let at = 0; at < 10; at++) await bench.press('Down')
    await bench.press('Ctrl-u')
    await bench.type('DR')
    await bench.sees('DROP')
    await bench.press('Tab', 'Enter')
    await bench.sees('1 staged')
    expect(staged(bench)).toEqual(['v4 filter INPUT 4 ~ -p tcp -m multiport --dports 80,443 -j DROP'])
  })

  test('says at once what is wrong in a field', async () => {
    const bench = await openEditor()
    await bench.press('Down', 'Down')
    await bench.type('443')
    await bench.sees('✗ ports need protocol tcp or udp')
    await bench.press('Down', 'Down')
    await bench.type('2001:db8::1')
    await bench.sees('✗ an address of the other family')
    await bench.press('Down', 'Down', 'Down')
    await bench.type('eth9')
    await bench.sees('✗ packets of INPUT go out nowhere')
  })

  test('completes ports by the names of the server and by who listens', async () => {
    const bench = await openEditor({ columns: 120 })
    await bench.type('-p tcp --dport ')
    await bench.sees(/Tab: .*22/)
    await bench.type('11')
    await bench.press('Tab')
    await bench.type('-j A')
    await bench.press('Tab')
    await bench.sees('-p tcp --dport 111 -j ACCEPT')
  })

  test.each([
    [80, 24],
    [120, 40],
    [200, 60],
  ])('keeps its place at %i × %i', async (columns, rows) => {
    const bench = await openEditor({ columns, rows })
    await bench.press('Down')
    await bench.type('udp')
    await bench.press('Down')
    await bench.sees(/protocol +udp/, /target/, '╰')
  })
})
