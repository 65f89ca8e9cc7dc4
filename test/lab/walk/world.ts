// Two network namespaces: the host whose rules are asked, and all the world around it. They belong to two processes and
// go with them, however this one ends.
//
//   world  east ── eth0  host  eth1 ── west  world
//
// The world has no addresses: frames are laid on its two links as bytes, so nothing there answers or resets.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import setsScript from '../../../src/services/areas/firewall/sets/probe.sh'
import { readSets } from '../../../src/services/areas/firewall/sets/read.ts'
import { FAMILIES, type Family } from '../../../src/services/model/firewall.ts'
import type { IpSets } from '../../../src/services/model/ip-sets.ts'
import { outputFrom, readable, standalone } from '../../support/probe-output.ts'
import { LAB_DIR } from '../paths.ts'
import { must, run, until } from '../run.ts'
import { type Datagram, datagram, frame } from './frames.ts'
import { OBSERVER, readSeen, SETS, type Seen } from './observer.ts'
import { HOST_ADDRESSES, SIDES, type Start } from './people.ts'
import { createSets } from './sets.ts'

export type Backend = 'nft' | 'legacy'
const MACS = {
  east: ['02:00:00:00:0e:01', '02:00:00:00:0e:10'],
  west: ['02:00:00:00:0f:01', '02:00:00:00:0f:10'],
} as const

export type World = Awaited<ReturnType<typeof makeWorld>>

/** Runs a program in a process's network namespace and gives what it prints. */
const inside = (pid: number, argv: readonly string[], input = ''): Promise<string> =>
  must(['nsenter', '-t', String(pid), '-n', ...argv], { input })

/** Installs what a world is made with, where it is missing. */
export const installWorld = (): Promise<string> =>
  must(['sh', join(LAB_DIR, 'install.sh'), 'ipset:ipset'], { timeoutMs: 10 * 60_000 })

/** Makes the namespaces, their links and addresses, and the observer behind the host's last rule. */
export async function makeWorld() {
  const [host, world] = await Promise.all([startSender(), startSender()])
  const stop = (): void => {
    host.stop()
    world.stop()
  }
  try {
    await inside(host.pid, ['ip', '-batch', '-'], layout(world.pid))
    await inside(
      world.pid,
      ['ip', '-batch', '-'],
      SIDES.map((link) => `link set ${link} addrgenmode none up\n`).join(''),
    )
    await inside(host.pid, ['sh', '-c', SYSCTLS])
    await inside(host.pid, ['nft', '-f', '-'], OBSERVER)
    await inside(host.pid, ['ipset', 'restore'], FAMILIES.map(createSets).join(''))
  } catch (error) {
    stop()
    throw error
  }
  return {
    /** Puts a rule set in the place of what was there, and gives what iptables-save(8) prints of it. */
    load: (family: Family, backend: Backend, save: string): Promise<string> => {
      const program = `${family === 'v4' ? 'iptables' : 'ip6tables'}-${backend}`
      return inside(host.pid, ['sh', '-c', `${program}-restore && exec ${program}-save`], save)
    },
    /** Puts a table of nft(8) in the place of the one of its name, and gives what nft prints of it as JSON. */
    loadNft: (text: string, { family, name }: { readonly family: string; readonly name: string }): Promise<string> =>
      inside(
        host.pid,
        [
          'sh',
          '-c',
          `nft -f - && nft -j list table ${family} ${name} && nft list table ${family} ${name} | sed -n 's/^[[:space:]]*flags //p' | head -n 1`,
        ],
        text,
      ),
    /** Gives the sets other members, and what the console's own probe says of them. */
    fill: async (members: string): Promise<IpSets> => {
      await inside(host.pid, ['ipset', '-exist', 'restore'], members)
      const stdout = await inside(host.pid, ['sh', '-c', standalone(setsScript)])
      return readSets(outputFrom('sets', readable(stdout)))
    },
    /** Sends packets from where they start, in this order for each start. */
    send: async (packets: readonly (Datagram & { readonly start: Start })[]): Promise<void> => {
      const of = (ours: boolean) => packets.filter(({ start }) => (start === 'host') === ours).map(lineFor)
      await host.send(of(true))
      await world.send(of(false))
    },
    /** What the observer has seen, once all these packets have come to the host's door. Forgets it afterwards. */
    observe: async (ids: Readonly<Record<Family, readonly number[]>>): Promise<Seen> => {
      const look = async () => readSeen(await inside(host.pid, ['nft', '-j', 'list', 'table', 'inet', 'observe']))
      const arrived = (seen: Seen) => FAMILIES.every((family) => ids[family].every((id) => seen.door[family].has(id)))
      await until('all packets to arrive', async () => arrived(await look()), { timeoutMs: 20_000 })
      // Once more, for the last of them may have been seen at the door and not yet beyond.
      const seen = await look()
      await inside(host.pid, ['nft', FORGET])
      return seen
    },
    stop,
  }
}

