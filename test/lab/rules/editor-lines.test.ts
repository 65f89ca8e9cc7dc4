// Lines that people type, held against the real iptables of both backends in network namespaces of their own.
import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { asPrinted } from '../../../src/services/areas/firewall/as-printed.ts'
import { withTable } from '../../../src/services/areas/firewall/builtin-chains.ts'
import { chainText, findChain } from '../../../src/services/areas/firewall/chain-text.ts'
import { delta, touchedChains } from '../../../src/services/areas/firewall/delta.ts'
import { applyEdits } from '../../../src/services/areas/firewall/edits.ts'
import { parseRuleSet } from '../../../src/services/areas/firewall/parse.ts'
import { readRuleInput } from '../../../src/services/areas/firewall/rule-input.ts'
import { whyNoLab } from '../lab.ts'

const BASE =
  '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n'

/** What a scratch kernel saves once these inputs were restored in turn. */
function saved(backend: string, ...inputs: readonly string[]): string {
  const restores = inputs.map(
    (_, i) => `printf %s "$${i + 1}" | iptables-${backend}-restore ${i > 0 ? '--noflush' : ''}`,
  )
  const argv = ['-n', 'sh', '-c', `${restores.join(' && ')} && iptables-${backend}-save`, 'sh', ...inputs]
  const { status, stdout, stderr } = spawnSync('unshare', argv)
  if (status !== 0) throw new Error(`${stderr}`)
  return stdout.toString()
}

describe.runIf(whyNoLab() === null).each(['nft', 'legacy'])('the editor and iptables of %s', (backend) => {
  const base = withTable(parseRuleSet('v4', BASE), 'filter')
  const before = findChain(base, { table: 'filter', chain: 'INPUT' })?.rules[1]?.id ?? null

  test.each([
    ['-A INPUT -p tcp --dport 82 -m comment --comment COMMIT -j ACCEPT', 1],
    ['iptables -w5 -A INPUT -j DROP', 1],
    ['iptables -W 1000 -A INPUT -j DROP', 1],
    ['iptables -4 -A INPUT -j DROP', 1],
    [`iptables-${'nft'} --wait=5 -t filter -I INPUT 2 -j DROP`, 1],
    ['iptables-legacy -A INPUT -j DROP', 1],
    ['-A INPUT -s 203.0.113.1,203.0.113.2 -p tcp --dport 80 -j ACCEPT', 2],
    ['-s 203.0.113.1,203.0.113.2 -d 192.0.2.1,192.0.2.2 -j DROP', 4],
    ['-I INPUT -s 203.0.113.0/24,198.51.100.7 -j DROP', 2],
    ['-d localhost -p tcp --dport ssh -j REJECT', 1],
  ])('%s is staged as what it comes to: %i', (line, count) => {
    const place = { at: { family: 'v4', table: 'filter', chain: 'INPUT' }, before } as const
    const read = readRuleInput(line, place, base, () => 'new')
    if (!read.ok) throw new Error(read.error)
    const { after } = applyEdits(base, [read.value])
    const printed = parseRuleSet('v4', saved(backend, BASE, delta(base, after)))
    const edits = asPrinted(read.value, after, chainText(printed, touchedChains(base, after)))
    if (!edits.ok) throw new Error(edits.error)
    expect(edits.value).toHaveLength(count)
    const staged = applyEdits(base, edits.value)
    expect(staged.conflicts).toEqual([])
    const wanted = findChain(staged.after, place.at)?.rules.map((rule) => rule.text)
    const loaded = parseRuleSet('v4', saved(backend, BASE, delta(base, staged.after)))
    expect(findChain(loaded, place.at)?.rules.map((rule) => rule.text)).toEqual(wanted)
    expect(wanted).toHaveLength(2 + count)
  })
})
