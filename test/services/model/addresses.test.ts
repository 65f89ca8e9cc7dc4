import { expect, test } from 'vitest'
import { bareAddress, familyOf, isLoopback } from '../../../src/services/model/addresses.ts'

test.each([
  ['192.0.2.1', 'v4'],
  ['2001:db8::1', 'v6'],
  ['::ffff:192.0.2.1', 'v4'],
  ['::FFFF:c000:201', 'v4'],
  ['[::ffff:192.0.2.1]', 'v4'],
  ['fe80::1%eth0', 'v6'],
  ['[fe80::1]%eth0', 'v6'],
  ['127.0.0.53%lo', 'v4'],
  ['::', 'v6'],
  ['0.0.0.0', 'v4'],
  ['*', null],
  ['', null],
  ['web1', null],
  ['1.2.3', null],
  ['::1:2:3:4:5:6:7:8', null],
])('%j is of family %s', (text, family) => {
  expect(familyOf(text)).toBe(family)
})

test.each([
  ['127.0.0.1', true],
  ['127.8.9.1', true],
  ['128.0.0.1', false],
  ['::1', true],
  ['[::1]', true],
  ['::ffff:127.0.0.1', true],
  ['[::ffff:127.0.0.53]%lo', true],
  ['::ffff:192.0.2.1', false],
  ['::1:25', false],
  ['::', false],
  ['*', false],
  ['127.0.0.1.example.net', false],
])('whether %j is the loopback address: %s', (text, loopback) => {
  expect(isLoopback(text)).toBe(loopback)
})

test.each([
  ['[fe80::1]%eth0', 'fe80::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['[::]', '::'],
  ['*', '*'],
])('%j without brackets and zone is %j', (text, bare) => {
  expect(bareAddress(text)).toBe(bare)
})
