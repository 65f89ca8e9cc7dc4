import type { Account, AccountFacts, AuthorizedKey, KeyFile, Known, Modes } from '../../../model/account-facts.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { expiryOf, hasOption } from './keys.ts'

/** `no` and `unknown` come with the reason. */
export type Answer = { readonly answer: 'yes' | 'no' | 'unknown'; readonly why: Safe }

const YES: Answer = { answer: 'yes', why: say`yes` }
const no = (why: Safe): Answer => ({ answer: 'no', why })
const unsure = (why: Safe): Answer => ({ answer: 'unknown', why })

/** The account of a name; null where there is none, or where it was not read (`facts.more`). */
export const accountOf = (facts: AccountFacts, name: string): Account | null =>
  facts.accounts.find((account) => account.name === name) ?? null

/** Names of the groups that an account is in; unknown while the groups are. */
export function groupsOf({ groups }: AccountFacts, account: Account): Known<readonly string[]> {
  if (groups.state === 'unknown') return groups
  const own = groups.value.filter(({ gid, members }) => gid === account.gid || members.includes(account.name))
  return { state: 'known', value: own.map(({ name }) => name) }
}

/** Whether a mode gives an account a right: 4 to read, 1 to look into. */
function may(facts: AccountFacts, account: Account, { uid, gid, mode }: Modes, right: 4 | 1): Answer['answer'] {
  if (account.uid === 0) return 'yes'
  const has = (shift: number): 'yes' | 'no' => ((mode >> shift) & right ? 'yes' : 'no')
  if (uid === account.uid) return has(6)
  if (gid === account.gid) return has(3)
  if (has(3) === has(0)) return has(0)
  if (facts.groups.state === 'unknown') return 'unknown'
  return has(facts.groups.value.some((group) => group.gid === gid && group.members.includes(account.name)) ? 3 : 0)
}

/**
 * Whether a group is somebody's own, so that Debian's sshd lets it write (secure_permissions of user-group-modes.patch):
 * nobody but the account has it as his first, and nobody but the file's owner is named in it.
 */
function isPrivate(facts: AccountFacts, account: Account, { uid, gid }: Modes): boolean | null {
  const { groups, accounts, more } = facts
  const first = accounts.filter((one) => one.gid === gid)
  if (first.some((one) => one.uid !== account.uid)) return false
  if (groups.state === 'unknown') return null
  const group = groups.value.find((one) => one.gid === gid)
  const owner = accounts.find((one) => one.uid === uid)
  if (!group || group.members.length > 1) return false
  if (group.members.length === 1 && group.members[0] !== owner?.name) return more !== null && !owner ? null : false
  if (more !== null) return null
  return first.length + group.members.length > 0
}

/** What StrictModes says of one file or folder. */
function secure(facts: AccountFacts, account: Account, modes: Modes, what: Safe): Answer {
  if (modes.uid !== 0 && modes.uid !== account.uid) return no(say`${what} belongs to ${ownerOf(facts, modes)}`)
  if (modes.mode & 0o002) return no(say`everybody can write to ${what}`)
  if ((modes.mode & 0o020) === 0) return YES
  const own = isPrivate(facts, account, modes)
  if (own === false) return no(say`its group can write to ${what}`)
  if (own && facts.privateGroups) return YES
  return unsure(say`a group can write to ${what}, and whether this sshd takes that is not known`)
}

/** `mysql`, or `user 27` where nobody has that number. */
export const ownerOf = ({ accounts }: AccountFacts, { uid }: Pick<Modes, 'uid'>): Safe => {
  const name = accounts.find((account) => account.uid === uid)?.name
  return name === undefined ? say`user ${uid}` : safe(name, 40)
}

/** `yes` if all are, `no` with the first reason if one is, in their order. */
function all(answers: readonly Answer[]): Answer {
  return answers.find(({ answer }) => answer === 'no') ?? answers.find(({ answer }) => answer === 'unknown') ?? YES
}

/**
 * Whether sshd would look into a file of keys for an account: it opens it as that account, and by StrictModes it and the
 * folders above it, up to the home, must be the account's or root's and nobody else's to write to (safe_path of sshd).
 */
