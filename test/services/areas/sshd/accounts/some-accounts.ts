import { type AccountCheckId, accountVerdicts } from '../../../../../src/services/areas/sshd/accounts/checks.ts'
import { parseAccounts } from '../../../../../src/services/areas/sshd/accounts/parse.ts'
import { parseSettings } from '../../../../../src/services/areas/sshd/parse.ts'
import type { AccountFacts } from '../../../../../src/services/model/account-facts.ts'
import type { Verdict } from '../../../../../src/services/model/area.ts'
import { outputFrom } from '../../../../support/probe-output.ts'

export const ED25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE6malKycEZRtUXpQDqG7wtx9dUasuzXr+tNAMhW4i0h'

/** One account as a test wants it; what is left out is as on a new Debian. */
export type Some = {
  readonly uid?: number
  readonly gid?: number
  readonly shell?: string
  /** As in the part `shadow`, behind the name. */
  readonly password?: string
  readonly home?: string
  /** Mode, owner and group of its home, of .ssh, and of the file of keys. */
  readonly modes?: readonly [home: string, ssh: string, file: string]
  /** Lines of its file of keys; none: no file. */
  readonly keys?: readonly string[]
  /** Instead of the lines: what the probe says of them. */
  readonly unread?: string
  /** Lines of `sudo -l -U`. */
  readonly sudo?: readonly string[]
}

export const SETTINGS =
  'strictmodes yes\npubkeyauthentication yes\npasswordauthentication no\nkbdinteractiveauthentication no\nusepam yes\n' +
  'permitrootlogin yes\npubkeyacceptedalgorithms ssh-ed25519,rsa-sha2-512,ecdsa-sha2-nistp256\nrequiredrsasize 1024\n'

export const FREE = ['User x may run the following commands on one:', '    (ALL : ALL) NOPASSWD: ALL']
export const ASKS = ['User x may run the following commands on one:', '    (ALL : ALL) ALL']

type More = {
  readonly parts?: Readonly<Record<string, string>>
  readonly settings?: string
  readonly groups?: string
  readonly cut?: string
}

const ROOT: Some = { uid: 0, gid: 0, home: '/root' }

/** What the probe would print of these accounts. */
export function printed(some: Readonly<Record<string, Some>>, { parts = {}, groups = '' }: More = {}): string {
  const all = Object.entries({ root: ROOT, ...some }).map(([name, one], at) => {
    const uid = one.uid ?? 1000 + at
    return {
      name,
      uid,
      gid: one.gid ?? uid,
      home: `/home/${name}`,
      shell: '/bin/bash',
      password: 'star:-:20000:0:99999:7::',
      ...one,
    }
  })
  const keys = all.map(({ name, uid, gid, home, modes, keys: lines, unread }) => {
    const [own, ssh, file] = modes ?? [`41ed ${uid} ${gid}`, `41c0 ${uid} ${gid}`, `8180 ${uid} ${gid}`]
    const content = unread ?? `bytes ${Buffer.from(`${(lines ?? []).join('\n')}\n`).toString('base64')}`
    const path = `${home}/.ssh/authorized_keys`
    const above = home
      .split('/')
      .slice(2)
      .map(() => 'folder 41ed 0 0\n')
      .join('')
    const found =
      lines || unread
        ? `file =${path}\nseen at ${file} 1700000000 100\nreal =${path}\nfolder ${ssh}\nfolder ${own}\n${above}folder 41ed 0 0\n${content}\n`
        : ''
    return `account =${name}\nhome =${home}\nseen at ${own} 1700000000 4096\nreal =${home}\n${found}over\n`
  })
  const text: Readonly<Record<string, string>> = {
    now: '1790000000\n+0000\n',
    sources: 'passwd: files systemd\ngroup: files [SUCCESS=merge] systemd\n',
    vendor: 'OpenSSH_9.2p1 Debian-2\n',
    passwd: `${all.map(({ name, uid, gid, home, shell }) => `${name}:shadowed:-:${uid}:${gid}:${home}:${shell}:file\n`).join('')}end\n`,
    shadow: `${all.map(({ name, password }) => `${name}:${password}\n`).join('')}end\n`,
    groups: `${all.map(({ name, gid }) => `${name}:${gid}:\n`).join('')}${groups}end\n`,
    shells: '/bin/bash\nend\n',
    runs: `${[...new Set(all.map(({ shell }) => shell))].map((shell) => `${shell.includes('gone') ? 'no' : 'runs'} =${shell}\n`).join('')}end\n`,
    files: 'path =/etc/ssh/sshd_config\nseen at 8180 0 0 1 1\npath =/etc/shadow\nseen at 81a0 0 42 1 1\nend\n',
    hostkeys: 'path =/etc/ssh/k\nseen at 8180 0 0 1 1\nkey 256 SHA256:abc (ED25519)\nend\n',
    keys: `${keys.join('')}end\n`,
    sudo: `all\n${all.flatMap(({ name, sudo }) => (sudo ? [`account =${name}\n${sudo.map((line) => `|${line}\n`).join('')}over\n`] : [])).join('')}end\n`,
    ...parts,
  }
  return Object.entries(text)
    .map(([name, body]) => `@@${name}\n${body}`)
    .join('\n')
}

/** Those accounts as they are read. */
export const someAccounts = (some: Readonly<Record<string, Some>>, more: More = {}): AccountFacts =>
  parseAccounts(
    outputFrom('accounts', printed(some, more), { cut: more.cut ?? null }),
    parseSettings(more.settings ?? SETTINGS),
  )

/** A check's word on them. */
export function judged(
  id: AccountCheckId,
  some: Readonly<Record<string, Some>>,
  more: More = {},
): Verdict & { readonly said: string } {
  const settings = parseSettings(more.settings ?? SETTINGS)
  const verdict = accountVerdicts[id](someAccounts(some, more), { settings, views: [], unjudged: [] })
  return { ...verdict, said: `${verdict.outcome} ${verdict.observed}` }
}

export const SET = 'set:y:20000:0:99999:7::'
export const LOCKED = 'locked:-:20000:0:99999:7::'
const field = (bytes: Buffer | string): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, Buffer.from(bytes as string)])
}
export const rsa = (bits: number): string => {
  const modulus = Buffer.concat([Buffer.from([0]), Buffer.alloc(bits / 8, 0xff)])
  return `ssh-rsa ${Buffer.concat([field('ssh-rsa'), field(Buffer.from([1, 0, 1])), field(modulus)]).toString('base64')}`
}
const CERTIFIED = 'ssh-ed25519-cert-v01@openssh.com'
export const CERTIFICATE = `${CERTIFIED} ${Buffer.concat([
  ...[field(CERTIFIED), field('nonce'), field(Buffer.alloc(32)), Buffer.alloc(12), field('id'), field('')],
  ...[Buffer.alloc(16), field(''), field(''), field(''), field('authority'), field('signature')],
]).toString('base64')}`
export const of = (name: string, one: Some): Readonly<Record<string, Some>> => ({ [name]: one })
