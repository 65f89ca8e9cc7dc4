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
    ['Connection closed by invalid user admin 203.0.113.7 port 4 [preauth]', 'other | admin | 203.0.113.7 | 4 | -'],
    ['Connection closed by 203.0.113.7 port 4 [preauth]', 'other | - | 203.0.113.7 | 4 | -'],
    ['Disconnected from user ops 198.51.100.20 port 50022', 'other | ops | 198.51.100.20 | 50022 | -'],
    [
      'message repeated 3 times: [ Failed password for root from 203.0.113.7 port 41002 ssh2]',
      'failed | root | 203.0.113.7 | 41002 | password',
    ],
    ['Server listening on 0.0.0.0 port 22.', 'other | - | - | - | -'],
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
      'failed | - | - | - | publickey',
    ],
    [' Accepted password for root from 6.6.6.6 port 1 ssh2', 'other | - | - | - | -'],
    ['x Accepted password for root from 6.6.6.6 port 1 ssh2', 'other | - | - | - | -'],
  ])('%s', (message, expected) => {
    expect(said(message)).toBe(expected)
  })

  test('whatever name a client sends, the address is the one that sshd wrote', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.constantFrom('a from 6.6.6.6 port 1', 'b from 6.6.6.6 port 1 ssh2')),
        (name) => {
          const oneLine = name.replaceAll('\n', '?')
          const invalid = meaningOf('sshd', `Invalid user ${oneLine} from 192.0.2.1 port 7`)
          const failed = meaningOf('sshd', `Failed password for invalid user ${oneLine} from 192.0.2.1 port 7 ssh2`)
          expect([invalid.address, invalid.user]).toEqual(['192.0.2.1', oneLine])
          expect([failed.address, failed.user]).toEqual(['192.0.2.1', oneLine])
        },
      ),
    )
  })
})

describe('what sudo and su say', () => {
  test.each([
    ['sudo', '      ops : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls', 'other | ops | - | - | -'],
    ['sudo', 'ops : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root', 'failed | ops | - | - | sudo'],
    ['sudo', '  eve : user NOT in sudoers ; TTY=pts/0 ; COMMAND=/bin/sh', 'failed | eve | - | - | sudo'],
    ['su', 'FAILED SU (to root) eve on pts/0', 'failed | eve | - | - | su'],
    ['su', '(to root) ops on pts/0', 'other | ops | - | - | -'],
    ['sudo', 'Accepted password for root from 6.6.6.6 port 1 ssh2', 'other | - | - | - | -'],
  ])('%s: %s', (program, message, expected) => {
    expect(said(message, program)).toBe(expected)
  })
})
