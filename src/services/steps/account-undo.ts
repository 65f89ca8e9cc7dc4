import type { AccountChange, PasswordClass } from '../model/account.ts'
import type { Undone } from '../model/editing.ts'
import type { FileBytes } from '../model/file-bytes.ts'
import { type Safe, safe, say } from '../model/safe.ts'

/** What is known now of one account, as far as undoing asks. */
export type AccountNow = {
  /** As passwd(5) has it. */
  readonly shell: string
  /** Null where it is not known. */
  readonly password: PasswordClass | null
  /** His file where sshd looks by default, for keys that came with him; null where it is not known. */
  readonly keyFile: string | null
  /** A file of his with its lines, without their ends, and its sum (null: there is none); null where it can't be read. */
  readonly keys: (file: string) => { readonly lines: readonly FileBytes[]; readonly sum: string | null } | null
}

/**
 * The changes that undo what a past transaction did to accounts, on what is there now.
 *
 * An account that was made is never deleted by undoing, other than by the rollback minutes after: by now it may own files,
 * jobs and processes anywhere, and the next account that is made would get its number and with it all of them. Its keys are
 * taken out and its password is locked, so that nobody comes in by it. What somebody else changed since stays.
 */
export function undoAccounts(
  past: readonly AccountChange[],
  now: (name: string) => AccountNow | null,
): Undone<AccountChange> {
  const edits: AccountChange[] = []
  const remarks: Safe[] = []
  // Backwards: what was done last rests on what was done before.
  for (const change of past.toReversed()) {
    const account = now(change.name)
    if (!account) {
      remarks.push(say`There is no account ${safe(change.name)} any more, or it can't be read.`)
      continue
    }
    for (const one of undoOne(change, account))
      if (typeof one === 'string') remarks.push(one)
      else edits.push(one)
  }
  return { edits, remarks }
}

function undoOne(change: AccountChange, now: AccountNow): readonly (AccountChange | Safe)[] {
  const name = safe(change.name)
  switch (change.verb) {
    case 'create':
      return [
        ...(change.keys.length === 0
          ? []
          : now.keyFile === null
            ? [say`Where the keys of ${name} are is not known: take them out by hand.`]
            : keysBack(change.name, now.keyFile, [], change.keys, now)),
        ...lockAgain(change.name, now),
        say`The account ${name} itself stays: deleted, its number would go to the next one that is made, with all its files.`,
      ]
    case 'keys':
      return keysBack(change.name, change.file, change.remove, change.add, now)
    case 'lock':
      return now.password === 'locked'
        ? // A field that was empty, or no password at all, can't be had back by usermod(8).
          change.was === 'set' || change.was === 'star'
          ? [{ verb: 'unlock', name: change.name, was: 'locked' }]
          : [say`${name} had no password before it was locked: it stays locked.`]
        : [say`The password of ${name} is not locked any more.`]
    case 'unlock':
      return lockAgain(change.name, now)
    case 'shell':
      return now.shell === change.shell
        ? [{ verb: 'shell', name: change.name, shell: change.was || '/bin/sh', was: now.shell }]
        : [say`Somebody gave ${name} another shell since: it stays.`]
  }
}

function lockAgain(name: string, { password }: AccountNow): readonly (AccountChange | Safe)[] {
  if (password === null) return [say`Whether ${safe(name)} has a password is not known.`]
  return password === 'locked' ? [] : [{ verb: 'lock', name, was: password }]
}

/** What was taken out comes back unless it is there, and what was added goes as far as it is. */
function keysBack(
  name: string,
  file: string,
  back: readonly FileBytes[],
  out: readonly FileBytes[],
  now: AccountNow,
): readonly (AccountChange | Safe)[] {
  const found = now.keys(file)
  if (!found) return [say`${safe(file)} can't be read.`]
  const add = back.filter((one) => !found.lines.includes(one))
  const remove = out.filter((one) => found.lines.includes(one) && !back.includes(one))
  return add.length + remove.length === 0 ? [] : [{ verb: 'keys', name, file, add, remove, was: found.sum }]
}
