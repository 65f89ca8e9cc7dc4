import { expect, test } from 'vitest'
import { oddPort } from '../../../../../src/services/areas/firewall/checks/odd-port.ts'
import { readNftTable } from '../../../../../src/services/areas/firewall/nft/read.ts'
import { parseRuleSet } from '../../../../../src/services/areas/firewall/parse.ts'
import type { Layer } from '../../../../../src/services/model/firewall.ts'
import { filter } from '../../../../support/firewall-checks.ts'
import { DROP, dport, hooked, nftJson, rule } from '../../../../support/firewall-probes.ts'

const oddOf = (...rules: string[]) =>
  oddPort(parseRuleSet('v4', filter(...rules.map((rule) => `-A INPUT ${rule} -j ACCEPT`))))

test('the odd port is one that no rule names', () => {
  expect(oddOf()).toBe(54321)
  expect(oddOf('-p tcp -m tcp --dport 22', '-p tcp -m multiport --dports 80,443,1000:2000')).toBe(54321)
  expect(oddOf('-p tcp -m tcp --dport 54321')).not.toBe(54321)
  expect(oddOf('-p tcp -m tcp --dport 1024:65535')).toBe(1023)
  expect(oddOf('-p tcp -m tcp --dport 1024:65535', '-p udp -m multiport --dports 1:1000,1001:1022')).toBe(1023)
})

test('a range of all ports names none of them', () => {
  expect(oddOf('-p tcp -m tcp --dport 1:65535')).toBe(54321)
  expect(oddOf('-p tcp -m tcp --dport 0:65535')).toBe(54321)
})

test('where rules name all of them there is one all the same', () => {
  expect(oddOf('-p tcp -m tcp --dport 0:1023', '-p tcp -m tcp --dport 1024:65535')).toBe(54321)
})

test('what rules of nft and of the other backend name is named as well', () => {
  const beside = (...layers: readonly Layer[]) => ({ ...parseRuleSet('v4', filter()), beside: layers })
  const nft = readNftTable(
    'inet',
    'mine',
    nftJson('inet', 'mine', [hooked('in', 'input', 0, 'accept'), rule('in', dport({ range: [54000, 65535] }), DROP)]),
  )
  if (!nft) throw new Error('it is no table')
  expect(oddPort(beside({ kind: 'nft', table: nft, insteadOf: null }))).toBe(53_999)
  const { tables } = parseRuleSet('v4', filter('-A INPUT -p tcp -m tcp --dport 54000:65535 -j DROP'))
  expect(oddPort(beside({ kind: 'iptables', backend: 'legacy', tables, insteadOf: null }))).toBe(53_999)
})
