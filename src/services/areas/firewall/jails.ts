import type { FirewallFacts, Jail } from '../../model/firewall.ts'
import { safe } from '../../model/safe.ts'
import { linesOf } from '../parts.ts'
import { portIn } from './walk/transport-matches.ts'

/** Actions that close a door; others send mail or report. */
const BANS = /iptables|nftables|firewallcmd|ufw|ipset|shorewall|route|hostsdeny|pf/

/**
 * Reads what the probe made of `fail2ban-client -d`: `NAME sshd` for a jail whose filter is about sshd, `NAME ACTION PORTS`
 * for what it does. Null where fail2ban runs and did not say; absent where it does not run.
 */
export function parseJails(text: string): FirewallFacts['jails'] {
  const lines = linesOf(text).map((line) => line.trim().split(/\s+/))
  if (lines.length === 0) return undefined
  if (!lines.some(([word]) => word === '.read')) return null
  const watching = new Set(
    lines.flatMap(([name = '', what, ...more]) => (what === 'sshd' && more.length === 0 ? [name] : [])),
  )
  return lines.flatMap(([name = '', action = '', ports]): readonly Jail[] => {
    if (!watching.has(name) || ports === undefined || !BANS.test(action)) return []
    // These name a port and ban from all of them.
    return [{ name: safe(name, 40), ports: /allports|route|hostsdeny/.test(action) ? '0:65535' : ports }]
  })
}

/** What fail2ban bans from unless it is told otherwise (jail.conf(5)). */
const UNREAD: readonly Jail[] = [{ name: safe('sshd'), ports: 'ssh' }]

/** Whether a jail bans from a port those who fail to log in; names are the server's services(5). */
export function watching(
  { jails = UNREAD, portNames }: Pick<FirewallFacts, 'jails' | 'portNames'>,
  port: number,
): boolean {
  const name = portNames.get(`tcp/${port}`) ?? (port === 22 ? 'ssh' : null)
  return (jails ?? []).some(({ ports }) =>
    ports.split(',').some((one) => one === name || one === 'any' || portIn(one.replace('-', ':'), port) === 'yes'),
  )
}
