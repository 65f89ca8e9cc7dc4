import { type Safe, safe, say } from '../../model/safe.ts'
import type { Daemon, TcpwrappersFacts } from './facts.ts'
import { rulesOf } from './rules.ts'

/**
 * Programs that have been built with libwrap somewhere, by the file they run from, and what they call themselves when they
 * ask it: each a constant in its source, not its file's name. sshd is looked at apart.
 */
const NAMES: Readonly<Record<string, string>> = {
  ...{ rpcbind: 'rpcbind', 'rpc.mountd': 'mountd', 'rpc.statd': 'statd', 'rpc.rquotad': 'rquotad', ypserv: 'ypserv' },
  ...{ vsftpd: 'vsftpd', snmpd: 'snmpd', snmptrapd: 'snmptrapd', slapd: 'slapd', nrpe: 'nrpe', sendmail: 'sendmail' },
  ...{ 'in.tftpd': 'in.tftpd' },
}

const LINE = /^(asks|without|unread) (\/\S*\/([\w.-]+))$/

/** The programs that run, of those in the table, as the probe found them: each path once, and the worst of what was found. */
export function daemonsOf(lines: readonly string[]): readonly Daemon[] {
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

/** A daemon that a rule names, and whether the program of that name asks; null where that is not known. */
export type Named = { readonly name: Safe; readonly what: Safe; readonly asks: boolean | null }

/** Of the daemons that the rules name, those that are known here: sshd, and what runs of the others. */
export function namedDaemons({ files, sshdAsks, daemons }: TcpwrappersFacts): readonly Named[] {
  const rules = [...rulesOf(files.allow).rules, ...rulesOf(files.deny).rules]
  const words = new Set(rules.flatMap((rule) => rule.daemons.map((word) => (word.split('@')[0] ?? '').toLowerCase())))
  return [
    ...(words.has('sshd') ? [{ name: say`sshd`, what: say`sshd`, asks: sshdAsks }] : []),
    ...daemons
      .filter(({ name }) => words.has(name))
      .map(({ name, path, asks }) => ({ name: safe(name), what: say`${safe(name)} (${safe(path)})`, asks })),
  ]
}
