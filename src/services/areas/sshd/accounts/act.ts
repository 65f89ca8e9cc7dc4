import { type AccountChange, isPlainPath } from '../../../model/account.ts'
import type { Account, AccountFacts, AuthorizedKey, KeyFile } from '../../../model/account-facts.ts'
import { fail, ok, type Result } from '../../../model/errors.ts'
import { bytesOf, type FileBytes } from '../../../model/file-bytes.ts'
import type { ClientKey } from '../../../model/host.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { valuesOf } from '../parse.ts'
import { type Door, settingsFor } from './door.ts'
import { classOf, noLogin } from './edits.ts'
import { readKeyLine } from './keys.ts'
import { accountOf } from './usable.ts'

/** What is typed of an account: `dora add ssh-ed25519 AAAA… laptop`. */
export type ActLine = { readonly account: string; readonly act: string; readonly what: string }

/** What can be done to an account, with what it means. */
export const ACTS: readonly { readonly word: string; readonly means: Safe }[] = [
  { word: 'add', means: say`a line of authorized_keys(5), pasted; or mine: the key that you came by` },
  { word: 'remove', means: say`a key of his, by its fingerprint (SHA256:…) or its comment` },
  { word: 'lock', means: say`his password (usermod -L); keys go on letting him in` },
  { word: 'unlock', means: say`his password as it was before it was locked` },
  { word: 'shell', means: say`another shell; /usr/sbin/nologin for one who shall not log in` },
]

/** The word that stands for the operator's own keys. */
export const MINE = 'mine'

/** Takes a typed line apart; whatever is typed has a reading. */
export function takeActApart(text: string): ActLine {
  const [, account = '', act = '', what = ''] = /^\s*(\S*)\s*(\S*)\s*(.*)$/s.exec(text) ?? []
  return { account, act, what: what.trim() }
}

/** The line of its parts. */
export const putActTogether = ({ account, act, what }: ActLine): string => [account, act, what].join(' ').trimEnd()

/** What an account's keys are as they are written, of files that were read. */
export function keysIn(account: Account): readonly (readonly [file: KeyFile, key: AuthorizedKey])[] {
  if (account.keyFiles.state === 'unknown') return []
  return account.keyFiles.value.flatMap((file) =>
    file.lines.state === 'known'
      ? file.lines.value.flatMap((line) => (line.state === 'key' ? [[file, line] as const] : []))
      : [],
  )
}

/** Reads a typed line as changes of an account. The error says what is wrong and what may stand there. */
export function readAct(
  text: string,
  facts: AccountFacts,
  door: Door,
  mine: readonly ClientKey[],
): Result<readonly AccountChange[], Safe> {
  const { account: name, act, what } = takeActApart(text)
  if (name === '') return fail(say`Type an account, what is done to it, and with what: dora add mine`)
  const account = accountOf(facts, name)
  if (!account)
    return fail(
      facts.more === null
        ? say`There is no account ${safe(name, 40)}.`
        : say`No account ${safe(name, 40)} was read: ${facts.more}.`,
    )
  if (account.source !== 'file') return fail(say`${safe(name)} is no account of this server's own files.`)
  switch (act) {
    case 'add':
      return addKeys(account, what, door, mine)
    case 'remove':
      return removeKey(account, what)
    case 'lock':
    case 'unlock':
      return what === '' ? locking(account, act) : fail(say`Nothing stands behind ${safe(act)}.`)
    case 'shell':
      return newShell(account, what, facts)
    default:
      return fail(say`What shall be done to ${safe(name)}: ${safe(ACTS.map(({ word }) => word).join(', '))}?`)
  }
}

function addKeys(
  account: Account,
  what: string,
  door: Door,
  mine: readonly ClientKey[],
): Result<readonly AccountChange[], Safe> {
  if (what === '') return fail(say`Paste a line of authorized_keys(5), or type ${MINE as Safe}.`)
  const lines = what === MINE ? mine.map(({ line }) => bytesOf(`${line} added by hardtui`)) : [bytesOf(what)]
  if (lines.length === 0) return fail(say`No key of yours is known: come with one (-i FILE, or an agent).`)
  const file = fileFor(account, door)
  if (!file.ok) return file
  const there = keysIn(account)
  const add: FileBytes[] = []
  for (const line of lines) {
    const read = readKeyLine(line, 1)
    if (read?.state !== 'key') return fail(say`That is no public key: ${read ? read.why : say`it is empty`}.`)
    if (read.key.certificate) return fail(say`That is a certificate: such a file takes the key itself.`)
    if (read.problem) return fail(say`sshd would not take it: ${read.problem.words}.`)
    const [has] = there.filter(([, { key }]) => key.fingerprint === read.key.fingerprint)
    if (has) {
      if (what === MINE) continue
      return fail(say`${safe(account.name)} has this key already: line ${has[1].line} of ${safe(has[0].path, 80)}.`)
    }
    add.push(line)
  }
  if (add.length === 0) return fail(say`${safe(account.name)} has your keys already.`)
  return ok([{ verb: 'keys', name: account.name, file: file.value.path, add, remove: [], was: file.value.sum }])
}

