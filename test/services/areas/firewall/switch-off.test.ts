import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toOtherFamily } from '../../../../src/services/areas/firewall/other-family.ts'
import { switchedOff, switchOff, switchOn } from '../../../../src/services/areas/firewall/switch-off.ts'

const RULES = [
  ['-p tcp -m tcp --dport 22 ', '-j ACCEPT'],
  ['', '-j DROP'],
  ['', '-g web'],
  ['-s 192.0.2.1/32 -m comment --comment "say \\"-j DROP\\" twice" ', '-j REJECT --reject-with tcp-reset'],
  ['-m limit --limit 5/min ', '-j LOG --log-prefix "it\\\'s dropped: "'],
] as const

describe('a rule that is switched off', () => {
  test.each(RULES)('comes back byte for byte: %s%s', (matches, target) => {
    const off = switchOff(matches + target) as string
    expect(off.startsWith(`${matches}-m comment --comment "off by hardtui: -`)).toBe(true)
    expect(switchedOff(off)).toBe(target)
    expect(switchOn(off)).toBe(matches + target)
  })

  test('keeps its target whatever it is', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]{0,60}$/), (prefix) => {
        const quoted = prefix.replace(/["'\\]/g, '\\$&')
        const text = `-p udp -m comment --comment "${quoted}" -j NFLOG --nflog-prefix "${quoted}"`
        const off = switchOff(text)
        expect(off === null ? text : switchOn(off)).toBe(text)
      }),
    )
  })

  test('is not made of one without target, or with one that is too long to keep', () => {
    expect(switchOff('-p tcp')).toBeNull()
    expect(switchOff(`-j LOG --log-prefix "${'x'.repeat(250)}"`)).toBeNull()
    expect(switchedOff('-p tcp -m comment --comment "off by hardtui: " -j DROP')).toBeNull()
    expect(switchOn('-j DROP')).toBeNull()
  })

  const script = (save: string): string => `iptables -V >/dev/null && ${save.replace('-save', '-restore')} && ${save}`
  test.skipIf(process.getuid?.() !== 0).each(['iptables-save', 'iptables-legacy-save'])(
    'is printed by %s as it was loaded',
    (save) => {
      const rules = RULES.map(([matches, target]) => `-A INPUT ${switchOff(matches + target)}`)
      const input = ['*filter', ':INPUT ACCEPT [0:0]', ':web - [0:0]', ...rules, 'COMMIT', ''].join('\n')
      const { stdout } = spawnSync('unshare', ['-n', 'sh', '-c', script(save)], { input })
      expect(
        stdout
          .toString()
          .split('\n')
          .filter((line) => line.startsWith('-A')),
      ).toEqual(rules)
    },
  )
})

describe('a rule in the other family’s words', () => {
  test.each([
    ['-p tcp -m tcp --dport 22 -j ACCEPT', '-p tcp -m tcp --dport 22 -j ACCEPT'],
    ['-p icmp -m icmp --icmp-type 8 -j ACCEPT', '-p ipv6-icmp -m icmp6 --icmpv6-type 128 -j ACCEPT'],
    ['-p tcp -j REJECT --reject-with icmp-port-unreachable', '-p tcp -j REJECT --reject-with icmp6-port-unreachable'],
    ['-m comment --comment "from 192.0.2.1" -j DROP', '-m comment --comment "from 192.0.2.1" -j DROP'],
    ['-p icmp -j DROP', '-p ipv6-icmp -j DROP'],
  ])('%s is %s', (v4, v6) => {
    expect(toOtherFamily(v4, 'v4')).toEqual({ ok: true, value: v6 })
    expect(toOtherFamily(v6, 'v6')).toEqual({ ok: true, value: v4 })
  })

  test.each([
    ['-s 192.0.2.1/32 -j ACCEPT', 'names 192.0.2.1/32'],
    ['-m iprange --src-range 10.0.0.1-10.0.0.9 -j ACCEPT', 'an address has no counterpart'],
    ['-p icmp -m icmp --icmp-type 13 -j ACCEPT', 'ICMP type 13'],
    ['-m ttl --ttl-eq 1 -j DROP', 'means nothing'],
    ['-j DNAT --to-destination 10.0.0.1:80', 'an address has no counterpart'],
  ])('%s has none', (text, reason) => {
    const made = toOtherFamily(text, 'v4')
    expect(made.ok ? '' : made.error).toContain(reason)
  })
})
