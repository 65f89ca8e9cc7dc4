import { describe, expect, test } from 'vitest'
import { parseRuleSet } from '../../../../src/services/areas/firewall/parse.ts'
import { canonicalRule } from '../../../../src/services/areas/firewall/rule-canon.ts'
import { parseRulesFile } from '../../../../src/services/areas/firewall/rules-file.ts'
import { savedDifference } from '../../../../src/services/areas/firewall/saved-difference.ts'
import { say } from '../../../../src/services/model/safe.ts'

const NAMES = new Map([
  ['tcp/22', say`ssh`],
  ['tcp/80', say`http`],
  ['tcp/443', say`https`],
])

test.each([
  ['-p tcp --dport ssh -s 10.0.0.5 -j ACCEPT', '-s 10.0.0.5/32 -p tcp -m tcp --dport 22 -j ACCEPT'],
  [
    '--protocol TCP --source 10.0.0.0/255.0.0.0 --destination-port 22 --jump ACCEPT',
    '-s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j ACCEPT',
  ],
  ['-p icmp --icmp-type echo-request -j ACCEPT', '-p icmp -m icmp --icmp-type 8 -j ACCEPT'],
  ['-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT', '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'],
  ['-j REJECT', '-j REJECT --reject-with icmp-port-unreachable'],
  [
    '-p tcp -m multiport --dports ssh,http:https -i eth0 -j ACCEPT',
    '-i eth0 -p tcp -m multiport --dports 22,80:443 -j ACCEPT',
  ],
  [
    '-p tcp --syn -m limit --limit 3/minute --limit-burst 5 -j ACCEPT',
    '-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m limit --limit 3/min -j ACCEPT',
  ],
  [
    '! -s 192.0.2.1 -m comment --comment "-j DROP it" -j LOG --log-level warning',
    '! -s 192.0.2.1/32 -m comment --comment "-j DROP it" -j LOG',
  ],
  ['-s 0.0.0.0/0 -p all -j DROP', '-j DROP'],
  ['-m somethingnew --what ever -j DROP', '-m somethingnew --what ever -j DROP'],
])('%s comes to %s', (written, loaded) => {
  expect(canonicalRule(written, 'v4', NAMES)).toBe(loaded)
  expect(canonicalRule(loaded, 'v4', NAMES)).toBe(loaded)
})

describe('a file that a person has written', () => {
  const WRITTEN = `# mine
*filter
-P INPUT DROP
-N web
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp --dport ssh -s 10.0.0.5 -j ACCEPT
-I INPUT 1 -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
-A INPUT -j web
-A web -p tcp -m multiport --dports http,https -j ACCEPT
COMMIT
`
  const LOADED = `*filter
:INPUT DROP [12:3400]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:web - [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -i lo -j ACCEPT
-A INPUT -s 10.0.0.5/32 -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -j web
-A web -p tcp -m multiport --dports 80,443 -j ACCEPT
COMMIT
`
  const live = parseRuleSet('v4', LOADED)

  test('is as the rules that it loads', () => {
    const difference = savedDifference(live, parseRulesFile('v4', WRITTEN, NAMES), 9)
    expect(difference).toEqual({ onlyLive: 0, onlySaved: 0, reordered: 0, policies: 0, lines: [] })
  })

  test('differs where it says something else', () => {
    const other = WRITTEN.replace('-A INPUT -i lo -j ACCEPT\n', '').replace('-P INPUT DROP\n', '')
    expect(savedDifference(live, parseRulesFile('v4', other, NAMES), 9)).toMatchObject({
      onlyLive: 1,
      onlySaved: 0,
      policies: 1,
    })
    const turned = WRITTEN.replace('-A INPUT -i lo -j ACCEPT\n', '').replace(
      'COMMIT',
      '-A INPUT -i lo -j ACCEPT\nCOMMIT',
    )
    expect(savedDifference(live, parseRulesFile('v4', turned, NAMES), 9)).toMatchObject({
      onlyLive: 0,
      onlySaved: 0,
      reordered: 1,
    })
  })

  test('holds what iptables-save printed as it is', () => {
    expect(parseRulesFile('v4', LOADED, NAMES).tables).toEqual(parseRuleSet('v4', LOADED).tables)
  })
})
