import { isAccountName, SUDOERS } from '../../model/account.ts'
import type { EditsByArea } from '../../model/areas.ts'
import { fail, ok, type Result } from '../../model/errors.ts'
import { bytesOf } from '../../model/file-bytes.ts'
import type { ClientKey, HostFacts } from '../../model/host.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import type { SshdFacts } from '../../model/sshd.ts'
import { accountOf } from './accounts/usable.ts'
import { namesOf } from './config/keywords.ts'
import { keywordOf, spelledFor } from './keywords/table.ts'
import { valuesOf } from './parse.ts'

type SshdEdit = EditsByArea['sshd']

/** Groups whose members administer: Debian's and Red Hat's. */
const ADMIN_GROUPS = ['sudo', 'wheel'] as const

/** The keys that a new account gets: what let the operator in, or all that he could have offered. */
export const keysFor = ({ needs }: HostFacts): readonly ClientKey[] =>
  needs ? (needs.keys.length > 0 ? needs.keys : needs.offered) : []

const NOT_READ = say`the accounts of this server were not read`

/** Why no administrator can be made here, whatever his name; null where one can. Ends a sentence. */
export function whyNoAdmin({ accounts }: SshdFacts, host: HostFacts): Safe | null {
  if (keysFor(host).length === 0) return say`no key of yours is known: come with one (-i FILE, or an agent)`
  if (!accounts) return NOT_READ
  const sudo = accounts.files.get('/etc/sudoers')
  if (sudo?.state === 'file') return null
  if (sudo?.state === 'absent') return say`sudo is not installed here: install it first`
  return say`it is not known whether sudo is here: ${sudo?.state === 'unreadable' ? sudo.why : say`/etc/sudoers was not read`}`
}

/** An administrator as he is typed: `dora`, or `dora password` for a sudo that asks him. */
export function readAdmin(text: string): { readonly name: string; readonly password: boolean } {
  const name = text.trim().replace(/ +password$/, '')
  return { name, password: name !== text.trim() }
}

/**
 * The edits that make an administrator: an account with the operator's own keys, and sudo by a file of its own: without a
 * password, or with one that is asked for when it is applied. For who is root himself they close what the account takes the
 * place of: root's own login, and passwords. The error says what is missing.
 */
export function makeAdmin(facts: SshdFacts, host: HostFacts, text: string): Result<readonly SshdEdit[], Safe> {
  const { name, password } = readAdmin(text)
  const { accounts } = facts
  const why = whyNoAdmin(facts, host)
  if (why || !accounts) return fail(say`That can't be done: ${why ?? NOT_READ}.`)
  if (!isAccountName(name))
    return fail(say`“${safe(name, 40)}” is no name for an account: small letters, digits, - and _.`)
  if (accountOf(accounts, name)) return fail(say`There is an account ${safe(name)} already.`)
  const groups = accounts.groups.state === 'known' ? accounts.groups.value.map((group) => group.name) : []
  // useradd(8) makes a group of the same name.
  if (groups.includes(name)) return fail(say`There is a group ${safe(name)} already.`)
  const keys = keysFor(host)
  const shells = accounts.shells.state === 'known' ? accounts.shells.value : []
  return ok([
    {
      kind: 'account',
      change: {
        verb: 'create',
        name,
        groups: ADMIN_GROUPS.filter((group) => groups.includes(group)).slice(0, 1),
        shell: shells.includes('/bin/bash') ? '/bin/bash' : '/bin/sh',
        keys: keys.map(({ line }) => bytesOf(`${line} made by hardtui`)),
        password,
      },
    },
    {
      kind: 'file',
      path: `${SUDOERS}${name}`,
      text: bytesOf(
        password
          ? `# Written by hardtui.\n${name} ALL=(ALL:ALL) ALL\n`
          : `# Written by hardtui: ${name} comes in by key alone, and has no password to be asked for.\n${name} ALL=(ALL:ALL) NOPASSWD: ALL\n`,
      ),
      was: null,
      mode: 0o440,
    },
    ...(host.login.uid === 0 ? closing(facts) : []),
  ])
}

/** What root's successor takes the place of, as far as it is open, by the names that the release has for it. */
function closing({ settings, views, version }: SshdFacts): readonly SshdEdit[] {
  // Root may have settings of his own by a Match block: what holds for nobody in particular counts as well.
  const all = [settings, ...views.flatMap((view) => (view.block === null ? [view.settings] : []))]
  return ['PermitRootLogin', 'PasswordAuthentication', 'KbdInteractiveAuthentication'].flatMap(
    (name): readonly SshdEdit[] => {
      const known = keywordOf(name)
      const now = all.flatMap((some) => namesOf(name).flatMap((one) => valuesOf(some, one)))
      if (now.length > 0 && now.every(({ value }) => value === 'no')) return []
      return [{ kind: 'keyword', keyword: known ? spelledFor(known, version) : name, values: ['no'], match: null }]
    },
  )
}
