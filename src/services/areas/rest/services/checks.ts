import { type Safe, safe, say } from '../../../model/safe.ts'
import { ABSENT, type SubjectCheck } from '../check.ts'
import type { ServicesFacts } from '../facts.ts'
import { relayOf } from './relay.ts'

const DAY = 86_400
const EVERYBODY: ReadonlySet<string> = new Set(['0.0.0.0/0', '[::]/0', '::/0', '[::0]/0'])

const relay: SubjectCheck<ServicesFacts> = {
  id: 'REST-mail-relay',
  severity: 'high',
  title: 'Postfix sends mail for everybody',
  expected: 'mail to elsewhere for mynetworks and logins only',
  rationale:
    'Through an open relay others send their spam in this server’s name, until nobody takes mail from it any more. Next: permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination in smtpd_relay_restrictions.',
  references: ['postconf(5), smtpd_relay_restrictions', 'SMTPD_ACCESS_README'],
  judge: ({ postfix }) => {
    if (!postfix) return ABSENT
    const { settings, services } = postfix
    const [networks, first] = [settings.get('mynetworks'), settings.get('smtpd_relay_restrictions')]
    if (networks === undefined || first === undefined)
      return { outcome: 'unknown', observed: say`postconf did not answer` }
    const details = [...settings].map(([name, value]) => say`${safe(name)} = ${safe(value, 200)}`)
    const all = [...details, ...services.map((line) => say`master.cf: ${line}`)]
    const wide = networks.split(/[,\s]+/).find((one) => EVERYBODY.has(one))
    if (wide !== undefined) return { outcome: 'fail', observed: say`mynetworks has ${safe(wide)}`, details: all }
    const answer = relayOf(first, settings.get('smtpd_recipient_restrictions') ?? '')
    // Postfix does not serve like that (its own words: specify at least one working instance of reject_unauth_destination …).
    if (answer.open === 'yes')
      return {
        outcome: 'unknown',
        observed: say`no list refuses it, so that Postfix takes no mail at all`,
        details: all,
      }
    if (answer.open === 'depends')
      return { outcome: 'unknown', observed: say`depends on ${safe(answer.on)}`, details: all }
    if (/^(?:hash|lmdb|cidr|pcre|regexp|mysql|ldap|texthash|\/|\$)/.test(networks) || /[\s,][a-z]+:\//.test(networks))
      return { outcome: 'unknown', observed: say`mynetworks is kept in a list of its own`, details: all }
    return services.length > 0
      ? { outcome: 'unknown', observed: say`master.cf has its own word on some services`, details: all }
      : { outcome: 'pass', observed: say`refused`, details: all }
  },
}

/** YES, TRUE and 1 are on for vsftpd; of a name that is set twice the last counts. */
const isYes = (value: string | undefined, otherwise: boolean): boolean =>
  value === undefined ? otherwise : /^(?:YES|TRUE|1)$/i.test(value)

const ftp: SubjectCheck<ServicesFacts> = {
  id: 'REST-ftp',
  severity: 'medium',
  title: 'FTP lets in anybody, or passwords in the clear',
  expected: 'anonymous_enable=NO, ssl_enable=YES',
  rationale:
    'Anybody may read what an anonymous login may, and without TLS whoever is on the way reads passwords. Next: both lines in vsftpd’s file, or files by SFTP, which sshd has already.',
  references: ['vsftpd.conf(5)'],
  judge: ({ vsftpd }) => {
    if (!vsftpd) return ABSENT
    if (!vsftpd.readable) return { outcome: 'unknown', observed: say`vsftpd's file can't be read` }
    const of = (name: string): string | undefined => vsftpd.settings.get(name)?.value
    const details = [...vsftpd.settings.values()].map(({ at }) => at)
    // What vsftpd was built with: anonymous on, local logins and TLS off.
    const wrong: readonly Safe[] = [
      ...(isYes(of('anonymous_enable'), true) ? [say`anonymous`] : []),
      ...(isYes(of('local_enable'), false) && !isYes(of('ssl_enable'), false) ? [say`no TLS`] : []),
    ]
    return wrong.length > 0
      ? { outcome: 'fail', observed: safe(wrong.join(', ')), details }
      : { outcome: 'pass', observed: say`nobody unknown, TLS where there are logins`, details }
  },
}

const days = (seconds: number): Safe =>
  seconds < 2 * DAY ? say`${Math.floor(seconds / 3600)} h` : say`${Math.floor(seconds / DAY)} days`
const fileWords = ({ path, age }: { readonly path: Safe; readonly age: number }): Safe => say`${path}: ${days(age)} old`

const aide: SubjectCheck<ServicesFacts> = {
  id: 'REST-aide',
  severity: 'low',
  title: 'AIDE is installed and does not watch',
  expected: 'a database, and a job that compares with it',
  rationale:
    'AIDE tells which files changed since its database was made. Without one, or without a job, it tells nothing. Next: aideinit, and systemctl enable --now dailyaidecheck.timer.',
  references: ['aide(1)', 'CIS 6.1: filesystem integrity is regularly checked'],
  judge: ({ aide: found }) => {
    if (!found) return ABSENT
    if (!found.readable) return { outcome: 'unknown', observed: say`/var/lib/aide can be read as root only` }
    const details = [...found.files.map(fileWords), ...found.jobs.map((path) => say`job: ${path}`)]
    const database = found.files.find(({ path }) => /\/aide\.db(?:\.gz)?$/.test(path))
    if (!database) return { outcome: 'fail', observed: say`no database`, details }
    if (found.jobs.length === 0) return { outcome: 'fail', observed: say`no job compares`, details }
    return { outcome: 'pass', observed: say`database is ${days(database.age)} old`, details }
  },
}

const tripwire: SubjectCheck<ServicesFacts> = {
  id: 'REST-tripwire',
  severity: 'low',
  title: 'Tripwire is installed and does not watch',
  expected: 'a database, a job that compares with it, and a report of the last week',
  rationale:
    'Tripwire tells which files changed since its database was made. Without one, or without a job, it tells nothing. Next: tripwire --init, and its job in /etc/cron.daily.',
  references: ['tripwire(8)', 'CIS 6.1: filesystem integrity is regularly checked'],
  judge: ({ tripwire: found }) => {
    if (!found) return ABSENT
    if (!found.readable) return { outcome: 'unknown', observed: say`/var/lib/tripwire can be read as root only` }
    const { databases, report, jobs } = found
    const details = [
      ...databases.map(fileWords),
      ...(report ? [say`last report: ${fileWords(report)}`] : []),
      ...jobs.map((path) => say`job: ${path}`),
    ]
    const [database] = databases
    if (!database) return { outcome: 'fail', observed: say`no database`, details }
    // A report tells of a job wherever that is; root's crontab(5), for one, is not looked at.
    if (jobs.length === 0 && !(report && report.age <= 7 * DAY))
      return { outcome: 'fail', observed: say`no report of this week, and no job in /etc/cron.* or a timer`, details }
    // A database of today has had no job yet.
    const last = report ? Math.min(report.age, database.age) : database.age
    if (last > 7 * DAY)
      return {
        outcome: 'fail',
        observed: report ? say`its last report is ${days(report.age)} old` : say`no report`,
        details,
      }
    return { outcome: 'pass', observed: say`database is ${days(database.age)} old`, details }
  },
}

const clamav: SubjectCheck<ServicesFacts> = {
  id: 'REST-clamav',
  severity: 'low',
  title: 'ClamAV looks for what is long gone',
  expected: 'definitions of the last week',
  rationale: 'A scanner knows what its definitions know. Next: systemctl enable --now clamav-freshclam.',
  references: ['freshclam(1)'],
  judge: ({ clamav: found }) => {
    if (!found) return ABSENT
    const details = [...found.files.map(fileWords), ...found.processes.map((name) => say`runs: ${name}`)]
    const daily = found.files.find(({ path }) => /\/daily\.c[vl]d$/.test(path))
    if (!daily) return { outcome: 'fail', observed: say`no definitions`, details }
    return { outcome: daily.age > 7 * DAY ? 'fail' : 'pass', observed: say`${days(daily.age)} old`, details }
  },
}

/** Services that strangers talk to, and what watches over files. */
export const servicesChecks: readonly SubjectCheck<ServicesFacts>[] = [relay, ftp, aide, tripwire, clamav]
