import { BlockList, isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matchesAddresses } from '../../../../src/services/areas/sshd/addresses.ts'

describe('a list of addresses', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '198.51.100.0/24,192.0.2.0/24', true],
    ['192.0.2.1', '192.0.2.*', true],
    ['192.0.2.1', '*,!192.0.2.0/24', false],
    ['192.0.2.1', '!192.0.2.9,192.0.2.?', true],
    ['192.0.2.1', '::/0', false],
    ['::ffff:192.0.2.1', '192.0.2.0/24', true],
    ['2001:db8::7', '2001:DB8::/32', true],
    ['2001:db8::7', '2001:db8:0:0:0:0:0:7', true],
    ['fe80::1%eth0', 'fe80::/10', true],
    ['2001:db8::7', 'web*.example', false],
    ['192.0.2.1', '', false],
  ])('%s in %s: %s', (address, list, expected) => {
    expect(matchesAddresses(address, list)).toBe(expected)
  })

  test('agrees with node about every network', () => {
    const address = fc.oneof(
      fc.ipV4(),
      fc.ipV6().filter((text) => !/\.|^::ffff:/i.test(text)),
    )
    fc.assert(
      fc.property(address, address, fc.nat(128), (network, one, length) => {
        const family = isIPv6(network) ? 'ipv6' : 'ipv4'
        const bits = family === 'ipv6' ? length : length % 33
        const nodes = new BlockList()
        nodes.addSubnet(network, bits, family)
        // Node takes a v4 address for a v6 one; sshd does not.
        const inside = isIPv6(one) === isIPv6(network) && nodes.check(one, family)
        expect(matchesAddresses(one, `${network}/${bits}`)).toBe(inside)
        expect(matchesAddresses(network, `${network}/${bits}`)).toBe(true)
      }),
    )
  })
})
