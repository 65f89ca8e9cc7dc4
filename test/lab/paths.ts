// Where the lab keeps things. Everything it makes on the machine is under these two folders, in network namespaces
// and cgroups named after the server, and nowhere else.
import { join } from 'node:path'

/** Trees that many servers share, each named after the hash of the recipe it was built from. */
export const CACHE_DIR = '/var/cache/hardtui-lab'

/** The lab's key pair, and one folder per server that is up. */
export const STATE_DIR = '/var/lib/hardtui-lab'

export const SERVERS_DIR = join(STATE_DIR, 'servers')

/** This folder: the scripts beside the TypeScript files. */
export const LAB_DIR = import.meta.dirname

/** Path of a file that belongs to one server. */
export const serverPath = (name: string, ...rest: string[]): string => join(SERVERS_DIR, name, ...rest)

/** The network namespaces of one server: its own, the wire between them, the operator's, and a third party's. */
export type Room = 'server' | 'wire' | 'client' | 'bystander'
export const ROOMS: readonly Room[] = ['wire', 'server', 'client', 'bystander']

/** Name of a namespace as ip-netns(8) lists it. */
export const netnsName = (server: string, room: Room): string => `hardtui-${server}-${room}`

/** Path of a namespace, for nsenter(1) and systemd-nspawn(1). */
export const netnsPath = (server: string, room: Room): string => `/run/netns/${netnsName(server, room)}`

/**
 * Addresses are of the blocks kept for documentation (RFC 5737, RFC 3849); every server has the same ones. The hardware
 * address is fixed as a network card's is: after a reboot the others' neighbour tables still hold.
 */
export const ADDRESSES = {
  server: { v4: '192.0.2.10', v6: '2001:db8::10', mac: '02:00:5e:00:53:10' },
  client: { v4: '192.0.2.2', v6: '2001:db8::2', mac: '02:00:5e:00:53:02' },
  bystander: { v4: '192.0.2.3', v6: '2001:db8::3', mac: '02:00:5e:00:53:03' },
} as const
