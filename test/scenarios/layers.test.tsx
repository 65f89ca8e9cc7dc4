import { expect, test } from 'vitest'
import { openConsole } from '../support/console.tsx'
import { ACCEPT, dport, hooked, nftJson, rule } from '../support/firewall-probes.ts'
import { someTexts } from '../support/probe-texts.ts'

const withNft = (parts: Readonly<Record<string, string>>) => ({ firewall: { ...someTexts().firewall, ...parts } })

const MINE = {
  native: 'table inet mine',
  'native-status': '0',
  'nft inet mine': nftJson('inet', 'mine', [
    hooked('in', 'input', 10, 'drop'),
    rule('in', dport({ set: [22, 10_022] }), ACCEPT),
  ]),
}

test('a table of nft’s is shown with its hook, said to decide, and refuses every edit', async () => {
  const { press, sees } = await openConsole({ columns: 120, rows: 40, texts: withNft(MINE) })
  await press('2', 'z', '[')
  await sees('[nft inet mine]', 'input at 10, policy DROP', 'tcp dport { 22, 10022 } accept')
  await press('a')
  await sees('this table is shown only')
  await press('t')
  await press('Backspace', 'Backspace', '8', '1')
  await sees('nft inet mine in policy DROP')
})

test('a family of which not all could be read is neither open nor closed', async () => {
  const { press, terminal, sees } = await openConsole({
    columns: 120,
    rows: 40,
    texts: withNft({ native: 'Operation not permitted', 'native-status': '1' }),
  })
  await press('2', 'z')
  await sees('v4 unknown', 'v6 unknown', 'not read: nft(8) failed: Operation not permitted')
  expect(terminal.rows().join('\n')).not.toMatch(/v4 (open|closed)/)
  await press('t')
  await sees('? unsure    nft(8) failed')
})
