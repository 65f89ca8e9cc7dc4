import type { Check, Severity, Verdict } from '../../model/area.ts'
import type { HostFacts } from '../../model/host.ts'
import { safe, say } from '../../model/safe.ts'
import type { SshdFacts, SshdSetting } from '../../model/sshd.ts'
import { valuesOf } from './parse.ts'

/** One row of the table below: what is advised for a keyword, why, and how a value is judged. */
type Row = {
  readonly keyword: string
  /** Names it had in older releases, as `sshd -T` printed them then. */
  readonly aliases?: readonly string[]
  readonly severity: Severity
  readonly title: string
  readonly expected: string
  readonly rationale: string
  readonly references: readonly string[]
  readonly accepts: (values: readonly string[], facts: SshdFacts, host: HostFacts) => boolean
  /** What a keyword that `sshd -T` leaves out means; without it, that is unknown. */
  readonly unset?: string
}

const is =
  (wanted: string) =>
  (values: readonly string[]): boolean =>
    values.length > 0 && values.every((value) => value === wanted)

const between =
  (low: number, high: number): Row['accepts'] =>
  (values) =>
    values.every((value) => /^\d+$/.test(value) && Number(value) >= low && Number(value) <= high)

const firstOf = (facts: SshdFacts, keyword: string): string | undefined => valuesOf(facts.settings, keyword)[0]?.value

/** True where every way in that AuthenticationMethods allows goes through a public key. */
const everyWayTakesAKey = (facts: SshdFacts): boolean => {
  const lists = valuesOf(facts.settings, 'authenticationmethods').flatMap((setting) => setting.value.split(' '))
  return lists.length > 0 && lists.every((list) => list.split(',').some((method) => method === 'publickey'))
}

const guessesAreOff = (facts: SshdFacts): boolean =>
  firstOf(facts, 'passwordauthentication') === 'no' &&
  (firstOf(facts, 'kbdinteractiveauthentication') ?? firstOf(facts, 'challengeresponseauthentication')) === 'no'

const startups: Row['accepts'] = ([value]) => {
  const [begin, rate, full] = (value ?? '').split(':').map(Number)
  if (begin === undefined || Number.isNaN(begin)) return false
  if (full === undefined) return begin <= 60
  return begin <= 10 && (rate ?? 0) >= 30 && full <= 60
}

