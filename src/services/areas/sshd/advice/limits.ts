import { say } from '../../../model/safe.ts'
import { between, is, type Row } from './row.ts'

/** What the console opens at once over its one connection, at most. */
const OWN_SESSIONS = 3

const startups: Row['accepts'] = ([value]) => {
  const [begin, rate, full] = (value ?? '').split(':').map(Number)
  if (begin === undefined || Number.isNaN(begin)) return false
  if (full === undefined) return begin <= 60
  return begin <= 10 && (rate ?? 0) >= 30 && full <= 60
}

/** How much of everything a connection has. */
export const LIMIT_ROWS: readonly Row[] = [
  {
    keyword: 'MaxAuthTries',
    severity: 'medium',
    title: 'Many guesses in one connection',
    expected: '4 or less',
    rationale:
      'Fewer tries make guessing slower. An agent that offers many keys uses them up too: name the key to use in ssh_config.',
    references: ['CIS 5.1.16', 'dev-sec ssh-baseline', 'Lynis SSH-7408', 'sshd_config(5)'],
    accepts: between(1, 4),
    risk: 'medium',
    riskWhy:
      'an agent with more than four keys may be cut off before it offers the right one; a new login must get in before the change stays.',
    advised: ['4'],
  },
  {
    keyword: 'LoginGraceTime',
    of: 'server',
    severity: 'medium',
    title: 'Connections may stay half logged in for long',
    expected: '60 or less, not 0',
    rationale: 'Each connection that has not logged in yet holds a process and one of the MaxStartups places.',
    references: ['CIS 5.1.13', 'dev-sec ssh-baseline', 'sshd_config(5)'],
    accepts: between(1, 60),
    risk: 'low',
    riskWhy: 'whoever waits for a code by post has a minute for it.',
    advised: ['60'],
  },
  {
    keyword: 'MaxStartups',
    of: 'server',
    severity: 'low',
    title: 'Many connections may wait to log in at once',
    expected: '10:30:60',
    rationale:
      'Beyond the first number new connections are refused at random, beyond the last always; that bounds what a flood can hold.',
    references: ['CIS 5.1.18', 'dev-sec ssh-baseline', 'sshd_config(5)'],
    accepts: startups,
    risk: 'low',
    riskWhy: 'under a flood your own new login waits in the same queue; raise it where many come at the same moment.',
    advised: ['10:30:60'],
  },
  {
    keyword: 'MaxSessions',
    severity: 'low',
    title: 'A connection has too many sessions, or too few',
    expected: `10 or less, and ${OWN_SESSIONS} at least`,
    rationale: `One stolen connection opens no more than these. Each command that runs at the same time is a session, so that this console needs ${OWN_SESSIONS}.`,
    references: ['CIS 5.1.17', 'dev-sec ssh-baseline', 'sshd_config(5)'],
    accepts: between(OWN_SESSIONS, 10),
    shown: ([value = say``]) =>
      Number(value) < OWN_SESSIONS ? say`${value}, and this console needs ${OWN_SESSIONS}` : value,
    risk: 'low',
    riskWhy: 'programs that share one connection (ansible, editors) may open more than ten.',
    advised: ['10'],
  },
  {
    keyword: 'ClientAliveInterval',
    severity: 'low',
    title: 'Dead connections are not noticed',
    expected: '300 or less, not 0',
    rationale:
      'A client that is gone leaves its session open, and what it was allowed, until somebody asks for a word of it.',
    references: ['CIS 5.1.7', 'dev-sec ssh-baseline', 'Lynis SSH-7408', 'sshd_config(5)'],
    accepts: between(1, 300),
    risk: 'low',
    riskWhy: 'a client that does not answer for a quarter of an hour is cut off, and may come again.',
    advised: ['300'],
  },
  {
    keyword: 'ClientAliveCountMax',
    severity: 'low',
    title: 'Dead connections are kept',
    expected: '3 or less, not 0',
    rationale: 'So many questions may stay without an answer before a connection is cut; with 0 it never is.',
    references: ['CIS 5.1.7', 'dev-sec ssh-baseline', 'Lynis SSH-7408', 'sshd_config(5)'],
    accepts: between(1, 3),
    risk: 'low',
    riskWhy: 'a client that answers none of three questions is cut off, and may come again.',
    advised: ['3'],
  },
  {
    keyword: 'PerSourcePenalties',
    of: 'server',
    severity: 'medium',
    title: 'Who guesses is not slowed down',
    expected: 'on, as sshd has it',
    rationale: 'Since 9.8 sshd turns away, for a while, sources whose logins fail; that is switched off here.',
    references: ['OpenSSH 9.8 release notes', 'sshd_config(5)'],
    accepts: (values) => values.length > 0 && !values.includes('no'),
    shown: ([value = say``]) => (value === 'no' ? value : say`on`),
    risk: 'medium',
    riskWhy:
      'after a few failed logins your own address waits too; name it in PerSourcePenaltyExemptList if it is fixed.',
    advised: ['yes'],
  },
  {
    keyword: 'LogLevel',
    severity: 'medium',
    title: 'Logins leave too little in the log, or too much',
    expected: 'VERBOSE (INFO will do)',
    rationale:
      'VERBOSE logs the fingerprint of every key that was tried; below INFO not even a login is logged, and DEBUG tells what users do.',
    references: ['CIS 5.1.14', 'Mozilla OpenSSH', 'dev-sec ssh-baseline', 'sshd_config(5)'],
    accepts: ([value]) => value === 'VERBOSE' || value === 'INFO',
    // sshd -T has another word for QUIET.
    shown: ([value = say``]) => (value === 'SILENT' ? say`QUIET` : value),
    risk: 'none',
    riskWhy: 'it only writes more, or less.',
    advised: ['VERBOSE'],
  },
  {
    keyword: 'UseDNS',
    of: 'server',
    severity: 'low',
    title: 'Names of clients are looked up',
    expected: 'no',
    rationale:
      'Who owns an address says what its name is, and a name server that does not answer holds up every login.',
    references: ['dev-sec ssh-baseline', 'Lynis SSH-7408', 'sshd_config(5)'],
    accepts: is('no'),
    risk: 'medium',
    riskWhy:
      'patterns of names (AllowUsers, Match Host, from=) match nobody any more; a new login must get in before the change stays.',
    advised: ({ facts }) => {
      const patterns = facts.views.flatMap((view) =>
        view.settings.filter(({ keyword }) => keyword === 'allowusers' || keyword === 'denyusers'),
      )
      const named = patterns.some(({ value }) => /@.*[g-z]/i.test(value))
      const blocks = [
        ...facts.views.flatMap(({ matched }) => matched),
        ...(facts.unjudged ?? []).map(({ block }) => block),
      ]
      return named || blocks.some((block) => /(^|\s)"?host[\s="]/i.test(block)) ? null : ['no']
    },
    noFix: 'a list or a Match block goes by names of hosts: name addresses there first',
  },
  {
    keyword: 'Banner',
    severity: 'low',
    title: 'Nobody is told that this host is private',
    expected: 'a file with a notice',
    rationale: 'In some countries a notice before the login is what makes breaking in an offence; it stops nobody.',
    references: ['CIS 5.1.5', 'sshd_config(5)'],
    accepts: ([value]) => value !== undefined && value !== 'none',
    risk: 'none',
    riskWhy: 'programs that read a login’s first lines may stumble over it.',
    noFix: 'its words are for you to write: put them into a file such as /etc/issue.net and name it',
  },
]
