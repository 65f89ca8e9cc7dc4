import type {
  Account,
  AccountFacts,
  AccountGroup,
  HostKey,
  KeyPolicy,
  Known,
  Password,
  SeenPath,
  SudoRights,
} from '../../../model/account-facts.ts'
import type { ProbeOutput } from '../../../model/command.ts'
import { LINE_CAP, type Safe, safe, say } from '../../../model/safe.ts'
import type { SshdSetting } from '../../../model/sshd.ts'
import { valuesOf } from '../parse.ts'
import { type HomeAndKeys, parseHomes, seenOf } from './parse-keys.ts'
import { isWord, known, listOf, numberOf, textOfWord, unknown } from './parts.ts'

/**
 * Reads what probe.sh printed; `settings` are sshd's, as `sshd -T` has them. Never throws: what is missing, was cut off or
 * can't be placed is unknown by itself, with the reason.
 */
export function parseAccounts(output: ProbeOutput | null, settings: readonly SshdSetting[]): AccountFacts {
  const passwd = listOf(output, 'passwd')
  const sources = listOf(output, 'sources', { endless: true })
  const [passwords, homes, sudo] = [parseShadow(output), parseHomes(output), parseSudo(output)]
  const runs = parseRuns(output)
  const placed = passwd.lines.map((line) => accountOf(line, { passwords, homes, sudo, runs }))
  const accounts = placed.filter((account) => account !== null)
  const [now, zone] = listOf(output, 'now', { endless: true }).lines
  const strange = passwd.lines.find((_line, at) => placed[at] === null)
  return {
    accounts,
    more:
      passwd.why ??
      (strange === undefined ? null : say`a line of /etc/passwd is no account: ${safe(strange, 40)}`) ??
      sources.why ??
      beyondFiles(sources.lines, 'passwd'),
    groups: parseGroups(output, sources.lines),
    shells: parseShells(output),
    hostKeys: parseHostKeys(output),
    files: parseFiles(output),
    policy: policyOf(settings),
    privateGroups: vendorOf(output),
    now: numberOf(now),
    zone: zoneOf(zone ?? ''),
  }
}

type Around = {
  readonly passwords: Known<ReadonlyMap<string, Password>>
  readonly homes: { readonly of: ReadonlyMap<string, HomeAndKeys>; readonly why: Safe }
  readonly sudo: { readonly of: ReadonlyMap<string, Known<SudoRights>>; readonly others: Known<SudoRights> }
  readonly runs: ReadonlyMap<string, boolean>
}

function accountOf(line: string, { passwords, homes, sudo, runs }: Around): Account | null {
  const [name = '', kind = '', method = '', ids, group, home = '', shell = '', source, more] = line.split(':')
  const [uid, gid] = [numberOf(ids), numberOf(group)]
  if (name === '' || /^[+-]/.test(name) || uid === null || gid === null || more !== undefined) return null
  if (source !== 'file' && source !== 'nss') return null
  const at = homes.of.get(name)
  const runsIt = runs.get(shell)
  return {
    name,
    uid,
    gid,
    home,
    homeSeen: at?.seen ?? { state: 'unreadable', why: homes.why },
    homeReal: at?.real ?? null,
    shell,
    shellRuns: runsIt === undefined ? unknown(say`whether its shell is there could not be seen`) : known(runsIt),
    source,
    password: kind === 'shadowed' ? shadowed(name, source, passwords) : passwordOf([kind, method]),
    keyFiles: at?.files ?? unknown(homes.why),
    sudo: uid === 0 ? known({ root: 'free', othersPassword: false }) : (sudo.of.get(name) ?? sudo.others),
  }
}

const NO_DAYS = { changed: null, minimum: null, maximum: null, warn: null, inactive: null, expires: null }

function shadowed(name: string, source: Account['source'], passwords: Around['passwords']): Known<Password> {
  if (passwords.state === 'unknown') return passwords
  const found = passwords.value.get(name)
  if (found) return known(found)
  // What has no line in shadow(5) has no password there.
  return known({ state: source === 'nss' ? 'elsewhere' : 'invalid', method: null, ...NO_DAYS })
}

const STATES: Readonly<Record<string, Password['state']>> = {
  empty: 'empty',
  locked: 'locked',
  star: 'star',
  invalid: 'invalid',
  set: 'set',
}

