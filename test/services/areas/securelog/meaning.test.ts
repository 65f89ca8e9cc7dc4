import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { meaningOf } from '../../../../src/services/areas/securelog/meaning.ts'

const said = (message: string, program = 'sshd'): string => {
  const { kind, user, address, port, method } = meaningOf(program, message)
  return [kind, user ?? '-', address ?? '-', port ?? '-', method ?? '-'].join(' | ')
}

describe('what sshd says', () => {
  test.each([
    [
      'Accepted publickey for ops from 198.51.100.20 port 50022 ssh2: ED25519 SHA256:abcDEF+/9',
      'accepted | ops | 198.51.100.20 | 50022 | publickey',
    ],
    ['Accepted password for root from 2001:db8::7 port 4242 ssh2', 'accepted | root | 2001:db8::7 | 4242 | password'],
    [
      'Accepted publickey for ops from 198.51.100.20 port 1 ssh2: ED25519-CERT SHA256:a ID me from 6.6.6.6 port 9 ssh2 (serial 0) CA RSA SHA256:b',
      'accepted | ops | 198.51.100.20 | 1 | publickey',
    ],
    ['Failed password for root from 203.0.113.7 port 41002 ssh2', 'failed | root | 203.0.113.7 | 41002 | password'],
    [
      'Failed password for invalid user oracle from 203.0.113.7 port 41002 ssh2',
      'failed | oracle | 203.0.113.7 | 41002 | password',
    ],
    [
      'Failed publickey for root from 203.0.113.7 port 1 ssh2: RSA MD5:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff',
      'failed | root | 203.0.113.7 | 1 | publickey',
    ],
    ['Invalid user oracle from 203.0.113.7 port 41002', 'invalid | oracle | 203.0.113.7 | 41002 | -'],
    ['Invalid user oracle from 203.0.113.7', 'invalid | oracle | 203.0.113.7 | - | -'],
    ['Invalid user  from 203.0.113.7 port 41002', 'invalid |  | 203.0.113.7 | 41002 | -'],
    [
      'error: maximum authentication attempts exceeded for invalid user x from 203.0.113.7 port 4 ssh2 [preauth]',
      'failed | x | 203.0.113.7 | 4 | -',
    ],
    ['User root from 203.0.113.7 not allowed because not listed in AllowUsers', 'failed | root | 203.0.113.7 | - | -'],
    ['ROOT LOGIN REFUSED FROM 203.0.113.7 port 4', 'failed | root | 203.0.113.7 | 4 | -'],
    ['Connection closed by invalid user admin 203.0.113.7 port 4 [preauth]', 'left | admin | 203.0.113.7 | 4 | -'],
    ['Connection closed by 203.0.113.7 port 4 [preauth]', 'knock | - | 203.0.113.7 | 4 | -'],
    ['Connection reset by 2001:db8::7', 'knock | - | 2001:db8::7 | - | -'],
    ['Connection closed by remote host', 'other | - | - | - | -'],
    ['Did not receive identification string from 203.0.113.7 port 4', 'knock | - | 203.0.113.7 | 4 | -'],
    [
      "Bad protocol version identification 'GET / from 6.6.6.6 port 1' from 203.0.113.7 port 4",
      'knock | - | 203.0.113.7 | 4 | -',
    ],
    ['banner exchange: Connection from 203.0.113.7 port 4: invalid format', 'knock | - | 203.0.113.7 | 4 | -'],
    [
      'Unable to negotiate with 203.0.113.7 port 4: no matching cipher found. Their offer: a from 6.6.6.6 port 1: x',
      'knock | - | 203.0.113.7 | 4 | -',
    ],
    ['fatal: Timeout before authentication for 203.0.113.7 port 4', 'knock | - | 203.0.113.7 | 4 | -'],
    [
      'Timeout before authentication for connection from 203.0.113.7 to 192.0.2.1, pid = 9',
      'knock | - | 203.0.113.7 | - | -',
    ],
    ['ssh_dispatch_run_fatal: Connection from 203.0.113.7 port 4: x [preauth]', 'knock | - | 203.0.113.7 | 4 | -'],
    [
      'error: PAM: authentication error for james from 203.0.113.7 via 192.0.2.1',
      'failed | james | 203.0.113.7 | - | keyboard-interactive/pam',
    ],
    ['Disconnecting: Too many authentication failures for root [preauth]', 'left | root | - | - | -'],
    ['Received disconnect from 203.0.113.7: 11: Bye Bye [preauth]', 'other | - | 203.0.113.7 | - | -'],
    ['Disconnected from user ops 198.51.100.20 port 50022', 'other | ops | 198.51.100.20 | 50022 | -'],
    [
      'message repeated 3 times: [ Failed password for root from 203.0.113.7 port 41002 ssh2]',
      'failed | root | 203.0.113.7 | 41002 | password',
    ],
    ['Server listening on 0.0.0.0 port 22.', 'other | - | - | - | -'],
    [
      'Accepted gssapi-with-mic for ad user from 192.0.2.7 port 9 ssh2: aduser@CORP.EXAMPLE',
      'accepted | ad user | 192.0.2.7 | 9 | gssapi-with-mic',
    ],
    [
      'Accepted publickey for ad user from 192.0.2.7 port 9 ssh2: ED25519-CERT SHA256:AbCd ID a (serial 7) CA ED25519 SHA256:EfGh',
      'accepted | ad user | 192.0.2.7 | 9 | publickey',
    ],
    [
      'Accepted hostbased for CORP\\x y from 192.0.2.7 port 9 ssh2: ED25519 SHA256:AbCd, client user "ad user", client host "h"',
      'accepted | CORP\\x y | 192.0.2.7 | 9 | hostbased',
    ],
    [
      'Accepted keyboard-interactive/pam for ad user from 2001:db8::7 port 9 ssh2',
      'accepted | ad user | 2001:db8::7 | 9 | keyboard-interactive/pam',
    ],
    ['Accepted password for root from 192.0.2.7', 'accepted | root | 192.0.2.7 | - | password'],
    ['Accepted password for root, by a form nobody has seen', 'accepted | - | - | - | password'],
    ['Partial publickey for ops from 192.0.2.7 port 9 ssh2', 'other | - | - | - | -'],
    [
      'Failed publickey for alice from 192.0.2.7 port 9 ssh2: ED25519-CERT SHA256:AbCd ID alice (serial 7) CA ED25519 SHA256:EfGh',
      'failed | alice | 192.0.2.7 | 9 | publickey',
    ],
    [
      'Failed hostbased for alice from 192.0.2.7 port 9 ssh2: ED25519 SHA256:AbCd, client user "alice", client host "h"',
      'failed | alice | 192.0.2.7 | 9 | hostbased',
    ],
    ['Failed password for alice from 192.0.2.7 port 9 ssh1', 'failed | alice | 192.0.2.7 | 9 | password'],
    ['Failed password for invalid user alice from 2001:db8::7', 'failed | alice | 2001:db8::7 | - | password'],
    ['Failed password for illegal user alice from 192.0.2.7 port 9 ssh2', 'failed | alice | 192.0.2.7 | 9 | password'],
    ['Illegal user alice from 192.0.2.7', 'invalid | alice | 192.0.2.7 | - | -'],
    [
      'error: PAM: Authentication failure for root from 198.51.100.9',
      'failed | root | 198.51.100.9 | - | keyboard-interactive/pam',
    ],
    [
      'error: PAM: User not known to the underlying authentication module for illegal user a b from host.example',
      'failed | a b | host.example | - | keyboard-interactive/pam',
    ],
    [
      'error: PAM: Have exhausted maximum number of retries for service for root from 192.0.2.7 [preauth]',
      'failed | root | 192.0.2.7 | - | keyboard-interactive/pam',
    ],
    ['fatal: Access denied for user alice by PAM account configuration [preauth]', 'failed | alice | - | - | -'],
    ['User alice not allowed because account is locked', 'failed | alice | - | - | -'],
    [
      "User alice from 192.0.2.7 not allowed because none of user's groups are listed in AllowGroups",
      'failed | alice | 192.0.2.7 | - | -',
    ],
  ])('%s', (message, expected) => {
    expect(said(message)).toBe(expected)
  })
})