/** The file that a key is added to: the first one that sshd looks into, where that is one of his own. */
function fileFor(account: Account, door: Door): Result<{ readonly path: string; readonly sum: string | null }, Safe> {
  if (account.keyFiles.state === 'unknown') return fail(say`His keys were not read: ${account.keyFiles.why}.`)
  const patterns = valuesOf(settingsFor(account, door).settings, 'authorizedkeysfile').flatMap(({ value }) =>
    value.split(' '),
  )
  const path = expanded(patterns[0] ?? '.ssh/authorized_keys', account)
  if (path === null || !isPlainPath(path) || !path.startsWith(`${account.home.replace(/\/$/, '')}/`))
    return fail(
      say`sshd looks for keys in ${safe(patterns[0] ?? '', 80)}, which is no file in his home: add it by hand.`,
    )
  const file = account.keyFiles.value.find((one) => one.path === path)
  if (!file) return ok({ path, sum: null })
  return file.sum === null ? fail(unread(file)) : ok({ path, sum: file.sum })
}

const unread = ({ path, lines }: KeyFile): Safe =>
  say`${safe(path, 80)} was not read: ${lines.state === 'unknown' ? lines.why : say`its sum is not known`}.`

/** AuthorizedKeysFile for one account; null where it has a sign that is not known (TOKENS of sshd_config(5)). */
function expanded(pattern: string, { name, uid, home }: Account): string | null {
  const signs: Readonly<Record<string, string>> = { '%': '%', h: home, u: name, U: String(uid) }
  let odd = false
  const path = pattern.replace(/%(.?)/g, (_, sign: string) => {
    odd ||= !(sign in signs)
    return signs[sign] ?? ''
  })
  if (odd) return null
  return path.startsWith('/') ? path : `${home.replace(/\/$/, '')}/${path}`
}

function removeKey(account: Account, what: string): Result<readonly AccountChange[], Safe> {
  const all = keysIn(account)
  const name = safe(account.name)
  if (what === '') return fail(say`Which key: its fingerprint (SHA256:…), or its comment?`)
  const found = all.filter(([, { key, comment }]) => key.fingerprint === what || comment === what)
  const prints = [...new Set(found.map(([, { key }]) => key.fingerprint))]
  if (prints.length === 0) return fail(say`${name} has no key “${safe(what, 60)}”.`)
  if (prints.length > 1)
    return fail(say`${prints.length} keys of ${name} have this comment: name one by its fingerprint.`)
  // A key may stand in several lines and files: it is out when it is out of all of them.
  const changes: AccountChange[] = []
  for (const file of new Set(found.map(([one]) => one))) {
    if (file.sum === null) return fail(unread(file))
    const lines = all.flatMap(([one, { key, text }]) => (one === file && key.fingerprint === prints[0] ? [text] : []))
    changes.push({
      verb: 'keys',
      name: account.name,
      file: file.path,
      add: [],
      remove: [...new Set(lines)],
      was: file.sum,
    })
  }
  return ok(changes)
}

function locking(account: Account, verb: 'lock' | 'unlock'): Result<readonly AccountChange[], Safe> {
  const was = classOf(account)
  const name = safe(account.name)
  if (was === null) return fail(say`What ${name} has for a password was not read.`)
  if (verb === 'lock' && was === 'locked') return fail(say`The password of ${name} is locked already.`)
  if (verb === 'unlock' && was !== 'locked') return fail(say`The password of ${name} is not locked.`)
  return ok([{ verb, name: account.name, was }])
}

function newShell(account: Account, shell: string, facts: AccountFacts): Result<readonly AccountChange[], Safe> {
  const name = safe(account.name)
  if (!isPlainPath(shell)) return fail(say`Type the path of a shell, such as /bin/bash or /usr/sbin/nologin.`)
  if (shell === (account.shell || '/bin/sh')) return fail(say`${name} has this shell already.`)
  const known = shellsOf(facts)
  if (!known.includes(shell))
    return fail(
      facts.shells.state === 'unknown'
        ? say`/etc/shells was not read, so that nobody knows whether ${safe(shell, 60)} is a shell.`
        : say`This server has no shell ${safe(shell, 60)}: it has ${safe(known.join(', '), 160)}.`,
    )
  return ok([{ verb: 'shell', name: account.name, shell, was: account.shell }])
}

/** What an account may have for a shell: those of /etc/shells, and the program that others have who shall not log in. */
export function shellsOf(facts: AccountFacts): readonly string[] {
  const none = noLogin(facts)
  return [...(facts.shells.state === 'known' ? facts.shells.value : []), ...(none === null ? [] : [none])]
}
