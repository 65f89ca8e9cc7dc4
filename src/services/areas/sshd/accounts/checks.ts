import type { AccountFacts } from '../../../model/account-facts.ts'
import type { Check, Severity, Verdict } from '../../../model/area.ts'
import type { AccountEdit } from '../../../model/areas.ts'
import { say } from '../../../model/safe.ts'
import type { Door } from './door.ts'
import { closeServices, lockEmpty } from './edits.ts'
import { accountFiles, hostKeys, oldHashes, sshdFiles, sshdModes } from './file-verdicts.ts'
import { keyFiles, rootKeys, shortKeys, weakKeys } from './key-verdicts.ts'
import { emptyPassword, otherAdmin, secondRoot, serviceLogin, sourceLimits } from './logins.ts'

/** What these checks look at: accounts, and what sshd lets in. */
export type Holder = Door & { readonly accounts: AccountFacts | null }

type Judged = {
  readonly severity: Severity
  readonly title: string
  readonly expected: string
  readonly rationale: string
  readonly references: readonly string[]
  readonly noFix: string
}

/** What each check says of accounts that were read, by its id. */
export const accountVerdicts = {
  'ACC-service-login': serviceLogin,
  'ACC-empty-password': emptyPassword,
  'ACC-uid0': secondRoot,
  'ACC-weak-keys': weakKeys,
  'ACC-short-keys': shortKeys,
  'ACC-root-keys': rootKeys,
  'ACC-key-files': keyFiles,
  'ACC-files': accountFiles,
  'ACC-source': sourceLimits,
  'ACC-old-hashes': oldHashes,
  'ACC-other-admin': otherAdmin,
  'SSH-hostkeys': hostKeys,
  'SSH-files': sshdFiles,
  'SSH-config-mode': sshdModes,
} as const satisfies Readonly<Record<string, (facts: AccountFacts, door: Door) => Verdict>>

export type AccountCheckId = keyof typeof accountVerdicts

