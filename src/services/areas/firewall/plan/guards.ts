import type { FirewallFacts, RuleSet } from '../../../model/firewall.ts'
import type { HostFacts } from '../../../model/host.ts'
import type { Blocker, WhatIf } from '../../../model/plan.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { replacesRules } from '../owners.ts'
import { type Packet, packetsOf } from '../walk/packet.ts'
import { type Walked, walk, worst } from '../walk/walk.ts'

type Question = { readonly title: Safe; readonly answer: Walked }

/**
 * Walks the operator's own five-tuple through a rule set: his next login (from any port of his, to where sshd will listen) from its first packet
 * to its data, and the session he sits in, each there and back.
 */
export function askGuards(
  ruleSet: RuleSet,
  host: HostFacts,
  loginPort: number = host.session.serverPort,
): { login: Question; session: Question } {
  const { clientAddress, clientPort, serverAddress, serverPort } = host.session
  const packets = (port: number | null, to = serverPort) =>
    packetsOf({
      protocol: 'tcp',
      client: clientAddress,
      clientPort: port,
      server: serverAddress,
      serverPort: to,
      interface: host.sessionInterface,
    })
  const there = (packet: Packet): Walked => walk(ruleSet, 'in', packet)
  const back = (packet: Packet): Walked => walk(ruleSet, 'out', packet)
  const login = packets(null, loginPort)
  const session = packets(clientPort)
  const user = host.login.user
  return {
    login: {
      title: say`your next login (${safe(clientAddress)} → :${loginPort}, ${user})`,
      answer: worst([there(login.first), back(login.answer), there(login.inward), back(login.outward)]),
    },
    session: {
      title: say`your running session`,
      answer: worst([there(session.inward), back(session.outward)]),
    },
  }
}

/** What the operator is told before he arms, and whether it blocks him. */
export function judgeLockOut(
  host: HostFacts,
  facts: FirewallFacts,
  after: RuleSet,
  loginPort: number = host.session.serverPort,
): { readonly whatIf: readonly WhatIf[]; readonly blockers: readonly Blocker[] } {
  const { login, session } = askGuards(after, host, loginPort)
  const whatIf = [login, session].map(({ title, answer }) => ({
    answer: answer.answer,
    question: title,
    because: answer.because,
  }))
  const owners = facts.managers.filter(replacesRules)
  const owned = owners.map((name) => ({
    answer: 'unsure' as const,
    question: say`who owns these rules`,
    because: say`${name} does, and puts its own back when it next reloads: change them with it`,
  }))
  const warned = facts.warnings.map((warning) => ({
    answer: 'unsure' as const,
    question: say`rules this console does not show`,
    because: warning,
  }))
  if (login.answer.answer !== 'no') return { whatIf: [...whatIf, ...owned, ...warned], blockers: [] }
  return {
    whatIf: [...whatIf, ...owned, ...warned],
    blockers: [
      {
        kind: 'lock-out',
        message: say`This locks you out: a new login from ${safe(host.session.clientAddress)} to port ${loginPort} would be dropped by ${login.answer.because}.`,
        next: say`Stage a rule that accepts it first, or type the host's name when applying to go on regardless.`,
      },
    ],
  }
}
