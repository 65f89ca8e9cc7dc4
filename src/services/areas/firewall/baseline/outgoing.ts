import { say } from '../../../model/safe.ts'
import type { Ground } from './ground.ts'
import { newTo, newToAny, type Proposal, propose, rules } from './item.ts'

/** What this host may open itself. */
export function outgoing({ families }: Ground): readonly Proposal[] {
  const out = (...texts: readonly string[]) => rules(families, 'OUTPUT', 'tail', ...texts)
  return [
    propose({
      id: 'out-web',
      kind: 'out',
      title: say`Out: web, 80 and 443`,
      why: say`apt, certificates and most programs that fetch something. A proxy on another port needs a rule of its own.`,
      rules: out(newToAny('tcp', [80, 443])),
    }),
    propose({
      id: 'out-dns',
      kind: 'out',
      title: say`Out: DNS, 53 udp and tcp`,
      why: say`Names are asked for by udp, and by tcp where the answer is long.`,
      rules: out(newTo('udp', 53), newTo('tcp', 53)),
    }),
    propose({
      id: 'out-ntp',
      kind: 'out',
      title: say`Out: time, 123 udp`,
      why: say`A clock that drifts breaks certificates, logs and one-time passwords.`,
      rules: out(newTo('udp', 123)),
    }),
    propose({
      id: 'out-ssh',
      kind: 'out',
      title: say`Out: SSH, 22`,
      why: say`git, scp, backups. Off, if this host never goes anywhere: whoever broke in goes on from here by it.`,
      rules: out(newTo('tcp', 22)),
    }),
    propose({
      id: 'out-ftp',
      kind: 'out',
      title: say`Out: FTP, 20 and 21`,
      why: say`Control connections; data connections need the helper as well.`,
      rules: out(newToAny('tcp', [20, 21])),
    }),
    propose({
      id: 'out-mail',
      kind: 'out',
      title: say`Out: mail, 25`,
      why: say`Mail to other servers. Off, if this host sends none: broken-in hosts send spam by it.`,
      rules: out(newTo('tcp', 25)),
    }),
    propose({
      id: 'out-icmp',
      kind: 'out',
      title: say`Out: ICMP, all of it`,
      why: say`ping, errors, and for IPv6 neighbour discovery and multicast listeners.`,
      always: families.includes('v6') ? say`IPv6 does not work without neighbour discovery` : null,
      rules: families.flatMap((family) =>
        rules([family], 'OUTPUT', 'tail', family === 'v4' ? '-p icmp -j ACCEPT' : '-p ipv6-icmp -j ACCEPT'),
      ),
    }),
  ]
}