function passwordOf([kind = '', method = '', ...days]: readonly string[]): Known<Password> {
  const state = STATES[kind]
  if (state === undefined) return unknown(say`its password could not be placed`)
  const [changed = null, minimum = null, maximum = null, warn = null, inactive = null, expires = null] =
    days.map(numberOf)
  const known_ = /^[A-Za-z0-9-]{1,12}$/.test(method) && method !== '-' ? method : null
  return known({ state, method: known_, changed, minimum, maximum, warn, inactive, expires })
}

function parseShadow(output: ProbeOutput | null): Known<ReadonlyMap<string, Password>> {
  const { lines, why } = listOf(output, 'shadow')
  if (why !== null) return unknown(why)
  const found = new Map<string, Password>()
  for (const line of lines) {
    const [name = '', ...fields] = line.split(':')
    const password = passwordOf(fields)
    if (password.state === 'known' && !found.has(name)) found.set(name, password.value)
    else if (password.state === 'unknown') return unknown(say`a line of /etc/shadow is no account`)
  }
  return known(found)
}

function parseGroups(output: ProbeOutput | null, sources: readonly string[]): AccountFacts['groups'] {
  const { lines, why } = listOf(output, 'groups')
  const groups: AccountGroup[] = []
  let problem = why ?? beyondFiles(sources, 'group')
  for (const line of lines) {
    const [name = '', id, members = '', cut] = line.split(':')
    const gid = numberOf(id)
    if (gid === null || cut !== undefined) problem ??= say`a line of /etc/group was not read: ${safe(name, 40)}`
    else groups.push({ name, gid, members: members.split(',').filter((member) => member !== '') })
  }
  return problem === null ? known(groups) : unknown(problem)
}

/** Sources of nsswitch.conf(5) that need not tell all they have when asked for everybody. */
function beyondFiles(sources: readonly string[], database: string): Safe | null {
  const line = sources.find((one) => one.startsWith(`${database}:`))
  const words =
    line === undefined
      ? []
      : line
          .slice(database.length + 1)
          .replace(/\[[^\]]*\]/g, ' ')
          .split(/\s+/)
  const other = words.find((word) => word !== '' && !/^(?:files|compat|systemd|db|altfiles|extrausers)$/.test(word))
  return other === undefined ? null : say`accounts come from ${safe(other, 40)} too, which need not list them all`
}

function parseShells(output: ProbeOutput | null): AccountFacts['shells'] {
  const { lines, why } = listOf(output, 'shells')
  return why === null ? known(lines) : unknown(why)
}

function parseRuns(output: ProbeOutput | null): ReadonlyMap<string, boolean> {
  const found = new Map<string, boolean>()
  for (const line of listOf(output, 'runs').lines) {
    const [word, path] = line.split(' ')
    const shell = textOfWord(path)
    if (shell !== null && (word === 'runs' || word === 'no')) found.set(shell, word === 'runs')
  }
  return found
}

function parseFiles(output: ProbeOutput | null): ReadonlyMap<string, SeenPath> {
  const files = new Map<string, SeenPath>()
  let path: string | null = null
  for (const line of listOf(output, 'files').lines) {
    if (isWord(line, 'path')) path = textOfWord(line.slice(5))
    else if (isWord(line, 'seen') && path !== null) files.set(path, seenOf(line))
  }
  return files
}

function parseHostKeys(output: ProbeOutput | null): AccountFacts['hostKeys'] {
  const { lines, why } = listOf(output, 'hostkeys')
  const found: HostKey[] = []
  for (const line of lines) {
    const last = found.at(-1)
    const [, bits, fingerprint, type] = /^key (\d{1,6}) (\S+) \(([A-Z0-9-]+)\)$/.exec(line) ?? []
    if (isWord(line, 'path')) {
      const path = textOfWord(line.slice(5))
      if (path === null) return unknown(say`the path of a host key could not be read`)
      found.push({ path, seen: { state: 'absent' }, key: unknown(say`ssh-keygen did not say what key it is`) })
    } else if (!last) continue
    else if (isWord(line, 'seen')) found[found.length - 1] = { ...last, seen: seenOf(line) }
    else if (type !== undefined)
      found[found.length - 1] = {
        ...last,
        key: known({ bits: Number(bits), type: safe(type), fingerprint: safe(fingerprint ?? '') }),
      }
  }
  return why === null ? known(found) : unknown(why)
}

const NONE: SudoRights = { root: 'none', othersPassword: false }