describe('names made to look like the rest of the line', () => {
  test.each([
    [
      'Invalid user root from 6.6.6.6 port 22 ssh2 from 10.99.8.2 port 54434',
      'invalid | root from 6.6.6.6 port 22 ssh2 | 10.99.8.2 | 54434 | -',
    ],
    [
      'Failed password for invalid user x from 6.6.6.6 port 22 ssh2: RSA SHA256:abc from 10.99.8.2 port 54434 ssh2',
      'failed | x from 6.6.6.6 port 22 ssh2: RSA SHA256:abc | 10.99.8.2 | 54434 | password',
    ],
    [
      'Failed none for invalid user Accepted password for root from 1.2.3.4 from 10.99.8.2 port 1 ssh2',
      'failed | Accepted password for root from 1.2.3.4 | 10.99.8.2 | 1 | none',
    ],
    [
      'Failed publickey for root from 10.99.8.2 port 5 ssh2: RSA-CERT SHA256:x ID a from 6.6.6.6 port 22 ssh2 (serial 0) CA RSA SHA256:y',
      'failed | root | 10.99.8.2 | 5 | publickey',
    ],
    // What a client says of himself follows the address, in quotes, with HostbasedAuthentication and LogLevel VERBOSE.
    [
      'Failed hostbased for root from 10.99.8.2 port 5 ssh2: RSA SHA256:x, client user "a from 6.6.6.6 port 22 ssh2: RSA SHA256:y", client host "b"',
      'failed | root | 10.99.8.2 | 5 | hostbased',
    ],
    [
      'Failed hostbased for root from 10.99.8.2 port 5 ssh2: RSA SHA256:x, client user "a", client host "b from 6.6.6.6 port 22 ssh2: RSA SHA256:y"',
      'failed | root | 10.99.8.2 | 5 | hostbased',
    ],
    [
      'Failed hostbased for root from 10.99.8.2 port 5 ssh2: RSA SHA256:x, client user "a", client host "b from 6.6.6.6"',
      'failed | root | 10.99.8.2 | 5 | hostbased',
    ],
    ['Accepted RSA public key SHA256:x from root for y from 6.6.6.6 port 22 ssh2@h', 'other | - | - | - | -'],
    [
      'Accepted certificate ID "a for root from 6.6.6.6 port 1 ssh2" signed by RSA CA SHA256:x from u@h',
      'other | - | - | - | -',
    ],
    [
      'userauth_hostbased mismatch: client sends x from 6.6.6.6 port 22 ssh2, but we resolve 10.99.8.2 to h',
      'other | - | - | - | -',
    ],
    [
      'Disconnecting invalid user a 10.99.8.2 port 5: Change of username or service not allowed: (a,ssh-connection) -> (b 6.6.6.6 port 1,ssh-connection) [preauth]',
      'other | - | - | - | -',
    ],
    ['Received disconnect from 10.99.8.2 port 5:11: user root 6.6.6.6 port 1', 'other | - | 10.99.8.2 | 5 | -'],
    [
      'error: PAM: Authentication failure for illegal user x from 6.6.6.6 from 10.99.8.2',
      'failed | x from 6.6.6.6 | 10.99.8.2 | - | keyboard-interactive/pam',
    ],
    [
      'Failed publickey for invalid user x from 6.6.6.6 port 1 ssh2: A-CERT SHA256:x ID y from 10.99.8.2 port 5 ssh2: A-CERT SHA256:x ID z',
      'failed | - | - | - | publickey',
    ],
    [' Accepted password for root from 6.6.6.6 port 1 ssh2', 'other | - | - | - | -'],
    ['x Accepted password for root from 6.6.6.6 port 1 ssh2', 'other | - | - | - | -'],
  ])('%s', (message, expected) => {
    expect(said(message)).toBe(expected)
  })

  /** Whatever a client can send as its name, and what one who knows the log's forms would. */
  const forged = fc
    .array(
      fc.oneof(
        fc.string(),
        fc.constantFrom(
          ' from 6.6.6.6',
          ' from 6.6.6.6 port 1',
          ' from 6.6.6.6 port 1 ssh2',
          ' from 6.6.6.6 port 1 ssh2: RSA SHA256:abc',
          ' from ',
          '6.6.6.6',
          ' port 1',
          ' ssh2',
          ': ',
          'RSA SHA256:abc',
          ', client user "',
          '", client host "h"',
          'invalid user ',
          ' [preauth]',
          ' for ',
          ' not allowed because not listed in AllowUsers',
        ),
      ),
      { maxLength: 6 },
    )
    .map((parts) => parts.join('').replaceAll('\n', '?'))
  const peer = '192.0.2.1 port 7'

  test.each<[string, (name: string) => string]>([
    ['Invalid user', (name) => `Invalid user ${name} from ${peer}`],
    ['Failed password', (name) => `Failed password for invalid user ${name} from ${peer} ssh2`],
    ['Failed none', (name) => `Failed none for invalid user ${name} from ${peer} ssh2`],
    ['Failed with a key', (name) => `Failed publickey for invalid user ${name} from ${peer} ssh2: RSA SHA256:aB+/9`],
    ['PAM', (name) => `error: PAM: Authentication failure for illegal user ${name} from 192.0.2.1`],
    [
      'too many',
      (name) => `error: maximum authentication attempts exceeded for invalid user ${name} from ${peer} ssh2 [preauth]`,
    ],
    ['closed', (name) => `Connection closed by invalid user ${name} ${peer} [preauth]`],
  ])('whatever name a client sends, the address is the one that sshd wrote: %s', (_case, line) => {
    fc.assert(
      fc.property(forged, (name) => {
        const { address, user } = meaningOf('sshd', line(name))
        expect([address, user]).toEqual(['192.0.2.1', name])
      }),
    )
  })

  test('whatever a client says of itself behind the address, it is never believed', () => {
    fc.assert(
      fc.property(forged, forged, (user, host) => {
        const tail = `RSA SHA256:aB+/9, client user "${user}", client host "${host}"`
        const failed = meaningOf('sshd', `Failed hostbased for ad user from ${peer} ssh2: ${tail}`)
        const accepted = meaningOf('sshd', `Accepted hostbased for ad user from ${peer} ssh2: ${tail}`)
        const id = meaningOf(
          'sshd',
          `Failed publickey for ad user from ${peer} ssh2: A-CERT SHA256:a ID ${user} (serial 0) CA A SHA256:b`,
        )
        for (const one of [failed, accepted, id]) expect([one.address, one.user]).toEqual(['192.0.2.1', 'ad user'])
        expect(meaningOf('sshd', `Accepted RSA public key SHA256:a from ${user}@h`).kind).toBe('other')
        expect(
          meaningOf('sshd', `Accepted certificate ID "${user}" signed by RSA CA SHA256:a from ${host}@h`).kind,
        ).toBe('other')
      }),
    )
  })
})

