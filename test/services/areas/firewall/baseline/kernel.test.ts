// Whatever the host: what the baseline would write is what the kernel's own tools print back.
import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chainText } from '../../../../../src/services/areas/firewall/chain-text.ts'
import { delta, touchedChains } from '../../../../../src/services/areas/firewall/delta.ts'
import { parseRuleSet } from '../../../../../src/services/areas/firewall/parse.ts'
import type { Family, RuleSet } from '../../../../../src/services/model/firewall.ts'
import { anyChoices, anyInput, chosen, make } from '../../../../support/baseline.ts'
import { printRuleSet } from '../../../../support/print-rule-set.ts'

const works = (backend: string): boolean =>
  process.getuid?.() === 0 &&
  ['iptables', 'ip6tables'].every((tool) => spawnSync('unshare', ['-n', `${tool}-${backend}-save`]).status === 0)

/** Loads a save, applies a delta over it, and prints what the kernel has then, all in a network namespace of its own. */
function inKernel(backend: string, family: Family, base: RuleSet, change: string): RuleSet {
  const tool = `${family === 'v4' ? 'iptables' : 'ip6tables'}-${backend}`
  const script = `${tool}-restore <<'BASE' && ${tool}-restore --noflush <<'CHANGE' && ${tool}-save
${printRuleSet(base, { counters: false })}BASE
${change}CHANGE
`
  const { status, stdout, stderr } = spawnSync('unshare', ['-n', 'sh', '-c', script])
  if (status !== 0) throw new Error(`${tool}: ${stderr}\n${change}`)
  return parseRuleSet(family, stdout.toString())
}

describe.each(['nft', 'legacy'] as const)('iptables of %s', (backend) => {
  test.skipIf(!works(backend))(
    'prints back every rule of every host’s baseline as it was planned',
    () => {
      fc.assert(
        fc.property(anyInput, anyChoices, (input, flags) => {
          const { after } = make(input, chosen(input, flags))
          for (const family of ['v4', 'v6'] as const) {
            const [base, planned] = [input.sets[family], after[family]]
            if (!base || !planned) continue
            const touches = touchedChains(base, planned)
            const change = delta(base, planned)
            expect(chainText(inKernel(backend, family, base, change), touches)).toBe(chainText(planned, touches))
          }
        }),
        { numRuns: 25, seed: 3, endOnFailure: true },
      )
    },
    60_000,
  )
})
