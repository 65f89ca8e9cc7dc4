import { execFile } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { AuthContext, ParsedKey } from 'ssh2'
import { readKeys } from '../areas/sshd/accounts/keys.ts'
import { matchesAddresses } from '../areas/sshd/addresses.ts'
import { fingerprint } from '../host/known-hosts.ts'
import { type FileBytes, fromBytes } from '../model/file-bytes.ts'
import { matchesPattern } from '../model/pattern.ts'
import { accountNamed, groupsOf, type PracticeAccount } from './accounts.ts'
import { isPassword } from './crypt.ts'
import type { Wire } from './gate.ts'
import type { WriteLog } from './log.ts'

/** What it takes to judge who comes in. */
export type AdmissionParts = {
  readonly ssh2: typeof import('ssh2')
  readonly root: string
  /** What sshd itself finds: its stand-in is asked. */
  readonly env: Readonly<Record<string, string>>
  readonly log: WriteLog
}

type Settings = (keyword: string) => readonly string[]

/** The keyword's words of all its lines. */
const settingsFrom =
  (printed: string): Settings =>
  (keyword) =>
    printed.split('\n').flatMap((line) => (line.startsWith(`${keyword} `) ? line.split(' ').slice(1) : []))

/**
 * Decides about the logins of one connection as sshd does: by its files as it has read them last, whoever may have changed
 * them since, and by accounts, passwords and keys as they are now. `came` is told who was let in.
 */
export function createAdmission(parts: AdmissionParts, wire: Wire, came: (account: PracticeAccount) => void) {
  const { root, log } = parts
  const from = `${wire.clientAddress} port ${wire.clientPort}`
  const asked = new Map<string, Promise<Settings>>()

  const settingsFor = (user: string): Promise<Settings> => {
    const known = asked.get(user) ?? askSshd(parts, user, wire)
    asked.set(user, known)
    return known
  }

  return async (context: AuthContext): Promise<void> => {
    const { method, username } = context
    const account = accountNamed(root, username)
    const settings = await settingsFor(account ? username : 'nobody')
    const methods = methodsOf(settings, account)
    const refuse = (words?: string): void => {
      if (words !== undefined) log(`${words} from ${from}`)
      context.reject(methods)
    }
    if (method === 'none') return refuse()
    if (!account) return refuse(`Invalid user ${username}`)
    const why = whyNot(root, settings, account)
    if (why !== null) return refuse(why)
    const accept = (words: string): void => {
      log(`Accepted ${method} for ${username} from ${from} ssh2${words}`)
      came(account)
      context.accept()
    }
    if (!(methods as readonly string[]).includes(method)) return refuse(`Failed ${method} for ${username}`)
    if (context.method === 'password')
      return isPassword(context.password, account.hash) ? accept('') : refuse(`Failed password for ${username}`)
    if (context.method !== 'publickey') return refuse()
    const isTaken = signaturesOf(context.key.algo, context.hashAlgo).some((one) =>
      settings('pubkeyacceptedalgorithms').join().split(',').includes(one),
    )
    const key = parts.ssh2.utils.parseKey(`${context.key.algo} ${context.key.data.toString('base64')}`)
    const found = key instanceof Error || !isTaken ? null : findKey(parts, settings, account, wire, key as ParsedKey)
    if (!found) return refuse()
    if (!context.signature || !context.blob) return context.accept()
    if (found.verify(context.blob, context.signature, context.hashAlgo) !== true) return refuse()
    const kind = found.type.replace(/^ssh-|-.*$/g, '').toUpperCase()
    accept(`: ${kind} ${fingerprint(found.getPublicSSH())}`)
  }
}

/** The names of the signatures that a key may have come with (RFC 8332); before one is made any of them will do. */
function signaturesOf(type: string, hash: string | undefined): readonly string[] {
  if (type !== 'ssh-rsa') return [type]
  return hash === undefined
    ? ['rsa-sha2-512', 'rsa-sha2-256', type]
    : [hash === 'sha1' ? type : `rsa-sha2-${hash.slice(3)}`]
}

