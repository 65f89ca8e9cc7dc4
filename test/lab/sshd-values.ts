// What sshd's keywords are tried with: by the lab, against what the table says of them.
import type { Keyword } from '../../src/services/areas/sshd/keywords/table.ts'

/** Values to try, by kind; which of them are good is for sshd and the table to agree on. */
export const TRIED: Readonly<Record<Keyword['kind']['of'], readonly string[]>> = {
  choice: ['maybe', 'YES', 'true', 'yes no'],
  number: ['0', '1', '3', '077', '4096', '2147483647', '2147483648', '-1', '1.5', '0x10', 'x', '1 2', '"5"'],
  time: ['0', '90', '2m', '1h30m', '2W', '1d1', '-1', '1y', 'x', '1 m', 'm', '1.5', '99999999999'],
  algorithms: [],
  list: ['', '"'],
  users: [
    'ops',
    'a b "c d"',
    'a@10.0.0.0/8',
    'a@10.0.0.1/8',
    'a@10.0.0.0/33',
    'a@2001:db8::/32',
    'a@x*,!y',
    '!root',
    '""',
    "a 'b",
    'a\\ b',
  ],
  groups: ['wheel', 'a b "c d"', '""', 'a*'],
  addresses: [
    '10.0.0.0/8,!10.1.0.0/16',
    '10.0.0.1/8',
    '192.0.2.?',
    '2001:db8::1',
    '2001:db8::1/64',
    '10.0.0.0/x',
    '10.0.0.0/8,',
  ],
  path: ['/etc/x', '"/etc/a b"', '/etc/a b', '""'],
  paths: ['/etc/x', '.ssh/a .ssh/b', '""'],
  command: ['/bin/true', "/bin/true 'a"],
  text: ['none', 'a', '""'],
  criteria: [
    'all',
    'user x',
    'User x,!y Address 10.0.0.0/8',
    'address=10.0.0.0/8',
    'group "a b"',
    'nobody x',
    'user',
    'all user x',
    'user x all',
  ],
}

