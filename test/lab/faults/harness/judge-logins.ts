// What of the judge's world says who comes in and where: accounts, keys, homes, sudo's files, sshd's, and its ports.
import type { AccountChange } from '../../../../src/services/model/account.ts'
import { textOf } from '../../../../src/services/model/file-bytes.ts'
import type { Server } from '../../server.ts'
import type { World } from './judge.ts'

const DATABASES = ['passwd', 'shadow', 'group', 'gshadow', 'subuid', 'subgid'] as const
const FOLDERS = ['/etc/sudoers.d', '/etc/ssh/sshd_config.d', '/etc/systemd/system/ssh.socket.d'] as const

/** Says of files, on one line each: mode, owner, group, time, and the SHA-256 of the content. */
export const LIST_FILES = `while read -r one; do
  [ ! -f "$one" ] || echo "$one $(stat -c '%a %u %g %Y' "$one") $(sha256sum <"$one" | cut -d ' ' -f 1)"; done`

/**
 * Lines `NAME VALUE`: each file, each account of each database, what is in homes but for what a shell or sudo itself notes
 * there, and the ports that are listened on.
 */
const READ = `
  for one in ${DATABASES.join(' ')}; do printf '%s\\n' /etc/$one /etc/$one-; done | ${LIST_FILES}
  find /etc/sudoers ${FOLDERS.join(' ')} -type f 2>/dev/null | ${LIST_FILES}
  for one in ${DATABASES.join(' ')}; do sed -n "s/^\\([^:]*\\):.*/$one:\\1 &/p" /etc/$one; done
  find /home /root/.ssh /var/mail -mindepth 1 ! -name '.*history' ! -name .sudo_as_admin_successful -printf 'home:%p %y %m %U %G\\n'
  for one in /home/*/.ssh/authorized_keys /root/.ssh/authorized_keys; do
    [ ! -f "$one" ] || echo "keys:$one $(stat -c %Y "$one") $(base64 -w0 <"$one")"; done
  echo "listens $(ss -Hltnp | grep -v '"named"' | awk '{ print $4 }' | sed 's/.*://' | sort -un | tr '\\n' ' ')"`

/** What of a server says who comes in and where, as lines of a name and a value. */
export const readLogins = (server: Server): Promise<string> => server.must(READ, { timeoutMs: 30_000 })

/** Where sshd listens, as the world has it; nothing else listens on these servers but named, which judge-areas.ts looks at. */
export const listens = (ports: readonly number[]): string => ports.toSorted((a, b) => a - b).join(' ')

type Test = (value: string | undefined) => boolean
type Tests = readonly (readonly [name: string, test: Test])[]

/** What has to hold once a change to an account is in force. */
export function plannedOfAccount(change: AccountChange, before: World): Tests {
  const { name } = change
  switch (change.verb) {
    case 'create':
      return [...rewritten(before), ...created(change, before)]
    case 'lock':
    case 'unlock': {
      const was = fieldsOf(before, `shadow:${name}`)
      const password = change.verb === 'lock' ? `!${was[1]}` : was[1]?.slice(1)
      return [...rewritten(before), [`shadow:${name}`, is(was.with(1, password ?? '').join(':'))]]
    }
    case 'shell':
      return [
        ...rewritten(before),
        [`passwd:${name}`, is(fieldsOf(before, `passwd:${name}`).with(6, change.shell).join(':'))],
      ]
    case 'keys':
      return keysChanged(change, before)
  }
}

const is =
  (wanted: string): Test =>
  (value) =>
    value === wanted
const fieldsOf = (world: World, name: string): readonly string[] => (world.get(name) ?? '').split(':')

/** Something in a home, of a person's. */
const own =
  (type: string, mode: string): Test =>
  (value) =>
    new RegExp(`^${type} ${mode} [1-9]\\d+ [1-9]\\d+$`).test(value ?? '')

/** Text and time of the databases may change, and the copies beside them; what each account has there is looked at by itself. */
const rewritten = (before: World): Tests =>
  DATABASES.flatMap((one): Tests => {
    const owner = /^\d+ \d+ \d+ /.exec(before.get(`/etc/${one}`) ?? '')?.[0] ?? ''
    return [
      [`/etc/${one}`, (value) => value?.startsWith(owner) ?? false],
      [`/etc/${one}-`, () => true],
    ]
  })

/** As useradd(8) makes it: a group of its own, a locked password, a home that is its own with what a new one gets. */
function created(change: Extract<AccountChange, { verb: 'create' }>, before: World): Tests {
  const { name, groups, shell, keys } = change
  const home = `/home/${name}`
  const joined = (database: string): Tests =>
    groups.map((group) => {
      const line = before.get(`${database}:${group}`) ?? ''
      return [`${database}:${group}`, is(`${line}${line.endsWith(':') ? '' : ','}${name}`)]
    })
  const skeleton = ['.bashrc', '.profile', '.bash_logout'].map(
    (one) => [`home:${home}/${one}`, own('f', '6\\d\\d')] as const,
  )
  const lines = keys.map((key) => `${textOf(key)}\n`).join('')
  return [
    [`passwd:${name}`, (value) => new RegExp(`^${name}:x:\\d+:\\d+:[^:]*:${home}:${shell}$`).test(value ?? '')],
    [`shadow:${name}`, (value) => value?.startsWith(`${name}:!:`) ?? false],
    [`group:${name}`, (value) => new RegExp(`^${name}:x:\\d+:$`).test(value ?? '')],
    [`gshadow:${name}`, is(`${name}:!::`)],
    ...joined('group'),
    ...joined('gshadow'),
    [`subuid:${name}`, (value) => value !== undefined],
    [`subgid:${name}`, (value) => value !== undefined],
    [`home:${home}`, own('d', '7\\d\\d')],
    ...skeleton,
    [`home:${home}/.ssh`, own('d', '700')],
    [`home:${home}/.ssh/authorized_keys`, own('f', '600')],
    [`keys:${home}/.ssh/authorized_keys`, (value) => keysIn(value) === lines],
  ]
}

const keysIn = (value: string | undefined): string | null =>
  value === undefined ? null : Buffer.from(value.split(' ')[1] ?? '', 'base64').toString()

function keysChanged(change: Extract<AccountChange, { verb: 'keys' }>, before: World): Tests {
  const { file, add, remove } = change
  const [gone, come] = [remove, add].map((lines) => lines.map((line) => textOf(line)))
  const was = keysIn(before.get(`keys:${file}`))
  const left = (was ?? '').split('\n').filter((line) => line !== '' && !gone?.includes(line))
  const wanted = [...left, ...(come ?? [])].map((line) => `${line}\n`).join('')
  const keys: Tests = [[`keys:${file}`, (value) => keysIn(value) === wanted]]
  if (was !== null) return keys
  const folder = file.replace(/\/[^/]*$/, '')
  return [...keys, [`home:${file}`, own('f', '600')], [`home:${folder}`, own('d', '700')]]
}
