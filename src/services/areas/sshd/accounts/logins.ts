import type { Account, AccountFacts } from '../../../model/account-facts.ts'
import type { Verdict } from '../../../model/area.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { valuesOf } from '../parse.ts'
import { hasPassword, hasShell, isOver, otherAdmins } from './admins.ts'
import { type Door, mayLogIn } from './door.ts'
import { forwardsPorts, hasOption, isPlaced } from './keys.ts'
import { few, nameOf, verdictOf } from './said.ts'
import { keysOf } from './usable.ts'

/** Below it are the system's own accounts (SYS_UID_MAX of login.defs(5)); `nobody` is one by its name. */
const FIRST_PERSON = 1000
export const isService = ({ uid, name }: Account): boolean =>
  uid !== 0 && (uid < FIRST_PERSON || name === 'nobody' || name === 'nfsnobody')

const more = ({ more: why }: AccountFacts): readonly Safe[] => (why === null ? [] : [why])

/** By what a service account can come in: words for each, and what is not sure of it. */
function waysOf(
  facts: AccountFacts,
  account: Account,
  door: Door,
): readonly [ways: readonly Safe[], unsure: readonly Safe[]] {
  // sshd lets nobody in whose time is over, or whose shell is not there.
  const { shellRuns } = account
  if (isOver(account, facts) === 'yes' || (shellRuns.state === 'known' && !shellRuns.value)) return [[], []]
  const shell = hasShell(account)
  const { keys, unsure } = keysOf(facts, account)
  const password = hasPassword(account)
  const empty = account.password.state === 'known' && account.password.value.state === 'empty'
  const ways: Safe[] = []
  const open: Safe[] = []
  if (shell.answer !== 'no') {
    const into = shell.answer === 'yes' ? ways : open
    if (password.answer === 'yes') into.push(say`a password`)
    if (empty) into.push(say`an empty password`)
    const free = keys.filter((key) => !hasOption(key, 'command')).length
    if (free > 0) into.push(say`${free} ${free === 1 ? say`key` : say`keys`}`)
    if (password.answer === 'unknown') open.push(password.why)
    open.push(...unsure)
  } else {
    const forwarding = keys.filter(forwardsPorts).length
    if (forwarding > 0)
      ways.push(say`no shell, but ${forwarding} ${forwarding === 1 ? say`key` : say`keys`} to forward ports with`)
    open.push(...unsure.filter(() => forwarding === 0))
    const { passwords } = mayLogIn(facts, account, door)
    if (password.answer === 'yes' && passwords === true) ways.push(say`no shell, but a password to forward ports with`)
    if (password.answer === 'unknown' && passwords !== false) open.push(password.why)
  }
  return [ways, open]
}

/** Service accounts that can log in. */
export function serviceLogin(facts: AccountFacts, door: Door): Verdict {
  const services = facts.accounts.filter(isService)
  const found = services.map((account) => [account, ...waysOf(facts, account, door)] as const)
  return verdictOf({
    failing: found
      .filter(([, ways]) => ways.length > 0)
      .map(([account, ways]) => [
        nameOf(account),
        say`${nameOf(account)} (uid ${account.uid}, ${shellWords(account)}): ${few(ways)}`,
      ]),
    unsure: [
      ...found
        .filter(([, ways, open]) => ways.length === 0 && open.length > 0)
        .map(([account, , open]) => say`${nameOf(account)}: ${few(open)}`),
      ...more(facts),
    ],
    good: say`none of ${services.length}`,
  })
}

const shellWords = ({ shell }: Account): Safe => (shell === '' ? say`/bin/sh` : safe(shell, 60))

/** Accounts whose password is empty. */
export function emptyPassword(facts: AccountFacts): Verdict {
  const failing = facts.accounts.flatMap((account): (readonly [Safe, Safe])[] =>
    account.password.state === 'known' && account.password.value.state === 'empty'
      ? [[nameOf(account), say`${nameOf(account)} (uid ${account.uid}, ${shellWords(account)}) needs no password`]]
      : [],
  )
  const unread = facts.accounts.flatMap(({ password }) => (password.state === 'unknown' ? [password.why] : []))
  return verdictOf({ failing, unsure: [...unread, ...more(facts)], good: say`none` })
}

