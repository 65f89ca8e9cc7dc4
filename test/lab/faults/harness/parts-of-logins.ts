// Parts that change who comes in and where: sshd's keywords, accounts, their keys, sudo, and sshd's port with the rules.
import { movePort } from '../../../../src/services/areas/firewall/move-port.ts'
import { accountOf } from '../../../../src/services/areas/sshd/accounts/usable.ts'
import { makeAdmin } from '../../../../src/services/areas/sshd/admin.ts'
import { type PortChange, portEdits, portsNow, readPorts } from '../../../../src/services/areas/sshd/ports.ts'
import { type AccountChange, SUDOERS } from '../../../../src/services/model/account.ts'
import type { Account } from '../../../../src/services/model/account-facts.ts'
import type { Result } from '../../../../src/services/model/errors.ts'
import { bytesOf, sumOf } from '../../../../src/services/model/file-bytes.ts'
import type { Safe } from '../../../../src/services/model/safe.ts'
import { USERS, type User } from '../../users.ts'
import { textOf } from '../world.ts'
import type { Kind } from './kinds.ts'
import { first, fixOf, made, type Part, rules, type Site, v4 } from './part.ts'

export const SSHD_FILE = '/etc/ssh/sshd_config'

/** Accounts that every server of the harness has beside the lab's: a program's with a password, and one without any. */
export const SERVICE = 'shop'
export const NO_PASSWORD = 'till'
const NEW_PORT = 10022
const NOLOGIN = '/usr/sbin/nologin'
const OTHER_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ somebody'

type Stage = Part['stage']

function must<T>(result: Result<T, Safe>): T {
  if (!result.ok) throw new Error(result.error)
  return result.value
}

/** Keywords of sshd_config(5) for everybody, each with its value: what the editor of the pane stages. */
const keywords =
  (...pairs: readonly (readonly [keyword: string, value: string])[]): Stage =>
  async (site) =>
    made(
      site,
      'sshd',
      pairs.map(([keyword, value]) => ({ kind: 'keyword', keyword, values: [value], match: null })),
    )

function account({ after }: Site, name: string): Account {
  const facts = after('sshd').accounts
  const found = facts && accountOf(facts, name)
  if (!found) throw new Error(`the account ${name} was not read`)
  return found
}

const accountChange =
  (change: (site: Site) => AccountChange | Promise<AccountChange>): Stage =>
  async (site) =>
    made(site, 'sshd', [{ kind: 'account', change: await change(site) }])

const locked = (name: string): Stage => accountChange(() => ({ verb: 'lock', name, was: 'set' }))
const shut = (name: string): Stage =>
  accountChange((site) => ({ verb: 'shell', name, shell: NOLOGIN, was: account(site, name).shell }))

/** Lines of ~/.ssh/authorized_keys: one that comes, or all that there are taken out. */
const keysOf = (name: string, verb: 'add' | 'remove'): Stage =>
  accountChange(async (site) => {
    const path = `${account(site, name).home}/.ssh/authorized_keys`
    const was = await textOf(site.server, path)
    const lines = (was ?? '').split('\n').filter((line) => line !== '')
    return {
      verb: 'keys',
      name,
      file: path,
      add: verb === 'add' ? [bytesOf(OTHER_KEY)] : [],
      remove: verb === 'remove' ? lines.map((line) => bytesOf(line)) : [],
      was: was === null ? null : sumOf(bytesOf(was)),
    }
  })

const administrator =
  (name: string): Stage =>
  async (site) =>
    made(site, 'sshd', must(makeAdmin(site.after('sshd'), site.host, name)))

const sudoFor =
  (name: string): Stage =>
  async (site) => {
    const text = bytesOf(`${name} ALL=(ALL:ALL) NOPASSWD: ALL\n`)
    return made(site, 'sshd', [{ kind: 'file', path: `${SUDOERS}${name}`, text, was: null, mode: 0o440 }])
  }
const withoutSudo =
  (name: string): Stage =>
  async (site) => {
    const path = `/etc/sudoers.d/${name}`
    const was = bytesOf((await textOf(site.server, path)) ?? '')
    return made(site, 'sshd', [{ kind: 'file', path, text: null, was }])
  }

