import { bareAddress, familyOf, isOwnOnly, readEnd, same } from '../../../model/addresses.ts'
import { FAMILIES, type Family } from '../../../model/firewall.ts'
import type { Safe } from '../../../model/safe.ts'
import type { Listener } from '../../../model/units.ts'
import { isLeasePort } from '../leases.ts'
import { bridges } from './addresses.ts'
import type { BaselineInput } from './item.ts'

/** One port that something listens on, for everybody or at least beyond this host. */
export type OpenPort = {
  readonly protocol: 'tcp' | 'udp'
  readonly port: number
  readonly families: readonly Family[]
  readonly listener: Listener
}

/** Families that a socket answers in: `*` and `[::]` may take v4 connections as well (ipv6(7), IPV6_V6ONLY). */
function familiesOf(address: Safe): readonly Family[] {
  const family = bareAddress(address) === '::' ? null : familyOf(address)
  return family === null ? FAMILIES : [family]
}

/** Addresses that only this host, and the guests on it, can reach. */
function isInside(address: Safe, input: BaselineInput): boolean {
  if (isOwnOnly(address)) return true
  const end = readEnd(address)
  if (end === null) return false
  const inner = new Set(bridges(input))
  return input.firewall.network.interfaces
    .filter(({ name }) => inner.has(name))
    .flatMap(({ addresses }) => addresses.map((one) => readEnd(one.address)))
    .some((one) => one !== null && same(one, end))
}

/** What listens beyond this host, one entry a port, in the order of their numbers. */
export function openPorts(input: BaselineInput): readonly OpenPort[] {
  const found = new Map<string, OpenPort>()
  for (const listener of input.listeners ?? []) {
    const { protocol, port, address } = listener
    const key = `${protocol}/${port}`
    // DHCP clients have rules of their own.
    const leases = protocol === 'udp' && isLeasePort(port)
    if (port < 1 || port > 65535 || leases || isInside(address, input)) continue
    const old = found.get(key)
    const families = new Set([...(old?.families ?? []), ...familiesOf(address)])
    const shown = old?.listener.process ? old.listener : listener
    found.set(key, { protocol, port, families: FAMILIES.filter((one) => families.has(one)), listener: shown })
  }
  return [...found.values()].toSorted((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1))
}

/** sshd itself, or systemd on its behalf; a port that somebody's session forwards (ssh -R) is not sshd's. */
const isSshServer = ({ process, unit }: Listener): boolean =>
  unit === null
    ? process === 'sshd' || process === 'dropbear'
    : /^(ssh|sshd|dropbear)(@.*)?(\.(service|socket))?$/.test(unit)

/** The port of this session, every other one that sshd listens on, and those it is about to. */
export const sshPorts = (input: BaselineInput, ports: readonly OpenPort[]): readonly number[] => [
  ...new Set([
    input.host.session.serverPort,
    ...(input.nextSshPorts ?? []),
    ...ports.filter(({ protocol, listener }) => protocol === 'tcp' && isSshServer(listener)).map(({ port }) => port),
  ]),
]
