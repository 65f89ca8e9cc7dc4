import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRuleSet } from '../../../../../src/services/areas/firewall/parse.ts'
import type { Packet } from '../../../../../src/services/areas/firewall/walk/packet.ts'
import { type Walked, walk } from '../../../../../src/services/areas/firewall/walk/walk.ts'
import type { Family, RuleSet } from '../../../../../src/services/model/firewall.ts'
import { someFlows } from '../../../../lab/walk/flows.ts'
import { createRandom } from '../../../../lab/walk/random.ts'
import { someRuleSet } from '../../../../lab/walk/rule-sets.ts'
import type { Sample } from '../../../../lab/walk/sample.ts'
import { createSampler } from '../../../../lab/walk/samples.ts'

type Case = { readonly family: Family; readonly save: string; readonly samples: readonly Sample[] }

/** A random rule set and packets for it: those that the lab holds against the kernel. */
const cases: fc.Arbitrary<Case> = fc
  .record({ seed: fc.nat(), family: fc.constantFrom<Family>('v4', 'v6') })
  .map(({ seed, family }) => {
    const random = createRandom(seed)
    const sampler = createSampler(random, family, someFlows(random, family, 10))
    const samples = Array.from({ length: 6 }, sampler)
    return { family, save: someRuleSet(random, family, samples), samples }
  })

const ask = (ruleSet: RuleSet, { way, packet }: Sample): Walked => walk(ruleSet, way, packet)

const forAll = (check: (one: Case, ruleSet: RuleSet) => void): void =>
  fc.assert(
    fc.property(cases, (one) => check(one, parseRuleSet(one.family, one.save))),
    { numRuns: 150 },
  )

/** Changes the rules of every chain. */
const withRules = (ruleSet: RuleSet, change: (rules: readonly string[], chain: string, table: string) => string[]) => ({
  ...ruleSet,
  tables: ruleSet.tables.map((table) => ({
    ...table,
    chains: table.chains.map((chain) => ({
      ...chain,
      rules: change(
        chain.rules.map((rule) => rule.text),
        chain.name,
        table.name,
      ).map((text) => ({ id: text, text, packets: 0, bytes: 0 })),
    })),
  })),
})

test('a RETURN at the end of every chain changes no answer', () => {
  forAll(({ samples }, ruleSet) => {
    const more = withRules(ruleSet, (rules) => [...rules, '-j RETURN'])
    for (const sample of samples) expect(ask(more, sample).answer).toBe(ask(ruleSet, sample).answer)
  })
})

test('a rule that only counts or logs changes no answer', () => {
  forAll(({ samples }, ruleSet) => {
    const more = withRules(ruleSet, (rules) => rules.flatMap((rule) => ['-j LOG', rule, '-m limit --limit 1/sec']))
    for (const sample of samples) expect(ask(more, sample).answer).toBe(ask(ruleSet, sample).answer)
  })
})

test('comments change no answer', () => {
  forAll(({ samples }, ruleSet) => {
    const more = withRules(ruleSet, (rules) =>
      rules.map((rule) => `-m comment --comment "-p udp \\"-j DROP\\"" ${rule}`),
    )
    for (const sample of samples) expect(ask(more, sample).answer).toBe(ask(ruleSet, sample).answer)
  })
})

test('the end of a chain may as well stand in a chain of its own', () => {
  forAll(({ samples }, ruleSet) => {
    const filter = ruleSet.tables.find((table) => table.name === 'filter')
    const tails = filter?.chains.map((chain) => ({ ...chain, name: `tail-${chain.name}`, policy: null }))
    const split = {
      ...ruleSet,
      tables: ruleSet.tables.map((table) =>
        table.name === 'filter'
          ? {
              ...table,
              chains: [
                ...table.chains.map((chain) => ({
                  ...chain,
                  rules: [{ id: '', text: `-g tail-${chain.name}`, packets: 0, bytes: 0 }],
                })),
                ...(tails ?? []),
              ],
            }
          : table,
      ),
    }
    for (const sample of samples) expect(ask(split, sample).answer).toBe(ask(ruleSet, sample).answer)
  })
})

