// The wire: one namespace per party, joined by a bridge in a namespace of its own. No route leads out of it.
//
//   server eth0 ── server ┐
//   client eth0 ── client ┼ br0, all in the "wire" namespace
//   bystander … ─ bystander ┘
import { existsSync } from 'node:fs'
import { ADDRESSES, netnsName, netnsPath, ROOMS, type Room } from './paths.ts'
import { LabError, must, run } from './run.ts'

/** in: towards the server; out: from it. */
export type Direction = 'in' | 'out' | 'both'
/** Whose link; the server's cuts everybody off, the client's leaves the bystander able to look. */
export type Party = 'server' | 'client' | 'bystander'

/** Makes one veth pair from the bridge to a party's namespace, with its addresses usable at once. */
export async function plug(name: string, party: Party): Promise<void> {
  const wire = netnsName(name, 'wire')
  const room = netnsName(name, party)
  await must(['ip', 'netns', 'add', room])
  // nodad: duplicate address detection would keep the IPv6 address unusable for a second. addrgenmode none: no
  // link-local addresses, the documentation blocks are all there is.
  await must(['ip', '-n', wire, '-batch', '-'], {
    input: `link add ${party} type veth peer name eth0 address ${ADDRESSES[party].mac} netns ${room}
link set ${party} addrgenmode none
link set ${party} master br0
link set ${party} up
`,
  })
  await must(['ip', '-n', room, '-batch', '-'], {
    input: `link set lo up
link set eth0 addrgenmode none
link set eth0 up
address add ${ADDRESSES[party].v4}/24 dev eth0
address add ${ADDRESSES[party].v6}/64 dev eth0 nodad
`,
  })
}

/**
 * Takes a party's link and namespace away. The link goes first: what dies afterwards can't say goodbye, which is what
 * a power cut looks like from outside (a killed process alone would have its sockets closed with FIN or RST).
 */
export async function unplug(name: string, party: Party): Promise<void> {
  await run(['ip', '-n', netnsName(name, 'wire'), 'link', 'del', party])
  await removeRoom(name, party)
}

/** Makes the wire and the two that are on it as long as the server exists. */
export async function layWire(name: string): Promise<void> {
  const wire = netnsName(name, 'wire')
  await must(['ip', 'netns', 'add', wire])
  await must(['ip', '-n', wire, '-batch', '-'], {
    input: 'link add br0 type bridge mcast_snooping 0\nlink set br0 addrgenmode none\nlink set br0 up\n',
  })
  await plug(name, 'client')
  await plug(name, 'bystander')
}

async function removeRoom(name: string, room: Room): Promise<void> {
  await run(['ip', 'netns', 'del', netnsName(name, room)])
  if (existsSync(netnsPath(name, room))) throw new LabError(`namespace ${netnsName(name, room)} cannot be removed`)
}

/** Removes all namespaces of a server, whatever is left of them. */
export async function removeWire(name: string): Promise<void> {
  for (const room of ROOMS) await removeRoom(name, room)
}

/** The link's name on the bridge while `delay.ts` has the plain one. */
const far = (party: Party): string => `${party}-far`

/**
 * Drops every frame in one direction or both between the bridge and a party, outside the server's own rules: no answer
 * of any kind, as with a dead line. Adds to what is cut already; `heal` ends all of it.
 */
export async function cut(name: string, direction: Direction, party: Party = 'server'): Promise<void> {
  const ports = `{ "${party}", "${far(party)}" }`
  const towards = `add rule bridge cut forward oifname ${ports} drop\n`
  const from = `add rule bridge cut forward iifname ${ports} drop\n`
  // Towards the server is from the others' point of view the way out.
  const isServer = party === 'server'
  const rules = { in: isServer ? towards : from, out: isServer ? from : towards, both: towards + from }[direction]
  await must(['nsenter', `--net=${netnsPath(name, 'wire')}`, 'nft', '-f', '-'], {
    input: `add table bridge cut
add chain bridge cut forward { type filter hook forward priority 0; policy accept; }
${rules}`,
  })
}

/** Ends every cut. */
export async function heal(name: string): Promise<void> {
  await must(['nsenter', `--net=${netnsPath(name, 'wire')}`, 'nft', '-f', '-'], {
    input: 'add table bridge cut\ndelete table bridge cut\n',
  })
}
