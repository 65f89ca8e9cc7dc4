import type { Direction } from './packet.ts'

/** A chain that the kernel itself calls. */
export type Hook = { readonly table: string; readonly chain: string }

const hooks = (text: string): readonly Hook[] =>
  text.split(' ').map((name) => {
    const [table = '', chain = ''] = name.split('/')
    return { table, chain }
  })

/** What a packet passes, in the kernel's order (iptables(8), TABLES; the priorities in netfilter_ipv4.h). */
export const HOOKS: Readonly<Record<Direction, readonly Hook[]>> = {
  in: hooks('raw/PREROUTING mangle/PREROUTING nat/PREROUTING mangle/INPUT filter/INPUT security/INPUT nat/INPUT'),
  out: hooks('raw/OUTPUT mangle/OUTPUT nat/OUTPUT filter/OUTPUT security/OUTPUT mangle/POSTROUTING nat/POSTROUTING'),
  forward: hooks(
    'raw/PREROUTING mangle/PREROUTING nat/PREROUTING mangle/FORWARD filter/FORWARD security/FORWARD ' +
      'mangle/POSTROUTING nat/POSTROUTING',
  ),
}
