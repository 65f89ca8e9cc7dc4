import { describe, expect, test } from 'vitest'
import { relayOf } from '../../../../src/services/areas/rest/services/relay.ts'
import { factsFrom, judged } from './some-rest.ts'

const POSTFIX = `mynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128
inet_interfaces = all
smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated defer_unauth_destination
smtpd_recipient_restrictions =
end`
const VSFTPD = `/etc/vsftpd.conf:25:anonymous_enable=NO
/etc/vsftpd.conf:28:local_enable=YES
/etc/vsftpd.conf:151:ssl_enable=NO
installed
end`
const AGES = `now 1795880000
aide 1795000000 /var/lib/aide/aide.db
clamav 1795800000 /var/lib/clamav/daily.cvd
has aide
database 1795700000 /var/lib/tripwire/one.twd
report 1795800000 /var/lib/tripwire/report/one-20261128-061500.twr
has tripwire
watches /etc/cron.daily/tripwire
has freshclam
job /etc/cron.daily/aide
process freshclam
end`
function services(from = '', to = '') {
  const text = `@@postfix\n${POSTFIX}\n@@vsftpd\n${VSFTPD}\n@@ages\n${AGES}`.replace(from, () => to)
  return factsFrom({ 'rest-services': text })
}

describe('who may send mail to anybody', () => {
  test.each([
    ['', '', /^pass refused \| mynetworks = 127/],
    ['mynetworks = ', 'mynetworks = 0.0.0.0/0 ', /^fail mynetworks has 0\.0\.0\.0\/0/],
    [' defer_unauth_destination', '', /^unknown no list refuses it/],
    [
      'permit_mynetworks',
      'check_client_access hash:/etc/x permit_mynetworks',
      /^unknown depends on check_client_access/,
    ],
    ['mynetworks = 127.0.0.0/8', 'mynetworks = cidr:/etc/postfix/networks', /^unknown mynetworks is kept in a list/],
    [
      'restrictions =\nend',
      'restrictions =\nservice submission/inet/smtpd_relay_restrictions = permit\nend',
      /^unknown master\.cf/,
    ],
    ['mynetworks', 'x', /^unknown postconf did not answer/],
    [POSTFIX, '', /^notapplicable/],
  ])('with %j as %j', (from, to, words) => expect(judged('mail-relay', services(from, to))).toMatch(words))

  test.each([
    ['permit_mynetworks, reject_unauth_destination', 'permit', 'no'],
    ['permit_mynetworks', 'permit_mynetworks,reject_unauth_destination', 'no'],
    ['permit_mynetworks permit reject', '', 'yes'],
    ['', '', 'yes'],
    ['check_policy_service unix:x reject', '', 'depends'],
    ['check_policy_service unix:x reject', 'reject_unauth_destination', 'no'],
    ['reject_unknown_client_hostname permit_auth_destination reject', '', 'no'],
  ])('by the lists %j and %j', (relay, recipient, open) => expect(relayOf(relay, recipient).open).toBe(open))
})

describe('FTP', () => {
  test.each([
    ['', '', /^fail no TLS \| \/etc\/vsftpd\.conf, line 25: anonymous_enable=NO/],
    ['ssl_enable=NO', 'ssl_enable=YES', /^pass/],
    ['anonymous_enable=NO', 'x=1', /^fail anonymous, no TLS/],
    ['installed', 'installed\nunread', /^unknown/],
    ['installed\n', '\n', /^notapplicable/],
  ])('with %j as %j', (from, to, words) => expect(judged('ftp', services(from, to))).toMatch(words))
})

describe('what watches over files', () => {
  test.each([
    ['aide', '', '', /^pass database is 10 days old/],
    ['aide', 'job', 'x', /^fail no job compares/],
    ['aide', 'aide.db\n', 'aide.db.new\n', /^fail no database/],
    ['aide', 'has aide', 'closed aide\nhas aide', /^unknown/],
    ['aide', 'has aide\n', '', /^notapplicable/],
    ['tripwire', '', '', /^pass database is 2 days old \| .*one\.twd: 2 days old \| last report: .*22 h old \| job: /],
    ['tripwire', 'database', 'x', /^fail no database/],
    // A report of today was written by a job, wherever that is.
    ['tripwire', 'watches', 'x', /^pass/],
    [
      'tripwire',
      'report 1795800000 /var/lib/tripwire/report/one-20261128-061500.twr\nhas tripwire\nwatches',
      'has tripwire\nx',
      /^fail no report of this week, and no job in/,
    ],
    ['tripwire', '1795700000', '1794000000', /^pass database is 21 days old/],
    [
      'tripwire',
      'database 1795700000',
      'database 1794000000 /a.twd\nreport 1794100000 /r.twr\nx',
      /^fail its last report is 20 days old/,
    ],
    ['tripwire', 'database 1795700000', 'database 1795700000 /a.twd\nreport 1794100000 /r.twr\nx', /^pass/],
    ['tripwire', 'has tripwire', 'closed tripwire\nhas tripwire', /^unknown/],
    ['tripwire', 'has tripwire\n', '', /^notapplicable/],
    ['clamav', '', '', /^pass 22 h old/],
    ['clamav', '1795800000', '1794800000', /^fail 12 days old/],
    ['clamav', 'daily', 'other', /^fail no definitions/],
    ['clamav', 'has freshclam\n', '', /^notapplicable/],
  ])('%s with %j as %j', (id, from, to, words) => expect(judged(id, services(from, to))).toMatch(words))
})
