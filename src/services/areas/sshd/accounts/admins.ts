import type { Account, AccountFacts } from '../../../model/account-facts.ts'
import { type Safe, say } from '../../../model/safe.ts'
import { type Door, mayLogIn } from './door.ts'
import { type Answer, accountOf, keysOf } from './usable.ts'

const DAY = 86_400

/** Programs that end at once, or do one thing. */
const NO_SHELL =
  /(?:^|\/)(?:nologin|false|true|sync|halt|shutdown|poweroff|reboot|null|git-shell|sftp-server|rssh|scponly)$/

/** Whether an account has a shell to work in: by its program's name, and as it is there (sshd refuses who has none). */
export function hasShell({ shell, shellRuns }: Account): Answer {
  if (NO_SHELL.test(shell)) return { answer: 'no', why: say`it has no shell` }
  if (shellRuns.state === 'unknown') return { answer: 'unknown', why: shellRuns.why }
  return shellRuns.value
    ? { answer: 'yes', why: say`it has a shell` }
    : { answer: 'no', why: say`its shell is not there` }
}

/** Whether an account's time is over: its own (shadow(5), field 8), or that of its password with its grace (5 and 7). */
export function isOver({ password }: Account, { now }: AccountFacts): Answer['answer'] {
  if (password.state === 'unknown') return 'unknown'
  const { expires, changed, maximum, inactive } = password.value
  const ends = [
    expires,
    ...(changed && maximum !== null && inactive !== null ? [changed + maximum + inactive + 1] : []),
  ]
  const first = Math.min(...ends.filter((day) => day !== null))
  if (!Number.isFinite(first)) return 'no'
  return now === null ? 'unknown' : first * DAY <= now ? 'yes' : 'no'
}

/** Whether a password can be typed for an account. */
export function hasPassword({ password }: Account): Answer {
  if (password.state === 'unknown') return { answer: 'unknown', why: password.why }
  const { state } = password.value
  if (state === 'elsewhere') return { answer: 'unknown', why: say`its password is not kept on this server` }
  return state === 'set'
    ? { answer: 'yes', why: say`it has a password` }
    : { answer: 'no', why: say`it has no password` }
}

/**
 * Whether an account can become root by what is its own: it is uid 0, or sudo lets it run everything as root, and it has
 * the password that sudo asks for. That it may know root's password (su(1)) is not seen.
 */
export function rootAnswer(facts: AccountFacts, name: string): Answer {
  const account = accountOf(facts, name)
  if (!account)
    return facts.more === null
      ? { answer: 'no', why: say`there is no such account` }
      : { answer: 'unknown', why: facts.more }
  if (account.uid === 0) return { answer: 'yes', why: say`it is root` }
  if (account.sudo.state === 'unknown') return { answer: 'unknown', why: account.sudo.why }
  const { root, othersPassword } = account.sudo.value
  if (root === 'none') return { answer: 'no', why: say`sudo does not make it root` }
  if (root === 'free') return { answer: 'yes', why: say`sudo without a password` }
  if (othersPassword) return { answer: 'unknown', why: say`sudo asks it for another account’s password` }
  const password = hasPassword(account)
  return password.answer === 'yes' ? { answer: 'yes', why: say`sudo with its password` } : password
}

export const canBecomeRoot = (facts: AccountFacts, name: string): Answer['answer'] => rootAnswer(facts, name).answer

/** An account that can log in and become root; `why`: by what, or what of it is not sure. */
export type Admin = { readonly account: Account; readonly why: Safe }

/**
 * Who else than `name`, and than root, can log in by ssh and become root: for sure, and perhaps. With `door` by what sshd
 * lets in now; without it by keys and passwords alone. `more`: why there may be others yet.
 */
export function otherAdmins(
  facts: AccountFacts,
  name: string,
  door: Door | null = null,
): { readonly sure: readonly Admin[]; readonly maybe: readonly Admin[]; readonly more: Safe | null } {
  const sure: Admin[] = []
  const maybe: Admin[] = []
  for (const account of facts.accounts) {
    if (account.uid === 0 || account.name === name) continue
    const { answer, why } = adminAnswer(facts, account, door)
    if (answer === 'yes') sure.push({ account, why })
    else if (answer === 'unknown') maybe.push({ account, why })
  }
  return { sure, maybe, more: facts.more }
}

function adminAnswer(facts: AccountFacts, account: Account, door: Door | null): Answer {
  const root = rootAnswer(facts, account.name)
  const over = isOver(account, facts)
  const login = loginAnswer(facts, account, door)
  const needed: readonly Answer[] = [
    root,
    hasShell(account),
    {
      answer: over === 'no' ? 'yes' : over === 'yes' ? 'no' : 'unknown',
      why: say`whether its time is over is not known`,
    },
    login,
  ]
  const refused = needed.find(({ answer }) => answer === 'no')
  const open = needed.find(({ answer }) => answer === 'unknown')
  return refused ?? open ?? { answer: 'yes', why: say`${login.why}, then ${root.why}` }
}

function loginAnswer(facts: AccountFacts, account: Account, door: Door | null): Answer {
  const { keys, unsure } = keysOf(facts, account)
  const password = hasPassword(account)
  const way = door === null ? null : mayLogIn(facts, account, door)
  if (way && way.listed.answer !== 'yes') return way.listed
  const byKey: Answer =
    way?.keys === false
      ? { answer: 'no', why: say`sshd takes no keys` }
      : keys.some(({ options }) => !options.some((option) => option.name === 'command'))
        ? { answer: 'yes', why: say`by key` }
        : unsure[0] !== undefined
          ? { answer: 'unknown', why: unsure[0] }
          : { answer: 'no', why: say`it has no key` }
  const byPassword: Answer = way?.passwords === false ? { answer: 'no', why: say`sshd takes no passwords` } : password
  const ways = [byKey, byPassword.answer === 'yes' ? { ...byPassword, why: say`by password` } : byPassword]
  return ways.find(({ answer }) => answer === 'yes') ?? ways.find(({ answer }) => answer === 'unknown') ?? byKey
}
