// The words of rules as iptables-save prints them, held against both backends.
import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRuleSet } from '../../../src/services/areas/firewall/parse.ts'
import { canonicalRule } from '../../../src/services/areas/firewall/rule-canon.ts'
import { restoreInput } from '../../support/rule-generator.ts'
import { whyNoLab } from '../lab.ts'

const RUNS = Number(process.env.HARDTUI_RULE_SETS ?? 12)

/** Ways to write the same, each with the words that iptables-save has for it. */
const WRITTEN = [
  '-p tcp -s 10.0.0.5 --dport ssh -j ACCEPT',
  '--protocol tcp --source 10.1.0.0/255.255.0.0 ! --destination 192.0.2.1 --destination-port 80:90 --jump DROP',
  '-p tcp --syn -m limit --limit 3/minute --limit-burst 5 -j ACCEPT',
  '-p tcp -m multiport --dports ssh,http,https -i eth0 -o eth1 -j ACCEPT',
  '-p icmp --icmp-type echo-request -j ACCEPT',
  '-p icmp --icmp-type port-unreachable -j ACCEPT',
  '-m conntrack --ctstate ESTABLISHED,RELATED,NEW -j ACCEPT',
  '-m state --state ESTABLISHED,RELATED -j ACCEPT',
  '-p udp --sport domain ! --dport 1:1023 -m comment --comment "a b" -j ACCEPT',
  '-j REJECT',
  '-p tcp -j REJECT --reject-with tcp-reset',
  '-j LOG --log-prefix "x: " --log-level warning',
  '-s 0.0.0.0/0 -j DROP',
  '-m hashlimit --hashlimit-upto 5/min --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name a -j ACCEPT',
]
const NAMES = new Map(
  spawnSync('sed', [
    '-n',
    's|^\\([A-Za-z0-9._-]*\\)[[:space:]]*\\([0-9]*\\)/\\([tcud]*p\\).*|\\3/\\2 \\1|p',
    '/etc/services',
  ])
    .stdout.toString()
    .split('\n')
    .map((line) => line.split(' ') as [string, never]),
)

describe.runIf(whyNoLab() === null).each(['nft', 'legacy'])('rules as iptables of %s prints them', (backend) => {
  const saved = (input: string): string => {
    const argv = ['-n', 'sh', '-c', `iptables-${backend}-restore && iptables-${backend}-save`]
    const { status, stdout, stderr } = spawnSync('unshare', argv, { input })
    if (status !== 0) throw new Error(`${stderr}`)
    return stdout.toString()
  }
  const textsOf = (save: string) =>
    parseRuleSet('v4', save).tables.flatMap(({ chains }) =>
      chains.flatMap(({ rules }) => rules.map(({ text }) => text)),
    )

  test('stay as they are', () => {
    fc.assert(
      fc.property(restoreInput('v4', 8), (input) => {
        for (const text of textsOf(saved(input))) expect(canonicalRule(text, 'v4', NAMES)).toBe(text)
      }),
      { numRuns: RUNS, seed: 5 },
    )
  })

  test.each(WRITTEN)('%s', (written) => {
    const [text] = textsOf(saved(`*filter\n-A FORWARD ${written}\nCOMMIT\n`))
    expect(canonicalRule(written, 'v4', NAMES)).toBe(text)
  })
})