describe('what pam_unix of old hosts says', () => {
  test.each([
    [
      'authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=192.0.2.1  user=root',
      'failed | root | 192.0.2.1 | - | -',
    ],
    [
      'authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=192.0.2.1 ',
      'failed | - | 192.0.2.1 | - | -',
    ],
    [
      'authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=a rhost=6.6.6.6',
      'failed | a rhost=6.6.6.6 | 192.0.2.1 | - | -',
    ],
    ['check pass; user unknown', 'other | - | - | - | -'],
  ])('%s', (message, expected) => {
    expect(said(message, 'sshd(pam_unix)')).toBe(expected)
  })
  test('several failures are several', () => {
    const more = '2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=root'
    expect(meaningOf('sshd(pam_unix)', more)).toMatchObject({ kind: 'failed', times: 2 })
  })
})

describe('what those say who become somebody else', () => {
  test.each([
    ['sudo', '      ops : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls', 'root | ops | - | - | sudo'],
    ['sudo', 'ops : PWD=/ ; USER=www-data ; COMMAND=/bin/ls', 'other | ops | - | - | -'],
    ['sudo', 'ops : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root', 'failed | ops | - | - | sudo'],
    ['sudo', '  eve : user NOT in sudoers ; TTY=pts/0 ; COMMAND=/bin/sh', 'failed | eve | - | - | sudo'],
    ['su', 'FAILED SU (to root) eve on pts/0', 'failed | eve | - | - | su'],
    ['sudo', 'ad user : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/', 'failed | ad user | - | - | sudo'],
    ['su', '(to root) ops on pts/0', 'root | ops | - | - | su'],
    ['su', '(to ops) root on none', 'other | root | - | - | -'],
    ['sudo-rs', 'ops :  PWD=/ ; USER=root ; COMMAND=/usr/bin/id', 'root | ops | - | - | sudo-rs'],
    ['doas', 'ops ran command id as root from /', 'root | ops | - | - | doas'],
    ['doas', 'ops ran command x as root from / as www-data from /', 'root | ops | - | - | doas'],
    ['doas', 'ops ran command id as www-data from /', 'other | - | - | - | -'],
    ['doas', 'command not permitted for guest: id', 'failed | guest | - | - | doas'],
    ['doas', 'failed auth for guest', 'failed | guest | - | - | doas'],
    [
      'pkexec',
      'ops: Executing command [USER=root] [TTY=/dev/pts/0] [CWD=/] [COMMAND=/usr/bin/id]',
      'root | ops | - | - | pkexec',
    ],
    ['sudo', 'Accepted password for root from 6.6.6.6 port 1 ssh2', 'other | - | - | - | -'],
  ])('%s: %s', (program, message, expected) => {
    expect(said(message, program)).toBe(expected)
  })
})

