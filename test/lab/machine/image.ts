// The disk that every machine begins with: the lab's debian12 tree and Debian's kernel for virtual machines.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureKey, hostKeysOf } from '../keys.ts'
import { CACHE_DIR } from '../paths.ts'
import { treeFor } from '../recipe.ts'
import { must } from '../run.ts'
import { ensureTree, lowerDirs } from '../trees.ts'

const HERE = import.meta.dirname
const BUILDERS = ['build-disk.sh', 'furnish.sh', 'root-shell.sh', 'initrd.sh']
const PACKAGES = ['linux-image-cloud-amd64', 'udev']
/** What emulating takes beyond the lab, as install.sh wants it. */
const PROGRAMS = ['qemu-system-x86_64:qemu-system-x86', 'nbdkit:nbdkit', 'setpriv:util-linux', 'cpio:cpio', 'gzip:gzip']
const BUILD_MINUTES = 10

export type Image = {
  /** A raw ext4 file system without partitions, never written to once it is there. */
  readonly disk: string
  readonly kernel: string
  readonly initrd: string
  /** Private key that root, ops, pat and guest accept. */
  readonly key: string
  /** Public host keys as "type base64". */
  readonly hostKeys: readonly string[]
}

/** Installs what is missing and builds the image, unless it is there already: some minutes the first time. */
export async function ensureImage(): Promise<Image> {
  const timeoutMs = BUILD_MINUTES * 60_000
  await must(['sh', join(HERE, '..', 'install.sh'), ...PROGRAMS], { timeoutMs })
  const tree = treeFor('debian12', 'plain', PACKAGES)
  await ensureTree(tree)
  const key = await ensureKey()
  const lower = lowerDirs(tree)
  const folder = join(CACHE_DIR, `machine-${hashOf(tree.id, readFileSync(`${key}.pub`, 'utf8'))}`)
  if (!existsSync(folder)) {
    const unless = ['sh', '-c', '[ -e "$1" ] || { shift; exec "$@"; }', 'sh', folder]
    const own = ['unshare', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc']
    const build = ['sh', join(HERE, 'build-disk.sh'), folder, lower.join(':'), `${key}.pub`]
    await must(['flock', '--no-fork', `${folder}.lock`, ...own, ...unless, ...build], { timeoutMs })
  }
  const file = (name: string): string => join(folder, name)
  return { disk: file('disk'), kernel: file('vmlinuz'), initrd: file('initrd'), key, hostKeys: await hostKeysOf(lower) }
}

/** An image is named after all that goes into it, the key that it lets in included. */
function hashOf(...parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part}\0`)
  for (const script of BUILDERS) hash.update(readFileSync(join(HERE, script)))
  return hash.digest('hex').slice(0, 12)
}
