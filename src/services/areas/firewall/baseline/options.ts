import type { Family } from '../../../model/firewall.ts'
import { say } from '../../../model/safe.ts'
import { findChain } from '../chain-text.ts'
import type { Ground } from './ground.ts'
import { chains, type Proposal, propose, rules } from './item.ts'

const OFF = { kind: 'option', usual: false } as const

/** Flood limits and logs: each has its price, so none is on before the operator has read it. */
export const options = (ground: Ground): readonly Proposal[] => [
  ...limits(ground),
  bigIcmp(ground),
  invalid(ground),
  log(ground, 'INPUT', 'in'),
  log(ground, 'OUTPUT', 'out'),
]

const limit = (name: string, above: string, burst: number, family: Family): string =>
  `-m hashlimit --hashlimit-above ${above} --hashlimit-burst ${burst} --hashlimit-mode srcip --hashlimit-name hardtui-${name}${family === 'v6' ? ' --hashlimit-srcmask 64' : ''} -j DROP`

function limits({ families, operator, sshPorts }: Ground): readonly Proposal[] {
  // Whoever sits here is never counted: this console logs in several times for each change.
  const others = (family: Family): string => (operator?.family === family ? `! -s ${operator.text} ` : '')
  const login = (port: number, family: Family): string =>
    `${others(family)}-p tcp -m tcp --dport ${port} -m conntrack --ctstate NEW ${limit('ssh', '6/min', 10, family)}`
  const opening = (family: Family): string =>
    `${others(family)}-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN ${limit('syn', '50/sec', 100, family)}`
  return [
    propose({
      ...OFF,
      id: 'ssh-rate',
      title: say`Limit SSH logins to 6 a minute for each address`,
      why: say`Ten at once, then six a minute from any address (IPv6: any /64) but yours. Only new connections are counted.`,
      cost: say`a little memory and CPU for each address that knocks`,
      warning: say`Many people behind one address (an office, a CI service) share its limit.`,
      rules: families.flatMap((family) =>
        rules([family], 'INPUT', 'head', ...sshPorts.map((port) => login(port, family))),
      ),
    }),
    propose({
      ...OFF,
      id: 'syn-flood',
      title: say`Limit new TCP connections to 50 a second for each address`,
      why: say`One address can't use up all that this host can hold open. Against forged addresses tcp_syncookies (on by default) do more.`,
      cost: say`CPU for every new connection: on a busy web server this is felt`,
      rules: families.flatMap((family) => rules([family], 'INPUT', 'head', opening(family))),
    }),
  ]
}

/** In front even of what is established: a flood of requests that are answered is a connection to the kernel. */
const bigIcmp = ({ families }: Ground): Proposal =>
  propose({
    ...OFF,
    id: 'big-icmp',
    title: say`Drop oversized ICMP`,
    why: say`Messages of more than 1500 bytes come in fragments and serve nobody but floods (the old ping of death).`,
    cost: say`next to nothing`,
    rules: families.flatMap((family) => {
      const protocol = family === 'v4' ? 'icmp' : 'ipv6-icmp'
      return rules([family], 'INPUT', 'front', `-p ${protocol} -m length --length 1501:65535 -j DROP`)
    }),
  })

const invalid = ({ families }: Ground): Proposal =>
  propose({
    ...OFF,
    id: 'invalid',
    title: say`Drop packets that belong to no connection`,
    why: say`Scans by odd flags get no answer. Most are dropped by the policy anyway.`,
    cost: say`next to nothing`,
    warning: say`Where packets come in by one way and go out by another, connections break.`,
    rules: rules(families, 'INPUT', 'head', '-m conntrack --ctstate INVALID -j DROP'),
  })

const log = ({ families }: Ground, chain: 'INPUT' | 'OUTPUT', word: 'in' | 'out'): Proposal =>
  propose({
    id: `log-${word}`,
    ...OFF,
    title: word === 'in' ? say`Log what is not let in` : say`Log what is not let out`,
    why:
      word === 'in'
        ? say`At most five lines a minute, prefix hardtui-in. On the Internet that is full all day.`
        : say`At most five lines a minute, prefix hardtui-out. It shows what this host misses since the policy is DROP.`,
    cost:
      word === 'in' ? say`up to 7,200 lines a day in the kernel's log` : say`few lines, once the list above is right`,
    rules: rules(
      families,
      chain,
      'last',
      `-m limit --limit 5/min --limit-burst 10 -j LOG --log-prefix "hardtui-${word}: "`,
    ),
  })

const CLUSTER = say`This is a node of a cluster: its pods and control plane use ports that change by themselves, so the policy is left alone.`

/** Policies come last in every table's commit, so nothing is closed before it is opened. */
export function policies(ground: Ground): readonly Proposal[] {
  const { families, forwards, cluster } = ground
  return [
    propose({
      id: 'policy-input',
      kind: 'policy',
      title: say`Everything else: closed on the way in`,
      why: cluster ? CLUSTER : say`INPUT policy DROP. What no rule above lets in is dropped without a word.`,
      usual: !cluster,
      policies: chains(families, 'INPUT'),
    }),
    propose({
      id: 'policy-output',
      kind: 'policy',
      title: say`Everything else: closed on the way out`,
      why: cluster
        ? CLUSTER
        : say`OUTPUT policy DROP. Whoever breaks in can't fetch his tools from any port; neither can a program that you forgot.`,
      usual: !cluster,
      warning: say`Programs that call out to other ports (a database elsewhere, a proxy, mail on 587) stop. Log what is not let out, and look.`,
      policies: chains(families, 'OUTPUT'),
    }),
    propose({
      id: 'policy-forward',
      kind: 'policy',
      title: say`Everything else: nothing is forwarded`,
      why: forwards ?? say`FORWARD policy DROP. This host is no router, and does not become one by accident.`,
      warning: forwards === null ? null : say`It may cut off containers, virtual machines or a VPN behind this host.`,
      usual: forwards === null || chains(families, 'FORWARD').every((at) => isDrop(ground, at.family)),
      policies: chains(families, 'FORWARD'),
    }),
  ]
}

const isDrop = ({ input }: Ground, family: Family): boolean => {
  const set = input.sets[family]
  return set !== null && findChain(set, { table: 'filter', chain: 'FORWARD' })?.policy === 'DROP'
}
