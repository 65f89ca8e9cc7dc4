import { safe } from '../../model/safe.ts'
import type { Bans, JailBans } from '../../model/securelog.ts'

/** Jails, and addresses of one, that are kept. */
const JAILS = 200
const ADDRESSES = 50_000

/** Gathers what fail2ban-client(1) says of its jails, line by line. */
export function createBanned() {
  let state: Bans['state'] = 'absent'
  const jails: (JailBans & { readonly addresses: Set<string> })[] = []
  const change = (more: Partial<JailBans>): void => {
    const last = jails.pop()
    if (last) jails.push({ ...last, ...more, addresses: last.addresses })
  }
  return {
    /** fail2ban is there, and answers or does not. */
    begin: (answers: boolean): void => {
      state = answers ? 'read' : 'unread'
    },
    jail: (name: string): void => {
      if (jails.length < JAILS) jails.push({ name: safe(name, 40), banned: null, total: null, addresses: new Set() })
    },
    feed: (line: string): void => {
      const [, which, count] = /(Currently|Total) banned:\s*(\d{1,9})$/.exec(line) ?? []
      if (which) change(which === 'Total' ? { total: Number(count) } : { banned: Number(count) })
      else if (line.startsWith('ip ')) {
        const addresses = jails.at(-1)?.addresses
        if (addresses && addresses.size < ADDRESSES) addresses.add(line.slice(3))
      }
    },
    result: (): Bans => (state === 'read' ? { state, jails: [...jails] } : { state }),
  }
}
