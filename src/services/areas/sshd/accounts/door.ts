import type { Account, AccountFacts } from '../../../model/account-facts.ts'
import { matchesPattern } from '../../../model/pattern.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import type { SshdFacts, SshdSetting, SshdView } from '../../../model/sshd.ts'
import { valuesOf } from '../parse.ts'
import { type Answer, groupsOf } from './usable.ts'

/** What of sshd's facts says who may come in, and how. */
export type Door = Pick<SshdFacts, 'settings' | 'unjudged'> & {
  readonly views: readonly Pick<SshdView, 'user' | 'you' | 'block' | 'matched' | 'settings'>[]
}
type Match = 'yes' | 'no' | 'unknown'

/** The settings that hold for an account from nowhere in particular, and whether a Match block may change them. */
export function settingsFor(
  account: Account,
  { settings, views, unjudged }: Door,
): {
  readonly settings: readonly SshdSetting[]
  readonly sure: boolean
} {
  if (views.length <= 1) return { settings, sure: unjudged !== null && unjudged.length === 0 }
  const own = views.filter(({ user, you }) => !you && user === account.name)
  const strangers = views.filter(({ user, block }) => user === 'anybody' && block === null)
  const found = own[0] ?? strangers[0]
  return { settings: found?.settings ?? settings, sure: false }
}

/** What sshd does with an account: whether its lists let it in, and whether it takes keys and passwords (null: not known). */
export function mayLogIn(
  facts: AccountFacts,
  account: Account,
  door: Door,
): { readonly listed: Answer; readonly keys: boolean | null; readonly passwords: boolean | null } {
  const { settings, sure } = settingsFor(account, door)
  const first = (keyword: string): string | undefined => valuesOf(settings, keyword)[0]?.value
  const either = (answer: boolean | undefined): boolean | null => (answer === undefined ? null : answer)
  const yes = (keyword: string): boolean | undefined => {
    const value = first(keyword)
    return value === undefined ? undefined : value === 'yes'
  }
  const methods = valuesOf(settings, 'authenticationmethods').flatMap(({ value }) => value.split(' '))
  const demanded = methods.filter((list) => list !== 'any' && list !== 'none')
  const allows = (method: RegExp): boolean =>
    demanded.length === 0 || demanded.some((list) => list.split(',').every((one) => method.test(one)))
  const passwords = [
    yes('passwordauthentication'),
    yes('kbdinteractiveauthentication') ?? yes('challengeresponseauthentication'),
  ]
  const listed = byLists(facts, account, settings)
  const locked = lockedOut(account, first('usepam'))
  const answer = listed.answer === 'yes' ? locked : listed
  return {
    listed:
      answer.answer === 'no' || sure
        ? answer
        : answer.answer === 'yes' && hasLists(settings)
          ? { answer: 'unknown', why: say`Match blocks may have lists of their own` }
          : answer,
    keys: allows(/^publickey$/) ? either(yes('pubkeyauthentication')) : false,
    passwords: allows(/^(?:password|keyboard-interactive)/)
      ? passwords.includes(true)
        ? true
        : either(passwords.includes(undefined) ? undefined : false)
      : false,
  }
}

const LISTS = ['denyusers', 'allowusers', 'denygroups', 'allowgroups'] as const
const hasLists = (settings: readonly SshdSetting[]): boolean =>
  LISTS.some((keyword) => valuesOf(settings, keyword).length > 0)

/** In the order of sshd's allowed_user. A list with addresses in it lets in or keeps out from somewhere only. */
function byLists(facts: AccountFacts, account: Account, settings: readonly SshdSetting[]): Answer {
  const groups = groupsOf(facts, account)
  const user = (pattern: Safe): Match => {
    const at = pattern.lastIndexOf('@')
    if (at < 0) return matchesPattern(account.name, pattern) ? 'yes' : 'no'
    return matchesPattern(account.name, pattern.slice(0, at)) ? 'unknown' : 'no'
  }
  const group = (pattern: Safe): Match =>
    groups.state === 'unknown' ? 'unknown' : groups.value.some((name) => matchesPattern(name, pattern)) ? 'yes' : 'no'
  for (const keyword of LISTS) {
    const patterns = valuesOf(settings, keyword).map(({ value }) => value)
    if (patterns.length === 0) continue
    const matches = patterns.map(keyword.endsWith('users') ? user : group)
    const found = matches.includes('yes') ? 'yes' : matches.includes('unknown') ? 'unknown' : 'no'
    const lets = keyword.startsWith('allow')
    if (found === 'unknown')
      return { answer: 'unknown', why: say`${safe(keyword)} lets it in from some addresses only` }
    if ((found === 'yes') !== lets) return { answer: 'no', why: say`${safe(keyword)} keeps it out` }
  }
  return { answer: 'yes', why: say`let in` }
}

/** Without PAM sshd keeps out whoever has `!` before his password, even with a key (platform_locked_account). */
function lockedOut({ password }: Account, usePam: string | undefined): Answer {
  if (usePam !== 'no') return { answer: 'yes', why: say`let in` }
  if (password.state === 'unknown') return { answer: 'unknown', why: password.why }
  return password.value.state === 'locked'
    ? { answer: 'no', why: say`UsePAM no keeps out locked passwords` }
    : { answer: 'yes', why: say`let in` }
}