function parseSudo(output: ProbeOutput | null): Around['sudo'] {
  const { lines, why } = listOf(output, 'sudo')
  const of = new Map<string, Known<SudoRights>>()
  const doas = lines.includes('doas') ? unknown(say`doas(1) may let it become root`) : null
  if (lines.includes('absent') && why === null) return { of, others: doas ?? known(NONE) }
  let name: string | null = null
  let said: string[] = []
  for (const line of lines) {
    if (isWord(line, 'account')) {
      name = textOfWord(line.slice(8))
      said = []
    } else if (line.startsWith('|')) said.push(line.slice(1))
    else if (name !== null && line === 'over') {
      const rights = rightsOf(said)
      of.set(name, doas && rights.state === 'known' && rights.value.root === 'none' ? doas : rights)
    } else if (name !== null && line === 'unread') of.set(name, unknown(say`sudo did not say what it may do`))
  }
  const others =
    why !== null
      ? unknown(why)
      : lines.includes('all')
        ? (doas ?? known(NONE))
        : unknown(say`sudo was not asked about it`)
  return { of, others }
}

/**
 * Reads `sudo -l -U NAME`: `(ALL : ALL) NOPASSWD: ALL`. Tags hold on until the opposite one comes (sudoers(5)). A rule that
 * takes commands away again (`ALL, !/bin/su`) leaves a way to root all the same.
 */
export function rightsOf(lines: readonly string[]): Known<SudoRights> {
  const rules = lines.filter((line) => /^ {4}\(/.test(line))
  const defaults = lines.filter((line) => /^ {4}[^(]/.test(line)).join(' ')
  if (rules.length === 0 && !lines.some((line) => / is not allowed to run sudo /.test(line)))
    return unknown(say`what sudo said of it could not be placed`)
  const free = /(?:^|[\s,])!authenticate(?:[\s,]|$)/.test(defaults)
  let root: SudoRights['root'] = 'none'
  for (const rule of rules) {
    const [, runas = '', rest = ''] = /^ {4}\(([^)]*)\)(.*)$/.exec(rule) ?? []
    const users = (runas.split(':')[0] ?? '').split(',').map((user) => user.trim())
    if (users.includes('!root') || !users.some((user) => user === 'ALL' || user === 'root' || user === '#0')) continue
    let asks = !free
    for (const command of rest.split(',')) {
      const words = command.trim().split(/\s+/)
      for (const word of words) asks = word === 'NOPASSWD:' ? false : word === 'PASSWD:' ? true : asks
      if (words.at(-1) === 'ALL' && root !== 'free') root = asks ? 'asks' : 'free'
    }
  }
  return known({ root, othersPassword: /(?:^|[\s,])(?:targetpw|rootpw|runaspw)(?:[\s,]|$)/.test(defaults) })
}

/** What of `sshd -T` says which keys count. */
function policyOf(settings: readonly SshdSetting[]): KeyPolicy {
  const first = (keyword: string): string | undefined => valuesOf(settings, keyword)[0]?.value
  const strict = first('strictmodes')
  const algorithms = first('pubkeyacceptedalgorithms') ?? first('pubkeyacceptedkeytypes')
  const size = Number(first('requiredrsasize') ?? Number.NaN)
  const sources = ['AuthorizedKeysCommand', 'TrustedUserCAKeys'].filter(
    (keyword) => (first(keyword) ?? 'none') !== 'none',
  )
  return {
    strictModes:
      strict === 'yes' || strict === 'no' ? known(strict === 'yes') : unknown(say`sshd does not say its StrictModes`),
    // Before there was such a setting sshd took none below 1024.
    requiredRsaSize: Number.isInteger(size) ? size : 1024,
    // A value that was cut is no list.
    algorithms:
      algorithms === undefined || algorithms.length >= LINE_CAP
        ? unknown(say`sshd does not say its PubkeyAcceptedAlgorithms`)
        : known(algorithms.split(',')),
    otherSources: sources,
  }
}

/** Debian's sshd, and those made of it, let a group write that is the account's own (user-group-modes.patch). */
function vendorOf(output: ProbeOutput | null): boolean | null {
  const { lines } = listOf(output, 'vendor', { endless: true })
  return lines.some((line) => /^OpenSSH_\S+ (?:Debian|Ubuntu|Raspbian)-/.test(line)) ? true : null
}

/** `+0530` in minutes. */
function zoneOf(text: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d)(\d\d)$/.exec(text) ?? []
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}
