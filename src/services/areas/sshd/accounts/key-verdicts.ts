import type {
  Account,
  AccountFacts,
  AuthorizedKey,
  KeyFile,
  PublicKey,
  SeenPath,
} from '../../../model/account-facts.ts'
import type { Verdict } from '../../../model/area.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { valuesOf } from '../parse.ts'
import { hasShell } from './admins.ts'
import type { Door } from './door.ts'
import { hasOption, isPlaced } from './keys.ts'
import { nameOf, octal, verdictOf } from './said.ts'
import { fileTaken, keyTaken, ownerOf, strictly } from './usable.ts'

type Place = { readonly account: Account; readonly file: KeyFile; readonly line: AuthorizedKey }

/** Every key that stands in a file of keys, whether sshd takes it or not, and what could not be read. */
function keysIn(facts: AccountFacts): {
  readonly places: readonly Place[]
  readonly unsure: readonly Safe[]
  readonly broken: readonly Safe[]
} {
  const places: Place[] = []
  const unsure: Safe[] = facts.more === null ? [] : [facts.more]
  const broken: Safe[] = []
  for (const account of facts.accounts) {
    if (account.keyFiles.state === 'unknown') {
      unsure.push(say`${nameOf(account)}: ${account.keyFiles.why}`)
      continue
    }
    for (const file of account.keyFiles.value) {
      const shown = safe(file.path, 80)
      // What sshd would not look into needs no reading.
      if (file.lines.state === 'unknown') {
        if (fileTaken(facts, account, file).answer !== 'no') unsure.push(say`${shown}: ${file.lines.why}`)
        continue
      }
      for (const line of file.lines.value) {
        if (line.state === 'key') places.push({ account, file, line })
        else broken.push(say`line ${line.line} of ${shown} is passed over: ${line.why}`)
      }
    }
  }
  return { places, unsure, broken }
}

const keyWords = ({ kind, bits }: PublicKey): Safe => (kind === 'rsa' ? say`RSA ${bits}` : safe(kind.toUpperCase()))

const lineOf = ({ account, file, line }: Place): Safe =>
  say`${nameOf(account)}: ${keyWords(line.key)} ${safe(line.key.fingerprint)}, line ${line.line} of ${safe(file.path, 80)}${
    line.comment === '' ? say`` : say` (${safe(line.comment, 60)})`
  }`

const judgeKeys =
  (isBad: (key: PublicKey) => boolean, good: Safe) =>
  (facts: AccountFacts): Verdict => {
    const { places, unsure, broken } = keysIn(facts)
    const bad = places.filter(({ line }) => isBad(line.key))
    return verdictOf({
      failing: bad.map((place) => [say`${nameOf(place.account)}: ${keyWords(place.line.key)}`, lineOf(place)]),
      unsure,
      good: places.length === 0 ? say`there are no keys` : good,
      notes: broken,
    })
  }

/** DSA, and RSA that can be broken with enough money. */
export const weakKeys = judgeKeys(({ kind, bits }) => kind === 'dsa' || (kind === 'rsa' && bits < 2048), say`none`)

/** RSA below what is advised for the years to come. */
export const shortKeys = judgeKeys(({ kind, bits }) => kind === 'rsa' && bits >= 2048 && bits < 3072, say`none`)

/** Root's keys that open a shell from anywhere, where sshd lets root in by them. */
export function rootKeys(facts: AccountFacts, door: Door): Verdict {
  const { places, unsure } = keysIn({ ...facts, accounts: facts.accounts.filter(({ uid }) => uid === 0) })
  const word = rootLogin(door)
  if (word !== null)
    return { outcome: 'pass', observed: say`PermitRootLogin ${safe(word)}`, details: places.map(lineOf) }
  const free = places.filter(
    ({ account, file, line }) =>
      !isPlaced(line) &&
      !hasOption(line, 'command') &&
      keyTaken(facts, line).answer !== 'no' &&
      fileTaken(facts, account, file).answer !== 'no',
  )
  return verdictOf({
    failing: free.map((place) => [
      say`${free.length} ${free.length === 1 ? say`key` : say`keys`} without from= or command=`,
      lineOf(place),
    ]),
    unsure,
    good: places.length === 0 ? say`root has no keys` : say`each is limited`,
  })
}

/** The PermitRootLogin that holds for root wherever he comes from, if it keeps such keys out; else null. */
function rootLogin({ settings, views, unjudged }: Door): string | null {
  if (unjudged === null || unjudged.length > 0) return null
  const all = [settings, ...views.filter(({ user }) => user === 'root').map((view) => view.settings)]
  const words = all.map((one) => valuesOf(one, 'permitrootlogin')[0]?.value ?? '')
  return words.every((word) => word === 'no' || word === 'forced-commands-only') ? (words[0] ?? null) : null
}

const isWritable = (seen: SeenPath): boolean =>
  (seen.state === 'directory' || seen.state === 'file') && (seen.mode & 0o002) !== 0

/** Files of keys, the folders above them, and homes, that somebody else could change, or that sshd refuses for it. */
export function keyFiles(facts: AccountFacts): Verdict {
  const failing: (readonly [Safe, Safe])[] = []
  const unsure: Safe[] = facts.more === null ? [] : [facts.more]
  for (const account of facts.accounts) {
    const { homeSeen, keyFiles: files } = account
    const name = nameOf(account)
    if (files.state === 'unknown') unsure.push(say`${name}: ${files.why}`)
    for (const file of files.state === 'known' ? files.value : []) {
      const { answer, why } = strictly(facts, account, file)
      if (answer === 'no') failing.push([name, say`${name}: ${why} (${modesOf(facts, file.seen)})`])
      if (answer === 'unknown') unsure.push(say`${name}: ${why}`)
    }
    // Where no keys are yet, whoever can write to a home may put some there.
    const isSticky = homeSeen.state === 'directory' && (homeSeen.mode & 0o1000) !== 0
    const seenAlready = failing.some(([short]) => short === name)
    if (!seenAlready && hasShell(account).answer !== 'no' && isWritable(homeSeen) && !isSticky)
      failing.push([name, say`${name}: everybody can write to ${safe(account.home, 80)} (${modesOf(facts, homeSeen)})`])
  }
  return verdictOf({ failing, unsure, good: say`nobody else can write to them` })
}

const modesOf = (facts: AccountFacts, seen: SeenPath): Safe =>
  seen.state === 'absent' || seen.state === 'unreadable'
    ? say`not seen`
    : say`${octal(seen.mode)} ${ownerOf(facts, seen)}`
