import { expect, test } from 'vitest'
import { withTable } from '../../../../src/services/areas/firewall/builtin-chains.ts'
import { parseRuleSet } from '../../../../src/services/areas/firewall/parse.ts'
import { type Insertion, readRuleInput } from '../../../../src/services/areas/firewall/rule-input.ts'

const set = withTable(
  parseRuleSet(
    'v4',
    '*filter\n:INPUT ACCEPT [0:0]\n:mine - [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -j DROP\nCOMMIT\n',
  ),
  'filter',
)
const [first, second] = set.tables[0]?.chains[0]?.rules.map((rule) => rule.id) ?? []
const place: Insertion = { at: { family: 'v4', table: 'filter', chain: 'INPUT' }, before: second ?? null }
const read = (line: string) => readRuleInput(line, place, set, () => 'new')

test.each([
  ['-p tcp --dport 80 -j ACCEPT', 'INPUT', second, '-p tcp --dport 80 -j ACCEPT'],
  ['-A INPUT -p tcp --dport 80 -j ACCEPT', 'INPUT', null, '-p tcp --dport 80 -j ACCEPT'],
  ['-I INPUT -j DROP', 'INPUT', first, '-j DROP'],
  ['-I INPUT 2 -j DROP', 'INPUT', second, '-j DROP'],
  ['-I INPUT 3 -j DROP', 'INPUT', null, '-j DROP'],
  ['sudo /usr/sbin/iptables -w 5 -t filter --append mine -j RETURN', 'mine', null, '-j RETURN'],
  ["-m comment --comment 'two words' -j ACCEPT", 'INPUT', second, '-m comment --comment "two words" -j ACCEPT'],
  ['-t nat -A POSTROUTING -j MASQUERADE', 'POSTROUTING', null, '-j MASQUERADE'],
  ['! -s 10.0.0.0/8 -j DROP', 'INPUT', second, '! -s 10.0.0.0/8 -j DROP'],
  [
    '-A INPUT -s 203.0.113.1,203.0.113.2 -p tcp --dport 80 -j ACCEPT',
    'INPUT',
    null,
    '-s 203.0.113.1,203.0.113.2 -p tcp --dport 80 -j ACCEPT',
  ],
  [
    '-A INPUT -p tcp -m comment --comment COMMIT -j ACCEPT',
    'INPUT',
    null,
    '-p tcp -m comment --comment COMMIT -j ACCEPT',
  ],
  ['iptables -w5 -A INPUT -j DROP', 'INPUT', null, '-j DROP'],
  ['iptables --wait=5 -W 1000 -A INPUT -j DROP', 'INPUT', null, '-j DROP'],
  ['iptables -W100000 -v -n -4 -A INPUT -j DROP', 'INPUT', null, '-j DROP'],
  ['/usr/sbin/iptables-nft --ipv4 --table=filter -A INPUT -j DROP', 'INPUT', null, '-j DROP'],
  ['sudo iptables-legacy -tnat -A POSTROUTING -j MASQUERADE', 'POSTROUTING', null, '-j MASQUERADE'],
  ['-w -A INPUT -j DROP', 'INPUT', null, '-j DROP'],
])('%s is taken', (line, chain, before, text) => {
  const result = read(line)
  expect(result).toMatchObject({ ok: true, value: { kind: 'insert', at: { chain }, before, text } })
})

test.each([
  ['', 'at least a target'],
  ['ACCEPT tcp', 'is not a match or target'],
  ['-D INPUT 1', 'press x'],
  ['-F', 'not offered'],
  ['-P INPUT DROP', 'press P'],
  ['-A NOWHERE -j DROP', 'no chain NOWHERE'],
  ['-I INPUT 9 -j DROP', 'no place 9'],
  ['-p tcp -j', 'needs a target'],
  ['-m comment --comment "open -j DROP', 'never closed'],
  ['-j ACCEPT\nCOMMIT', 'one line'],
  ['ip6tables -A INPUT -j DROP', 'v6'],
  ['iptables -6 -A INPUT -j DROP', 'v6'],
  ['ip6tables-nft -A INPUT -j DROP', 'v6'],
  ['-t', 'name of a table'],
  ['-A -j DROP', 'name of a chain'],
  ['COMMIT', 'is not a match or target'],
  ['constructor', 'is not a match or target'],
  ['-t constructor -A toString -j DROP', 'no chain toString'],
])('%j is refused with the reason', (line, reason) => {
  const result = read(line)
  expect(result.ok).toBe(false)
  if (!result.ok) expect(result.error).toContain(reason)
})