/** Accounts with root's number beside root. */
export function secondRoot(facts: AccountFacts): Verdict {
  const others = facts.accounts.filter(({ uid, name }) => uid === 0 && name !== 'root')
  return verdictOf({
    failing: others.map((account) => [
      nameOf(account),
      say`${nameOf(account)} is root under another name (${shellWords(account)})`,
    ]),
    unsure: more(facts),
    good: say`root alone`,
  })
}

/** Whether somebody besides root can log in and become root. */
export function otherAdmin(facts: AccountFacts, door: Door): Verdict {
  const { sure, maybe } = otherAdmins(facts, 'root', door)
  const lines = [...sure, ...maybe].map(({ account, why }) => say`${nameOf(account)}: ${why}`)
  if (sure.length > 0)
    return { outcome: 'pass', observed: few(sure.map(({ account }) => nameOf(account))), details: lines }
  if (maybe.length > 0)
    return {
      outcome: 'unknown',
      observed: say`perhaps ${few(maybe.map(({ account }) => nameOf(account)))}`,
      details: lines,
    }
  return facts.more === null ? { outcome: 'fail', observed: say`nobody` } : { outcome: 'unknown', observed: facts.more }
}

/** Whether sshd itself limits from where somebody may log in. */
export function sourceLimits(facts: AccountFacts, door: Door): Verdict {
  const allowed = valuesOf(door.settings, 'allowusers').map(({ value }) => value)
  const placed = allowed.filter((pattern) => /@(?!\*$)./.test(pattern))
  if (allowed.length > 0 && placed.length === allowed.length)
    return { outcome: 'pass', observed: say`AllowUsers ${few(allowed)}` }
  const people = facts.accounts.filter((account) => hasShell(account).answer !== 'no')
  const found = people.map((account) => [account, keysOf(facts, account)] as const)
  const keys = found.flatMap(([, { keys: own }]) => own)
  const free = found.filter(([, { keys: own }]) => own.some((key) => !isPlaced(key)))
  const typing = people.filter((account) => mayLogIn(facts, account, door).passwords !== false)
  const passwords = typing.filter((account) => hasPassword(account).answer === 'yes')
  const unsure = [
    ...more(facts),
    ...found.flatMap(([, { unsure: why }]) => why),
    ...typing.map(hasPassword).flatMap(({ answer, why }) => (answer === 'unknown' ? [why] : [])),
  ]
  const left = [
    ...free.map(([account]) => say`${nameOf(account)}: a key from anywhere`),
    ...passwords.map((account) => say`${nameOf(account)}: a password from anywhere`),
  ]
  const limited = keys.filter(isPlaced).length
  const some = [
    ...placed.map((pattern) => say`AllowUsers ${safe(pattern, 80)}`),
    ...(limited > 0 ? [say`${limited} of ${keys.length} keys name their addresses`] : []),
  ]
  const blocks = [...door.views.flatMap(({ matched }) => matched), ...(door.unjudged ?? []).map(({ block }) => block)]
  const address = blocks.find((block) => /(?:^|\s)address[\s=]/i.test(block))
  const details = [...new Set([...left, ...some, ...unsure])].slice(0, 100)
  if (address !== undefined || door.unjudged === null)
    return {
      outcome: 'unknown',
      observed: address === undefined ? say`its Match blocks could not be read` : say`Match ${address} may limit it`,
      details,
    }
  if (left.length > 0)
    return { outcome: 'fail', observed: say`from anywhere: ${few([...new Set(left.map(subject))], 3)}`, details }
  if (unsure.length > 0) return { outcome: 'unknown', observed: few(unsure, 1), details }
  return {
    outcome: 'pass',
    observed: keys.length > 0 ? say`every key names its addresses` : say`nobody can log in`,
    details,
  }
}

/** Who a line is about. */
const subject = (line: Safe): Safe => safe(line.split(':')[0] ?? '')