/** What send.py is told about a packet. */
function lineFor(packet: Datagram & { readonly start: Start }): string {
  const { start, destination } = packet
  const bytes = datagram(packet)
  if (start === 'host') return `raw ${destination} ${bytes.toString('hex')}\n`
  const [neighbour, own] = MACS[start]
  return `${start} - ${frame(bytes, neighbour, own).toString('hex')}\n`
}

const FORGET = SETS.map((set) => `flush set inet observe ${set}; `).join('')

const SYSCTLS = `set -e
cd /proc/sys/net
for file in ipv4/conf/*/rp_filter ipv6/conf/*/accept_ra; do echo 0 > "$file"; done
echo 1 > ipv4/ip_forward
echo 1 > ipv6/conf/all/forwarding
# Entries must outlive the test.
for file in netfilter/nf_conntrack_udp_timeout* netfilter/nf_conntrack_icmp*_timeout; do echo 86400 > "$file"; done`

/** One way to the neighbour on each side, who is known for good: nobody there could answer when asked. */
function layout(world: number): string {
  const side = (device: string, link: 'east' | 'west', nets: readonly string[]): string => {
    const [neighbour, own] = MACS[link]
    const { v4, v6 } = { v4: HOST_ADDRESSES.v4[link], v6: HOST_ADDRESSES.v6[link] }
    const [gateway4, gateway6] = [v4.replace(/\.10$/, '.1'), v6.replace(/::10$/, '::1')]
    return `link add ${device} address ${own} type veth peer name ${link} address ${neighbour} netns ${world}
link set ${device} addrgenmode none
link set ${device} up
address add ${v4}/32 dev ${device}
address add ${v6}/128 dev ${device} nodad
route add ${gateway4} dev ${device}
route add ${gateway6} dev ${device}
neighbour replace ${gateway4} lladdr ${neighbour} dev ${device} nud permanent
neighbour replace ${gateway6} lladdr ${neighbour} dev ${device} nud permanent
${nets.map((net) => `route add ${net} via ${net.includes(':') ? gateway6 : gateway4} dev ${device}\n`).join('')}`
  }
  return `link set lo up
${side('eth0', 'east', ['192.0.2.0/24', '203.0.113.0/24', '2001:db8:a::/64', '2001:db8:c::/64'])}${side('eth1', 'west', ['198.51.100.0/24', '2001:db8:b::/64'])}`
}

/** A process in a network namespace of its own that sends what it is told. */
async function startSender() {
  const child: ChildProcess = spawn('unshare', ['-n', '/usr/bin/python3', join(import.meta.dirname, 'send.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const gone = once(child, 'exit').then(() => {
    throw new Error('send.py has ended')
  })
  gone.catch(() => {})
  await Promise.race([once(lines, 'line'), gone])
  return {
    pid: child.pid as number,
    send: async (packets: readonly string[]): Promise<void> => {
      const answered = once(lines, 'line')
      child.stdin?.write(`${packets.join('')}.\n`)
      await Promise.race([answered, gone])
    },
    stop: () => {
      child.stdin?.end()
      child.kill('SIGKILL')
    },
  }
}

/** Whether rule sets can be loaded with a backend here at all: many kernels come without the legacy one. */
export async function hasBackend(backend: Backend): Promise<boolean> {
  const probe = `iptables-${backend}-restore && ip6tables-${backend}-restore </dev/null`
  const input = '*raw\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n'
  return (await run(['unshare', '-n', 'sh', '-c', probe], { input })).status === 0
}
