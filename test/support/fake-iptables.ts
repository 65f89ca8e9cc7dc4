import { chainText, findChain } from '../../src/services/areas/firewall/chain-text.ts'
import { parseRuleSet } from '../../src/services/areas/firewall/parse.ts'
import { fail, ok } from '../../src/services/model/errors.ts'
import type { Chain, RuleSet } from '../../src/services/model/firewall.ts'
import { safe, say } from '../../src/services/model/safe.ts'
import type { Rehearse } from '../../src/services/model/transaction.ts'

const KNOWN = new Set(
  '-p -s -d -i -o -m -j -g --dport --sport --dports --ctstate --comment --reject-with --limit --log-prefix --icmp-type --icmpv6-type --sport --hl-eq --length --helper --tcp-flags --limit-burst'.split(
    ' ',
  ),
)

/** The kernel's wording: a port match names its module. */
const inKernelWords = (text: string): string =>
  text.replace(/-p (tcp|udp) --(dport|sport)/, '-p $1 -m $1 --$2').replace(/--dport http\b/, '--dport 80')

const unknownOption = (text: string): string | null =>
  text.split(' ').find((word) => /^--?[a-z]/.test(word) && !KNOWN.has(word)) ?? null

/** Applies an `iptables-restore --noflush` input to a rule set; throws what iptables would complain of. */
function applyDelta(ruleSet: RuleSet, delta: string): RuleSet {
  let table = ''
  let now = ruleSet
  const change = (name: string, make: (chain: Chain) => Chain): void => {
    now = {
      ...now,
      tables: now.tables.map((one) =>
        one.name === table
          ? { ...one, chains: one.chains.map((chain) => (chain.name === name ? make(chain) : chain)) }
          : one,
      ),
    }
  }
  for (const line of delta.split('\n')) {
    const [command = '', chain = '', place = ''] = line.split(' ')
    const at = Number(place) - 1
    if (line.startsWith('*')) table = line.slice(1)
    else if (command === '-N' || command === '-X') {
      const chains = (all: readonly Chain[]): readonly Chain[] =>
        command === '-X'
          ? all.filter((one) => one.name !== chain)
          : [...all, { name: chain, policy: null, packets: 0, bytes: 0, rules: [] }]
      now = {
        ...now,
        tables: now.tables.map((one) => (one.name === table ? { ...one, chains: chains(one.chains) } : one)),
      }
    } else if (command === '-F') change(chain, (one) => ({ ...one, rules: [] }))
    else if (command === '-P') change(chain, (one) => ({ ...one, policy: place }))
    else if (command === '-D') change(chain, (one) => ({ ...one, rules: one.rules.toSpliced(at, 1) }))
    else if (command === '-I') {
      const text = line.split(' ').slice(3).join(' ')
      const unknown = unknownOption(text)
      if (unknown) throw new Error(`unknown option "${unknown}"`)
      const rule = { id: line, text: inKernelWords(text), packets: 0, bytes: 0 }
      change(chain, (one) => ({ ...one, rules: one.rules.toSpliced(at, 0, rule) }))
    }
  }
  return now
}

/** A rehearsal over the given v4 rules, with the complaints and the wording of a real iptables. */
export const fakeRehearse =
  (rules: () => string): Rehearse =>
  async (family, delta, touches) => {
    const base = parseRuleSet(family, family === 'v4' ? rules() : '')
    try {
      const after = applyDelta(base, delta)
      const missing = touches.find((ref) => !findChain(after, ref))
      return missing ? ok({ after: chainText(base, touches) }) : ok({ after: chainText(after, touches) })
    } catch (error) {
      return fail({
        kind: 'unsupported-host',
        message: say`iptables refuses it: ${safe((error as Error).message)}`,
        next: say`Correct the rule and try again.`,
      })
    }
  }
