import type { Family } from '../../model/firewall.ts'

/** Ports of the two sides of DHCP (RFC 2131) and of DHCPv6 (RFC 8415). */
export const LEASES: Readonly<Record<Family, { readonly server: number; readonly client: number }>> = {
  v4: { server: 67, client: 68 },
  v6: { server: 547, client: 546 },
}

/** All of them. */
export const LEASE_PORTS: readonly number[] = Object.values(LEASES).flatMap(({ server, client }) => [server, client])

/** Where answers to a client arrive, which takes them off the wire by a socket that is no listener: it is for nobody else. */
export const isLeasePort = (port: number): boolean => Object.values(LEASES).some(({ client }) => client === port)

/** Answers of DHCPv6 come from the same link alone; those of DHCP from the server's address, whatever that is. */
const FROM: Readonly<Record<Family, string>> = { v4: '', v6: '-s fe80::/10 ' }

/** Lets answers in. A DHCPv6 server may send them from any port: RFC 8415 (7.2) says only where it listens. */
export function leaseAnswers(family: Family, from: 'server port' | 'any port'): string {
  const { server, client } = LEASES[family]
  return `${FROM[family]}-p udp -m udp ${from === 'any port' ? '' : `--sport ${server} `}--dport ${client} -j ACCEPT`
}

/** Lets requests out. */
export const leaseRequests = (family: Family): string =>
  `-p udp -m udp --sport ${LEASES[family].client} --dport ${LEASES[family].server} -j ACCEPT`
