import { type Safe, safe, say } from '../../../model/safe.ts'
import { publicInterface } from './addresses.ts'
import type { Ground } from './ground.ts'
import { type Draft, draft, newTo, rules } from './item.ts'
import { knownPort } from './known-ports.ts'
import type { OpenPort } from './listening.ts'
import { fromAnywhere, withInputPolicy } from './strangers.ts'

const nameOf = ({ protocol, port, listener }: OpenPort, ground: Ground): Safe => {
  const name = ground.input.firewall.portNames.get(`${protocol}/${port}`)
  const program = listener.process ?? (listener.unit === null ? null : safe(listener.unit, 40))
  return say`${safe(protocol)} ${port}${name ? say` ${name}` : say``}${program ? say` (${program})` : say``}`
}

/** One item for each port that listens and is not SSH's or FTP's. */
export function services(ground: Ground): readonly Draft[] {
  const taken = new Set([...ground.sshPorts, ...ground.ftp.map((one) => one.port)].map((port) => `tcp/${port}`))
  if (ground.input.listeners === null) return [unreadServices(ground)]
  return ground.ports
    .filter(({ protocol, port }) => !taken.has(`${protocol}/${port}`))
    .map((port): Draft => {
      const known = knownPort(port.protocol, port.port, port.listener.process)
      const accepted = isAccepted(port, ground)
      return draft({
        id: `service:${port.protocol}/${port.port}`,
        kind: 'service',
        title: nameOf(port, ground),
        why: accepted ? say`A rule of your own opens it to all already. ${known.why}` : known.why,
        usual: known.open || accepted,
        rules: rules(
          port.families.filter((family) => ground.families.includes(family)),
          'INPUT',
          'tail',
          newTo(port.protocol, port.port),
        ),
      })
    })
}

/** Longer rule sets are not walked once per port. */
const LONGEST_WALK = 3000

const isAccepted = ({ protocol, port, families }: OpenPort, { input, sizes }: Ground): boolean =>
  families.some((family) => {
    const set = input.sets[family]
    if (!set || sizes[family] > LONGEST_WALK) return false
    return (
      fromAnywhere(withInputPolicy(set, 'DROP'), { protocol, port, via: publicInterface(input, family) }).answer ===
      'yes'
    )
  })

const unreadServices = ({ families }: Ground): Draft =>
  draft({
    id: 'service:web',
    kind: 'service',
    title: say`tcp 80 http, 443 https`,
    why: say`What listens here was not read, so these are the two ports of the routine.`,
    warning: say`Whatever else listens is closed by this baseline. Read the services first (R), or open their ports yourself.`,
    rules: rules(families, 'INPUT', 'tail', newTo('tcp', 80), newTo('tcp', 443)),
  })
