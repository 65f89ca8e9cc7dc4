import { expect, test } from 'vitest'
import { matchList } from '../../../../src/services/areas/dns/acl.ts'
import { configOf } from '../../../../src/services/areas/dns/config/named.ts'
import { printedOf, statementsOf } from '../../../../src/services/areas/dns/config/statements.ts'
import { ownAddresses } from '../../../../src/services/areas/dns/own.ts'
import { bytesOf } from '../../../../src/services/model/file-bytes.ts'
import { tooSlow } from '../../../support/too-slow.ts'

const ROWS: readonly (readonly [string, (text: string) => unknown, readonly string[]])[] = [
  [
    'named.conf',
    (text) => statementsOf('x', text.slice(0, 262_144)),
    ['/*', '//', '"', 'options {', 'a { b; };', '{', '};', '! '],
  ],
  ['what named-checkconf printed', printedOf, ['/etc/x:1: ', 'options {\n', 'a']],
  [
    'a list that is asked',
    (text) => {
      const read = statementsOf('x', bytesOf(`acl a { ${text.slice(0, 262_144)} };`))
      const list = read.ok ? configOf(read.value).acls.get('a') : undefined
      return list && matchList(list, 0x0a000001, { config: { acls: new Map([['a', list]]) }, own: null })
    },
    ['10.0.0.0/8;', '! 10.0.0.1;', 'a;', 'any;', '{ any; };'],
  ],
  [
    'addresses',
    (text) => ownAddresses(text.split('\n')),
    ['2: eth0    inet 192.0.2.1/24', '2: eth0    inet6 2001:db8::1/64'],
  ],
]

test.each(ROWS)(
  '%s: a megabyte is read in less than a second',
  (_, parse, beginnings) => {
    expect(tooSlow(parse, beginnings)).toBeNull()
  },
  120_000,
)