test('whatever follows the deciding rule in its chain changes neither answer nor place', () => {
  forAll(({ samples }, ruleSet) => {
    for (const sample of samples) {
      const { answer, at } = ask(ruleSet, sample)
      if (answer === 'unsure' || !at || at.ruleNumber === 'policy') continue
      const { ruleNumber } = at
      const more = withRules(ruleSet, (rules, chain, table) =>
        table === at.table && chain === at.chain
          ? [...rules.slice(0, ruleNumber), '-m somethingnew -j DROP', '-j SOMETHINGNEW', ...rules.slice(ruleNumber)]
          : [...rules],
      )
      expect(ask(more, sample)).toMatchObject({ answer, at: { ...at, ruleId: expect.any(String) } })
    }
  })
})

/** A definite answer that rests on less than is known must be the one that all of it gives. */
const bearsOut = (less: Walked, more: Walked): boolean => less.answer === 'unsure' || less.answer === more.answer

test('to know less of a packet never turns a definite answer into the other one', () => {
  const unknown: readonly Partial<Packet>[] = [
    { sourcePort: null },
    { destinationPort: null },
    { source: null },
    { destination: null },
    { inInterface: null },
    { outInterface: null },
  ]
  forAll(({ samples }, ruleSet) => {
    for (const sample of samples)
      for (const hidden of unknown) {
        // An interface that is not named is taken for any but the loopback one.
        if (
          Object.values({ ...sample.packet, ...hidden }).includes('lo') !== Object.values(sample.packet).includes('lo')
        )
          continue
        const less = { ...sample, packet: { ...sample.packet, ...hidden } }
        expect(bearsOut(ask(ruleSet, less), ask(ruleSet, sample))).toBe(true)
      }
  })
})

test('a match that is not known never turns a definite answer into the other one', () => {
  forAll(({ samples }, ruleSet) => {
    const less = withRules(ruleSet, (rules) => rules.map((rule, i) => (i % 2 === 0 ? `-m somethingnew ${rule}` : rule)))
    for (const sample of samples) {
      const [full, doubtful] = [ask(ruleSet, sample), ask(less, sample)]
      // Without those rules, and with them: what both agree on is all that can be sure.
      const without = ask(
        withRules(ruleSet, (rules) => rules.filter((_, i) => i % 2 !== 0)),
        sample,
      )
      if (doubtful.answer !== 'unsure' && full.answer !== 'unsure') expect(doubtful.answer).toBe(full.answer)
      if (doubtful.answer !== 'unsure' && without.answer !== 'unsure') expect(doubtful.answer).toBe(without.answer)
    }
  })
})

const WORDS =
  '! -p -s -d -i -o -f -m -j -g tcp udp all 22 1:2 10.0.0.0/8 ::/0 conntrack state --ctstate NEW --dport --dports --ports --tcp-flags SYN --syn --icmp-type 8/0 any multiport comment --comment " \\ \' --match-set addrtype --dst-type LOCAL ACCEPT DROP RETURN LOG a CT --notrack REDIRECT --to-ports constructor __proto__'.split(
    ' ',
  )
const ruleText = fc.oneof(
  fc.array(fc.constantFrom(...WORDS), { maxLength: 12 }).map((words) => words.join(' ')),
  fc.string({ unit: 'binary', maxLength: 60 }),
)

test('no text makes the walk throw, and none gets to the screen as it is', () => {
  const chain = (name: string, policy: string | null, rules: readonly string[]) => ({
    name,
    policy,
    packets: 0,
    bytes: 0,
    rules: rules.map((text) => ({ id: text, text, packets: 0, bytes: 0 })),
  })
  fc.assert(
    fc.property(
      fc.array(ruleText, { maxLength: 6 }),
      fc.array(ruleText, { maxLength: 6 }),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('in' as const, 'out' as const, 'forward' as const),
      cases,
      (rules, own, name, direction, { samples }) => {
        const chains = ['PREROUTING', 'INPUT', 'OUTPUT', 'FORWARD', 'POSTROUTING'].map((hook) =>
          chain(hook, name, rules),
        )
        const tables = ['raw', 'nat', 'filter'].map((table) => ({
          name: table,
          chains: [...chains, chain('a', null, own), chain(name, null, own)],
        }))
        for (const { packet } of samples) {
          const { because } = walk({ family: 'v4', tables }, direction, packet)
          expect(because).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
        }
      },
    ),
    { numRuns: 300 },
  )
})
