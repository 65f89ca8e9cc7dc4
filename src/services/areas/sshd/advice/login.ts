import type { SshdView } from '../../../model/sshd.ts'
import { isBefore } from '../keywords/release.ts'
import { firstOf, is, isDemanded, methodLists, type Row, unlessDemanded } from './row.ts'

const PROOF = 'a new login must get in before the change stays'

/** True where every way in that AuthenticationMethods allows goes through a public key. */
const everyWayTakesAKey = (view: SshdView): boolean => {
  const lists = methodLists(view)
  return lists.length > 0 && lists.every((list) => list.split(',').some((method) => method === 'publickey'))
}

const keyboardOf = (view: SshdView): string | undefined =>
  firstOf(view, 'kbdinteractiveauthentication') ?? firstOf(view, 'challengeresponseauthentication')

const guessesAreOff = (view: SshdView): boolean =>
  !methodLists(view).includes('none') && firstOf(view, 'passwordauthentication') === 'no' && keyboardOf(view) === 'no'

/** Who may log in, and how. */
export const LOGIN_ROWS: readonly Row[] = [
  {
    keyword: 'PermitRootLogin',
    of: 'root',
    severity: 'high',
    title: 'Root can log in directly',
    expected: 'no (prohibit-password where root is your own login)',
    rationale:
      'Root is the one name every attacker knows, and a shared root login leaves no trace of who did what. Prove a login that can become root by sudo first.',
    references: ['CIS 5.1.20', 'Mozilla OpenSSH', 'Lynis SSH-7408', 'sshd_config(5)'],
    // sshd -T prints prohibit-password under its older name up to 10.0.
    accepts: ([value], _view, host) =>
      value === 'no' || (host.login.uid === 0 && (value === 'without-password' || value === 'prohibit-password')),
    risk: 'high',
    riskWhy: `whoever comes in as root needs another login, and programs that do (backups) a way of their own; ${PROOF}.`,
    advised: ({ host, facts }) => {
      if (host.login.uid !== 0) return ['no']
      return [isBefore(facts.version, '7.0') ? 'without-password' : 'prohibit-password']
    },
  },
  {
    keyword: 'PasswordAuthentication',
    of: 'passwords',
    severity: 'high',
    title: 'Passwords can be guessed from outside',
    expected: 'no',
    rationale:
      'Every host with an open SSH port sees thousands of guesses; a key can not be guessed. Make sure that your own login uses a key before this is changed.',
    references: ['Mozilla OpenSSH', 'dev-sec ssh-baseline', 'sshd_config(5)'],
    accepts: (values, view) => is('no')(values) || everyWayTakesAKey(view),
    risk: 'high',
    riskWhy: `whoever has no key on this host can't come in any more; ${PROOF}, yours alone.`,
    advised: unlessDemanded('password', ['no']),
    noFix: 'AuthenticationMethods asks for a password: change that first',
  },
  {
    keyword: 'KbdInteractiveAuthentication',
    of: 'passwords',
    severity: 'high',
    title: 'Passwords get in by the keyboard-interactive door',
    expected: 'no (yes as a second factor after a key)',
    rationale:
      'With PAM this asks for the same passwords under another name, so PasswordAuthentication no alone does not keep them out.',
    references: ['Mozilla OpenSSH', 'dev-sec ssh-baseline', 'sshd_config(5)'],
    // Without PAM there is nothing behind this door on Linux: it asks for nothing.
    accepts: (values, view) => is('no')(values) || everyWayTakesAKey(view) || firstOf(view, 'usepam') === 'no',
    risk: 'high',
    riskWhy: `one-time codes are asked for by this door as well; ${PROOF}.`,
    advised: unlessDemanded('keyboard-interactive', ['no']),
    noFix: 'AuthenticationMethods asks by it, or a Match block of a release before 8.7 opens it: change that by hand',
  },
  {
    keyword: 'PubkeyAuthentication',
    severity: 'high',
    title: 'Public keys are not accepted',
    expected: 'yes',
    rationale: 'Keys are the way in that can not be guessed; without them only passwords are left.',
    references: ['Mozilla OpenSSH', 'dev-sec ssh-baseline', 'sshd_config(5)'],
    accepts: is('yes'),
    risk: 'none',
    riskWhy: 'it opens a door more.',
    advised: ['yes'],
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
    risk: 'high',
    riskWhy: `a method that is named and not switched on keeps everybody out; ${PROOF}.`,
    noFix: 'a wrong list locks everyone out: switch the passwords off instead, or write the list yourself',
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
    risk: 'none',
    riskWhy: 'keys and passwords work as before.',
    advised: ['no'],
  },
  {
    keyword: 'AllowUsers',
    beside: 'AllowGroups',
    severity: 'low',
    title: 'Every account may log in',
    expected: 'AllowUsers or AllowGroups naming who may',
    rationale:
      'Service accounts and forgotten users stay outside, whatever their password. Name your own login first: sshd -t accepts a list that nobody is on.',
    references: ['CIS 5.1.4', 'Lynis SSH-7408', 'sshd_config(5)'],
    accepts: (values) => values.length > 0,
    unset: 'everyone',
    risk: 'high',
    riskWhy: `whoever is not on the list stays outside; ${PROOF}.`,
    noFix: 'who may log in is for you to say: write the list yourself',
  },
  {
    keyword: 'HostbasedAuthentication',
    severity: 'medium',
    title: 'Other hosts may vouch for their users',
    expected: 'no',
    rationale:
      'Whoever takes over one host of the kind has a login on this one, without a key or a password of his own.',
    references: ['CIS 5.1.10', 'dev-sec ssh-baseline', 'sshd_config(5)'],
    accepts: is('no'),
    risk: 'low',
    riskWhy: `old clusters that log in by their host keys can't any more; ${PROOF}.`,
    advised: unlessDemanded('hostbased', ['no']),
    noFix: 'AuthenticationMethods asks for it: change that first',
  },
  {
    keyword: 'IgnoreRhosts',
    severity: 'low',
    title: 'Users’ own rhosts files are read',
    expected: 'yes',
    rationale: 'With host-based logins a user could let in whole hosts by a file in his home.',
    references: ['CIS 5.1.11', 'dev-sec ssh-baseline', 'Lynis SSH-7408', 'sshd_config(5)'],
    accepts: is('yes'),
    risk: 'none',
    riskWhy: 'those files count for host-based logins alone.',
    advised: ['yes'],
  },
  {
    keyword: 'GSSAPIAuthentication',
    severity: 'low',
    optional: true,
    title: 'Kerberos tickets let in',
    expected: 'no (yes on hosts of a Kerberos or Active Directory domain)',
    rationale:
      'Code that reads what strangers send, before they log in, and that a host outside such a domain never needs.',
    references: ['CIS 5.1.9', 'dev-sec ssh-baseline', 'sshd_config(5)'],
    accepts: is('no'),
    risk: 'medium',
    riskWhy: `users of a domain who have tickets and no keys can't come in; ${PROOF}, yours alone.`,
    advised: (situation) => {
      const { view } = situation
      const used = ['kerberosauthentication', 'gssapikeyexchange'].some((one) => firstOf(view, one) === 'yes')
      return used || isDemanded('gssapi-with-mic', situation) ? null : ['no']
    },
    noFix: 'other settings say that Kerberos is used here: change it yourself if it is not',
  },
  {
    keyword: 'StrictModes',
    of: 'server',
    severity: 'medium',
    title: 'Keys count in files that others may write',
    expected: 'yes',
    rationale: 'Whoever may write a user’s authorized_keys, or a directory above it, can let himself in as that user.',
    references: ['dev-sec ssh-baseline', 'Lynis SSH-7408', 'sshd_config(5)'],
    accepts: is('yes'),
    risk: 'medium',
    riskWhy: `whose home or key file others may write can't come in by key until that is mended; ${PROOF}, yours alone.`,
    advised: ['yes'],
  },
  {
    keyword: 'UsePAM',
    of: 'server',
    severity: 'medium',
    optional: true,
    title: 'Logins go past PAM',
    expected: 'yes',
    rationale:
      'Locks, expiry dates and limits of accounts are PAM’s; without it they do not hold, and accounts whose password is locked can’t come in by key either.',
    references: ['CIS 5.1.22', 'dev-sec ssh-baseline', 'sshd_config(5)'],
    accepts: is('yes'),
    risk: 'medium',
    riskWhy: `what pam.d/sshd demands holds from then on, and it may demand more than you know; ${PROOF}.`,
    // With PAM there are passwords behind that door.
    advised: ({ view }) => (keyboardOf(view) === 'no' ? ['yes'] : null),
    noFix: 'with PAM the keyboard-interactive door would ask for passwords: set KbdInteractiveAuthentication no first',
  },
  {
    keyword: 'Protocol',
    of: 'server',
    severity: 'high',
    title: 'The first protocol of SSH is spoken',
    expected: '2',
    rationale: 'Version 1 can be read and changed on its way. Releases from 7.4 on do not speak it.',
    references: ['CIS (older editions)', 'sshd_config(5)'],
    accepts: is('2'),
    risk: 'low',
    riskWhy: 'clients of the last twenty years speak version 2.',
    advised: ['2'],
  },
]
