import { safe, say } from '../../../model/safe.ts'
import { choice, flag, number, plain, rest, time, words } from './formats.ts'
import { IN_MATCH, type Keyword, keyword, SEVERAL } from './keyword.ts'
import { groups, paths, users } from './lists.ts'
import { isBefore } from './release.ts'

const METHODS = [
  'gssapi-with-mic',
  'gssapi-keyex',
  'hostbased',
  'keyboard-interactive',
  'none',
  'password',
  'publickey',
]

const methodLists = words(
  (list) => {
    const wrong = list
      .split(',')
      .find((method) => !METHODS.includes(method.replace(/^(keyboard-interactive):.*/, '$1')))
    return wrong === undefined ? null : say`${safe(wrong)} is no method of authentication`
  },
  { alone: ['any'] },
)

const BOTH = { ...IN_MATCH, ...SEVERAL }

/** Who may log in, and how (sshd_config(5)). */
export const LOGIN: readonly Keyword[] = [
  keyword('AllowUsers', 'Only users whose names match may log in; several lines add up.', users, BOTH),
  keyword('DenyUsers', 'Users whose names match may not log in; asked before all other lists.', users, BOTH),
  keyword('AllowGroups', 'Only users of matching groups may log in; several lines add up.', groups, BOTH),
  keyword('DenyGroups', 'Users of matching groups may not log in.', groups, BOTH),
  keyword(
    'AuthenticationMethods',
    'The methods that a login must pass, one after another: each list, its methods between commas, is a way in.',
    { of: 'list', choices: [{ value: 'any', means: 'any one method that is switched on' }], ...methodLists },
    { ...IN_MATCH, since: '6.2' },
  ),
  keyword(
    'PermitRootLogin',
    'Whether root may log in.',
    choice(
      [
        { value: 'no', means: 'root can not log in' },
        { value: 'prohibit-password', means: 'by key or certificate alone' },
        { value: 'forced-commands-only', means: 'by a key that is tied to one command' },
        { value: 'yes', means: 'by any method, passwords too' },
      ],
      {
        old: ['without-password'],
        prints: (value, version) => {
          if (value !== 'prohibit-password' && value !== 'without-password') return value
          return version !== null && !isBefore(version, '10.1') ? 'prohibit-password' : 'without-password'
        },
      },
    ),
    IN_MATCH,
  ),
  keyword(
    'PasswordAuthentication',
    'Whether a password may be typed to log in.',
    flag('passwords let in', 'no password lets in'),
    IN_MATCH,
  ),
  keyword(
    'KbdInteractiveAuthentication',
    'Whether questions may be answered to log in: with PAM, passwords and one-time codes.',
    flag('what PAM asks lets in', 'nothing is asked'),
    {
      ...IN_MATCH,
      also: ['ChallengeResponseAuthentication', 'SKeyAuthentication'],
      since: '8.7',
      before: 'ChallengeResponseAuthentication',
      inMatchSince: '8.7',
    },
  ),
  keyword('PubkeyAuthentication', 'Whether public keys let in.', flag('keys let in', 'no key lets in'), {
    ...IN_MATCH,
    also: ['DSAAuthentication'],
  }),
  keyword(
    'PubkeyAuthOptions',
    'What a security key must prove besides itself.',
    {
      of: 'list',
      choices: [
        { value: 'none', means: 'no more than the key asks for' },
        { value: 'touch-required', means: 'somebody touched it, whatever the key’s own options say' },
        { value: 'verify-required', means: 'somebody proved to it who he is, as by a PIN' },
      ],
      check: words((one) =>
        /^(none|touch-required|verify-required)$/i.test(one)
          ? null
          : say`it is none, touch-required or verify-required`,
      ).check,
      printed: (value) => {
        const set = ['touch-required', 'verify-required'].filter((one) => value.toLowerCase().includes(one))
        return [set.join(' ') || 'none']
      },
    },
    { ...IN_MATCH, since: '8.2' },
  ),
  keyword(
    'PermitEmptyPasswords',
    'Whether accounts without a password may log in, where passwords let in.',
    flag('an empty password lets in', 'an empty password lets nobody in'),
    IN_MATCH,
  ),
  keyword('MaxAuthTries', 'How many attempts one connection has; half of them are logged.', number(), IN_MATCH),
  keyword('LoginGraceTime', 'How long a connection may take to log in; 0 is forever.', time()),
  keyword(
    'UsePAM',
    'Whether PAM checks accounts and passwords and sets up sessions.',
    flag('by PAM', 'by the files of the system alone: locked passwords shut out keys too'),
  ),
  keyword('PAMServiceName', 'The service whose PAM rules hold (pam.d/sshd).', plain('text'), {
    ...IN_MATCH,
    since: '9.8',
  }),
  keyword(
    'HostbasedAuthentication',
    'Whether hosts vouch for their users, by their host keys and rhosts files.',
    flag('hosts vouch for users', 'no host vouches for anybody'),
    IN_MATCH,
  ),
  keyword(
    'HostbasedUsesNameFromPacketOnly',
    'Which name of a client counts for host-based logins.',
    flag('the one it gives itself', 'the one that its address has'),
    IN_MATCH,
  ),
  keyword(
    'IgnoreRhosts',
    'Whether users’ own .rhosts and .shosts are read for host-based logins.',
    choice([
      { value: 'yes', means: 'neither is read' },
      { value: 'shosts-only', means: '.shosts is read' },
      { value: 'no', means: 'both are read' },
    ]),
    { ...IN_MATCH, inMatchSince: '8.3' },
  ),
  keyword(
    'IgnoreUserKnownHosts',
    'Whether users’ own known_hosts count for host-based logins.',
    flag('the system’s file alone counts', 'users’ own count too'),
  ),
  keyword(
    'GSSAPIAuthentication',
    'Whether Kerberos tickets let in (GSSAPI).',
    flag('tickets let in', 'no ticket lets in'),
    IN_MATCH,
  ),
  keyword('GSSAPICleanupCredentials', 'Whether a user’s tickets are destroyed at logout.', flag('destroyed', 'kept')),
  keyword(
    'GSSAPIDelegateCredentials',
    'Whether tickets that a client hands on are taken.',
    flag('taken', 'not taken'),
    { since: '10.3' },
  ),
  keyword(
    'GSSAPIStrictAcceptorCheck',
    'For which of its names the host takes tickets.',
    flag('its present host name alone', 'any in its keytab'),
    { since: '6.9' },
  ),
  keyword('GSSAPIKeyExchange', 'Whether Kerberos may stand for the host key.', flag('it may', 'it may not'), {
    builds: 'Debian and Fedora',
  }),
  keyword(
    'GSSAPIKexAlgorithms',
    'Key exchanges that Kerberos may use.',
    { ...plain('text'), of: 'algorithms' },
    { builds: 'Debian and Fedora' },
  ),
  keyword(
    'GSSAPIStoreCredentialsOnRekey',
    'Whether tickets that a client renews are taken over.',
    flag('taken over', 'left'),
    { builds: 'Debian and Fedora' },
  ),
  keyword(
    'KerberosAuthentication',
    'Whether typed passwords are checked by Kerberos.',
    flag('by Kerberos', 'not by Kerberos'),
    IN_MATCH,
  ),
  keyword('KerberosGetAFSToken', 'Whether a token of AFS is fetched before the home is looked at.', {
    ...flag('fetched', 'not fetched'),
    printed: () => null,
  }),
  keyword(
    'KerberosOrLocalPasswd',
    'Whether a password that Kerberos refuses is tried as a local one.',
    flag('tried', 'refused'),
  ),
  keyword('KerberosTicketCleanup', 'Whether a user’s ticket cache is destroyed at logout.', flag('destroyed', 'kept')),
  keyword(
    'RefuseConnection',
    'Whether connections are cut before any login, for use in Match blocks.',
    flag('cut', 'served'),
    { ...IN_MATCH, since: '9.9' },
  ),
]