const ROWS: readonly Row[] = [
  {
    keyword: 'PermitRootLogin',
    severity: 'high',
    title: 'Root can log in directly',
    expected: 'no (prohibit-password where root is your own login)',
    rationale:
      'Root is the one name every attacker knows, and a shared root login leaves no trace of who did what. Prove a login that can become root by sudo first.',
    references: ['routine S4', 'CIS 5.1.20', 'Mozilla OpenSSH', 'Lynis SSH-7408', 'sshd_config(5)'],
    // sshd -T prints prohibit-password under its older name.
    accepts: ([value], _facts, host) =>
      value === 'no' || (host.login.uid === 0 && (value === 'without-password' || value === 'prohibit-password')),
  },
  {
    keyword: 'PasswordAuthentication',
    severity: 'high',
    title: 'Passwords can be guessed from outside',
    expected: 'no',
    rationale:
      'Every host with an open SSH port sees thousands of guesses; a key can not be guessed. Make sure that your own login uses a key before this is changed.',
    references: ['routine S2', 'Mozilla OpenSSH', 'dev-sec ssh-baseline', 'sshd_config(5)'],
    accepts: (values, facts) => is('no')(values) || everyWayTakesAKey(facts),
  },
  {
    keyword: 'KbdInteractiveAuthentication',
    aliases: ['ChallengeResponseAuthentication'],
    severity: 'high',
    title: 'Passwords get in by the keyboard-interactive door',
    expected: 'no (yes as a second factor after a key)',
    rationale:
      'With PAM this asks for the same passwords under another name, so PasswordAuthentication no alone does not keep them out.',
    references: ['Mozilla OpenSSH', 'dev-sec ssh-baseline', 'sshd_config(5)'],
    accepts: (values, facts) => is('no')(values) || everyWayTakesAKey(facts),
  },
  {
    keyword: 'PubkeyAuthentication',
    severity: 'high',
    title: 'Public keys are not accepted',
    expected: 'yes',
    rationale: 'Keys are the way in that can not be guessed; without them only passwords are left.',
    references: ['routine S2', 'Mozilla OpenSSH', 'dev-sec ssh-baseline', 'sshd_config(5)'],
    accepts: is('yes'),
  },
  {
    keyword: 'AuthenticationMethods',
    severity: 'low',
    title: 'A key is not demanded of everyone',
    expected: 'publickey (or passwords off)',
    rationale:
      'Names the methods a login must pass, so that a method somebody switches on later does not open a second door. For experts: a wrong list locks everyone out.',
    references: ['Mozilla OpenSSH', 'dev-sec ssh-baseline', 'sshd_config(5)'],
    accepts: (_values, facts) => everyWayTakesAKey(facts) || guessesAreOff(facts),
    unset: 'any',
  },
  {
    keyword: 'PermitEmptyPasswords',
    severity: 'high',
    title: 'Accounts without a password can log in',
    expected: 'no',
    rationale: 'An account whose password is empty is open to anybody who knows its name.',
    references: ['CIS 5.1.19', 'dev-sec ssh-baseline', 'Lynis SSH-7408', 'sshd_config(5)'],
    accepts: is('no'),
  },
  {
    keyword: 'AllowUsers',
    aliases: ['AllowGroups'],
    severity: 'low',
    title: 'Every account may log in',
    expected: 'AllowUsers or AllowGroups naming who may',
    rationale:
      'Service accounts and forgotten users stay outside, whatever their password. Name your own login first: sshd -t accepts a list that nobody is on.',
    references: ['routine S5', 'CIS 5.1.4', 'Lynis SSH-7408', 'sshd_config(5)'],
    accepts: (values) => values.length > 0,
    unset: 'everyone',
  },
  {
    keyword: 'MaxAuthTries',
    severity: 'medium',
    title: 'Many guesses in one connection',
    expected: '4 or less',
    rationale:
      'Fewer tries make guessing slower. An agent that offers many keys uses them up too: name the key to use in ssh_config.',
    references: ['CIS 5.1.16', 'dev-sec ssh-baseline', 'Lynis SSH-7408', 'sshd_config(5)'],
    accepts: between(1, 4),
  },
  {
    keyword: 'LoginGraceTime',
    severity: 'medium',
    title: 'Connections may stay half logged in for long',
    expected: '60 or less, not 0',
    rationale: 'Each connection that has not logged in yet holds a process and one of the MaxStartups places.',
    references: ['CIS 5.1.13', 'dev-sec ssh-baseline', 'sshd_config(5)'],
    accepts: between(1, 60),
  },
  {
    keyword: 'MaxStartups',
    severity: 'low',
    title: 'Many connections may wait to log in at once',
    expected: '10:30:60',
    rationale:
      'Beyond the first number new connections are refused at random, beyond the last always; that bounds what a flood can hold.',
    references: ['CIS 5.1.18', 'dev-sec ssh-baseline', 'sshd_config(5)'],
    accepts: startups,
  },
]

/** The first ten settings every SSH pane starts with; ids are `SSH-` and the keyword as sshd_config(5) spells it. */
export const sshdChecks: readonly Check<SshdFacts>[] = ROWS.map((row) => ({
  id: `SSH-${row.keyword}`,
  severity: row.severity,
  title: row.title,
  expected: row.expected,
  rationale: row.rationale,
  references: row.references,
  judge: (facts, host) => judge(row, facts, host),
}))

function judge(row: Row, facts: SshdFacts, host: HostFacts): Verdict {
  const found = [row.keyword, ...(row.aliases ?? [])].flatMap((keyword) => valuesOf(facts.settings, keyword))
  if (found.length === 0 && row.unset === undefined)
    return { outcome: 'unknown', observed: say`this sshd does not name it` }
  const values = found.map((setting) => setting.value)
  const accepted = row.accepts(values, facts, host)
  return { outcome: accepted ? 'pass' : 'fail', observed: observed(row, found) }
}

const observed = (row: Row, found: readonly SshdSetting[]): Verdict['observed'] =>
  safe(found.length === 0 ? (row.unset ?? '') : found.map((setting) => setting.value).join(' '))
