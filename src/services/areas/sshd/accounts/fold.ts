import type { AccountChange } from '../../../model/account.ts'
import type { StagedOf } from '../../../model/areas.ts'
import type { Folded } from '../../../model/editing.ts'
import { say } from '../../../model/safe.ts'
import { describeAccount } from './edits.ts'

type Keys = Extract<AccountChange, { verb: 'keys' }>
type Staged = StagedOf<'sshd'>

/**
 * Adds a change of an account to those that are staged. Two changes of one file, one shell or one lock are one change: each
 * rests on what was there before all of them.
 */
export function foldAccount(held: readonly Staged[], added: Staged, change: AccountChange): Folded<'sshd'> {
  for (const [at, one] of held.entries()) {
    if (one.edit.kind !== 'account' || one.edit.change.name !== change.name) continue
    const made = together(one.edit.change, change)
    if (made === undefined) continue
    if (made === null) return { held: held.toSpliced(at, 1), idle: say`${one.target} stays as it is on the server.` }
    const next: Staged = { ...one, ...describeAccount(made), edit: { kind: 'account', change: made } }
    return { held: held.toSpliced(at, 1, next) }
  }
  return { held: [...held, added] }
}

/** Two changes as one; null where they come to nothing, undefined where they have nothing to do with each other. */
function together(first: AccountChange, then: AccountChange): AccountChange | null | undefined {
  if (first.verb === 'keys' && then.verb === 'keys') return first.file === then.file ? bothKeys(first, then) : undefined
  if (first.verb === 'shell' && then.verb === 'shell')
    return then.shell === first.was ? null : { ...then, was: first.was }
  const isLock = (one: AccountChange): boolean => one.verb === 'lock' || one.verb === 'unlock'
  if (isLock(first) && isLock(then)) return first.verb === then.verb ? first : null
  return undefined
}

function bothKeys(first: Keys, then: Keys): Keys | null {
  const add = [...first.add.filter((line) => !then.remove.includes(line)), ...then.add]
  const remove = [...first.remove, ...then.remove.filter((line) => !first.add.includes(line))]
  // What comes back is there already.
  const [comes, goes] = [add.filter((line) => !remove.includes(line)), remove.filter((line) => !add.includes(line))]
  return comes.length + goes.length === 0 ? null : { ...first, add: comes, remove: goes }
}
