import { type Safe, safe, say } from '../../../model/safe.ts'
import type { Ground } from './ground.ts'
import { type BaselineRule, type Proposal, propose, rules } from './item.ts'

/** Mid-stream packets of sshd leave even when the kernel has lost track of the connection; nothing can be opened so. */
const answers = (port: number): string => `-p tcp -m tcp --sport ${port} ! --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT`

/** The way in, and the option to keep it for the operator. */
export function ssh(ground: Ground): readonly Proposal[] {
  const { families, sshPorts, operator, isOn } = ground
  const only = isOn('ssh-mine', false) && operator !== null
  const limited = ground.limited && isOn('own', true)
  const ports = safe(sshPorts.join(', '))
  const accepts = families.flatMap((family): readonly BaselineRule[] => {
    if (limited && family === operator?.family) return []
    if (only && family !== operator?.family) return []
    const from = only ? `-s ${operator?.text} ` : ''
    return rules(
      [family],
      'INPUT',
      ground.sshFirst ? 'head' : 'tail',
      ...sshPorts.map((port) => `${from}-p tcp -m tcp --dport ${port} -j ACCEPT`),
    )
  })
  const warning: Safe | null = limited
    ? null
    : ground.limited
      ? say`Your own rules limit SSH to some addresses. Replacing them opens it to all, unless SSH is limited below.`
      : null
  return [
    propose({
      id: 'ssh',
      kind: 'base',
      title: say`SSH on port ${ports}`,
      why: limited
        ? say`Your own rules let you in and strangers not: they stay, and nothing is opened beside them.`
        : say`You come in here. The port is this session's, and every other one that sshd listens on.`,
      always: say`it is your way in`,
      warning,
      rules: [...accepts, ...rules(families, 'OUTPUT', 'head', ...sshPorts.map(answers))],
    }),
    ...(operator === null
      ? []
      : [
          propose({
            id: 'ssh-mine',
            kind: 'option',
            title: say`SSH only from ${safe(operator.text.replace(/\/\d+$/, ''))}`,
            why: say`Where your address is fixed this ends all attempts of strangers.`,
            warning: say`It locks you out when your address changes, and everybody else at once. Over the other IP version nobody gets in.`,
            usual: false,
          }),
        ]),
  ]
}
