// What the lab's servers are made of, as data. A tree is named after the hash of everything that goes into it, so a
// changed line here, or in the scripts that build it, makes a new tree.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LAB_DIR } from './paths.ts'

export const FLAVOURS = ['debian12', 'debian13', 'sysvinit'] as const
/**
 * debian12: systemd 252, OpenSSH 9.2, iptables 1.8.9 without the nftables package.
 * debian13: systemd 257, OpenSSH 10 (sshd-session, PerSourcePenalties), nftables installed.
 * sysvinit: debian12 with sysvinit-core as its init and no systemd program at all.
 */
export type Flavour = (typeof FLAVOURS)[number]

export const VARIANTS = ['plain', 'persistent', 'socket', 'socket-generated', 'rhel-layout'] as const
/**
 * plain: nothing changed.
 * persistent: iptables-persistent and netfilter-persistent installed, with no rules saved yet.
 * socket: sshd by socket activation (ssh.socket listens, as on Ubuntu), for the systemd flavours.
 * rhel-layout: the secure log at /var/log/secure, rules restored at boot from /etc/sysconfig/ip{,6}tables.
 */
export type Variant = (typeof VARIANTS)[number]

/** A tree: made by debootstrap, or a layer of packages over another one. */
export type Tree = {
  readonly id: string
  readonly over: Tree | null
  readonly suite: string
  readonly packages: readonly string[]
  /** Lines of `debconf-set-selections`. */
  readonly preseed: string
}

const common = [
  'systemd,systemd-sysv,libpam-systemd,dbus',
  'openssh-server,sudo,iptables,at,cron,rsyslog',
  'iproute2,procps,util-linux,kmod,init-system-helpers',
]
  .join(',')
  .split(',')

const debootstrapped: Record<'debian12' | 'debian13', { suite: string; packages: readonly string[] }> = {
  debian12: { suite: 'bookworm', packages: common },
  debian13: { suite: 'trixie', packages: [...common, 'nftables'] },
}

// A name that ends in "-" is removed, as apt-get(8) has it.
const sysvinit = ['sysvinit-core', 'orphan-sysvinit-scripts', 'systemd-sysv-', 'systemd-', 'libpam-systemd-']

const variantPackages: Record<Variant, readonly string[]> = {
  plain: [],
  persistent: ['iptables-persistent'],
  socket: [],
  'socket-generated': [],
  'rhel-layout': [],
}

// iptables-persistent would otherwise save the rules of the machine that builds the tree.
const preseed = `iptables-persistent iptables-persistent/autosave_v4 boolean false
iptables-persistent iptables-persistent/autosave_v6 boolean false
`

/** Scripts whose text is part of what a tree is. */
const BUILDERS = { base: ['build-base.sh', 'furnish.sh'], layer: ['build-layer.sh'] }

function tree(kind: string, over: Tree | null, suite: string, packages: readonly string[]): Tree {
  const hash = createHash('sha256')
  for (const part of [over?.id ?? '', suite, packages.join(' '), over ? preseed : '', process.arch])
    hash.update(`${part}\0`)
  for (const script of over ? BUILDERS.layer : BUILDERS.base) hash.update(readFileSync(join(LAB_DIR, script)))
  return { id: `${kind}-${hash.digest('hex').slice(0, 12)}`, over, suite, packages, preseed }
}

/** The tree of a server of this flavour and variant with these Debian packages on top; its `over` chain is below it. */
export function treeFor(flavour: Flavour, variant: Variant, packages: readonly string[]): Tree {
  const base = debootstrapped[flavour === 'debian13' ? 'debian13' : 'debian12']
  let top = tree(flavour === 'debian13' ? 'debian13' : 'debian12', null, base.suite, base.packages)
  if (flavour === 'sysvinit') top = tree('sysvinit', top, base.suite, sysvinit)
  const extra = [...new Set([...variantPackages[variant], ...packages])].sort()
  return extra.length === 0 ? top : tree(`${flavour}-layer`, top, base.suite, extra)
}
