import { describe, expect, test } from 'vitest'
import type { Around } from '../../../../src/services/model/area.ts'
import { safe } from '../../../../src/services/model/safe.ts'
import { hostFacts } from '../../../support/plans.ts'
import { factsFrom, judged } from './some-rest.ts'

const EXIM = `@@exim
program exim4
says hostlist relay_from_hosts = : 127.0.0.1 : ::::1
says domainlist relay_to_domains =
says local_interfaces = <; 127.0.0.1 ; ::1
line /etc/exim4/update-exim4.conf.conf:25:dc_relay_nets=''
end
@@session
220 one ESMTP Exim 4.96 Sat, 28 Nov 2026 19:59:21 +0000
250-one Hello relay-test.invalid [198.51.100.7]
250-SIZE 52428800
250 HELP
250 OK
550 relay not permitted
221 one closing connection
end`
const exim = (from = '', to = '') => {
  expect(EXIM).toContain(from)
  return factsFrom({ 'rest-mail': EXIM.replace(from, () => to) })
}
const heard = (address: string): Around => ({
  listeners: [{ protocol: 'tcp', address: safe(address), port: 25, process: safe('exim4'), pid: 1, unit: null }],
})
const OUTSIDE = heard('0.0.0.0')

describe('exim', () => {
  test('refuses a stranger by its own answer, and its lists are told with where they come from', () => {
    expect(judged('exim-relay', exim(), hostFacts, OUTSIDE)).toBe(
      "pass refused | relay_from_hosts = : 127.0.0.1 : ::::1 | relay_to_domains =  | local_interfaces = <; 127.0.0.1 ; ::1 | /etc/exim4/update-exim4.conf.conf, line 25: dc_relay_nets='' | to 198.51.100.7, for a recipient elsewhere: 550 relay not permitted",
    )
  })

  test.each([
    ['550 relay not permitted', '250 Accepted', /^fail takes mail for anybody/],
    ['550 relay not permitted', '451 Temporary local problem', /^unknown it answers: 451/],
    ['550 relay not permitted\n221 one closing connection\n', '', /^unknown exim did not play/],
    ['550 relay not permitted\n221 one closing connection\nend', '', /^unknown exim did not play/],
    ['250 OK', '550 no empty senders', /^unknown exim did not play/],
    ['127.0.0.1 : ', '127.0.0.1 : 0.0.0.0/0 : ', /^unknown relay_from_hosts has 0\.0\.0\.0\/0/],
    ['127.0.0.1 : ', '127.0.0.1 : 192.0.2.0/24 : ', /^pass/],
    [
      '127.0.0.1 : ',
      '127.0.0.1 : net-lsearch;/etc/hosts.relay : ',
      /^unknown a stranger is refused; others by net-lsearch/,
    ],
    ['127.0.0.1 : ', '127.0.0.1 : *.example.org : ', /^unknown a stranger is refused; others by \*\.example/],
    ['relay_to_domains =', 'relay_to_domains = *', /^fail relay_to_domains has \*/],
    ['says hostlist relay_from_hosts = : 127.0.0.1 : ::::1\n', '', /^unknown a stranger is refused; its lists/],
    ['program exim4\n', '', /^notapplicable not installed/],
    ["''\nend", "''", /^unknown exim did not answer in time/],
  ])('with %j as %j', (from, to, words) => {
    expect(judged('exim-relay', exim(from, to), hostFacts, OUTSIDE)).toMatch(words)
  })

  test('that has not played a session is judged by a list that lets in everybody', () => {
    const text = EXIM.replace('127.0.0.1 : ', '* : ').replace(/@@session.*/s, '')
    expect(judged('exim-relay', factsFrom({ 'rest-mail': text }), hostFacts, OUTSIDE)).toMatch(
      /^fail relay_from_hosts has \*/,
    )
  })

  test('that nobody else reaches is no finding', () => {
    const open = exim('550 relay not permitted', '250 Accepted')
    expect(judged('exim-relay', open, hostFacts, heard('127.0.0.1'))).toMatch(/^pass heard by this host alone: takes/)
    expect(judged('exim-relay', open, hostFacts, { listeners: [] })).toMatch(/^pass does not listen: takes/)
  })
})