describe('what changes accounts, logs in at the console and shuts out', () => {
  // As shadow 4.13 and 4.17 wrote it on Debian 12 and 13.
  test.each([
    ['useradd', 'new user: name=toor, UID=0, GID=0, home=/home/toor, shell=/bin/sh, from=none', 'account | toor'],
    ['useradd', 'new group: name=zed, GID=1003', 'account | -'],
    ['chpasswd', 'pam_unix(chpasswd:chauthtok): password changed for zed', 'account | zed'],
    ['passwd', "password for 'zed' changed by 'root'", 'account | zed'],
    ['usermod', "add 'zed' to group 'sudo'", 'account | zed'],
    ['usermod', "add 'zed' to shadow group 'sudo'", 'account | zed'],
    ['usermod', "lock user 'zed' password", 'account | zed'],
    ['usermod', "unlock user 'zed' password", 'account | zed'],
    ['usermod', "change user 'zed' UID from '1003' to '0'", 'account | zed'],
    ['gpasswd', 'user zed removed by root from group sudo', 'account | zed'],
    ['gpasswd', 'user zed added by root to group adm', 'account | zed'],
    ['gpasswd', 'members of group users set by root to kim', 'account | -'],
    ['chage', 'changed password expiry for zed', 'account | zed'],
    ['chsh', "changed user 'zed' shell to '/bin/sh'", 'account | zed'],
    ['chfn', "changed user 'zed' information", 'account | zed'],
    ['groupadd', 'group added to /etc/gshadow: name=grp1', 'account | -'],
    ['groupmod', 'group changed in /etc/group (group grp1/1004, new name: grp2)', 'account | -'],
    ['groupdel', "group 'grp2' removed from /etc/group", 'account | -'],
    ['userdel', "delete user 'kim'", 'account | kim'],
    ['userdel', "delete 'kim' from shadow group 'users'", 'account | kim'],
    ['userdel', "removed shadow group 'kim' owned by 'kim'", 'account | -'],
    ['passwd', 'pam_unix(passwd:chauthtok): conversation failed', 'other | -'],
    ['useradd', 'failed adding user', 'other | -'],
    ['systemd-logind', 'New session c2 of user ops.', 'other | ops'],
  ])('%s: %s', (program, message, expected) => {
    expect(said(message, program).split(' | ').slice(0, 2).join(' | ')).toBe(expected)
  })

  test.each([
    ["ROOT LOGIN  on '/dev/tty1'", 'accepted | root | /dev/tty1 | - | console'],
    ['ROOT LOGIN ON tty1', 'accepted | root | tty1 | - | console'],
    ['LOGIN ON tty1 BY ops', 'accepted | ops | tty1 | - | console'],
    ["FAILED LOGIN (1) on '/dev/tty1' FOR 'root', Authentication failure", 'failed | root | /dev/tty1 | - | console'],
    ['FAILED LOGIN 1 FROM tty2 FOR ops, Authentication failure', 'failed | ops | tty2 | - | console'],
    ["FAILED LOGIN (1) on '/dev/tty1' FOR 'x' BY 'root', y", 'failed | - | - | - | console'],
  ])('login: %s', (message, expected) => {
    expect(said(message, 'login')).toBe(expected)
  })

  test.each([
    ['fail2ban.actions', '[sshd] Ban 203.0.113.7', 'ban | - | 203.0.113.7 | - | -'],
    [
      'fail2ban-server',
      'fail2ban.actions        [812]: NOTICE  [sshd] Ban 203.0.113.7',
      'ban | - | 203.0.113.7 | - | -',
    ],
    ['fail2ban.actions', '[sshd] Unban 203.0.113.7', 'other | - | - | - | -'],
  ])('%s: %s', (program, message, expected) => {
    expect(said(message, program)).toBe(expected)
  })
})
