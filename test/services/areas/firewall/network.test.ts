import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseFtp, parseFtpHelper } from '../../../../src/services/areas/firewall/ftp.ts'
import { parseNetwork, parsePortNames } from '../../../../src/services/areas/firewall/network.ts'

const network = (parts: Readonly<Record<string, string>>) => parseNetwork((name) => parts[name] ?? '')

describe('the host’s network', () => {
  test('is read from ip(8), with peers, veths and two families on one interface', () => {
    const { interfaces } = network({
      addresses: `1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever
2: eth0@if7    inet 192.0.2.2/24 brd 192.0.2.255 scope global eth0
2: eth0    inet6 2001:db8::2/64 scope global
5: wg0    inet 10.9.0.1 peer 10.9.0.2/32 scope global wg0
nonsense`,
    })
    expect(
      interfaces.map(({ name, addresses }) => [name, ...addresses.map((one) => `${one.address}/${one.prefix}`)]),
    ).toEqual([
      ['lo', '127.0.0.1/8'],
      ['eth0', '192.0.2.2/24', '2001:db8::2/64'],
      ['wg0', '10.9.0.1/32'],
    ])
  })

  test('has a default interface for each family, or none', () => {
    const parts = {
      'routes-v4': 'default via 192.0.2.1 dev ens3 proto dhcp metric 100\ndefault dev wg0 scope link',
      'routes-v6': '',
    }
    expect(network(parts).defaultInterface).toEqual({ v4: 'ens3', v6: null })
    expect(network({ 'routes-v4': 'default via 172.31.1.1 dev eth0 proto dhcp' }).gateway).toEqual({
      v4: '172.31.1.1',
      v6: null,
    })
    expect(network({ 'routes-v4': 'default dev venet0 scope link' }).defaultInterface.v4).toBe('venet0')
  })

  test('forwards or not', () => {
    expect(network({ forwarding: '1\n0' }).forwards).toEqual({ v4: true, v6: false })
    expect(network({}).forwards).toEqual({ v4: false, v6: false })
  })

  test('is never a reason to throw', () => {
    fc.assert(
      fc.property(fc.string(), (text) => void network({ addresses: text, 'routes-v4': text, forwarding: text })),
    )
  })
})

test('names of ports are the first of services(5)', () => {
  expect(parsePortNames('tcp/80 http\ntcp/80 www\nudp/53 domain\nddp/2 nbp\nconstructor x')).toEqual(
    new Map([
      ['tcp/80', 'http'],
      ['udp/53', 'domain'],
    ]),
  )
})

describe('FTP servers', () => {
  test('vsftpd with the range of the routine', () => {
    const text =
      '/etc/vsftpd.conf:listen_port=10021\n/etc/vsftpd.conf:pasv_min_port=10030\n/etc/vsftpd.conf:pasv_max_port=10049'
    expect(parseFtp(text)).toEqual([{ program: 'vsftpd', port: 10021, passive: { from: 10030, to: 10049 } }])
  })

  test('proftpd and pure-ftpd, each in its own words', () => {
    const text =
      '/etc/proftpd/proftpd.conf:Port\t\t2121\n/etc/proftpd/proftpd.conf:  PassivePorts 49152 65534\n/etc/pure-ftpd/conf/PassivePortRange:30000 50000'
    expect(parseFtp(text)).toEqual([
      { program: 'proftpd', port: 2121, passive: { from: 49152, to: 65534 } },
      { program: 'pure-ftpd', port: 21, passive: { from: 30000, to: 50000 } },
    ])
  })

  test('one that has nothing but its defaults', () => {
    const text = '/etc/vsftpd.conf:is-there\n/etc/pure-ftpd:is-there'
    expect(parseFtp(text)).toEqual([
      { program: 'vsftpd', port: 21, passive: null },
      { program: 'pure-ftpd', port: 21, passive: null },
    ])
  })

  test('a range that is none is none', () => {
    const text = '/etc/vsftpd.conf:pasv_min_port=0\n/etc/vsftpd.conf:pasv_max_port=0'
    expect(parseFtp(text)).toEqual([{ program: 'vsftpd', port: 21, passive: null }])
    fc.assert(fc.property(fc.string(), (words) => void parseFtp(`/etc/vsftpd.conf:${words}`)))
  })

  test('the helper of the kernel, loaded and at boot', () => {
    expect(parseFtpHelper('nf_conntrack_ftp\nnf_nat_ftp')).toEqual({ loaded: true, atBoot: false })
    expect(parseFtpHelper('/etc/modules-load.d/ftp.conf')).toEqual({ loaded: false, atBoot: true })
  })
})