const TEXTS: Readonly<Record<AccountCheckId, Judged>> = {
  'ACC-service-login': {
    severity: 'high',
    title: 'Service accounts can log in',
    expected: 'no shell (/usr/sbin/nologin), no password, no keys',
    rationale:
      'A program’s account is one nobody watches: who breaks the program, or writes a key into its folder, has a way in that outlives the repair. A key forwards ports even where the shell is nologin.',
    references: ['CIS 5.4.2.7', 'CIS 5.4.2.8', 'nologin(8)', 'shadow(5)'],
    noFix:
      'keys are left to you, or something is not known: usermod -s /usr/sbin/nologin NAME, passwd -l NAME, its authorized_keys away',
  },
  'ACC-empty-password': {
    severity: 'high',
    title: 'Accounts need no password',
    expected: 'none',
    rationale: 'Whoever knows the name is in: at a terminal, by su, and by ssh where PermitEmptyPasswords says so.',
    references: ['CIS 7.2.2', 'shadow(5)'],
    noFix: 'root’s own is for you to set: passwd',
  },
  'ACC-uid0': {
    severity: 'high',
    title: 'Root has a second name',
    expected: 'root alone has uid 0',
    rationale:
      'Another name for uid 0 is root, whatever is done about root’s own login; it is how a way back in is often left.',
    references: ['CIS 5.4.2.1', 'passwd(5)'],
    noFix: 'find out who made it; by hand: usermod -u gives it a number of its own, userdel takes it away',
  },
  'ACC-weak-keys': {
    severity: 'high',
    title: 'Weak keys let somebody in',
    expected: 'Ed25519, ECDSA, or RSA of 3072 bits',
    rationale:
      'DSA and RSA below 2048 bits can be broken by who wants to spend the money. Releases of sshd refuse them one after another, so such a key also stops working one day.',
    references: ['NIST SP 800-131A', 'ssh-keygen(1)', 'RFC 8709', 'sshd_config(5)'],
    noFix: 'its owner makes a new one (ssh-keygen -t ed25519) and takes the old line away',
  },
  'ACC-short-keys': {
    severity: 'low',
    title: 'RSA keys are short',
    expected: 'Ed25519, ECDSA, or RSA of 3072 bits',
    rationale: 'RSA of 2048 bits is thought to hold until about 2030; a new key costs nothing.',
    references: ['NIST SP 800-57', 'ssh-keygen(1)'],
    noFix: 'its owner makes a new one (ssh-keygen -t ed25519) and takes the old line away',
  },
  'ACC-root-keys': {
    severity: 'medium',
    title: 'Keys open a root shell from anywhere',
    expected: 'no keys, or from= or command= before each',
    rationale:
      'Each of them is root on this server for whoever holds it, wherever he is. A backup needs one command from one address.',
    references: ['sshd(8) AUTHORIZED_KEYS FILE FORMAT'],
    noFix: 'by hand in root’s authorized_keys: from="ADDRESS" or command="…" before the key',
  },
  'ACC-key-files': {
    severity: 'high',
    title: 'Others can write to files of keys',
    expected: 'the account’s own or root’s, 0600, in folders that nobody else can write to',
    rationale:
      'Who can write to authorized_keys, to .ssh or to the home adds a key and is that account. With StrictModes sshd passes over such files, so its owner’s key may suddenly not count.',
    references: ['sshd_config(5) StrictModes', 'sshd(8) FILES', 'CIS 7.2.9'],
    noFix: 'by hand: chmod go-w on home, .ssh and authorized_keys, chown to the account',
  },
  'ACC-files': {
    severity: 'high',
    title: 'Others can change accounts or read hashes',
    expected: 'root’s; passwd and group 0644, shadow 0640, sudoers 0440',
    rationale: 'Whoever can write to them is root; whoever can read shadow can guess passwords at home.',
    references: ['CIS 7.1.1', 'CIS 7.1.5', 'passwd(5)', 'shadow(5)', 'sudoers(5)'],
    noFix: 'by hand: chown root, and chmod as it is expected',
  },
  'ACC-source': {
    severity: 'low',
    title: 'Logins come from any address',
    expected: 'AllowUsers NAME@ADDRESS, or from= before each key, where addresses are fixed',
    rationale:
      'A stolen key or password is of little use where sshd takes it from few addresses only. Where yours changes, keys without passwords are what is left, and the firewall.',
    references: ['sshd_config(5) AllowUsers', 'sshd(8) AUTHORIZED_KEYS FILE FORMAT'],
    noFix: 'say who comes from where: AllowUsers NAME@ADDRESS, or from="ADDRESS" before his key',
  },
  'ACC-old-hashes': {
    severity: 'medium',
    title: 'Passwords are kept by old methods',
    expected: 'yescrypt or SHA-512',
    rationale:
      'MD5 and DES hashes are guessed by the billion a second once somebody has the file. A hash becomes a new one only when the password is set again.',
    references: ['CIS 5.4.1.4', 'crypt(5)', 'login.defs(5) ENCRYPT_METHOD'],
    noFix: 'have them set anew: passwd NAME, or chage -d 0 NAME for the next login',
  },
  'ACC-other-admin': {
    severity: 'medium',
    title: 'Nobody but root can administer',
    expected: 'an account with a key (or a password), a shell and sudo',
    rationale: 'Before root’s own login is closed somebody else has to be able to come in and become root.',
    references: ['sudoers(5)', 'adduser(8)'],
    noFix: 'by hand: adduser NAME, adduser NAME sudo (wheel on Red Hat), and a key in its ~/.ssh/authorized_keys',
  },
  'SSH-hostkeys': {
    severity: 'medium',
    title: 'Host keys are weak or open',
    expected: 'Ed25519, ECDSA, or RSA of 3072 bits; root’s, 0600',
    rationale:
      'Who has or breaks a host key can pose as this server and take what is typed. A new one has every client ask once.',
    references: ['CIS 5.1.2', 'ssh-keygen(1)', 'sshd_config(5) HostKey', 'NIST SP 800-57'],
    noFix: 'by hand: chmod 600, or ssh-keygen makes a new one; tell everybody its fingerprint before',
  },
  'SSH-files': {
    severity: 'high',
    title: 'Others can change sshd’s settings',
    expected: 'root’s, and nobody else can write to them',
    rationale: 'Whoever can write to sshd’s settings can let himself in as anybody.',
    references: ['CIS 5.1.1', 'sshd_config(5)'],
    noFix: 'by hand: chown root:root and chmod go-w',
  },
  'SSH-config-mode': {
    severity: 'low',
    title: 'Anybody here can read sshd’s settings',
    expected: '0600 root:root',
    rationale: 'They tell every account on the server who may come in from where, and how. Debian ships them as 0644.',
    references: ['CIS 5.1.1', 'sshd_config(5)'],
    noFix: 'by hand: chmod 600 /etc/ssh/sshd_config and the files in sshd_config.d',
  },
}

function fixOf(id: AccountCheckId): Pick<Check<Holder, AccountEdit>, 'fix'> {
  const fix = FIXES[id]
  return fix ? { fix: (facts) => facts.accounts && fix(facts.accounts, facts) } : {}
}

/** What mends a finding from here. */
const FIXES: Readonly<
  Partial<Record<AccountCheckId, (facts: AccountFacts, door: Door) => readonly AccountEdit[] | null>>
> = {
  'ACC-service-login': closeServices,
  'ACC-empty-password': lockEmpty,
}

/** What the SSH pane says of accounts, keys and files; ids stand in this order. */
export const accountChecks: readonly Check<Holder, AccountEdit>[] = (
  Object.keys(accountVerdicts) as AccountCheckId[]
).map((id) => ({
  id,
  ...TEXTS[id],
  judge: (facts: Holder): Verdict =>
    facts.accounts === null
      ? { outcome: 'unknown', observed: say`accounts could not be read` }
      : accountVerdicts[id](facts.accounts, facts),
  ...fixOf(id),
}))
