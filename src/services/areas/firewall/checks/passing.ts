import type { Family } from '../../../model/firewall.ts'
import { CLIENT_PORT, ODD_PORT, type Sight } from './sight.ts'

export type Passes = 'yes' | 'no' | 'unsure'

/** Whether the host may talk to itself: a new connection over lo, to a port that no rule is likely to name. */
export function loopbackPasses(sight: Sight, family: Family, direction: 'in' | 'out'): Passes {
  const address = family === 'v4' ? '127.0.0.1' : '::1'
  const { first } = sight.flow(family, { address, device: 'lo' }, ODD_PORT, 'tcp', address)
  const packet = direction === 'in' ? first : { ...first, inInterface: null, outInterface: 'lo' }
  return sight.ask(family, direction, packet)?.answer ?? 'unsure'
}

/** Whether packets of a running connection pass: in, the answer to one that the host opened; out, to one opened to it. */
export function establishedPasses(sight: Sight, family: Family, direction: 'in' | 'out'): Passes {
  const stranger = sight.stranger(family)
  if (direction === 'out')
    return (
      sight.ask(family, 'out', { ...sight.flow(family, stranger, ODD_PORT).outward, destinationPort: CLIENT_PORT })
        ?.answer ?? 'unsure'
    )
  const { inward } = sight.flow(family, stranger, CLIENT_PORT)
  return sight.ask(family, 'in', { ...inward, sourcePort: ODD_PORT, reply: true })?.answer ?? 'unsure'
}