/** The ports that a person types (p): sshd's settings, its socket unit, and the rules of both families. */
const onPorts =
  (wanted: (now: readonly number[], own: number) => readonly number[]): Stage =>
  async (site) => {
    const sshd = site.after('sshd')
    const own = site.host.session.serverPort
    const now = portsNow(sshd)
    const change = must(readPorts(wanted(now, own).join(' '), now, own))
    const { open, close } = change
    const moved = must(movePort(site.after('firewall'), site.host, { like: own, open, close }))
    return [...made(site, 'firewall', moved), ...portsAlone(change)(site)]
  }
const portsAlone =
  (change: PortChange) =>
  (site: Site): ReturnType<typeof made> =>
    made(site, 'sshd', must(portEdits(site.after('sshd'), change)))

/** All there are on such a server, for such an operator. */
export function partsOfLogins(kind: Kind, user: User): readonly Part[] {
  const harmless: readonly (readonly [name: string, kin: readonly string[], stage: Stage, ports?: Part['ports']])[] = [
    ['sshd keyword', ['keyword'], keywords(['MaxAuthTries', '4'])],
    ['sshd keywords', ['keyword'], keywords(['X11Forwarding', 'no'], ['ClientAliveInterval', '300'])],
    ['sshd without passwords', ['keyword'], keywords(['PasswordAuthentication', 'no'])],
    ['sshd for some', ['keyword', 'admin'], keywords(['AllowUsers', 'root ops pat'])],
    ['administrator made', ['admin'], administrator('dora')],
    ['password locked', ['guest'], locked('guest')],
    ['shell taken', ['guest'], shut('guest')],
    ['key added', ['guest keys'], keysOf('guest', 'add')],
    ['key taken out', ['guest keys'], keysOf('guest', 'remove')],
    ['first key', ['till keys'], keysOf(NO_PASSWORD, 'add')],
    ['service account shut out', ['keyword'], fixOf('sshd', 'ACC-service-login')],
    ['no empty password', ['till'], fixOf('sshd', 'ACC-empty-password')],
    ['sudo given', ['sudo'], sudoFor('guest')],
    [
      'sshd on one more port',
      ['ports', 'v4', 'v6'],
      onPorts((now) => [...now, NEW_PORT]),
      ({ ports }) => [...ports, NEW_PORT],
    ],
    ...(kind.ports.length > 1
      ? ([
          [
            'sshd off the port he came by',
            ['ports', 'v4', 'v6'],
            onPorts((now, own) => now.filter((port) => port !== own)),
            ({ ports }: Kind) => ports.slice(1),
          ],
        ] as const)
      : []),
  ]
  const dropped = rules(first(v4('INPUT'), `-p tcp -m tcp --dport ${NEW_PORT} -j DROP`))
  const moved: PortChange = { all: [NEW_PORT], open: [NEW_PORT], close: kind.ports }
  const harmful: typeof harmless = [
    ['sshd for somebody else', ['keyword', 'admin'], keywords(['AllowUsers', 'guest'])],
    ['sshd without keys', ['keyword'], keywords(['PubkeyAuthentication', 'no'])],
    ['keys sought elsewhere', ['keyword'], keywords(['AuthorizedKeysFile', '/etc/ssh/nobody'])],
    // OpenSSH has it on either side; the console's client has not.
    ['a key exchange he has not', ['keyword'], keywords(['KexAlgorithms', 'sntrup761x25519-sha512@openssh.com'])],
    ['his key taken out', ['own keys'], keysOf(user, 'remove')],
    ['his shell taken', ['own shell'], shut(user)],
    ...(USERS[user].sudo === 'asks' ? ([['his password locked', ['own password'], locked(user)]] as const) : []),
    ...(USERS[user].sudo === 'free' ? ([['his sudo taken', ['own sudo'], withoutSudo(user)]] as const) : []),
    [
      'sshd on another port that is dropped',
      ['ports', 'v4', 'keyword'],
      async (site) => [...(await dropped(site)), ...portsAlone(moved)(site)],
      () => [NEW_PORT],
    ],
  ]
  const part =
    (locksOut: boolean) =>
    ([name, kin, stage, ports]: (typeof harmless)[number]): Part => ({
      ...{ name, locksOut, kin, stage },
      ...(ports ? { ports } : {}),
    })
  return [...harmless.map(part(false)), ...harmful.map(part(true))]
}
