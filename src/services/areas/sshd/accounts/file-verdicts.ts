import type { AccountFacts, SeenPath } from '../../../model/account-facts.ts'
import type { Verdict } from '../../../model/area.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { nameOf, octal, verdictOf } from './said.ts'
import { ownerOf } from './usable.ts'

/** Methods of crypt(5) that are guessed by the billion. */
const OLD: Readonly<Record<string, Safe>> = {
  des: say`DES`,
  bsdi: say`BSDi DES`,
  1: say`MD5`,
  md5: say`MD5 (Sun)`,
  sha1: say`SHA-1`,
  3: say`NT`,
}

/** Passwords that are kept by a method that is easily guessed; locked ones too, for they come back with a key. */
export function oldHashes(facts: AccountFacts): Verdict {
  const failing: (readonly [Safe, Safe])[] = []
  const unsure: Safe[] = facts.more === null ? [] : [facts.more]
  let count = 0
  for (const account of facts.accounts) {
    const { password } = account
    if (password.state === 'unknown') {
      unsure.push(password.why)
      continue
    }
    const { method, state } = password.value
    if (method !== null) count += 1
    const old = method === null ? undefined : OLD[method]
    if (old !== undefined)
      failing.push([
        say`${nameOf(account)} (${old})`,
        say`${nameOf(account)}: ${old}${state === 'locked' ? say`, locked` : say``}`,
      ])
  }
  return verdictOf({ failing, unsure, good: count === 0 ? say`there are no passwords` : say`none of ${count}` })
}

type Modes = Extract<SeenPath, { readonly mode: number }>

const hasModes = (seen: SeenPath | undefined): seen is Modes => seen !== undefined && 'mode' in seen

/** The host's keys: their kind, and who may read them. */
export function hostKeys(facts: AccountFacts): Verdict {
  if (facts.hostKeys.state === 'unknown') return { outcome: 'unknown', observed: facts.hostKeys.why }
  const failing: (readonly [Safe, Safe])[] = []
  const unsure: Safe[] = []
  const good: Safe[] = []
  // A group of this name, and an sshd that knows it, are Red Hat's.
  const keepers =
    facts.groups.state === 'known' ? facts.groups.value.find(({ name }) => name === 'ssh_keys')?.gid : undefined
  for (const { path, seen, key } of facts.hostKeys.value) {
    const shown = safe(path, 80)
    if (seen.state === 'absent') continue
    if (!hasModes(seen)) unsure.push(say`${shown}: ${seen.why}`)
    else {
      const allowed = seen.gid === keepers ? 0o640 : 0o600
      if (seen.uid !== 0) failing.push([say`${shown} is not root’s`, say`${shown} belongs to ${ownerOf(facts, seen)}`])
      if ((seen.mode & 0o777 & ~allowed) !== 0)
        failing.push([
          say`${shown} ${octal(seen.mode)}`,
          say`${shown} is ${octal(seen.mode)}: a host key is root’s alone (0600)`,
        ])
    }
    if (key.state === 'unknown') unsure.push(say`${shown}: ${key.why}`)
    else {
      const { type, bits, fingerprint } = key.value
      const words = say`${type} ${bits}`
      if (type === 'DSA' || (type === 'RSA' && bits < 3072))
        failing.push([words, say`${shown}: ${words}, ${fingerprint}`])
      else good.push(words)
    }
  }
  if (good.length + failing.length + unsure.length === 0) unsure.push(say`no host key was found`)
  return verdictOf({ failing, unsure, good: good.length > 0 ? safe([...new Set(good)].join(', ')) : say`none` })
}

const isSshd = (path: string): boolean => path.startsWith('/etc/ssh')

/** Files by their paths that nobody but root may change; a missing one is no matter. */
const judgeWritable =
  (mine: (path: string) => boolean, good: Safe) =>
  (facts: AccountFacts): Verdict => {
    const { failing, unsure } = walk(facts, mine, (seen, shown) => {
      if (seen.uid !== 0) return [say`${shown} belongs to ${ownerOf(facts, seen)}`]
      if (seen.mode & 0o002) return [say`everybody can write to ${shown} (${octal(seen.mode)})`]
      return seen.mode & 0o020 && seen.gid !== 0
        ? [say`group ${seen.gid} can write to ${shown} (${octal(seen.mode)})`]
        : []
    })
    return verdictOf({ failing, unsure, good })
  }

function walk(
  { files }: AccountFacts,
  mine: (path: string) => boolean,
  judge: (seen: Modes, shown: Safe, path: string) => readonly Safe[],
): { readonly failing: readonly (readonly [Safe, Safe])[]; readonly unsure: readonly Safe[] } {
  const failing: (readonly [Safe, Safe])[] = []
  const unsure: Safe[] = []
  const paths = [...files].filter(([path]) => mine(path))
  if (paths.length === 0) unsure.push(say`the modes of files could not be read`)
  for (const [path, seen] of paths) {
    const shown = safe(path, 80)
    if (seen.state === 'unreadable') unsure.push(say`${shown}: ${seen.why}`)
    else if (hasModes(seen)) for (const line of judge(seen, shown, path)) failing.push([shown, line])
  }
  return { failing, unsure }
}

/** sshd's settings can be changed by root alone. */
export const sshdFiles = judgeWritable(isSshd, say`root’s alone to write to`)

/** The files of accounts and of sudo can be changed by root alone. */
export const accountFiles = (facts: AccountFacts): Verdict => {
  const writable = judgeWritable((path) => !isSshd(path), say`root’s alone to write to`)(facts)
  if (writable.outcome === 'fail') return writable
  const { failing } = walk(
    facts,
    (path) => /shadow$/.test(path),
    (seen, shown) => (seen.mode & 0o004 ? [say`everybody can read the hashes in ${shown} (${octal(seen.mode)})`] : []),
  )
  return failing.length > 0 ? verdictOf({ failing, unsure: [], good: say`` }) : writable
}

/** sshd's settings are read by root alone. */
export function sshdModes(facts: AccountFacts): Verdict {
  const isConfig = (path: string): boolean =>
    path === '/etc/ssh/sshd_config' || path.startsWith('/etc/ssh/sshd_config.d/')
  const { failing, unsure } = walk(facts, isConfig, (seen, shown) =>
    seen.state === 'file' && (seen.mode & 0o077) !== 0 ? [say`${shown} is ${octal(seen.mode)}`] : [],
  )
  return verdictOf({
    failing: failing.map(([, line]) => [safe(line.replace(' is ', ' ')), line]),
    unsure,
    good: say`0600`,
  })
}
