import type { Family } from '../../../model/firewall.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { findChain } from '../chain-text.ts'
import { publicInterface } from './addresses.ts'
import type { Ground } from './ground.ts'
import { newTo, type Proposal, propose, rules } from './item.ts'
import { knownPort } from './known-ports.ts'
import type { OpenPort } from './listening.ts'
import { fromAnywhere, rulesAlone } from './strangers.ts'

const nameOf = ({ protocol, port, listener }: OpenPort, ground: Ground): Safe => {
  const name = ground.input.firewall.portNames.get(`${protocol}/${port}`)
  const program = listener.process ?? (listener.unit === null ? null : safe(listener.unit, 40))
  return say`${safe(protocol)} ${port}${name ? say` ${name}` : say``}${program ? say` (${program})` : say``}`
}

/** One item for each port that listens and is not SSH's or FTP's. */
export function services(ground: Ground): readonly Proposal[] {
  const taken = new Set([...ground.sshPorts, ...ground.ftp.map((one) => one.port)].map((port) => `tcp/${port}`))
  if (ground.input.listeners === null) return [unreadServices(ground)]
  return ground.ports
    .filter(({ protocol, port }) => !taken.has(`${protocol}/${port}`))
    .map((port) => service(port, ground))
}

/** What rules of the operator's own open already, and keep open, needs no rule beside them. */
function service(port: OpenPort, ground: Ground): Proposal {
  const known = knownPort(port.protocol, port.port, port.listener.process)
  const text = newTo(port.protocol, port.port)
  const families = port.families.filter((family) => ground.families.includes(family))
  const theirs = families.filter((family) => isAccepted(port, family, ground))
  const needed = ground.isOn('own', true)
    ? families.filter((family) => !theirs.includes(family) || isThere(text, family, ground))
    : families
  return propose({
    id: `service:${port.protocol}/${port.port}`,
    kind: 'service',
    title: nameOf(port, ground),
    why:
      needed.length < families.length
        ? say`A rule of your own opens it${needed.length > 0 ? say` for ${safe(theirs.join(', '))}` : say``}, and stays. ${known.why}`
        : known.why,
    always:
      needed.length === 0 && families.length > 0 ? say`a rule of your own opens it, x deletes that in the pane` : null,
    usual: known.open || theirs.length > 0,
    rules: rules(needed, 'INPUT', 'tail', text),
  })
}

/** Longer rule sets are not walked once per port. */
const LONGEST_WALK = 3000

/** Whether rules, and not the policy, let everybody in. */
function isAccepted({ protocol, port }: OpenPort, family: Family, { input, sizes }: Ground): boolean {
  const set = input.sets[family]
  if (!set || sizes[family] > LONGEST_WALK) return false
  const to = { protocol, port, via: publicInterface(input, family) }
  return fromAnywhere(rulesAlone(set), to).answer === 'yes'
}

const isThere = (text: string, family: Family, { input }: Ground): boolean => {
  const set = input.sets[family]
  const chain = set && findChain(set, { table: 'filter', chain: 'INPUT' })
  return chain?.rules.some((rule) => rule.text === text) ?? false
}

const unreadServices = ({ families }: Ground): Proposal =>
  propose({
    id: 'service:web',
    kind: 'service',
    title: say`tcp 80 http, 443 https`,
    why: say`What listens here was not read, so these are the two ports of the routine.`,
    warning: say`Whatever else listens is closed by this baseline. Read the services first (R), or open their ports yourself.`,
    rules: rules(families, 'INPUT', 'tail', newTo('tcp', 80), newTo('tcp', 443)),
  })