/** Commands and files that say which keys and principals let a user in. */
export const KEY_SOURCES: readonly Keyword[] = [
  keyword(
    'AuthorizedKeysFile',
    'Files of keys that let a user in; a path that is not absolute is below his home.',
    paths('no file is read'),
    IN_MATCH,
  ),
  ...(['Keys', 'Principals'] as const).flatMap((what) => [
    keyword(
      `Authorized${what}Command`,
      what === 'Keys'
        ? 'A program that prints keys which let a user in, asked after the files.'
        : 'A program that prints the names a certificate may carry to let a user in.',
      rest('command', 'no program is asked', (text) =>
        text.startsWith('/') || text.toLowerCase() === 'none' ? null : say`it begins with an absolute path`,
      ),
      { ...IN_MATCH, since: what === 'Keys' ? '6.2' : '6.9' },
    ),
    keyword(
      `Authorized${what}CommandUser`,
      'The user whose rights that program has; sshd does not start without him.',
      plain('text', 'nobody is named'),
      { ...IN_MATCH, since: what === 'Keys' ? '6.2' : '6.9' },
    ),
  ]),
  keyword(
    'AuthorizedPrincipalsFile',
    'A file of the names a certificate may carry to let a user in.',
    plain('path', 'the certificate carries the user’s own name'),
    { ...IN_MATCH, since: '5.6' },
  ),
]
