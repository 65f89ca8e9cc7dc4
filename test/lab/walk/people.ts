// Who talks to whom: addresses kept for documentation, and the ports that rules and packets both like.
import type { Family } from '../../../src/services/model/firewall.ts'

export type Side = 'east' | 'west'
/** Where a packet starts: on one of the links, or on the host itself. */
export type Start = Side | 'host'

export const SIDES: readonly Side[] = ['east', 'west']
export const DEVICES: Readonly<Record<Side, string>> = { east: 'eth0', west: 'eth1' }

/** The host's own addresses, on either side. */
export const HOST_ADDRESSES: Readonly<Record<Family, Readonly<Record<Side, string>>>> = {
  v4: { east: '192.0.2.10', west: '198.51.100.10' },
  v6: { east: '2001:db8:a::10', west: '2001:db8:b::10' },
}

/** Stations beyond each link. */
export const STATIONS: Readonly<Record<Family, Readonly<Record<Side, readonly string[]>>>> = {
  v4: {
    east: ['192.0.2.20', '192.0.2.21', '192.0.2.99', '203.0.113.7', '203.0.113.200'],
    west: ['198.51.100.50', '198.51.100.51', '198.51.100.200'],
  },
  v6: {
    east: ['2001:db8:a::20', '2001:db8:a::21', '2001:db8:a::99', '2001:db8:c::7', '2001:db8:c::c8'],
    west: ['2001:db8:b::50', '2001:db8:b::51', '2001:db8:b::200'],
  },
}

/** All addresses of the host, as the walk may be told them. */
export const LOCAL_ADDRESSES: Readonly<Record<Family, readonly string[]>> = {
  v4: ['127.0.0.1', HOST_ADDRESSES.v4.east, HOST_ADDRESSES.v4.west],
  v6: ['::1', HOST_ADDRESSES.v6.east, HOST_ADDRESSES.v6.west],
}

export const PORTS = [22, 25, 53, 80, 443, 1024, 5353, 8080, 40_000] as const

/** Networks for rules to name, all of which have stations in them or none. */
export const NETWORKS: Readonly<Record<Family, readonly string[]>> = {
  v4: [
    '192.0.2.20/32',
    '192.0.2.21/32',
    '192.0.2.0/24',
    '192.0.2.16/28',
    '192.0.2.0/25',
    '203.0.113.0/24',
    '203.0.113.7/32',
    '198.51.100.0/24',
    '198.51.100.50/31',
    '198.51.100.10/32',
    '192.0.2.10/32',
    '192.0.0.0/8',
    '192.0.2.0/255.255.255.1',
    '192.0.0.20/255.255.0.255',
    '10.0.0.0/8',
  ],
  v6: [
    '2001:db8:a::20/128',
    '2001:db8:a::21/128',
    '2001:db8:a::/64',
    '2001:db8:a::20/123',
    '2001:db8:c::/64',
    '2001:db8:c::7/128',
    '2001:db8:b::/64',
    '2001:db8:b::50/127',
    '2001:db8:b::10/128',
    '2001:db8:a::10/128',
    '2001:db8::/32',
    '2001:db8:a::1/ffff:ffff:ffff::1',
    '2001:0:a::/ffff:0:ffff::',
    'fe80::/10',
  ],
}

/** For iprange. */
export const RANGES: Readonly<Record<Family, readonly string[]>> = {
  v4: ['192.0.2.15-192.0.2.20', '192.0.2.21-192.0.2.200', '198.51.100.10-203.0.113.7', '203.0.113.8-203.0.113.255'],
  v6: [
    '2001:db8:a::15-2001:db8:a::20',
    '2001:db8:a::21-2001:db8:a::ffff',
    '2001:db8:b::10-2001:db8:c::7',
    '2001:db8:c::8-2001:db8:d::',
  ],
}
