import type { Merged, Seen } from '../../../model/editing.ts'
import { FAMILIES, type FirewallFacts } from '../../../model/firewall.ts'
import type { PersistencePlan } from '../../../model/plan.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { part } from '../foreign-chains.ts'

/** Rules in the chain that Docker makes anew at every boot: a unit of ours puts them back, where there are units. */
function dockerUserWords({ families }: FirewallFacts, { host }: Seen): Safe {
  const rules = FAMILIES.flatMap((family) => {
    const read = families[family]
    const { tables } = read.state === 'present' ? read.ruleSet : { tables: [] }
    return tables.filter((table) => table.name === 'filter').flatMap((table) => part(table).dockerUser)
  })
  if (rules.length === 0) return say``
  return host.init === 'systemd'
    ? say`; those in DOCKER-USER are put back after Docker has made it (hardtui-docker-user.service)`
    : say`; those in DOCKER-USER are lost then, for Docker makes that chain anew`
}

/** What becomes of changed rules at the next boot, once they are confirmed. */
export function persistenceOf({ base, after }: Merged<'firewall'>, seen: Seen): PersistencePlan {
  const { persistence } = base
  if (persistence.kind === 'other')
    return {
      kind: 'none',
      elsewhere: true,
      message: say`${persistence.by[0] ?? say`another program`} loads the rules of this host at boot: the change will not survive a reboot unless you put it there`,
    }
  if (persistence.kind !== 'none')
    return {
      kind: persistence.kind,
      message: say`at your confirm the rules are saved to ${safe(persistence.v4)} and ${safe(persistence.v6)}${dockerUserWords(after, seen)}`,
    }
  if (seen.persistence === 'loader')
    return {
      kind: 'loader',
      message: say`at your confirm the rules are saved to /etc/hardtui/rules.v4 and .v6, and hardtui-rules.service loads them at boot${dockerUserWords(after, seen)}`,
    }
  const [asleep] = persistence.asleep ?? []
  const nothing = asleep
    ? say`${asleep} is there, but not started at boot, so this host loads no rules then`
    : say`this host loads no rules at boot`
  return { kind: 'none', message: say`${nothing}: the change will not survive a reboot` }
}
