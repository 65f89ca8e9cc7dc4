import type { AccountChange, PasswordClass } from '../../../model/account.ts'
import type { Account, AccountFacts, KeyFile, Password, SudoRights } from '../../../model/account-facts.ts'
import type { AccountEdit } from '../../../model/areas.ts'
import { fail, ok, type Result } from '../../../model/errors.ts'
import type { FileBytes } from '../../../model/file-bytes.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import type { AccountNow } from '../../../steps/account-undo.ts'
import { hasShell } from './admins.ts'
import type { Door } from './door.ts'
import { readKeyLine, readKeys } from './keys.ts'
import { emptyPassword, isService, serviceLogin } from './logins.ts'
import { accountOf } from './usable.ts'

/** What shadow(5) holds in so many words; null where that is not known, or is kept elsewhere. */
export function classOf({ password }: Account): PasswordClass | null {
  if (password.state === 'unknown') return null
  const { state } = password.value
  if (state === 'invalid' || state === 'elsewhere') return null
  return state
}

/** Lays a change over the accounts as they were read; one that rests on something else is refused, with the reason. */
export function layAccount(facts: AccountFacts | null, change: AccountChange): Result<AccountFacts, Safe> {
  if (!facts) return fail(say`the accounts were not read`)
  const account = accountOf(facts, change.name)
  const name = safe(change.name)
  if (change.verb === 'create')
    return account ? fail(say`there is an account ${name} already`) : ok(withNew(facts, change))
  if (!account) return fail(say`there is no account ${name} any more`)
  if (account.source !== 'file') return fail(say`${name} is no account of this server's own files`)
  if (change.verb === 'shell')
    return account.shell === change.was
      ? ok(withShell(facts, account, change.shell))
      : fail(say`${name} has another shell now`)
  if (change.verb === 'keys') return layKeys(facts, account, change)
  if (classOf(account) !== change.was) return fail(say`the password of ${name} changed since`)
  // What stands behind the ! is kept on the server, and known to nobody here.
  return ok(withPassword(facts, account, change.verb === 'lock' ? 'locked' : 'set'))
}

/** A file of his keys as it will be, its lines numbered anew; its sum stays that of the file that is there. */
function layKeys(
  facts: AccountFacts,
  account: Account,
  { file: path, add, remove, was }: Extract<AccountChange, { verb: 'keys' }>,
): Result<AccountFacts, Safe> {
  const { keyFiles } = account
  if (keyFiles.state === 'unknown') return fail(say`the keys of ${safe(account.name)} were not read`)
  const file = keyFiles.value.find((one) => one.path === path)
  if ((file?.sum ?? null) !== was) return fail(say`${safe(path)} changed since`)
  const before = file?.lines.state === 'known' ? file.lines.value : []
  const kept = before.filter((line) => line.state !== 'key' || !remove.includes(line.text))
  const last = Math.max(0, ...before.map(({ line }) => line))
  const come = readKeys(linesOf(add)).map((line) => ({ ...line, line: line.line + last }))
  const next: KeyFile = {
    ...(file ?? newKeyFile(facts, account, path)),
    lines: { state: 'known', value: [...kept, ...come] },
  }
  const files = file ? keyFiles.value.map((one) => (one === file ? next : one)) : [...keyFiles.value, next]
  return ok(withAccount(facts, { ...account, keyFiles: { state: 'known', value: files } }))
}

const linesOf = (lines: readonly FileBytes[]): FileBytes => lines.map((line) => `${line}\n`).join('') as FileBytes

/** As the account itself makes it: for nobody else to write to. */
const newKeyFile = ({ now }: AccountFacts, { uid, gid }: Pick<Account, 'uid' | 'gid'>, path: string): KeyFile => ({
  path,
  real: path,
  seen: { state: 'file', uid, gid, mode: 0o600, modified: now ?? 0 },
  directories: { state: 'known', value: [] },
  lines: { state: 'known', value: [] },
  sum: null,
})

/** The account, its own group, and its place in others. */
function withNew(facts: AccountFacts, change: Extract<AccountChange, { verb: 'create' }>): AccountFacts {
  const account = newAccount(facts, change)
  const { name, gid } = account
  const { groups } = facts
  if (groups.state === 'unknown') return { ...facts, accounts: [...facts.accounts, account] }
  const joined = groups.value.map((one) =>
    change.groups.includes(one.name) ? { ...one, members: [...one.members, name] } : one,
  )
  return {
    ...facts,
    accounts: [...facts.accounts, account],
    groups: { state: 'known', value: [...joined, { name, gid, members: [] }] },
  }
}

/** As useradd(8) will make it. */
function newAccount(facts: AccountFacts, change: Extract<AccountChange, { verb: 'create' }>): Account {
  const { accounts, groups } = facts
  const { name, shell } = change
  const taken = [
    ...accounts.map(({ uid }) => uid),
    ...(groups.state === 'known' ? groups.value : []).map(({ gid }) => gid),
  ]
  const id = Math.max(999, ...taken.filter((one) => one < 60_000)) + 1
  const home = `/home/${name}`
  const empty = { method: null, changed: null, minimum: null, maximum: null, warn: null, inactive: null, expires: null }
  const file: KeyFile = {
    ...newKeyFile(facts, { uid: id, gid: id }, `${home}/.ssh/authorized_keys`),
    lines: { state: 'known', value: readKeys(linesOf(change.keys)) },
  }
  return {
    ...{ name, shell, home, uid: id, gid: id, homeReal: home, source: 'file' },
    homeSeen: { state: 'directory', uid: id, gid: id, mode: 0o700, modified: facts.now ?? 0 },
    shellRuns: { state: 'known', value: true },
    password: { state: 'known', value: { state: change.password ? 'set' : 'locked', ...empty } },
    keyFiles: { state: 'known', value: [file] },
    // It becomes root by the file that comes with it (`withSudo`).
    sudo:
      change.groups.length > 0
        ? { state: 'unknown', why: say`what sudo makes of group ${safe(change.groups.join(', '))} was not read` }
        : { state: 'known', value: { root: 'none', othersPassword: false } },
  }
}

