import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rulesByOwner } from '../../../../../src/services/areas/firewall/baseline/ground.ts'
import { fromAnywhere } from '../../../../../src/services/areas/firewall/baseline/strangers.ts'
import { askGuards } from '../../../../../src/services/areas/firewall/plan/guards.ts'
import { FAMILIES } from '../../../../../src/services/model/firewall.ts'
import { sessionFamily } from '../../../../../src/services/model/host.ts'
import { anyChoices, anyInput, applied, chosen, make, NO_CHOICES } from '../../../../support/baseline.ts'

const RUNS = { numRuns: 300 }
const ways = (set: ReturnType<typeof make>['after']['v4'], host: Parameters<typeof askGuards>[1]) => {
  if (!set) throw new Error('there are no rules')
  const { login, session } = askGuards(set, host)
  return [login.answer.answer, session.answer.answer]
}

test('whatever the host, the operator’s login and session pass for certain, his own rules kept or replaced', () => {
  fc.assert(
    fc.property(anyInput, fc.boolean(), (input, keeps) => {
      const made = make(input, keeps ? NO_CHOICES : new Map([['own', false]]))
      expect(ways(made.after[sessionFamily(input.host)], input.host)).toEqual(['yes', 'yes'])
    }),
    RUNS,
  )
})

test('over the other family anybody’s login passes as well', () => {
  fc.assert(
    fc.property(anyInput, fc.boolean(), (input, keeps) => {
      const made = make(input, keeps ? NO_CHOICES : new Map([['own', false]]))
      const set = made.after[sessionFamily(input.host) === 'v4' ? 'v6' : 'v4']
      const to = { protocol: 'tcp', port: input.host.session.serverPort, via: 'eth0' } as const
      expect(set && fromAnywhere(set, to).answer).toBe('yes')
    }),
    RUNS,
  )
})

test('whatever is switched on or off, they pass as well', () => {
  fc.assert(
    fc.property(anyInput, anyChoices, (input, flags) => {
      const made = make(input, chosen(input, flags))
      expect(ways(made.after[sessionFamily(input.host)], input.host)).toEqual(['yes', 'yes'])
    }),
    RUNS,
  )
})

test('what is applied once is recognised: a second baseline has nothing to do', () => {
  fc.assert(
    fc.property(anyInput, anyChoices, (input, flags) => {
      const choices = chosen(input, flags)
      const first = make(input, choices)
      expect(make(applied(input, first), choices).edits).toEqual([])
    }),
    RUNS,
  )
})

test('no rule of another program goes, moves against its fellows, or is written anew', () => {
  fc.assert(
    fc.property(anyInput, anyChoices, (input, flags) => {
      const { after } = make(input, chosen(input, flags))
      for (const family of FAMILIES)
        for (const chain of ['INPUT', 'OUTPUT', 'FORWARD']) {
          const foreign = (set: typeof after.v4) => (set ? rulesByOwner(set, chain).foreign.map((rule) => rule.id) : [])
          expect(foreign(after[family])).toEqual(foreign(input.sets[family]))
        }
    }),
    RUNS,
  )
})
