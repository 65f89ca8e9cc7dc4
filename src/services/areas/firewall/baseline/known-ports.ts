import { type Safe, say } from '../../../model/safe.ts'

/** What a careful engineer thinks of a port that listens; `open` is what the baseline usually does with it. */
export type Known = { readonly open: boolean; readonly why: Safe }

const WEB: Known = { open: true, why: say`Web servers are there for everybody.` }
const MAIL: Known = {
  open: true,
  why: say`Mail comes in from servers nobody knows beforehand. Off, where this host only sends mail: better, let it listen on 127.0.0.1 alone.`,
}
const NAMES: Known = {
  open: true,
  why: say`A name server for zones has to be reached. It must not resolve for strangers: check that recursion is limited.`,
}
const TUNNEL: Known = { open: true, why: say`A VPN has to be reached before it can protect anything.` }
const DATABASE: Known = {
  open: false,
  why: say`A database is for programs, not for the world: let it listen on 127.0.0.1, or add a rule with the address of who needs it.`,
}
const INSIDE: Known = {
  open: false,
  why: say`This protocol trusts its neighbours and is not made for the Internet. Add a rule with the address of who needs it.`,
}
const CONTROL: Known = {
  open: false,
  why: say`Whoever reaches this can run programs here or read what they do. Reach it through SSH (ssh -L) instead.`,
}
const CLIENT: Known = {
  open: false,
  why: say`What this host asks for itself is answered anyway, as the answers are ESTABLISHED. Open it only to serve others.`,
}

const table = (known: Known, ports: string): readonly (readonly [string, Known])[] =>
  ports.split(' ').map((port) => [port, known])

/** By protocol and port, as in services(5). */
const KNOWN: ReadonlyMap<string, Known> = new Map([
  ...table(WEB, 'tcp/80 tcp/443 udp/443'),
  ...table(MAIL, 'tcp/25 tcp/465 tcp/587 tcp/143 tcp/993 tcp/110 tcp/995'),
  ...table(NAMES, 'tcp/53 udp/53 tcp/853'),
  ...table(TUNNEL, 'udp/51820 udp/1194 tcp/1194 udp/500 udp/4500 udp/41641'),
  ...table(DATABASE, 'tcp/3306 tcp/33060 tcp/5432 tcp/1433 tcp/1521 tcp/27017 tcp/6379 tcp/9042 tcp/5984 tcp/8086'),
  ...table(DATABASE, 'tcp/11211 udp/11211 tcp/9200 tcp/9300 tcp/2379 tcp/2380 tcp/5672 tcp/4369'),
  ...table(INSIDE, 'tcp/111 udp/111 tcp/2049 udp/2049 tcp/445 tcp/139 udp/137 udp/138 tcp/389 udp/161 udp/514'),
  ...table(INSIDE, 'tcp/23 udp/69 tcp/512 tcp/513 tcp/514 tcp/631 udp/631 udp/5353 udp/5355 tcp/5355 udp/1900 udp/67'),
  ...table(CONTROL, 'tcp/2375 tcp/2376 tcp/10250 tcp/6443 tcp/9090 tcp/9100 tcp/10000 tcp/5900 tcp/3389 tcp/8006'),
  ...table(CLIENT, 'udp/123 udp/323'),
])

const FORWARDED: Known = {
  open: true,
  why: say`Docker publishes this port of a container. Most of its packets are forwarded and never meet INPUT; the rest does.`,
}
const UNKNOWN: Known = {
  open: false,
  why: say`Nothing says that this is meant for everybody, so it is closed. Space opens it; a rule of your own can open it for one address.`,
}

/** What is usual for a port, given the program that listens there. */
export function knownPort(protocol: 'tcp' | 'udp', port: number, process: string | null): Known {
  if (process === 'docker-proxy') return FORWARDED
  return KNOWN.get(`${protocol}/${port}`) ?? UNKNOWN
}
