import type { FileBytes } from './file-bytes.ts'
import { type Safe, say } from './safe.ts'

/**
 * What an account's password field holds (shadow(5)), which itself never leaves the server: nothing, something behind `!`,
 * `*` (no password matches), or anything else.
 */
export type PasswordClass = 'empty' | 'locked' | 'star' | 'set'

/** Files of sudoers(5) that are ours, one an account, whose name follows: they make it root without a password. */
export const SUDOERS = '/etc/sudoers.d/hardtui-'

/**
 * A change to one account of the server's own files. Lines of authorized_keys(5) are bytes without their line end. What
 * the change rests on (`was`) is compared before it is armed.
 */
export type AccountChange =
  /** Made by useradd(8), with a home of its own, no password and these keys in ~/.ssh/authorized_keys. */
  | {
      readonly verb: 'create'
      readonly name: string
      /** Beside its own: `sudo`, `wheel`. */
      readonly groups: readonly string[]
      readonly shell: string
      readonly keys: readonly FileBytes[]
      /** The operator typed one. It is in no plan: `Transactions.apply` takes it beside the plan. */
      readonly password: boolean
    }
  /** Lines added at the end of a file in his home, and every line that equals one of `remove` taken out. */
  | {
      readonly verb: 'keys'
      readonly name: string
      /** Where sshd looks: absolute, in his home, and nothing on the way a link. */
      readonly file: string
      readonly add: readonly FileBytes[]
      readonly remove: readonly FileBytes[]
      /** SHA-256 of the file's bytes; null where there is none. */
      readonly was: string | null
    }
  /** The `!` before the password, and away again. */
  | { readonly verb: 'lock' | 'unlock'; readonly name: string; readonly was: PasswordClass }
  /** `was` is what passwd(5) has, empty for /bin/sh. */
  | { readonly verb: 'shell'; readonly name: string; readonly shell: string; readonly was: string }

/** A name as useradd(8) takes it everywhere. Names and paths travel as words of a line (see accounts.sh). */
export const isAccountName = (name: string): boolean => /^[a-z_][a-z0-9_-]{0,30}$/.test(name)
/** Absolute, without white space, colons and detours. */
export const isPlainPath = (path: string): boolean =>
  /^\/[!-9;-~]+$/.test(path) && !/(^|\/)\.\.?(\/|$)|\/\/|\/$/.test(path)
/** A line of its own, which sshd and our tools read the same. */
export const isKeyLine = (key: FileBytes): boolean => key.trim() !== '' && !/[\n\0]/.test(key) && key.length <= 16_384
const isSum = (sum: string | null): boolean => sum === null || /^[0-9a-f]{64}$/.test(sum)

/** Whether a change can travel as it is; what can't is refused before anything is sent. */
export function travels(change: AccountChange): boolean {
  if (!isAccountName(change.name)) return false
  switch (change.verb) {
    case 'create':
      return change.groups.every(isAccountName) && isPlainPath(change.shell) && change.keys.every(isKeyLine)
    case 'keys':
      return isPlainPath(change.file) && isSum(change.was) && [...change.add, ...change.remove].every(isKeyLine)
    case 'shell':
      return isPlainPath(change.shell) && (change.was === '' || isPlainPath(change.was))
    default:
      return true
  }
}

/** Longest password that travels; chpasswd(8) takes a line. */
const PASSWORD_CAP = 512

/** Why a password can't be given to an account from here, as a sentence; null where it can. */
export function whyNoPassword(password: string): Safe | null {
  if (password === '') return say`It is empty.`
  // chpasswd(8) reads lines, and what a terminal sends for a key that is no character is typed by mistake.
  if (/[\u0000-\u001f\u007f]/.test(password)) return say`It holds what is no character.`
  return password.length > PASSWORD_CAP ? say`It is longer than ${PASSWORD_CAP} characters.` : null
}
