import { dotted, familyOf, readEnd } from '../../model/addresses.ts'
import type { Check } from '../../model/area.ts'
import type { HostFacts } from '../../model/host.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { type Named, namedDaemons } from './daemons.ts'
import { type Decision, decide, decideRest } from './decide.ts'
import { ACCESS_FILES, ACCESS_PATHS, type AccessEdit, type Daemon, type TcpwrappersFacts } from './facts.ts'
import { type AccessRule, commandsOf, rulesOf } from './rules.ts'
import { withoutSince } from './since.ts'

const REFERENCES = ['hosts_access(5)', 'hosts_options(5)']

/** Who decides about the operator's next login, at the port that it goes to. */
export const ownLogin = (
  facts: TcpwrappersFacts,
  { session }: HostFacts,
  port: number = session.serverPort,
): Decision => decide(facts, 'sshd', session.clientAddress, port)

/** `hosts.deny, ALL: ALL` */
export function byWords({ by }: Pick<Decision, 'by'>): Safe {
  if (!by) return say`no rule matches, and that lets in`
  if (by.rule === 'broken')
    return say`${safe(ACCESS_PATHS[by.file])}, in which a line is too long or the last one has no line end`
  const { daemons, clients } = by.rule
  return say`${safe(ACCESS_PATHS[by.file])}, ${safe(daemons.join(' '), 80)}: ${safe(clients.join(' '), 200)}`
}

/** Which of the others ask, where any of those that may ask run. */
function othersWords({ daemons }: TcpwrappersFacts): readonly Safe[] {
  if (!daemons) return [say`which other programs ask them could not be read`]
  const names = (isOne: (one: Daemon) => boolean): Safe =>
    safe(
      daemons
        .filter(isOne)
        .map(({ name }) => name)
        .join(', '),
      200,
    )
  const asking = names((one) => one.asks === true && !one.by)
  const started = names((one) => one.asks === true && one.by !== undefined)
  const without = names((one) => one.asks === false)
  return [
    ...(started === '' ? [] : [say`started through tcpd or xinetd, which ask: ${started}`]),
    ...(asking === '' ? [] : [say`built with libwrap as well: ${asking}`]),
    ...(without === '' ? [] : [say`without libwrap: ${without}`]),
  ]
}

/** What these rules are to sshd here. */
export const effect = ({ sshdAsks }: TcpwrappersFacts): Safe =>
  sshdAsks === null
    ? say`whether sshd asks these files is not known`
    : sshdAsks
      ? say`sshd asks these files at every connection`
      : say`no rule has an effect on sshd here: it is built without libwrap`

/** The operator's address as a rule has it: an IPv6 one stands in brackets. */
function clientWord({ session }: HostFacts): string | null {
  const { clientAddress } = session
  const end = readEnd(clientAddress)
  if (typeof end === 'number') return dotted(end)
  return familyOf(clientAddress) === 'v6' && !clientAddress.includes('%') ? `[${clientAddress}]` : null
}

/** A rule that lets the operator in, before all others; null where his address can't be written as one. */
function letIn(host: HostFacts): AccessEdit | null {
  const you = clientWord(host)
  return you === null ? null : { kind: 'add', file: 'allow', lineId: 'own-login', line: `sshd: ${you}`, at: 'first' }
}

const NO_ADDRESS = 'your own address can’t be written as a rule: name yourself in /etc/hosts.allow first'

const defaultDeny: Check<TcpwrappersFacts, AccessEdit> = {
  id: 'TW-default-deny',
  severity: 'low',
  title: 'Lets in every address that no rule names',
  expected: 'ALL: ALL in /etc/hosts.deny, and who is meant in /etc/hosts.allow',
  rationale:
    'A second door behind the firewall for daemons that ask it: what is not named is kept out, whatever happens to the rules before it. Changes act at once, without a reload.',
  references: REFERENCES,
  judge: (facts, { os }) => {
    const rest = decideRest(facts)
    const because = byWords(rest)
    const since = facts.sshdAsks === false ? [withoutSince(os)] : []
    const details = [effect(facts), ...since, ...othersWords(facts)]
    if (rest.answer === 'depends') return { outcome: 'unknown', observed: say`depends on ${because}`, details }
    return rest.answer === 'out'
      ? { outcome: 'pass', observed: say`kept out`, details: [say`by ${because}`, ...details] }
      : { outcome: 'fail', observed: say`let in`, details: [because, ...details] }
  },
  // Whoever is meant comes first: the rule that keeps the rest out is the last line to be written.
  fix: (facts, host) => {
    const login = letIn(host)
    // Behind a rule that decides about everybody a last line would do nothing.
    if (!login || decideRest(facts).by) return null
    return [
      { kind: 'add', file: 'allow', lineId: 'loopback', line: 'ALL: 127.0.0.1 [::1]', at: 'first' },
      login,
      { kind: 'add', file: 'deny', lineId: 'the-rest', line: 'ALL: ALL', at: 'last' },
    ]
  },
  noFix: `a rule for everybody stands before it, which its detail names, or ${NO_ADDRESS}`,
}

