import type { AccountFacts } from '../../../model/account-facts.ts'
import type { HostFacts, LoginNeeds } from '../../../model/host.ts'
import type { Blocker, WhatIf } from '../../../model/plan.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { keysIn } from './act.ts'
import { hasShell } from './admins.ts'
import { classOf } from './edits.ts'
import { type Answer, accountOf, keysOf, strictly } from './usable.ts'

type Found = { readonly answer: 'no' | 'unsure'; readonly because: Safe }

/**
 * Whether the operator's own account would still let him in and make him root: his key, his password, his shell. `usePam`:
 * UsePAM, without which sshd keeps out whoever's password is locked. Nothing for who is not touched.
 */
export function guardAccount(
  before: AccountFacts | null,
  after: AccountFacts | null,
  { login, needs, session }: HostFacts,
  usePam: string | undefined,
): { readonly whatIf: readonly WhatIf[]; readonly blockers: readonly Blocker[] } {
  const [was, then] = [before && accountOf(before, login.user), after && accountOf(after, login.user)]
  if (!before || !after || !was || !then || was === then) return { whatIf: [], blockers: [] }
  const found: Found[] = []
  const shell = hasShell(then)
  if (shell.answer === 'no' && hasShell(was).answer !== 'no')
    found.push({ answer: 'no', because: say`your shell would be ${safe(then.shell, 60)}` })
  if (classOf(then) === 'locked' && classOf(was) !== 'locked') {
    const byPassword = needs?.methods.find((method) => method !== 'publickey')
    if (byPassword)
      found.push({ answer: 'no', because: say`you came in by ${safe(byPassword)}, and your password is locked` })
    else if (usePam === 'no') found.push({ answer: 'no', because: say`UsePAM no, and your password is locked` })
    const asks = then.sudo.state === 'known' ? then.sudo.value.root === 'asks' : null
    if (login.uid !== 0 && asks !== false)
      found.push({
        answer: asks ? 'no' : 'unsure',
        because: say`sudo asks for your password, which is locked`,
      })
  }
  found.push(...lostKeys(before, after, login.user, needs))
  const question = say`your next login (${login.user} from ${safe(session.clientAddress)})`
  return {
    whatIf: found.map((one) => ({ of: 'login', question, ...one })),
    blockers: found
      .filter(({ answer }) => answer === 'no')
      .map(({ because }) => ({
        kind: 'lock-out',
        message: say`This locks you out: ${because}.`,
        next: say`Unstage it, or type the host's name when applying to go on regardless.`,
      })),
  }
}

/** The keys that let him in, as far as they would no longer be found. */
function lostKeys(
  before: AccountFacts,
  after: AccountFacts,
  user: string,
  needs: HostFacts['needs'],
): readonly Found[] {
  const keys = (facts: AccountFacts) => {
    const account = accountOf(facts, user)
    return account ? keysOf(facts, account) : { keys: [], unsure: [] }
  }
  const [was, then] = [keys(before), keys(after)]
  const has = ({ keys: all }: typeof was, print: string): boolean => all.some(({ key }) => key.fingerprint === print)
  return (needs?.keys ?? []).flatMap(({ type, fingerprint }): readonly Found[] => {
    if (!has(was, fingerprint) || has(then, fingerprint)) return []
    return [
      {
        answer: then.unsure.length > 0 ? 'unsure' : 'no',
        because: say`your key (${safe(type)} ${safe(fingerprint)}) would be taken out of what lets ${safe(user)} in`,
      },
    ]
  })
}

/** Whether StrictModes would let sshd look into the files that hold the keys a user came by. */
export function strictModesKeep(facts: AccountFacts, user: string, { keys }: Pick<LoginNeeds, 'keys'>): Answer {
  const account = accountOf(facts, user)
  if (!account) return { answer: 'unknown', why: say`${safe(user)} was not read` }
  const files = keysIn(account).flatMap(([file, { key }]) =>
    keys.some(({ fingerprint }) => fingerprint === key.fingerprint) ? [file] : [],
  )
  const answers = files.map((file) => strictly(facts, account, file))
  return (
    answers.find(({ answer }) => answer === 'yes') ??
    answers.find(({ answer }) => answer === 'unknown') ??
    answers[0] ?? { answer: 'unknown', why: say`your key is in no file that was read` }
  )
}
