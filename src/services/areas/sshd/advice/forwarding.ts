import { say } from '../../../model/safe.ts'
import { forwardsNothing, is, type Row } from './row.ts'

const offOr =
  (accepts: (values: readonly string[]) => boolean): Row['accepts'] =>
  (values, view) =>
    accepts(values) || forwardsNothing(view)

/** What a login may carry for others. */
export const FORWARDING_ROWS: readonly Row[] = [
  {
    keyword: 'X11Forwarding',
    severity: 'medium',
    title: 'Windows are forwarded to clients’ displays',
    expected: 'no',
    rationale:
      'Whoever is root on this host can read the keyboard and the screen of a client that forwards its display.',
    references: ['CIS 5.1.8', 'dev-sec ssh-baseline', 'Lynis SSH-7408', 'sshd_config(5)'],
    accepts: offOr(is('no')),
    risk: 'none',
    riskWhy: 'programs with windows can’t be shown elsewhere any more.',
    advised: ['no'],
  },
  {
    keyword: 'AllowAgentForwarding',
    severity: 'low',
    title: 'Clients’ key agents may be reached from here',
    expected: 'no',
    rationale:
      'Whoever is root on this host can log in elsewhere with the keys of an agent that is forwarded here, as long as it is. ssh -J needs no agent here.',
    references: ['CIS 5.1.8', 'Mozilla OpenSSH', 'dev-sec ssh-baseline', 'sshd_config(5)'],
    accepts: offOr(is('no')),
    risk: 'low',
    riskWhy: 'whoever goes on from here with keys of his own computer needs ssh -J for that.',
    advised: ['no'],
  },
  {
    keyword: 'AllowTcpForwarding',
    severity: 'low',
    title: 'Connections are carried for clients',
    expected: 'no, where this is no jump host',
    rationale:
      'A login reaches what this host reaches. The manual says that it helps only where users have no shell: they could bring a forwarder of their own.',
    references: ['CIS 5.1.8', 'dev-sec ssh-baseline', 'Lynis SSH-7408', 'sshd_config(5)'],
    accepts: offOr(is('no')),
    risk: 'high',
    riskWhy: 'whoever passes this host on the way to another (ssh -J) can’t any more, and you may be one of them.',
    noFix: 'jump hosts and tunnels live by it: set it yourself where nobody passes this host',
  },
  {
    keyword: 'DisableForwarding',
    severity: 'low',
    title: 'Forwarding is not switched off as a whole',
    expected: 'yes, where nothing is forwarded',
    rationale: 'One line in the place of four, which holds for kinds of forwarding to come.',
    references: ['CIS 5.1.8', 'sshd_config(5)'],
    accepts: is('yes'),
    informs: say`the single keywords decide`,
    risk: 'high',
    riskWhy: 'as with AllowTcpForwarding, whoever passes this host on the way to another can’t any more.',
    noFix: 'jump hosts and tunnels live by forwarding: set it yourself where nobody needs any',
  },
  {
    keyword: 'PermitTunnel',
    severity: 'medium',
    title: 'Networks may be joined by tunnels',
    expected: 'no',
    rationale: 'A tunnel device joins a client’s network with this host’s, past every firewall in between.',
    references: ['dev-sec ssh-baseline', 'sshd_config(5)'],
    accepts: is('no'),
    risk: 'low',
    riskWhy: 'virtual private networks over ssh -w end; few have one.',
    advised: ['no'],
  },
  {
    keyword: 'GatewayPorts',
    severity: 'medium',
    title: 'Clients may open ports to everybody',
    expected: 'no',
    rationale:
      'A user could let this host listen to the network for him, with a program behind it that nobody here knows.',
    references: ['dev-sec ssh-baseline', 'Lynis SSH-7408', 'sshd_config(5)'],
    accepts: offOr(is('no')),
    risk: 'low',
    riskWhy: 'ports that a client lets this host listen on (ssh -R) are reached from this host alone.',
    advised: ['no'],
  },
  {
    keyword: 'PermitUserEnvironment',
    of: 'server',
    severity: 'medium',
    title: 'Users may set variables before their shell starts',
    expected: 'no',
    rationale: 'With LD_PRELOAD and the like a user gets round a command that his login is bound to.',
    references: ['CIS 5.1.21', 'dev-sec ssh-baseline', 'Lynis SSH-7408', 'sshd_config(5)'],
    accepts: is('no'),
    risk: 'none',
    riskWhy: 'variables can be set in a shell’s own files.',
    advised: ['no'],
  },
]
