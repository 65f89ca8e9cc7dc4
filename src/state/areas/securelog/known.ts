import { safe, say } from '../../../services/model/safe.ts'
import { acknowledgementOf } from '../../../services/model/securelog.ts'
import type { Kit } from '../../kit.ts'
import type { Now } from '../area-view.ts'
import { judgeLog } from './judge.ts'
import type { LogListItem } from './list.ts'

const take = (kit: Kit, ids: readonly string[]): void => {
  kit.set(({ log }) => ({ log: { ...log, known: new Set(ids) } }))
  judgeLog(kit)
}

/** Reads which logins the operator has said he knows; once a console. */
export async function loadKnown(kit: Kit): Promise<void> {
  const read = await kit.deps.knownLogins?.read()
  if (read?.ok) take(kit, read.value)
  else if (read) kit.tell('bad', say`Which logins you know could not be read: ${read.error}`)
}

/** K: says of a login that it is known, or no longer. It is kept on this machine, and tells the server nothing. */
export function toggleKnown(kit: Kit, item: LogListItem | undefined): Now {
  if (item?.kind !== 'login') return { why: say`put the cursor on somebody who got in: l shows them` }
  const { login, isKnown } = item
  const store = kit.deps.knownLogins
  if (!store) return { why: say`this console keeps nothing on this machine` }
  if (login.own) return { why: say`that is you` }
  return {
    run: async () => {
      const changed = await store.change(acknowledgementOf(login), !isKnown)
      if (!changed.ok) return kit.tell('bad', say`Nothing was kept: ${changed.error}`)
      take(kit, changed.value)
      const who = say`${login.user} from ${login.address} by ${login.method}${login.key ? say`, ${login.key}` : safe('')}`
      kit.tell('good', isKnown ? say`No longer known: ${who}.` : say`Known from now on: ${who}.`)
    },
  }
}
