import { describe, expect, test } from 'vitest'
import { part } from '../../../../src/services/areas/firewall/foreign-chains.ts'
import { parseRuleSet } from '../../../../src/services/areas/firewall/parse.ts'

const SAVE = `*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -o shop0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o shop0 -j DOCKER
-A FORWARD -i shop0 ! -o shop0 -j ACCEPT
-A FORWARD -i shop0 -o shop0 -j ACCEPT
-A FORWARD -i docker0 -o docker0 -j ACCEPT
-A FORWARD -i wg0 -o eth0 -j ACCEPT
-A FORWARD -i eth0 -m comment --comment "to -o shop0" -j DROP
-A DOCKER -d 172.18.0.2/32 ! -i shop0 -o shop0 -p tcp -m tcp --dport 90 -j ACCEPT
-A DOCKER-USER -i wg0 -j RETURN
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.18.0.0/16 ! -o shop0 -j MASQUERADE
-A POSTROUTING -s 172.18.0.2/32 -d 172.18.0.2/32 -p tcp -m tcp --dport 90 -j MASQUERADE
-A POSTROUTING -s 10.9.0.0/24 -o eth0 -j MASQUERADE
COMMIT
`

describe('whose a rule is', () => {
  const { tables } = parseRuleSet('v4', SAVE)
  const own = (name: string) =>
    tables
      .filter((table) => table.name === name)
      .flatMap((table) => part(table, tables).own.chains.flatMap((chain) => chain.rules.map((rule) => rule.text)))

  test('rules about a bridge that Docker’s chains name are Docker’s, whatever it is called', () => {
    expect(own('filter')).toEqual(['-i wg0 -o eth0 -j ACCEPT', '-i eth0 -m comment --comment "to -o shop0" -j DROP'])
  })

  test('in another table than the one that names it as well, and a container’s way to itself', () => {
    expect(own('nat')).toEqual(['-s 10.9.0.0/24 -o eth0 -j MASQUERADE'])
  })

  test('what DOCKER-USER names is the operator’s', () => {
    expect(own('filter')).toContain('-i wg0 -o eth0 -j ACCEPT')
  })

  test('without Docker a bridge is anybody’s', () => {
    const bare = parseRuleSet('v4', '*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -i shop0 -o shop0 -j ACCEPT\nCOMMIT\n')
    expect(bare.tables.map((table) => part(table, bare.tables).rules)).toEqual([0])
  })
})