const withAccount = (facts: AccountFacts, account: Account): AccountFacts => ({
  ...facts,
  accounts: facts.accounts.map((one) => (one.name === account.name ? account : one)),
})

/** The same accounts, one of which becomes root by sudo: every command, without a password or with its own. */
export function withSudo(facts: AccountFacts, name: string, root: SudoRights['root']): AccountFacts {
  const account = accountOf(facts, name)
  if (!account) return facts
  return withAccount(facts, { ...account, sudo: { state: 'known', value: { root, othersPassword: false } } })
}

const withShell = (facts: AccountFacts, account: Account, shell: string): AccountFacts =>
  withAccount(facts, { ...account, shell, shellRuns: { state: 'known', value: true } })

function withPassword(facts: AccountFacts, account: Account, state: Password['state']): AccountFacts {
  const { password } = account
  if (password.state === 'unknown') return facts
  return withAccount(facts, { ...account, password: { state: 'known', value: { ...password.value, state } } })
}

/** Puts a change of an account in words. */
export function describeAccount(change: AccountChange): { readonly target: Safe; readonly summary: Safe } {
  const target = say`account ${safe(change.name)}`
  switch (change.verb) {
    case 'create': {
      const keys = say`new, with ${change.keys.length} ${change.keys.length === 1 ? say`key` : say`keys`}`
      return { target, summary: change.password ? say`${keys} and a password` : keys }
    }
    case 'keys':
      return { target, summary: keysWords(change) }
    case 'shell':
      return { target, summary: say`shell ${safe(change.was || '/bin/sh')} → ${safe(change.shell)}` }
    case 'lock':
      return { target, summary: say`password locked` }
    case 'unlock':
      return { target, summary: say`password as it was before it was locked` }
  }
}

/** `key ed25519 SHA256:… (laptop) added` for one; of several how many. */
function keysWords({ add, remove }: Extract<AccountChange, { verb: 'keys' }>): Safe {
  const [one] = [...add, ...remove]
  const read = one === undefined ? null : readKeyLine(one, 1)
  // A key may stand in several lines that differ in their comment alone.
  if (add.length + remove.length !== 1 || read?.state !== 'key')
    return say`keys: ${add.length} added, ${remove.length} taken out`
  const comment = read.comment === '' ? say`` : say` (${safe(read.comment, 40)})`
  return say`key ${safe(read.key.fingerprint)}${comment} ${add.length > 0 ? say`added` : say`taken out`}`
}

/** The program that this server gives to accounts without a shell, by those that have it; null where none has. */
export const noLogin = ({ accounts }: AccountFacts): string | null =>
  accounts.map(({ shell }) => shell).find((shell) => shell.endsWith('/nologin')) ?? null

/** Mends what keeps service accounts from being shut out: no shell, and no password to forward ports with. */
export function closeServices(facts: AccountFacts, door: Door): readonly AccountEdit[] | null {
  const shell = noLogin(facts)
  const edits: AccountEdit[] = []
  let after = facts
  const add = (change: AccountChange): void => {
    const laid = layAccount(after, change)
    if (!laid.ok) return
    after = laid.value
    edits.push({ kind: 'account', change })
  }
  const isOpen = (name: string): boolean => serviceLogin(only(after, name), door).outcome === 'fail'
  for (const account of facts.accounts.filter(isService)) {
    const { name } = account
    if (isOpen(name) && shell !== null && hasShell(account).answer !== 'no')
      add({ verb: 'shell', name, shell, was: account.shell })
    const was = classOf(account)
    if (isOpen(name) && (was === 'set' || was === 'empty')) add({ verb: 'lock', name, was })
  }
  return edits.length > 0 && serviceLogin(after, door).outcome === 'pass' ? edits : null
}

/** The same facts about one account alone. */
const only = (facts: AccountFacts, name: string): AccountFacts => ({
  ...facts,
  accounts: facts.accounts.filter((one) => one.name === name),
})

/** Locks what needs no password; root is left to a person. */
export function lockEmpty(facts: AccountFacts): readonly AccountEdit[] | null {
  const empty = facts.accounts.filter((account) => classOf(account) === 'empty')
  if (empty.some(({ uid, source }) => uid === 0 || source !== 'file')) return null
  const edits = empty.map(
    ({ name }): AccountEdit => ({ kind: 'account', change: { verb: 'lock', name, was: 'empty' } }),
  )
  const after = edits.reduce((held: AccountFacts, { change }) => {
    const laid = layAccount(held, change)
    return laid.ok ? laid.value : held
  }, facts)
  return edits.length > 0 && emptyPassword(after).outcome === 'pass' ? edits : null
}

/** What undoing asks of an account as it is now. Lines that hold no key are not known byte for byte: nothing is said of them. */
export function accountNow(facts: AccountFacts | null, name: string): AccountNow | null {
  const account = facts && accountOf(facts, name)
  if (!account) return null
  const { keyFiles } = account
  const files = keyFiles.state === 'known' ? keyFiles.value : null
  return {
    shell: account.shell,
    password: classOf(account),
    keyFile: files?.[0]?.path ?? null,
    keys: (path) => {
      const file = files?.find((one) => one.path === path)
      if (!file) return files ? { lines: [], sum: null } : null
      if (file.lines.state === 'unknown' || file.sum === null) return null
      return { lines: file.lines.value.flatMap((line) => (line.state === 'key' ? [line.text] : [])), sum: file.sum }
    },
  }
}