export function fileTaken(facts: AccountFacts, account: Account, file: KeyFile): Answer {
  const shown = safe(file.path, 80)
  if (file.seen.state === 'absent') return no(say`${shown} is not there`)
  if (file.seen.state === 'unreadable') return unsure(say`${shown}: ${file.seen.why}`)
  if (file.seen.state !== 'file') return no(say`${shown} is no file`)
  const folders = file.directories
  const reading = [
    { answer: may(facts, account, file.seen, 4), why: say`${shown} can’t be read by the account itself` },
    ...(folders.state === 'known' ? folders.value : []).map((folder) => ({
      answer: may(facts, account, folder, 1),
      why: say`${safe(folder.path, 80)} can’t be looked into by the account itself`,
    })),
    folders.state === 'unknown' ? unsure(folders.why) : YES,
  ]
  const strict = strictly(facts, account, file)
  const { strictModes } = facts.policy
  if (strictModes.state === 'known') return all(strictModes.value ? [...reading, strict] : reading)
  return all([...reading, strict.answer === 'no' ? unsure(strictModes.why) : strict])
}

/** What StrictModes says of a file and the folders that it looks at, whether it is on or not. */
export function strictly(facts: AccountFacts, account: Account, file: KeyFile): Answer {
  const { seen, directories } = file
  if (seen.state === 'absent' || seen.state === 'unreadable') return unsure(say`its modes could not be read`)
  const own = secure(facts, account, seen, safe(file.path, 80))
  if (directories.state === 'unknown') return all([own, unsure(directories.why)])
  const home = directories.value.findIndex(({ path }) => path === account.homeReal)
  const looked = home < 0 ? directories.value : directories.value.slice(0, home + 1)
  // A home that could not be resolved may be any of the folders.
  const above = looked.map((folder) => secure(facts, account, folder, safe(folder.path, 80)))
  return all([own, ...above])
}

/** Whether sshd takes a key from a file that it looks into. */
export function keyTaken(facts: AccountFacts, { key, ...line }: AuthorizedKey): Answer {
  const { algorithms, requiredRsaSize } = facts.policy
  if (key.certificate) return no(say`a certificate counts for nothing in such a file`)
  if (line.problem) return line.problem.kind === 'broken' ? no(line.problem.words) : unsure(line.problem.words)
  if (key.kind === 'rsa' && key.bits < Math.max(1024, requiredRsaSize))
    return no(say`RSA of ${key.bits} bits is refused`)
  const names = key.kind === 'rsa' ? ['rsa-sha2-256', 'rsa-sha2-512', 'ssh-rsa'] : [key.type]
  if (algorithms.state === 'known' && !names.some((name) => algorithms.value.includes(name)))
    return no(say`PubkeyAcceptedAlgorithms leaves ${safe(key.type, 40)} out`)
  if (algorithms.state === 'unknown' && key.kind === 'dsa') return unsure(algorithms.why)
  const whole = { ...line, key }
  const ends = expiryOf(whole, facts.zone)
  if (ends !== null && facts.now !== null && ends <= facts.now) return no(say`its time is over`)
  if (ends === null && hasOption(whole, 'expiry-time')) return no(say`its expiry-time is none`)
  if (ends !== null && facts.now === null) return unsure(say`the server’s clock could not be read`)
  if (hasOption(whole, 'cert-authority')) return unsure(say`it lets in by certificates that it signed`)
  return YES
}

/** The keys that let an account in for sure, and why there may be others. */
export type KeysOf = { readonly keys: readonly AuthorizedKey[]; readonly unsure: readonly Safe[] }

export function keysOf(facts: AccountFacts, account: Account): KeysOf {
  const { otherSources } = facts.policy
  const reasons: Safe[] = otherSources.map((keyword) => say`${safe(keyword)} may let it in`)
  if (account.keyFiles.state === 'unknown') return { keys: [], unsure: [...reasons, account.keyFiles.why] }
  const keys: AuthorizedKey[] = []
  for (const file of account.keyFiles.value) {
    const { answer, why } = fileTaken(facts, account, file)
    if (answer === 'no') continue
    if (file.lines.state === 'unknown') {
      reasons.push(say`${safe(file.path, 80)}: ${file.lines.why}`)
      continue
    }
    for (const line of file.lines.value) {
      if (line.state === 'broken') continue
      const taken = keyTaken(facts, line)
      if (taken.answer === 'no') continue
      if (answer === 'yes' && taken.answer === 'yes') keys.push(line)
      else reasons.push(answer === 'yes' ? say`line ${line.line} of ${safe(file.path, 80)}: ${taken.why}` : why)
    }
  }
  return { keys, unsure: [...new Set(reasons)] }
}

/**
 * The keys that sshd takes for a user, by its files alone, whatever its settings say of PubkeyAuthentication and of who may
 * come in; those with `from=` as well. Null where none is sure and there may be some, and where the account is not known.
 */
export function usableKeys(facts: AccountFacts, name: string): readonly AuthorizedKey[] | null {
  const account = accountOf(facts, name)
  if (!account) return facts.more === null ? [] : null
  const { keys, unsure: reasons } = keysOf(facts, account)
  return keys.length > 0 || reasons.length === 0 ? keys : null
}
