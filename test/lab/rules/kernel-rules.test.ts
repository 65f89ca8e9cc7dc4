// The rule set model held against the real iptables of both backends, in network namespaces of its own.
import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BUILTIN_CHAINS } from '../../../src/services/areas/firewall/builtin-chains.ts'
import { delta } from '../../../src/services/areas/firewall/delta.ts'
import { isOwnChain, isOwnRule } from '../../../src/services/areas/firewall/nft/own.ts'
import { readNftTable } from '../../../src/services/areas/firewall/nft/read.ts'
import { parseRuleSet } from '../../../src/services/areas/firewall/parse.ts'
import type { Family } from '../../../src/services/model/firewall.ts'
import { printRuleSet } from '../../support/print-rule-set.ts'
import { restoreInput } from '../../support/rule-generator.ts'
import { withoutEmptyTables } from '../../support/rule-sets.ts'
import { whyNoLab } from '../lab.ts'

const RUNS = Number(process.env.HARDTUI_RULE_SETS ?? 12)

type Kernel = {
  readonly load: (input: string, ...options: readonly string[]) => void
  readonly save: (...options: readonly string[]) => string
}

/** One backend's tools of one family in a network namespace. */
function kernelOf(namespace: string, backend: 'nft' | 'legacy', family: Family): Kernel {
  const program = `${family === 'v4' ? 'iptables' : 'ip6tables'}-${backend}`
  const run = (tool: string, options: readonly string[], input = ''): string => {
    const argv = [`--net=/run/netns/${namespace}`, `${program}-${tool}`, ...options]
    const { status, stdout, stderr } = spawnSync('nsenter', argv, { input, maxBuffer: 1 << 26 })
    if (status !== 0) throw new Error(`${program}-${tool}: ${stderr}\n${input}`)
    return stdout.toString()
  }
  return {
    load: (input, ...options) => void run('restore', options, input),
    save: (...options) => run('save', options),
  }
}

/** Tables in one order, for the kernel's is that in which they came to be. */
const meaning = (save: string): string =>
  withoutEmptyTables(save)
    .split(/^(?=\*)/m)
    .map((table) => table.trim())
    .toSorted()
    .join('\n')

describe.runIf(whyNoLab() === null).each([
  ['nft', 'v4'],
  ['nft', 'v6'],
  ['legacy', 'v4'],
  ['legacy', 'v6'],
] as const)('rule sets of %s, %s', (backend, family) => {
  const namespace = `hardtui-rules-${backend}-${family}-${process.pid}`
  const kernel = kernelOf(namespace, backend, family)
  beforeAll(() => {
    expect(spawnSync('ip', ['netns', 'add', namespace]).status).toBe(0)
  })
  afterAll(() => {
    spawnSync('ip', ['netns', 'del', namespace])
  })

  /** Loads a rule set in place of everything that is there and gives what the kernel makes of it. */
  const loaded = (input: string): string => {
    const present = [...kernel.save().matchAll(/^\*(\S+)$/gm)].map((match) => match[1] as string)
    const cleared = present.filter((name) => !input.includes(`*${name}\n`)).map(emptied)
    kernel.load(cleared.join('') + input)
    return kernel.save('-c')
  }
  const emptied = (name: string): string => {
    const lines = parseRuleSet(family, kernel.save()).tables.find((one) => one.name === name)?.chains ?? []
    const heads = lines.flatMap((chain) => (chain.policy === null ? [] : [`:${chain.name} ACCEPT [0:0]\n`]))
    return `*${name}\n${heads.join('')}COMMIT\n`
  }

  /** Rules that the console would take for nft's own, of those that iptables-nft has made. */
  const strange = (): readonly string[] => {
    const of = family === 'v4' ? 'ip' : 'ip6'
    return Object.keys(BUILTIN_CHAINS).flatMap((name) => {
      const { stdout } = spawnSync(
        'nsenter',
        [`--net=/run/netns/${namespace}`, 'nft', '-j', 'list', 'table', of, name],
        {
          maxBuffer: 1 << 28,
        },
      )
      const table = stdout.length > 0 ? readNftTable(of, name, stdout.toString()) : { chains: [] }
      if (!table) return [`${name} can't be read`]
      return table.chains.flatMap((chain) => [
        ...(isOwnChain(name, chain) ? [] : [`chain ${name} ${chain.name}`]),
        ...chain.rules.flatMap((rule) => (isOwnRule(rule.statements) ? [] : [rule.text])),
      ])
    })
  }

  const holds = (first: string, second: string): void => {
    const b = loaded(second)
    if (backend === 'nft') expect(strange()).toEqual([])
    const a = loaded(first)
    const [from, to] = [parseRuleSet(family, a), parseRuleSet(family, b)]
    expect(printRuleSet(from, { counters: true })).toBe(a)
    expect(printRuleSet(to, { counters: true })).toBe(b)
    const there = delta(from, to)
    kernel.load(there, '--noflush')
    const reached = kernel.save()
    expect(meaning(reached)).toBe(meaning(b))
    const back = delta(parseRuleSet(family, reached), from)
    kernel.load(back, '--noflush')
    expect(meaning(kernel.save())).toBe(meaning(a))
  }

  test(`what is parsed prints as it was, a delta leads from one to the other and its inverse back (${RUNS} pairs)`, () => {
    const input = restoreInput(family, 24)
    fc.assert(fc.property(input, input, holds), { numRuns: RUNS, seed: 1, endOnFailure: true })
  })

  test('the same with 2,000 rules', () => {
    const input = restoreInput(family, 2_000).filter((text) => text.split('\n').length > 1_000)
    fc.assert(fc.property(input, input, holds), { numRuns: 1, seed: 2, endOnFailure: true })
  })
})