/** Values of single keywords, the first two of them good and not the same. */
export const OWN: Readonly<Record<string, readonly string[]>> = {
  Port: ['22', '2222', '0', '65535', '65536'],
  ListenAddress: [
    '10.0.0.1:2222',
    '10.0.0.2:22',
    '10.0.0.1',
    '::1',
    '[::1]:22',
    '[::1]',
    '10.0.0.1:0',
    '10.0.0.1 rdomain',
    'a:b:c]',
    '10.0.0.1 x',
  ],
  HostKey: ['/etc/ssh/ssh_host_rsa_key', '/etc/ssh/ssh_host_ed25519_key'],
  HostCertificate: ['/etc/a', '/etc/b'],
  HostKeyAgent: ['SSH_AUTH_SOCK', '/run/agent'],
  AllowUsers: ['x', 'y z'],
  DenyUsers: ['x', 'y z'],
  AllowGroups: ['x', 'y z'],
  DenyGroups: ['x', 'y z'],
  AcceptEnv: ['LANG', 'LC_* TZ', 'A=b', '""'],
  SetEnv: ['A=b', 'C=d E="f g"', 'A'],
  Subsystem: ['a /bin/a', 'b /bin/b -x', 'a'],
  LogVerbose: ['kex.c:*:1000', 'a b', 'a none'],
  AuthenticationMethods: [
    'publickey',
    'publickey,password publickey',
    'any publickey',
    'nonsense',
    'keyboard-interactive:pam',
    'publickey,',
  ],
  PubkeyAuthOptions: ['touch-required', 'verify-required touch-required', 'none touch-required', 'touch'],
  AuthorizedKeysFile: ['a', 'b /c/%u'],
  AuthorizedPrincipalsFile: ['/a', '/b'],
  AuthorizedKeysCommand: ['none', 'nothing'],
  AuthorizedPrincipalsCommand: ['none', 'nothing'],
  AuthorizedKeysCommandUser: ['nobody', 'daemon', 'a b'],
  AuthorizedPrincipalsCommandUser: ['nobody', 'daemon'],
  PAMServiceName: ['sshd', 'other', 'a b'],
  FingerprintHash: ['md5', 'sha256', 'sha512', 'SHA1', 'crc'],
  LogLevel: ['quiet', 'verbose', 'debug1', 'DEBUG2', 'loud'],
  SyslogFacility: ['auth', 'local7', 'KERN', 'mail'],
  PermitRootLogin: ['prohibit-password', 'yes', 'without-password', 'forced-commands-only', 'PROHIBIT-password'],
  PermitUserEnvironment: ['LANG,LC_*', 'yes', 'YES'],
  PermitTunnel: ['ethernet', 'yes', 'Yes', 'Ethernet'],
  PermitListen: ['80', 'localhost:8080 *:*', '80:', 'x', 'any', 'none', '[::1]:22', '0', '65536'],
  PermitOpen: ['host:80', '[::1]:22 10.0.0.1:*', '80', 'host', 'any', 'none', 'host:x'],
  X11Forwarding: ['yes', 'No', '"no"', 'no # why', '""', '1', '=no', 'no "', '\\no'],
  Compression: ['delayed', 'no'],
  AllowTcpForwarding: ['all', 'local'],
  AllowStreamLocalForwarding: ['all', 'remote'],
  StreamLocalBindMask: ['0177', '77', '1777', '8'],
  IPQoS: ['af21', 'ef cs1', 'none', '12', 'le AF11', 'cs8', 'a', 'ef ef ef'],
  RekeyLimit: [
    '1G 1h',
    '512M',
    'default',
    'default none',
    '1.5g 90',
    '15',
    '16',
    '0',
    'none',
    '1G x',
    '1X',
    '1G 1h 1',
    '1K none',
  ],
  ChannelTimeout: ['session=5m', 'x11-connection=0 session=1h', 'session', 'none', 'session=x', 'a=1 none'],
  MaxStartups: ['10', '10:30:60', '5:10:4', '10:30', '0', '10:0:60', '10:101:60', 'x', '08:30:060'],
  PerSourceMaxStartups: ['5', 'none', '-1'],
  PerSourceNetBlockSize: ['24:64', '32:128', '33', '24:129', '24', 'x'],
  PerSourcePenalties: [
    'no',
    'yes',
    'authfail:10s max:5m',
    'overflow:deny-all',
    'overflow6:x',
    'max-sources4:10',
    'max-sources4:x',
    'bad:1',
    'crash:x',
  ],
  PerSourcePenaltyExemptList: ['10.0.0.0/8', '192.0.2.1'],
  VersionAddendum: ['a', 'b c'],
  ForceCommand: ['/bin/a', "/bin/b 'c  d' # e", "a 'b"],
  RequiredRSASize: ['1024', '3072'],
  Include: ['/none', '/none/a /none/b'],
  Banner: ['/a', '/b', '/a b'],
  Ciphers: [
    'aes128-ctr',
    'aes256-ctr,aes128-ctr,aes256-ctr',
    '+aes128-cbc',
    '-aes*',
    '^aes256-ctr',
    'aes*',
    'no such',
    'aes128-ctr,',
    'aes128-ctr,!x',
  ],
  MACs: ['hmac-sha2-256', 'hmac-sha2-512,umac-128@openssh.com', '-*sha1*', 'hmac*'],
  KexAlgorithms: ['curve25519-sha256', 'ecdh-sha2-nistp256,curve25519-sha256', '-*sha1', 'ecdh*'],
  ...Object.fromEntries(
    ['HostKeyAlgorithms', 'PubkeyAcceptedAlgorithms', 'HostbasedAcceptedAlgorithms'].map((name) => [
      name,
      ['ssh-ed25519', 'rsa-sha2-512,ssh-ed25519', 'rsa*', '-ssh-rsa*', '+ssh-rsa', 'a,'],
    ]),
  ),
  CASignatureAlgorithms: ['ssh-ed25519', 'rsa-sha2-512,ssh-ed25519'],
  GSSAPIKexAlgorithms: ['gss-group14-sha256-', 'gss-group16-sha512-'],
  ChrootDirectory: ['/a', '%h'],
  Protocol: ['2', '2,1'],
}

/** Where the table asks for more than sshd does: of what it takes for something else, or says nothing of. */
export const STRICTER: readonly (readonly [keyword: RegExp, value: RegExp])[] = [
  // A comment, which nobody means who was asked for a value.
  [/./, /#/],
  // A second =.
  [/./, /^=/],
  // A word with a meaning of its own beside others that it makes void, or with a meaning in another spelling.
  [/^(AuthorizedKeysFile|ChannelTimeout)$/, /none/],
  [/^PermitUserEnvironment$/, /^yes$/i],
  // An empty name of an algorithm.
  [/^(Ciphers|MACs|KexAlgorithms)$/, /,$/],
  // It is not read any more.
  [/^Protocol$/, /./],
]

/** A file in which all that is advised is otherwise, as far as these releases can do it. */
export const WORST = `PermitRootLogin yes
PasswordAuthentication yes
KbdInteractiveAuthentication yes
PubkeyAuthentication no
PermitEmptyPasswords yes
HostbasedAuthentication yes
IgnoreRhosts no
GSSAPIAuthentication yes
StrictModes no
UsePAM yes
MaxAuthTries 20
LoginGraceTime 0
MaxStartups 500
MaxSessions 2
ClientAliveInterval 0
ClientAliveCountMax 0
LogLevel QUIET
UseDNS yes
X11Forwarding yes
AllowAgentForwarding yes
PermitTunnel yes
GatewayPorts yes
PermitUserEnvironment yes
KexAlgorithms +diffie-hellman-group1-sha1,diffie-hellman-group14-sha1
Ciphers +aes128-cbc,3des-cbc
MACs +hmac-md5,hmac-sha1-96
HostKeyAlgorithms +ssh-rsa
PubkeyAcceptedAlgorithms +ssh-rsa
CASignatureAlgorithms +ssh-rsa
RequiredRSASize 1024
`
