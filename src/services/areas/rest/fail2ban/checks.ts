import type { Around, Verdict } from '../../../model/area.ts'
import type { HostFacts } from '../../../model/host.ts'
import { safe, say } from '../../../model/safe.ts'
import { ABSENT, type SubjectCheck } from '../check.ts'
import type { Fail2banFacts, Jail, JailAction } from '../facts.ts'

/** Ports that sshd answers on: where this operator comes in, and where a process of that name listens. */
const sshPorts = ({ session }: HostFacts, { listeners }: Around): readonly number[] => [
  ...new Set([
    session.serverPort,
    ...(listeners ?? []).flatMap(({ process, port, protocol }) =>
      process === 'sshd' && protocol === 'tcp' ? [port] : [],
    ),
  ]),
]

/** By the names that jails use (services(5)). */
const NAMED: Readonly<Record<string, number>> = { ssh: 22, sftp: 115, http: 80, https: 443 }

/** Whether an action keeps somebody from a port; null where a name of it is not known. */
function covers({ name, ports }: JailAction, port: number): boolean | null {
  // Its rules name no port (action.d of fail2ban).
  if (/allports|^(?:route|hostsdeny|blocklist)/.test(name)) return true
  if (ports === null) return null
  let sure = true
  for (const word of ports.split(/[,\s]+/).filter((one) => one !== '')) {
    const [, from, to] = /^(\d{1,5})(?:[:-](\d{1,5}))?$/.exec(word) ?? []
    if (from !== undefined) {
      if (Number(from) <= port && port <= Number(to ?? from)) return true
    } else if (word === 'all' || NAMED[word] === port) return true
    else if (NAMED[word] === undefined) sure = false
  }
  return sure ? false : null
}

/** Actions that keep somebody out, and not those that only tell of him. */
const isBan = ({ name }: JailAction): boolean =>
  !/mail|whois|report|abuseipdb|xarf|dshield|badips|mynetwatchman/.test(name)

const isSshd = ({ name }: Pick<Jail, 'name'>): boolean => /ssh|dropbear/.test(name)

function judge(facts: Fail2banFacts, host: HostFacts, around: Around): Verdict {
  if (!facts.installed) return ABSENT
  const { running, configured } = facts
  if (!running.ok) return { outcome: 'unknown', observed: running.error }
  if (running.value === null) return { outcome: 'fail', observed: say`installed, and does not run` }
  const names = say`jails that run: ${safe(running.value.join(', ') || 'none', 300)}`
  const own = running.value.filter((name) => isSshd({ name }))
  if (own.length === 0) return { outcome: 'fail', observed: say`no jail for sshd`, details: [names] }
  const jails = (configured ?? []).filter(({ name }) => own.includes(name))
  if (jails.length === 0)
    return { outcome: 'unknown', observed: say`which ports its jails are for is not known`, details: [names] }
  const details = [
    names,
    ...jails.flatMap(({ name, actions, at }) => [
      ...actions.map((action) => say`${safe(name)}: ${safe(action.name)} for ${safe(action.ports ?? 'no named port')}`),
      ...(at ? [at] : []),
    ]),
  ]
  const bans = jails.flatMap(({ actions }) => actions).filter(isBan)
  if (bans.length === 0) return { outcome: 'fail', observed: say`its jails keep nobody out`, details }
  const ports = sshPorts(host, around)
  const open = ports.filter((port) => bans.every((ban) => covers(ban, port) === false))
  const unsure = ports.filter((port) => !open.includes(port) && !bans.some((ban) => covers(ban, port) === true))
  const list = safe(ports.join(', '))
  if (open.length > 0)
    return {
      outcome: 'fail',
      observed: say`not port ${safe(open.join(', '))}`,
      details,
      noFix: say`set port = ${list} in [${safe(jails[0]?.name ?? 'sshd')}] of /etc/fail2ban/jail.local, then fail2ban-client reload`,
    }
  if (unsure.length > 0)
    return { outcome: 'unknown', observed: say`whether port ${safe(unsure.join(', '))} is meant`, details }
  return { outcome: 'pass', observed: say`port ${list}`, details }
}

export const fail2banChecks: readonly SubjectCheck<Fail2banFacts>[] = [
  {
    id: 'REST-fail2ban',
    severity: 'medium',
    title: 'fail2ban does not watch the way in',
    expected: 'runs, with a jail for the port that sshd is on',
    rationale:
      'A jail bans on the ports that it names: when sshd has moved and the jail has not, those who guess passwords are banned from a port where nobody listens.',
    references: ['jail.conf(5)', 'fail2ban-client(1)'],
    judge,
    noFix: 'systemctl enable --now fail2ban, and [sshd] enabled = true in /etc/fail2ban/jail.local',
  },
]