function askSshd({ root, env }: AdmissionParts, user: string, wire: Wire): Promise<Settings> {
  const { clientAddress: address, serverAddress, serverPort } = wire
  const who = `user=${user},host=${address},addr=${address},laddr=${serverAddress},lport=${serverPort}`
  // The files that systemctl.sh keeps of each time that sshd has read them.
  const read = { ...env, HARDTUI_KERNEL: join(root, 'run', 'sshd.files') }
  return new Promise((resolve) => {
    execFile(join(root, 'bin', 'sshd'), ['-T', '-C', who], { env: read }, (_error, stdout) =>
      resolve(settingsFrom(stdout)),
    )
  })
}

/** What sshd offers to go on with: for root no passwords where he may come by none. */
function methodsOf(settings: Settings, account: PracticeAccount | null): ('publickey' | 'password')[] {
  const [root] = settings('permitrootlogin')
  const noPasswords = settings('passwordauthentication')[0] === 'no' || (account?.uid === 0 && root !== 'yes')
  return [
    ...(settings('pubkeyauthentication')[0] === 'no' ? [] : ['publickey' as const]),
    ...(noPasswords ? [] : ['password' as const]),
  ]
}

/** Why sshd takes nothing of what this account offers, in its words; null where it does. */
function whyNot(root: string, settings: Settings, account: PracticeAccount): string | null {
  const { name, uid, shell, hash } = account
  const person = `User ${name}`
  if (uid === 0 && settings('permitrootlogin')[0] === 'no') return 'ROOT LOGIN REFUSED'
  const mode = statSync(join(root, shell), { throwIfNoEntry: false })?.mode
  if (mode === undefined) return `${person} not allowed because shell ${shell} does not exist`
  if ((mode & 0o111) === 0) return `${person} not allowed because shell ${shell} is not executable`
  if (settings('usepam')[0] !== 'yes' && hash.startsWith('!')) return `${person} not allowed because account is locked`
  const lists = (keyword: string, fits: (pattern: string) => boolean): boolean | null => {
    const list = settings(keyword)
    return list.length === 0 ? null : list.some(fits)
  }
  const isHim = (pattern: string): boolean => matchesPattern(name, pattern.split('@')[0] ?? '')
  const groups = groupsOf(root, account)
  const isIn = (pattern: string): boolean => groups.some((group) => matchesPattern(group, pattern))
  if (lists('denyusers', isHim) === true) return `${person} not allowed because listed in DenyUsers`
  if (lists('allowusers', isHim) === false) return `${person} not allowed because not listed in AllowUsers`
  if (lists('denygroups', isIn) === true) return `${person} not allowed because a group is listed in DenyGroups`
  if (lists('allowgroups', isIn) === false)
    return `${person} not allowed because none of user's groups are listed in AllowGroups`
  return null
}

/** The key, if a file of the account's keys has it, with no `from=` that leaves out whoever comes. */
function findKey(
  { root, log }: AdmissionParts,
  settings: Settings,
  account: PracticeAccount,
  { clientAddress }: Wire,
  key: ParsedKey,
): ParsedKey | null {
  const wanted = fingerprint(key.getPublicSSH())
  for (const pattern of settings('authorizedkeysfile')) {
    const path = pattern.replace(/%([huU%])/g, (_all, sign: string) =>
      sign === 'h' ? account.home : sign === 'u' ? account.name : sign === 'U' ? String(account.uid) : '%',
    )
    const file = join(root, path.startsWith('/') ? path : join(account.home, path))
    const bytes = bytesOf(file)
    if (bytes === null) continue
    if (settings('strictmodes')[0] !== 'no' && isOpen(join(root, account.home), file)) {
      log(`Authentication refused: bad ownership or modes for file ${file.slice(root.length)}`)
      continue
    }
    const lines = readKeys(bytes)
    const line = lines.find((one) => one.state === 'key' && one.key.fingerprint === wanted)
    if (line?.state !== 'key' || line.problem) continue
    const places = line.options.filter(({ name }) => name === 'from')
    if (places.every(({ value }) => matchesAddresses(clientAddress, value ?? ''))) return key
  }
  return null
}

function bytesOf(file: string): FileBytes | null {
  try {
    return fromBytes(readFileSync(file))
  } catch {
    return null
  }
}

/** Whether others may write the file, or a folder between it and the home (StrictModes). */
function isOpen(home: string, file: string): boolean {
  const folders = [file]
  for (let at = file; at !== home && at.startsWith(`${home}/`); ) {
    at = join(at, '..')
    folders.push(at)
  }
  return folders.some((path) => (statSync(path).mode & 0o022) !== 0)
}
