import { expect, test } from 'vitest'
import { familyOfPacket, firstState, packetsOf } from '../../../../../src/services/areas/firewall/walk/packet.ts'

test.each<[string, number | null, string]>([
  ['tcp', null, 'NEW'],
  ['udp', null, 'NEW'],
  ['icmp', 8, 'NEW'],
  ['icmp', 0, 'INVALID'],
  ['icmp', 3, 'INVALID'],
  ['icmpv6', 128, 'NEW'],
  ['ipv6-icmp', 129, 'INVALID'],
  ['icmpv6', 135, 'UNTRACKED'],
  ['esp', null, 'NEW'],
])('the first %s packet of type %j is %s', (protocol, type, state) => {
  expect(firstState(protocol, type)).toBe(state)
})

test('a connection is its opening, the answer to it, and what follows either way', () => {
  const { first, answer, inward, outward } = packetsOf({
    protocol: 'tcp',
    client: '198.51.100.20',
    clientPort: 50_022,
    server: '192.0.2.10',
    serverPort: 22,
    interface: 'eth0',
  })
  expect(first).toMatchObject({ state: 'NEW', sourcePort: 50_022, destinationPort: 22, inInterface: 'eth0' })
  expect(answer).toMatchObject({ state: 'ESTABLISHED', tcpFlags: ['SYN', 'ACK'], reply: true, outInterface: 'eth0' })
  expect(inward).toMatchObject({ state: 'ESTABLISHED', sourcePort: 50_022, reply: false })
  expect(outward).toMatchObject({ source: '192.0.2.10', sourcePort: 22, destinationPort: 50_022, reply: true })
})

test('an echo is answered by an echo reply', () => {
  const flow = {
    protocol: 'icmp',
    client: null,
    clientPort: null,
    server: '192.0.2.10',
    serverPort: null,
    interface: null,
  }
  const { first, answer } = packetsOf({ ...flow, icmp: { type: 8, code: 0 } })
  expect([first.icmp?.type, answer.icmp?.type]).toEqual([8, 0])
  expect(answer.tcpFlags).toBeUndefined()
})

test('the family is that of the addresses', () => {
  expect(familyOfPacket({ source: '198.51.100.20', destination: null })).toBe('v4')
  expect(familyOfPacket({ source: null, destination: '2001:db8::1' })).toBe('v6')
  expect(familyOfPacket({ source: '::ffff:198.51.100.20', destination: null })).toBe('v4')
  expect(familyOfPacket({ source: null, destination: null })).toBe(null)
})
