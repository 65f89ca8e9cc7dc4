import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { delta, touchedChains } from '../../../../src/services/areas/firewall/delta.ts'
import { applyEdits } from '../../../../src/services/areas/firewall/edits.ts'
import type { RuleEdit } from '../../../../src/services/model/firewall.ts'
import { longestCommon } from '../../../../src/services/steps/longest-common.ts'
import { ruleSetOf, saveText, withoutCounters } from '../../../support/rule-sets.ts'

const at = { family: 'v4', table: 'filter', chain: 'INPUT' } as const
const base = ruleSetOf(
  '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -p tcp -j ACCEPT\n-A INPUT -j DROP\nCOMMIT\n',
)
const ids = base.tables[0]?.chains[0]?.rules.map((rule) => rule.id) ?? []
const texts = (edits: readonly RuleEdit[]) =>
  applyEdits(base, edits)
    .after.tables[0]?.chains.find((chain) => chain.name === 'INPUT')
    ?.rules.map((rule) => rule.text)

test('edits insert, replace, move and delete by identity', () => {
  expect(texts([{ kind: 'insert', at, before: ids[1] ?? null, ruleId: 'n', text: '-j LOG' }])).toEqual([
    '-i lo -j ACCEPT',
    '-j LOG',
    '-p tcp -j ACCEPT',
    '-j DROP',
  ])
  expect(texts([{ kind: 'move', at, ruleId: ids[2] ?? '', before: ids[0] ?? null }])?.[0]).toBe('-j DROP')
  expect(texts([{ kind: 'delete', at, ruleId: ids[0] ?? '' }])).toHaveLength(2)
  expect(texts([{ kind: 'replace', at, ruleId: ids[0] ?? '', text: '-j RETURN' }])?.[0]).toBe('-j RETURN')
})

test('an edit whose rule is gone is a conflict, and the others still apply', () => {
  const { after, conflicts } = applyEdits(base, [
    { kind: 'delete', at, ruleId: 'no such rule' },
    { kind: 'policy', at, policy: 'DROP' },
  ])
  expect(conflicts).toHaveLength(1)
  expect(after.tables[0]?.chains[0]?.policy).toBe('DROP')
})

test('a delta names only what changed, deletes from the bottom up and sets policies last', () => {
  const { after } = applyEdits(base, [
    { kind: 'policy', at, policy: 'DROP' },
    { kind: 'delete', at, ruleId: ids[2] ?? '' },
    { kind: 'insert', at, before: ids[0] ?? null, ruleId: 'n', text: '-p udp -j DROP' },
    { kind: 'delete', at, ruleId: ids[1] ?? '' },
  ])
  expect(delta(base, after)).toBe('*filter\n-D INPUT 3\n-D INPUT 2\n-I INPUT 1 -p udp -j DROP\n-P INPUT DROP\nCOMMIT\n')
})

test('the raw table comes first: what it refuses is refused before anything is committed', () => {
  const raw = { family: 'v4', table: 'raw', chain: 'PREROUTING' } as const
  const { after } = applyEdits(base, [
    { kind: 'policy', at, policy: 'DROP' },
    { kind: 'insert', at: raw, before: null, ruleId: 'n', text: '-p tcp -m tcp --dport 21 -j CT --helper ftp' },
  ])
  expect(delta(base, after)).toMatch(/^\*raw\n.*\nCOMMIT\n\*filter\n-P INPUT DROP\nCOMMIT\n$/)
})

test('nothing staged is no delta, and staging that cancels itself out neither', () => {
  expect(delta(base, base)).toBe('')
  const { after } = applyEdits(base, [
    { kind: 'move', at, ruleId: ids[0] ?? '', before: null },
    { kind: 'move', at, ruleId: ids[0] ?? '', before: ids[1] ?? null },
  ])
  expect(touchedChains(base, after)).toEqual([])
})

test('the longest common part is common, rising and as long as a slow search finds', () => {
  const word = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 7 })
  const slow = (a: string[], b: string[]): number =>
    a.length === 0 || b.length === 0
      ? 0
      : a[0] === b[0]
        ? 1 + slow(a.slice(1), b.slice(1))
        : Math.max(slow(a.slice(1), b), slow(a, b.slice(1)))
  fc.assert(
    fc.property(word, word, (a, b) => {
      const pairs = longestCommon(a, b)
      expect(pairs.every(([i, j]) => a[i] === b[j])).toBe(true)
      expect(
        pairs.every(([i, j], n) => n === 0 || (i > (pairs[n - 1]?.[0] ?? -1) && j > (pairs[n - 1]?.[1] ?? -1))),
      ).toBe(true)
      expect(pairs.length).toBe(slow(a, b))
    }),
  )
})

test.each(['a$&b', '$1', "$'x", '$$', 'a&b'])('a chain may be called %s', (name) => {
  const set = (...rules: readonly string[]) =>
    ruleSetOf(
      `*filter\n:INPUT ACCEPT [0:0]\n:${name} - [0:0]\n-A INPUT -j ${name}\n${rules.map((rule) => `-A ${name} ${rule}\n`).join('')}COMMIT\n`,
    )
  expect(delta(set('-j LOG'), set('-j LOG', '-j DROP'))).toBe(`*filter\n-I ${name} 2 -j DROP\nCOMMIT\n`)
  expect(delta(set(), set(''))).toBe(`*filter\n-I ${name} 1\nCOMMIT\n`)
})

const canUseKernel = process.getuid?.() === 0 && spawnSync('unshare', ['-n', 'iptables-save']).status === 0

test.runIf(canUseKernel)('the kernel makes of base and delta what was staged, and touches no other chain', () => {
  fc.assert(
    fc.property(saveText, saveText, (from, to) => {
      const input = delta(ruleSetOf(from), ruleSetOf(to))
      const run = spawnSync('unshare', ['-n', 'sh', '-c', 'iptables-restore --noflush -c && iptables-save'], {
        input: from + input,
      })
      expect(run.stderr.toString()).toBe('')
      expect(withoutCounters(run.stdout.toString())).toBe(withoutCounters(to))
    }),
    { numRuns: 25 },
  )
})
