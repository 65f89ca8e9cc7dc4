import { describe, expect, test } from 'vitest'
import { boundTo, listensIn, nobodyListens, rulePorts } from '../../../../src/services/areas/firewall/listening.ts'
import { listener } from '../../../support/listeners.ts'

describe('a socket', () => {
  test.each([
    ['0.0.0.0', ['v4']],
    ['[::]', ['v6']],
    ['*', ['v4', 'v6']],
    ['127.0.0.53%lo', []],
    ['[::1]', []],
    ['[::ffff:127.0.0.1]', []],
    ['192.0.2.10', ['v4']],
    ['[fe80::1]%eth0', ['v6']],
  ] as const)('at %s is reached by others in %j', (address, families) => {
    expect((['v4', 'v6'] as const).filter((family) => listensIn(listener('tcp', address, 22), family))).toEqual(
      families,
    )
  })

  test('is bound to one address or to all', () => {
    expect(['*', '[::]', '[fe80::1]%eth0', '10.0.0.1%eth1'].map((one) => boundTo(listener('tcp', one, 1)))).toEqual([
      null,
      null,
      'fe80::1',
      '10.0.0.1',
    ])
  })
})

describe('the ports of a rule', () => {
  test.each([
    ['-p tcp -m tcp --dport 22 -j ACCEPT', 'tcp 22'],
    ['-s 10.0.0.0/8 -p udp -m multiport --dports 53,60000:61000 -j ACCEPT', 'udp 53,60000:61000'],
    ['-p tcp -m comment --comment "-p udp --dport 1" -m tcp --dport 22 -j ACCEPT', 'tcp 22'],
    ['-p tcp -m tcp ! --dport 22 -j ACCEPT', null],
    ['-p tcp -m comment --comment " --dport 22 " -j ACCEPT', null],
    ['-p icmp -j ACCEPT', null],
    ['-p tcp -m tcp --dport ssh -j ACCEPT', null],
  ])('%s', (text, expected) => {
    const found = rulePorts(text)
    expect(found && `${found.protocol} ${found.ports}`).toBe(expected)
  })

  test('are for nobody where nothing listens; passive FTP listens only while it runs', () => {
    const isIdle = nobodyListens(
      [listener('tcp', '*', 80)],
      [{ program: 'vsftpd', port: 21, passive: { from: 10030, to: 10030 } }],
    )
    expect(['80', '8443', '10030', '1:9'].map((port) => isIdle(`-p tcp -m tcp --dport ${port} -j ACCEPT`))).toEqual([
      false,
      true,
      false,
      false,
    ])
    expect(isIdle('-p tcp -m tcp --dport 8443 -j DROP')).toBe(false)
  })
})