const nextLogin: Check<TcpwrappersFacts, AccessEdit> = {
  id: 'TW-own-login',
  severity: 'critical',
  title: 'Your next login would be refused',
  expected: 'let in (a rule for sshd and your address in /etc/hosts.allow)',
  rationale:
    'sshd asks these files at every new connection, not of sessions that are open: this one lives on, the next is refused. Mend it before you log out.',
  references: REFERENCES,
  judge: (facts, host) => {
    if (facts.sshdAsks === false)
      return { outcome: 'notapplicable', observed: effect(facts), details: [withoutSince(host.os)] }
    const decision = ownLogin(facts, host)
    const because = byWords(decision)
    if (decision.answer === 'in') return { outcome: 'pass', observed: say`let in`, details: [because] }
    const unsure = decision.answer === 'depends' || facts.sshdAsks === null
    return {
      outcome: unsure ? 'unknown' : 'fail',
      observed: unsure ? say`depends on ${because}` : say`kept out by ${because}`,
      ...(facts.sshdAsks === null ? { details: [effect(facts)] } : {}),
    }
  },
  fix: (_facts, host) => {
    const login = letIn(host)
    return login && [login]
  },
  noFix: NO_ADDRESS,
}

const listed = (all: readonly Named[]): Safe => safe(all.map(({ what }) => what).join(', '), 300)

/** All rules, but for the line that lets the operator in: it is there for an sshd that asks one day, and keeps nobody out. */
function rulesAbout({ files }: TcpwrappersFacts, host: HostFacts): readonly AccessRule[] {
  const you = clientWord(host)
  const isOwn = ({ daemons, clients, options }: AccessRule): boolean =>
    options.length === 0 && daemons.join(' ').toLowerCase() === 'sshd' && clients.join(' ') === you
  return [...rulesOf(files.allow).rules.filter((rule) => !isOwn(rule)), ...rulesOf(files.deny).rules]
}

const withoutEffect: Check<TcpwrappersFacts, AccessEdit> = {
  id: 'TW-no-effect',
  severity: 'medium',
  title: 'Rules for programs without libwrap',
  expected: 'only programs with libwrap are named',
  rationale:
    'A program that is built without libwrap never looks at these files: a rule for it keeps nobody out, and whoever trusts in it has an open door. Let the firewall decide there.',
  references: REFERENCES,
  judge: (facts, host) => {
    const named = namedDaemons(facts, rulesAbout(facts, host))
    const [without, unknown] = [named.filter(({ asks }) => asks === false), named.filter(({ asks }) => asks === null)]
    const asking = named.filter(({ asks }) => asks === true)
    const details = [
      ...(without.some(({ what }) => what === 'sshd') ? [withoutSince(host.os)] : []),
      ...(asking.length > 0 ? [say`built with libwrap: ${listed(asking)}`] : []),
    ]
    if (without.length > 0) return { outcome: 'fail', observed: say`${listed(without)} without libwrap`, details }
    if (unknown.length > 0)
      return { outcome: 'unknown', observed: say`whether ${listed(unknown)} has libwrap could not be read`, details }
    return asking.length > 0
      ? { outcome: 'pass', observed: say`built with libwrap`, details }
      : { outcome: 'notapplicable', observed: say`no rule is about a program that is known here and runs` }
  },
  noFix:
    'which program should ask, and which rule should go, is yours to say: x on its row deletes it, and the firewall keeps out who is meant',
}

const runsCommand: Check<TcpwrappersFacts, AccessEdit> = {
  id: 'TW-command',
  severity: 'medium',
  title: 'Rules run commands',
  expected: 'no rule has spawn, twist or aclexec',
  rationale:
    'Whoever a rule is about starts its command on the server, as often as he likes and as the user whom the daemon runs as, often root, with what he says of himself among its words. Keep only what you know.',
  references: REFERENCES,
  judge: ({ files }) => {
    const found = ACCESS_FILES.flatMap((file) =>
      rulesOf(files[file]).rules.flatMap((rule) =>
        commandsOf(rule).map((command) => ({
          command: safe(command, 200),
          where: byWords({ by: { file, rule } }),
        })),
      ),
    )
    const [first] = found
    if (!first) return { outcome: 'pass', observed: say`none runs a command` }
    return {
      outcome: 'fail',
      observed: found.length === 1 ? first.command : say`${found.length} commands`,
      details: found.map(({ command, where }) => say`${where}: ${command}`),
    }
  },
  noFix: 'whether a command is meant is yours to say: e on the row of its rule takes it out',
}

/** Every judgement about TCP wrappers. */
export const tcpwrappersChecks: readonly Check<TcpwrappersFacts, AccessEdit>[] = [
  nextLogin,
  defaultDeny,
  withoutEffect,
  runsCommand,
]
