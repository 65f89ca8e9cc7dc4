import { describe, expect, test } from 'vitest'
import type { Around } from '../../../../src/services/model/area.ts'
import { safe } from '../../../../src/services/model/safe.ts'
import { hostFacts } from '../../../support/plans.ts'
import { factsFrom, judged } from './some-rest.ts'

const PROFTPD = `installed
module mod_core.c
main /etc/proftpd/proftpd.conf
in /etc/proftpd/proftpd.conf
11 Include /etc/proftpd/modules.conf
20 <IfModule mod_tls.c>
21 Include /etc/proftpd/tls.conf
22 </IfModule>
30 <IfModule mod_ident.c>
31 </IfModule>
40 Include /etc/proftpd/conf.d/
whole /etc/proftpd/proftpd.conf
of /etc/proftpd/modules.conf
of /etc/proftpd/modules.conf /etc/proftpd/modules.conf
of /etc/proftpd/tls.conf
of /etc/proftpd/tls.conf /etc/proftpd/tls.conf
of /etc/proftpd/conf.d/
in /etc/proftpd/modules.conf
5 LoadModule mod_tls.c
whole /etc/proftpd/modules.conf
in /etc/proftpd/tls.conf
10 TLSEngine on
12 TLSRequired on
whole /etc/proftpd/tls.conf
end`
const PURE = `installed
account ftp
option -l
option pam
option -E
option -Y
option 2
wrapped
end`
type Change = readonly [from: string, to: string]
const changed = (text: string, changes: readonly Change[]): string =>
  changes.reduce((all, [from, to]) => {
    expect(all).toContain(from)
    return all.replace(from, () => to)
  }, text)
const OUTSIDE: Around = {
  listeners: [{ protocol: 'tcp', address: safe('*'), port: 21, process: safe('proftpd'), pid: 1, unit: null }],
}
const proftpd = (...changes: readonly Change[]): string =>
  judged(
    'proftpd',
    factsFrom({ 'rest-ftp': `@@proftpd\n${changed(PROFTPD, changes)}\n@@pure-ftpd\n` }),
    hostFacts,
    OUTSIDE,
  )
const pure = (text: string): string => judged('pure-ftpd', factsFrom({ 'rest-ftp': `@@proftpd\n@@pure-ftpd\n${text}` }))

describe('proftpd', () => {
  test('with TLS for all logins and nobody unknown is as it should be, with the lines that say so', () => {
    expect(proftpd()).toBe(
      'pass nobody unknown, TLS for all logins | /etc/proftpd/tls.conf, line 10: TLSEngine on | /etc/proftpd/tls.conf, line 12: TLSRequired on',
    )
  })

  test.each<readonly [readonly Change[], RegExp]>([
    [[['TLSEngine on', 'TLSEngine off']], /^fail no TLS/],
    [[['12 TLSRequired on\n', '']], /^fail TLS only for who asks/],
    [[['TLSRequired on', 'TLSRequired data']], /^fail TLS only for who asks/],
    [[['TLSRequired on', 'TLSRequired auth+data']], /^pass/],
    [[['5 LoadModule mod_tls.c\n', '']], /^fail no TLS/],
    [[['<IfModule mod_tls.c>', '<IfModule !mod_tls.c>']], /^fail no TLS/],
    [
      [['30 <If', '25 <Anonymous ~ftp>\n26 User ftp\n25 </Anonymous>\n30 <If']],
      /^fail anonymous \|.*line 25: <Anonymous ~ftp>/,
    ],
    [[['30 <If', '25 <Anonymous ~www>\n26 AnonRequirePassword on\n25 </Anonymous>\n30 <If']], /^pass/],
    [[['31 </If', '25 <Anonymous ~ftp>\n25 </Anonymous>\n31 </If']], /^pass/],
    [[['30 <If', '25 <Global>\n26 <Anonymous ~ftp>\n26 </Anonymous>\n25 </Global>\n30 <If']], /^fail anonymous/],
    [[['30 <If', '25 <VirtualHost 192.0.2.1>\n25 </VirtualHost>\n30 <If']], /^fail no TLS/],
    [[['30 <If', '25 <VirtualHost 192.0.2.1>\n26 SFTPEngine on\n25 </VirtualHost>\n30 <If']], /^pass/],
    [
      [
        ['10 TLSEngine on', '9 <Global>\n10 TLSEngine on'],
        ['12 TLSRequired on', '12 TLSRequired on\n9 </Global>'],
        ['30 <If', '25 <VirtualHost 192.0.2.1>\n25 </VirtualHost>\n30 <If'],
      ],
      /^pass/,
    ],
    [[['30 <If', '25 <IfDefine X>\n25 </IfDefine>\n30 <If']], /^unknown/],
    [[['of /etc/proftpd/conf.d/\n', '']], /^unknown what it includes/],
    [
      [['whole /etc/proftpd/tls.conf', 'unread /etc/proftpd/tls.conf']],
      /^unknown \/etc\/proftpd\/tls\.conf can't be read/,
    ],
    [[['31 </IfModule>\n', '']], /^unknown/],
    [[['\nend', '\nodd\nend']], /^unknown/],
    [[['\nend', '']], /^unknown its files were not read/],
    [[['of /etc/proftpd/conf.d/', 'of /etc/proftpd/conf.d/ /etc/proftpd/proftpd.conf']], /^unknown what it includes/],
    [[[PROFTPD, '']], /^notapplicable not installed/],
  ])('with %j', (changes, words) => expect(proftpd(...changes)).toMatch(words))
})

describe('pure-ftpd', () => {
  test.each([
    [PURE, /^pass nobody unknown, TLS for all logins \| pure-ftpd-wrapper starts it with -l pam -E -Y 2/],
    [PURE.replace('option -E\n', ''), /^fail anonymous \|/],
    [PURE.replace('option -E\n', '').replace('account ftp\n', ''), /^pass/],
    [PURE.replace('option 2', 'option 1'), /^fail TLS only for who asks/],
    [PURE.replace('option -Y\noption 2\n', ''), /^fail no TLS/],
    [PURE.replace('option -Y\noption 2\n', 'option -Y3\n'), /^pass/],
    [PURE.replace('option -Y\noption 2\n', 'option --tls=1\n'), /^fail TLS only/],
    [PURE.replace('option 2\n', ''), /^unknown/],
    [PURE.replace('wrapped\n', ''), /^unknown what it is started with/],
    [
      'installed\naccount ftp\nline /etc/pure-ftpd.conf:9:NoAnonymous yes\nline /etc/pure-ftpd.conf:20:TLS 2\nread /etc/pure-ftpd.conf\nend',
      /^pass .*line 20: TLS 2/,
    ],
    ['installed\naccount ftp\nread /etc/pure-ftpd.conf\nend', /^fail anonymous, no TLS/],
    ['installed\nunread /etc/pure-ftpd.conf\nend', /^unknown \/etc\/pure-ftpd\.conf can't be read/],
    ['installed', /^unknown how it is started/],
    ['', /^notapplicable not installed/],
  ])('%j', (text, words) => expect(pure(text)).toMatch(words))
})
