// Trees on disk: made once, shared by all servers as read-only lower directories, never half there.
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CACHE_DIR, LAB_DIR } from './paths.ts'
import type { Tree } from './recipe.ts'
import { must } from './run.ts'

const MIRROR = process.env.HARDTUI_LAB_MIRROR ?? 'http://deb.debian.org/debian'
const BUILD_MINUTES = 15

const treePath = (tree: Tree): string => join(CACHE_DIR, tree.id)

/** The directories of a tree, top first, as overlayfs wants its `lowerdir`. */
export const lowerDirs = (tree: Tree): string[] => [treePath(tree), ...(tree.over ? lowerDirs(tree.over) : [])]

function buildCommand(tree: Tree): string[] {
  if (tree.over === null) {
    return ['sh', join(LAB_DIR, 'build-base.sh'), treePath(tree), tree.suite, MIRROR, tree.packages.join(',')]
  }
  const lower = lowerDirs(tree.over).join(':')
  return ['sh', join(LAB_DIR, 'build-layer.sh'), treePath(tree), MIRROR, tree.suite, lower, ...tree.packages]
}

/**
 * Makes a tree, and those under it, unless they are there already; of several processes that want the same one the
 * first builds and the others wait. The lock is the kernel's (flock(1)): it goes with the process that holds it.
 */
export async function ensureTree(tree: Tree): Promise<void> {
  if (tree.over) await ensureTree(tree.over)
  if (existsSync(treePath(tree))) return
  await mkdir(CACHE_DIR, { recursive: true })
  const unless = ['sh', '-c', '[ -e "$1" ] || { shift; exec "$@"; }', 'sh', treePath(tree)]
  const own = ['unshare', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc']
  await must(['flock', '--no-fork', `${treePath(tree)}.lock`, ...own, ...unless, ...buildCommand(tree)], {
    input: tree.preseed,
    timeoutMs: BUILD_MINUTES * 60_000,
    env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
  })
}
