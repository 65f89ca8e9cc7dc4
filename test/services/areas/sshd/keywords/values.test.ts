import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KEYWORDS, keywordOf } from '../../../../../src/services/areas/sshd/keywords/table.ts'
import { quoted, wordsOf } from '../../../../../src/services/areas/sshd/keywords/words.ts'

const check = (name: string, value: string) => keywordOf(name)?.check(value)
const printed = (name: string, value: string, version: string | null = null) => keywordOf(name)?.printed(value, version)

// What sshd itself says of these, and of many more, is in test/lab/sshd-keywords.test.ts.
describe('a value', () => {
  test.each([
    ['PasswordAuthentication', 'true', 'it is yes or no'],
    ['PasswordAuthentication', '', 'something must stand there'],
    ['PasswordAuthentication', 'yes no', 'it takes one word'],
    ['PasswordAuthentication', 'yes # why', 'a # begins a comment; quote the word'],
    ['PasswordAuthentication', 'yes\nPermitRootLogin yes', 'it has a character that no line may have'],
    ['PasswordAuthentication', '= yes', "it can't begin with ="],
    ['PermitTunnel', 'Yes', 'it is no, point-to-point, ethernet or yes'],
    ['MaxAuthTries', '-1', 'it is a number from 0 to 2147483647'],
    ['Port', '65536', 'it is a number from 1 to 65535'],
    ['LoginGraceTime', '1y', 'it is a time: seconds, or like 90s, 2m or 1h30m'],
    ['LoginGraceTime', '10s5', 'it is a time: seconds, or like 90s, 2m or 1h30m'],
    ['LoginGraceTime', '99999w', 'it is a time: seconds, or like 90s, 2m or 1h30m'],
    ['MaxStartups', '60:30:10', 'the last number is no less than the first'],
    ['MaxStartups', '10:0:60', 'the middle is a percentage from 1 to 100'],
    ['AllowUsers', 'a@10.0.0.1/8', '10.0.0.1/8 has bits set behind its length'],
    ['AllowUsers', 'a@2001:db8::/33', null],
    ['AllowUsers', 'a@2001:db8:8000::/32', '2001:db8:8000::/32 has bits set behind its length'],
    ['AllowUsers', 'a@10.0.0.0/33', '/33 is no length of a network'],
    ['AllowUsers', '@10.0.0.0/8', 'a name before the @ is missing'],
    ['AllowUsers', 'a "b', 'a quote is not closed'],
    ['AllowGroups', 'a ""', 'a word is empty'],
    ['AcceptEnv', 'A=b', 'a name of a variable has no ='],
    ['SetEnv', 'A', 'it is NAME=value'],
    ['AuthenticationMethods', 'publickey,pasword', 'pasword is no method of authentication'],
    ['AuthenticationMethods', 'any publickey', 'any stands alone'],
    ['Ciphers', 'aes*', 'aes* is no name of an algorithm'],
    ['Ciphers', '-aes*', null],
    ['Ciphers', 'a,,b', 'a name between two commas is missing'],
    ['PermitOpen', '80', '80 is no host:port'],
    ['PermitListen', 'x:y', 'y is no port'],
    ['RekeyLimit', '15', '16 bytes is the least'],
    ['Subsystem', 'sftp', 'it takes a name and a command'],
    ['AuthorizedKeysCommand', 'bin/true', 'it begins with an absolute path'],
    ['IPQoS', 'ef ef ef', 'it takes two words at most'],
    ['StreamLocalBindMask', '8', 'it is an octal number up to 0777'],
    ['PerSourcePenalties', 'authfail:x', 'behind authfail: comes a time'],
    ['PerSourceNetBlockSize', '33', 'it is bits of IPv4, up to 32, and perhaps of IPv6, up to 128: like 32:64'],
    ['ChannelTimeout', 'session', 'it is type=time, like session=1h'],
    ['ListenAddress', '10.0.0.1:0', '0 is no port'],
    ['ListenAddress', '', 'something must stand there'],
    ['ListenAddress', '10.0.0.1 x', 'it takes one address'],
    ['ListenAddress', '10.0.0.1 rdomain', 'it takes one address'],
    ['ListenAddress', '10.0.0.1 rdomain 3', null],
    ['ListenAddress', 'a]b', 'a]b is no address'],
    ['ListenAddress', '[::1]', null],
    ['MaxStartups', '1', null],
    ['MaxStartups', '0', 'it begins with 1 or more'],
    ['PerSourceNetBlockSize', '32:128', null],
    ['PerSourceNetBlockSize', '0:129', 'it is bits of IPv4, up to 32, and perhaps of IPv6, up to 128: like 32:64'],
    ['PermitOpen', 'host:80 [::1]:*', null],
    ['PermitOpen', 'host:0', '0 is no port'],
    ['PermitOpen', 'host:65536', '65536 is no port'],
    ['ChannelTimeout', 'session=x', 'it is type=time, like session=1h'],
    ['ChannelTimeout', 'session=5m x11-connection=0', null],
    ['SetEnv', 'A=b', null],
    ['IPQoS', 'lowdelay 12', null],
    ['IPQoS', '64', '64 is no DSCP: af21, cs1, ef, le or none'],
    ['RekeyLimit', '1G 1h 1', 'it takes bytes and a time, no more'],
    ['RekeyLimit', '1G x', 'behind the bytes comes none or a time, like 1h'],
    ['RekeyLimit', 'none', 'it begins with default or bytes, like 1G'],
    ['AllowUsers', 'a@x/8', 'x is no address'],
    ['AllowUsers', 'a@10.0.0.0/8,!10.1.0.0/16', null],
    ['AllowUsers', 'a@', 'an address is missing or broken'],
    ['PubkeyAuthOptions', 'touch', 'it is none, touch-required or verify-required'],
    ['AuthorizedKeysCommand', ' /bin/true %u ', null],
    ['PermitUserEnvironment', 'YES', 'yes and no are written small'],
    ['PerSourcePenalties', 'max-sources4:0', 'behind max-sources4: comes a number'],
    ['PerSourcePenalties', 'overflow:deny-all crash:2m', null],
    ['PerSourcePenalties', 'overflow:none', 'overflow:none is no penalty'],
    ['PerSourcePenalties', 'no crash:1', 'no stands alone'],
    ['Match', 'User x Address=10.0.0.0/8', null],
    ['Match', 'all user x', 'all stands alone'],
    ['Match', 'user', 'behind user a pattern is missing'],
    ['Match', 'nobody x', 'nobody is nothing that a block can hold for'],
    ['Match', 'invalid-user Address 10.0.0.0/8', null],
    ['ForceCommand', "/bin/x 'a  b' # c", null],
  ])('of %s: %j: %s', (name, value, why) => {
    expect(check(name, value)).toBe(why)
  })

  test.each<[string, string, readonly string[] | null, (string | null)?]>([
    ['PermitRootLogin', 'prohibit-password', ['without-password']],
    ['PermitRootLogin', 'without-password', ['without-password'], 'OpenSSH_10.0p2'],
    ['PermitRootLogin', 'without-password', ['prohibit-password'], 'OpenSSH_10.1p1'],
    ['PasswordAuthentication', 'YES', ['yes']],
    ['LoginGraceTime', '1h30m', ['5400']],
    ['UnusedConnectionTimeout', '0', ['none']],
    ['MaxAuthTries', '007', ['7']],
    ['MaxStartups', '10', ['10:30:10']],
    ['LogLevel', 'quiet', null],
    ['AuthorizedKeysFile', 'none', ['none'], 'OpenSSH_10.0p2'],
    ['AuthorizedKeysFile', 'none', null, 'OpenSSH_10.5p1'],
    ['RevokedKeys', 'none', null, 'OpenSSH_10.5p1'],
    ['ChannelTimeout', 'none', null, 'OpenSSH_9.2p1'],
    ['DebianBanner', 'no', null, 'OpenSSH_9.2p1'],
    ['DebianBanner', 'no', ['no'], 'OpenSSH_10.0p2'],
    ['LogLevel', 'debug1', ['DEBUG']],
    ['FingerprintHash', 'md5', ['MD5']],
    ['AllowTcpForwarding', 'all', ['yes']],
    ['AllowUsers', 'a "b c"', ['a', 'b c']],
    ['AuthenticationMethods', 'publickey  publickey,password', ['publickey publickey,password']],
    ['PermitListen', '80 *:22', ['*:80 *:22']],
    ['RekeyLimit', '1.5G 1h', ['1610612736 3600']],
    ['RekeyLimit', 'default none', ['0 0']],
    ['PubkeyAuthOptions', 'verify-required touch-required', ['touch-required verify-required']],
    ['IPQoS', 'AF21', ['af21 af21']],
    ['IPQoS', 'lowdelay', null],
    ['Ciphers', 'a,b,a', ['a,b']],
    ['Ciphers', '+a', null],
    ['HostKeyAlgorithms', 'rsa*', null],
    ['Banner', 'relative', null],
    ['Banner', '"/etc/a b"', ['/etc/a b']],
    ['PerSourcePenalties', 'yes', null],
    ['PerSourcePenalties', 'no', ['no']],
    ['StreamLocalBindMask', '77', ['077']],
    ['ListenAddress', '10.0.0.1:22', ['10.0.0.1:22']],
    ['ListenAddress', '10.0.0.1', null],
    ['Compression', 'delayed', ['yes']],
    ['Compression', 'no', ['no']],
    ['PerSourceNetBlockSize', '24:064', ['24:64']],
    ['PerSourceNetBlockSize', '24', null],
    ['HostKeyAgent', 'SSH_AUTH_SOCK', ['SSH_AUTH_SOCK']],
    ['HostKeyAgent', 'socket', null],
    ['ForceCommand', " /bin/x 'a  b' ", ["/bin/x 'a  b'"]],
    ['Protocol', '2', ['2'], 'OpenSSH_7.0'],
    ['Protocol', '2', [], 'OpenSSH_9.2p1'],
    ['Protocol', '2', []],
    ['Include', '/x', []],
    ['UseLogin', 'yes', []],
  ])('of %s: %j is printed as %j', (name, value, lines, version = null) => {
    expect(printed(name, value, version)).toEqual(lines)
  })

  test('that is taken stays one line, and is printed as lines that are taken too', () => {
    const some = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-z0-9:,./@*"' #=-]{0,12}$/))
    fc.assert(
      fc.property(fc.constantFrom(...KEYWORDS), some, (keyword, value) => {
        if (keyword.check(value) !== null) return
        expect(value).not.toMatch(/[\r\n\0]/)
        for (const line of keyword.printed(value) ?? []) expect(line).not.toMatch(/[\r\n\0]/)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('words', () => {
  test.each([
    ['a  b\tc', ['a', 'b', 'c']],
    [`a "b c" 'd "e'`, ['a', 'b c', 'd "e']],
    ['a\\ b "c\\"d" e\\\\f g\\h', ['a b', 'c"d', 'e\\f', 'g\\h']],
    ['x"y z"', ['xy z']],
    ['""', ['']],
    ['a#b #c', ['a#b']],
  ])('of %s are %j', (text, words) => {
    expect(wordsOf(text).words).toEqual(words)
  })

  test('that are quoted are read as they were', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z #"'\\]{0,6}$/)), (words) => {
        expect(wordsOf(words.map(quoted).join(' '))).toEqual({ words, open: false, comment: false })
      }),
    )
  })
})
