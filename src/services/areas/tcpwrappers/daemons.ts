import { type Safe, safe, say } from '../../model/safe.ts'
import type { Daemon, TcpwrappersFacts } from './facts.ts'
import type { AccessRule } from './rules.ts'

/**
 * Programs that have been built with libwrap somewhere, by the file they run from, and what they call themselves when they
 * ask it: each a constant in its source, not its file's name. sshd is looked at apart.
 */
const NAMES: Readonly<Record<string, string>> = {
  ...{ rpcbind: 'rpcbind', 'rpc.mountd': 'mountd', 'rpc.statd': 'statd', 'rpc.rquotad': 'rquotad', ypserv: 'ypserv' },
  ...{ vsftpd: 'vsftpd', snmpd: 'snmpd', snmptrapd: 'snmptrapd', slapd: 'slapd', nrpe: 'nrpe', sendmail: 'sendmail' },
  ...{ 'in.tftpd': 'in.tftpd' },
}

/** The files that they run from; the probe looks for these, and a test holds both lists to each other. */
export const PROGRAMS: readonly string[] = Object.keys(NAMES)
const KNOWN: ReadonlySet<string> = new Set(Object.values(NAMES))

const LINE = /^(asks|without|unread) (\/\S*\/([\w.-]+))$/

/**
 * The programs that run, of those in the table, each path once: not known where two processes of it tell something else.
 * Null where the probe did not see all processes, as anybody but root.
 */
export function daemonsOf(lines: readonly string[]): readonly Daemon[] | null {
  if (lines.at(-1) !== 'all') return null
  const found = new Map<string, Daemon>()
  for (const line of lines) {
    const [, said, path = '', program = ''] = LINE.exec(line) ?? []
    const name = NAMES[program]
    if (name === undefined) continue
    const asks = said === 'unread' ? null : said === 'asks'
    const before = found.get(path)
    found.set(path, { name, path, asks: before && before.asks !== asks ? null : asks })
  }
  return [...found.values()]
}

const XINETD = '/usr/sbin/xinetd'

/**
 * What inetd(8) and xinetd(8) start when somebody comes, where they run, by the name that tcpd(8) or xinetd asks for it. Null
 * where that was not read to its end.
 */
export function onDemandOf(running: readonly string[], lines: readonly string[]): readonly Daemon[] | null {
  if (lines.at(-1) !== 'end' || lines.includes('odd')) return null
  const runsInetd = running.some((line) => line.startsWith('runs '))
  const xinetd = running.flatMap((line) => (line.endsWith(` ${XINETD}`) ? [line.split(' ')[0]] : []))
  const asks = xinetd.every((said) => said === 'asks')
    ? true
    : xinetd.every((said) => said === 'without')
      ? false
      : null
  const found = lines.flatMap((line): readonly Daemon[] => {
    const [, by, name = ''] = /^(inetd|tcpd|xinetd) ([\w.+-]+)$/.exec(line) ?? []
    if (by === undefined || !(by === 'inetd' ? runsInetd : xinetd.length > 0)) return []
    return by === 'xinetd'
      ? [{ name, path: XINETD, asks, by }]
      : [{ name, path: '/usr/sbin/tcpd', asks: true, by: 'tcpd' }]
  })
  return found.filter(({ name }, at) => found.findIndex((one) => one.name === name) === at)
}

/** A daemon that a rule is about, and whether it has libwrap; null where that is not known. */
export type Named = { readonly what: Safe; readonly asks: boolean | null }

/**
 * Of the daemons that rules are about, sshd and those of the table that run; of any of the table, not known, where nobody
 * saw what runs. What is excepted from a rule is not what it is about.
 */
export function namedDaemons({ sshdAsks, daemons }: TcpwrappersFacts, rules: readonly AccessRule[]): readonly Named[] {
  const words = new Set(rules.flatMap((rule) => about(rule.daemons)))
  const others = daemons ?? [...KNOWN].map((name) => ({ name, path: null, asks: null }))
  return [
    ...(words.has('sshd') ? [{ what: say`sshd`, asks: sshdAsks }] : []),
    ...others
      .filter(({ name }) => words.has(name))
      .map(({ name, path, asks }) => ({
        what: path === null ? safe(name) : say`${safe(name)} (${safe(path)})`,
        asks,
      })),
  ]
}

function about(daemons: readonly string[]): readonly string[] {
  const except = daemons.findIndex((word) => word.toUpperCase() === 'EXCEPT')
  return (except < 0 ? daemons : daemons.slice(0, except)).map((word) => (word.split('@')[0] ?? '').toLowerCase())
}
