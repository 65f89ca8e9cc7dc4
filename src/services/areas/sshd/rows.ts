import type { Severity } from '../../model/area.ts'
import type { HostFacts } from '../../model/host.ts'
import type { SshdView } from '../../model/sshd.ts'
import { valuesOf } from './parse.ts'

/** One row of the table below: what is advised for a keyword, why, and how a value is judged. */
export type Row = {
  readonly keyword: string
  /** Names it had in older releases, as `sshd -T` printed them then. */
  readonly aliases?: readonly string[]
  readonly severity: Severity
  readonly title: string
  readonly expected: string
  readonly rationale: string
  readonly references: readonly string[]
  readonly accepts: (values: readonly string[], view: SshdView, host: HostFacts) => boolean
  /** What a keyword that `sshd -T` leaves out means; without it, that is unknown. */
  readonly unset?: string
  /** Whose logins it is about, where not everybody's; `server`: it stands outside Match blocks (sshd_config(5)). */
  readonly of?: 'root' | 'passwords' | 'server'
}

const is =
  (wanted: string) =>
  (values: readonly string[]): boolean =>
    values.length > 0 && values.every((value) => value === wanted)

const between =
  (low: number, high: number): Row['accepts'] =>
  (values) =>
    values.every((value) => /^\d+$/.test(value) && Number(value) >= low && Number(value) <= high)

/** The first value of a keyword in what holds for somebody. */
export const firstOf = (view: SshdView, keyword: string): string | undefined =>
  valuesOf(view.settings, keyword)[0]?.value

const methodLists = (view: SshdView): readonly string[] =>
  valuesOf(view.settings, 'authenticationmethods').flatMap((setting) => setting.value.split(' '))

/** True where every way in that AuthenticationMethods allows goes through a public key. */
const everyWayTakesAKey = (view: SshdView): boolean => {
  const lists = methodLists(view)
  return lists.length > 0 && lists.every((list) => list.split(',').some((method) => method === 'publickey'))
}

const guessesAreOff = (view: SshdView): boolean =>
  !methodLists(view).includes('none') &&
  firstOf(view, 'passwordauthentication') === 'no' &&
  (firstOf(view, 'kbdinteractiveauthentication') ?? firstOf(view, 'challengeresponseauthentication')) === 'no'

const startups: Row['accepts'] = ([value]) => {
  const [begin, rate, full] = (value ?? '').split(':').map(Number)
  if (begin === undefined || Number.isNaN(begin)) return false
  if (full === undefined) return begin <= 60
  return begin <= 10 && (rate ?? 0) >= 30 && full <= 60
}

/** The first ten settings that every SSH pane starts with. */
export const ROWS: readonly Row[] = [
  {
    keyword: 'PermitRootLogin',
    of: 'root',
    severity: 'high',
    title: 'Root can log in directly',
    expected: 'no (prohibit-password where root is your own login)',
    rationale:
      'Root is the one name every attacker knows, and a shared root login leaves no trace of who did what. Prove a login that can become root by sudo first.',
    references: ['routine S4', 'CIS 5.1.20', 'Mozilla OpenSSH', 'Lynis SSH-7408', 'sshd_config(5)'],
    // sshd -T prints prohibit-password under its older name.
    accepts: ([value], _view, host) =>
      value === 'no' || (host.login.uid === 0 && (value === 'without-password' || value === 'prohibit-password')),
  },
  {
    keyword: 'PasswordAuthentication',
    of: 'passwords',
    severity: 'high',
    title: 'Passwords can be guessed from outside',
    expected: 'no',
    rationale:
      'Every host with an open SSH port sees thousands of guesses; a key can not be guessed. Make sure that your own login uses a key before this is changed.',
    references: ['routine S2', 'Mozilla OpenSSH', 'dev-sec ssh-baseline', 'sshd_config(5)'],
    accepts: (values, view) => is('no')(values) || everyWayTakesAKey(view),
  },
  {
    keyword: 'KbdInteractiveAuthentication',
    aliases: ['ChallengeResponseAuthentication'],
    of: 'passwords',
    severity: 'high',
    title: 'Passwords get in by the keyboard-interactive door',
    expected: 'no (yes as a second factor after a key)',
    rationale:
      'With PAM this asks for the same passwords under another name, so PasswordAuthentication no alone does not keep them out.',
    references: ['Mozilla OpenSSH', 'dev-sec ssh-baseline', 'sshd_config(5)'],
    // Without PAM there is nothing behind this door on Linux: it asks for nothing.
    accepts: (values, view) => is('no')(values) || everyWayTakesAKey(view) || firstOf(view, 'usepam') === 'no',
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
    accepts: (_values, view) => everyWayTakesAKey(view) || guessesAreOff(view),
    unset: 'any',
  },
  {
    keyword: 'PermitEmptyPasswords',
    of: 'passwords',
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
    of: 'server',
    severity: 'medium',
    title: 'Connections may stay half logged in for long',
    expected: '60 or less, not 0',
    rationale: 'Each connection that has not logged in yet holds a process and one of the MaxStartups places.',
    references: ['CIS 5.1.13', 'dev-sec ssh-baseline', 'sshd_config(5)'],
    accepts: between(1, 60),
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
  },
]
