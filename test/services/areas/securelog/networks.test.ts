import { expect, test } from 'vitest'
import { groupByNetwork, networkOf } from '../../../../src/services/areas/securelog/networks.ts'
import { safe } from '../../../../src/services/model/safe.ts'
import type { Tries } from '../../../../src/services/model/securelog.ts'

test.each([
  ['203.0.113.7', '203.0.113.0/24'],
  ['255.255.255.255', '255.255.255.0/24'],
  ['::ffff:203.0.113.7', '203.0.113.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::7', '2001:db8::/64'],
  ['2001:0:0:1::7', '2001:0:0:1::/64'],
  ['fe80::1%eth0', 'fe80::/64'],
  ['host.example', null],
  ['', null],
])('the network of %j is %j, as rules are printed', (address, expected) => {
  expect(networkOf(address)).toBe(expected)
})

test('addresses of one network are told of together, where there are several', () => {
  const tries = (name: string, count: number, at: number): Tries => ({
    ...{ name: safe(name), tries: count, first: at, last: at + 1, others: [], more: false },
  })
  expect(groupByNetwork([tries('203.0.113.7', 3, 5), tries('198.51.100.1', 9, 1), tries('203.0.113.9', 4, 2)])).toEqual(
    [
      {
        ...{ name: '203.0.113.0/24', tries: 7, first: 2, last: 6, addresses: 2, more: false },
        others: ['203.0.113.7', '203.0.113.9'],
      },
    ],
  )
})
